"""Progress reports of loops, so that a hanging thread or task is noticed.

A thread that raises ends the process; a thread that hangs does not. So every loop calls ``beat``
in each round, idle or not, and promises the next call within some seconds. ``overdue`` names a
loop that has been silent for longer. The supervisor, /health and the feeder of systemd's watchdog
ask for it.

One round may take longer than promised: a call with retries, an upload, a row with several
transactions. So each statement and each piece of a call is reported as a ``step`` of its thread.
Every step has a time limit well below ``SILENCE``. A thread that hangs makes no step.

When a loop is silent, an ACTIVE process gives up the lock and ends with 70
(``supervisor/lock/term_holder.py``). In any other phase the watchdog ends it a little later.
"""

import contextlib
import threading
from collections.abc import Iterator
from threading import Lock

from supervisor.runtime.clock import Clock

#: Seconds. An idle loop beats every 15 s, and each step of a working one ends sooner than this.
SILENCE = 60.0
EVENT_LOOP = "event loop"  #: the name under which the event loop itself says that it is alive
ROUND = 15.0  #: seconds between two beats of an idle loop


class _Own(threading.local):
    """What the thread works on: a name in ``Progress``, and when that ends at the latest."""

    name: str | None = None
    end: float = float("inf")


class Progress:
    """Thread-safe; no method waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._own = _Own()
        self._due: dict[str, tuple[float, float]] = {}

    def beat(self, name: str, within: float | None = None) -> None:
        """``name`` is alive and beats again within ``within`` seconds (``SILENCE`` by default)."""
        with self._lock:
            now = self._clock.now()
            self._due[name] = (now, now + (SILENCE if within is None else within))

    def forget(self, name: str) -> None:
        """``name`` has ended or is idle; it need not beat."""
        with self._lock:
            self._due.pop(name, None)

    def attach(self, name: str) -> None:
        """From now on the steps of this thread count for ``name``."""
        self._own.name, self._own.end = name, float("inf")

    def step(self) -> None:
        """This thread has made progress with its work."""
        name = self._own.name
        if name is not None:
            now = self._clock.now()
            with self._lock:
                self._due[name] = (now, min(now + SILENCE, self._own.end))

    @contextlib.contextmanager
    def busy(self, name: str, within: float) -> Iterator[None]:
        """Within the block this thread works on ``name``, for at most ``within`` seconds."""
        before, until = self._own.name, self._own.end
        self._own.name, self._own.end = name, self._clock.now() + within
        self.step()
        try:
            yield
        finally:
            self.forget(name)
            self._own.name, self._own.end = before, until

    def overdue(self) -> str | None:
        """A sentence about a loop that has been silent for too long; None: there is none.

        Services of the event loop say less often than the loop itself that they are alive: if the
        loop is silent, too, the sentence is about the loop.
        """
        with self._lock:
            now = self._clock.now()
            silent = [(name, now - heard) for name, (heard, due) in self._due.items() if now > due]
            loop, _ = self._due.get(EVENT_LOOP, (now, now))
        if not silent:
            return None
        if now - loop > SILENCE / 2:
            silent = [(EVENT_LOOP, now - loop)]
        name, seconds = silent[0]
        return f"{name} has made no progress for {seconds:.0f} s"
