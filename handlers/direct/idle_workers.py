"""The workers that wait for updates. The first free one is woken, not the one that has waited
longest: the caches of the processor have what it needs, and its session, which it gives back last
and takes first, has made its plans."""

from collections.abc import Container, Sequence
from threading import Condition, Lock


class IdleWorkers:
    """A context manager: its lock. All functions need it."""

    def __init__(self, names: Sequence[str]) -> None:
        self._lock = Lock()
        self._idle = {name: Condition(self._lock) for name in names}

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def of(self, name: str) -> Condition:
        """Where this worker waits."""
        return self._idle[name]

    def wake(self, busy: Container[str]) -> None:
        """Wake the first one that is not ``busy``."""
        idle = next((each for name, each in self._idle.items() if name not in busy), None)
        if idle is not None:
            idle.notify()

    def wake_all(self) -> None:
        for idle in self._idle.values():
            idle.notify_all()
