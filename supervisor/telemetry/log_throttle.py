"""Limits how often a repeated log line is written."""

from threading import Lock

from supervisor.runtime.clock import Clock, SystemClock

EVERY = 10.0  #: seconds


class LogThrottle:
    """Decides whether a line may be written, and counts the lines left out. Thread-safe.

    ``level`` is for our own troubles: the lines between are written at DEBUG. ``allows`` is for
    lines that strangers can cause: the lines between are left out.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._next = self._clock.now()
        self._left_out = 0
        self._lock = Lock()

    def level(self) -> tuple[str, int]:
        """WARNING with the number of lines since the last WARNING, or DEBUG."""
        more = self.allows()
        return ("DEBUG", 0) if more is None else ("WARNING", more)

    def allows(self) -> int | None:
        """How many lines were left out since the last one; None: leave this one out as well."""
        now = self._clock.now()
        with self._lock:
            if now < self._next:
                self._left_out += 1
                return None
            self._next = now + EVERY
            left_out, self._left_out = self._left_out, 0
            return left_out
