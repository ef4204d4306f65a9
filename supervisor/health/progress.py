"""Signs of life of threads whose silence nothing else would notice.

A thread that raises ends the process; one that waits for ever does not. Such threads say
``beat`` whenever they come round, idle or not. Who asks ``overdue`` (/health, the feeder of
systemd's watchdog) learns which of them has been silent for longer than it promised.
"""

from threading import Lock

from supervisor.runtime.clock import Clock


class Progress:
    """Thread-safe; no method waits."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._due: dict[str, tuple[float, float]] = {}

    def beat(self, name: str, within: float) -> None:
        """``name`` is alive and says so again before ``within`` seconds are over."""
        with self._lock:
            now = self._clock.now()
            self._due[name] = (now, now + within)

    def forget(self, name: str) -> None:
        """``name`` has nothing to do any more."""
        with self._lock:
            self._due.pop(name, None)

    def overdue(self) -> str | None:
        """A sentence about whoever is silent for too long; None: everybody is alive."""
        with self._lock:
            now = self._clock.now()
            for name, (heard, due) in self._due.items():
                if now > due:
                    return f"{name} has made no progress for {now - heard:.0f} s"
        return None
