"""A line that would repeat for as long as a trouble lasts: the first at once, then few."""

from supervisor.runtime.clock import Clock, SystemClock

EVERY = 10.0  #: seconds


class LogThrottle:
    """Chooses the level of a line, and counts what stayed below it. One thread's."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._next = self._clock.now()
        self._left_out = 0

    def level(self) -> tuple[str, int]:
        """WARNING with the number of lines since the last WARNING, or DEBUG."""
        now = self._clock.now()
        if now < self._next:
            self._left_out += 1
            return "DEBUG", 0
        self._next = now + EVERY
        left_out, self._left_out = self._left_out, 0
        return "WARNING", left_out
