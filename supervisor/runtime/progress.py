"""Signs of life of threads and tasks whose silence nothing else would notice.

A thread that raises ends the process; one that waits for ever does not. So whoever works in
a loop says ``beat`` each time it comes round, idle or not, and promises the next one within
some seconds. Who asks ``overdue`` (the supervisor, /health, the feeder of systemd's watchdog)
learns which of them has been silent for longer.

One turn of a loop may take longer than that promise: a call with repetitions, an upload, a row
with several transactions. So each statement and each piece of a call is a ``step`` of the thread
that makes it. Every single step has a limit well below ``SILENCE``; what hangs takes none.

An ACTIVE process in which somebody is silent gives the lock up and ends with 70
(``supervisor/lock/term_holder.py``); in any state the watchdog ends it a little later.
"""

import contextlib
import threading
from collections.abc import Iterator
from threading import Lock

from supervisor.runtime.clock import Clock

#: Seconds. Whoever beats comes round every 15 s at the latest when it is idle; when it works,
#: several database statements or calls in a row at their limits take no longer than this.
SILENCE = 60.0
ROUND = 15.0  #: seconds after which an idle loop comes round and beats


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
        """``name`` is alive and says so again before ``within`` seconds (``SILENCE``) are over."""
        with self._lock:
            now = self._clock.now()
            self._due[name] = (now, now + (SILENCE if within is None else within))

    def forget(self, name: str) -> None:
        """``name`` has nothing to do any more."""
        with self._lock:
            self._due.pop(name, None)

    def attach(self, name: str) -> None:
        """From now on the steps of this thread are those of ``name``."""
        self._own.name, self._own.end = name, float("inf")

    def step(self) -> None:
        """This thread gets on with what it works on, whatever that is called."""
        name = self._own.name
        if name is not None:
            now = self._clock.now()
            with self._lock:
                self._due[name] = (now, min(now + SILENCE, self._own.end))

    @contextlib.contextmanager
    def busy(self, name: str, within: float) -> Iterator[None]:
        """This thread works on one thing that surely ends before ``within`` seconds are over, in
        steps."""
        before, until = self._own.name, self._own.end
        self._own.name, self._own.end = name, self._clock.now() + within
        self.step()
        try:
            yield
        finally:
            self.forget(name)
            self._own.name, self._own.end = before, until

    def overdue(self) -> str | None:
        """A sentence about whoever is silent for too long; None: everybody is alive."""
        with self._lock:
            now = self._clock.now()
            for name, (heard, due) in self._due.items():
                if now > due:
                    return f"{name} has made no progress for {now - heard:.0f} s"
        return None
