"""Signs of life of threads and tasks whose silence nothing else would notice.

A thread that raises ends the process; one that waits for ever does not. So whoever works in
a loop says ``beat`` each time it comes round, idle or not, and promises the next one within
some seconds. Who asks ``overdue`` (the supervisor, /health, the feeder of systemd's watchdog)
learns which of them has been silent for longer.

An ACTIVE process in which somebody is silent gives the lock up and ends with 70
(``supervisor/lock/term_holder.py``); in any state the watchdog ends it a little later.
"""

import contextlib
from collections.abc import Iterator
from threading import Lock

from supervisor.runtime.clock import Clock

#: Seconds. Whoever beats comes round every 15 s at the latest when it is idle; when it works,
#: several database statements or calls in a row at their limits take no longer than this.
SILENCE = 60.0
ROUND = 15.0  #: seconds after which an idle loop comes round and beats


class Progress:
    """Thread-safe; no method waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
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

    @contextlib.contextmanager
    def busy(self, name: str, within: float) -> Iterator[None]:
        """``name`` works on one thing that surely ends before ``within`` seconds are over."""
        self.beat(name, within)
        try:
            yield
        finally:
            self.forget(name)

    def overdue(self) -> str | None:
        """A sentence about whoever is silent for too long; None: everybody is alive."""
        with self._lock:
            now = self._clock.now()
            for name, (heard, due) in self._due.items():
                if now > due:
                    return f"{name} has made no progress for {now - heard:.0f} s"
        return None
