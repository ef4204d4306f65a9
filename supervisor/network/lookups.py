"""Resolves host names within a time limit.

``getaddrinfo`` blocks for as long as the system's resolver takes: half a minute when no name
server answers, sometimes longer. It cannot be cancelled. So each lookup runs in its own thread,
and the caller waits for it for a limited time. Who asks for the same name meanwhile waits for the
same lookup, and an answer that came too late for everybody serves the next caller. Each
``Lookups`` has at most ``AT_ONCE`` such threads; while all of them hang, further lookups time out.
"""

import socket
from collections.abc import Callable, Sequence
from threading import BoundedSemaphore, Event, Lock

from supervisor.runtime.clock import Clock, SystemClock
from supervisor.runtime.threads import BackgroundThread

AT_ONCE = 32
LATE = 10.0  #: seconds for which an answer that nobody waited for any more is kept

#: As ``socket.getaddrinfo`` answers for TCP: family and address of each.
Found = Sequence[tuple[socket.AddressFamily, tuple[object, ...]]]
Resolve = Callable[[str, int], Found]


def resolve(host: str, port: int) -> Found:
    """Raises ``socket.gaierror``."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise socket.gaierror(socket.EAI_NONAME, "not the name of a host") from None
    return [(family, address) for family, _, _, _, address in found]


class _Lookup:
    """One lookup, and who waits for it."""

    def __init__(self) -> None:
        self.ended = Event()
        self.ended_at = 0.0
        self.waiting = 0
        self.found: Found = ()
        self.failure: Exception | None = None


class Lookups:
    """Thread-safe."""

    def __init__(
        self, resolve: Resolve = resolve, at_once: int = AT_ONCE, clock: Clock | None = None
    ) -> None:
        self._resolve = resolve
        self._turns = BoundedSemaphore(at_once)
        self._clock = clock or SystemClock()
        self._lock = Lock()
        self._known: dict[tuple[str, int], _Lookup] = {}

    def addresses(self, host: str, port: int, seconds: float) -> Found:
        """Raises ``socket.gaierror``, ``TimeoutError``, or what ``resolve`` raises."""
        began = self._clock.now()
        lookup = self._joined(host, port)
        if lookup is None:
            if not self._turns.acquire(timeout=max(0.0, seconds)):
                raise TimeoutError("earlier lookups of names hang")
            lookup = self._started(host, port)
        left = began + seconds - self._clock.now()
        answered = lookup.ended.wait(max(0.0, left))
        with self._lock:
            lookup.waiting -= 1
            answered = answered or lookup.ended.is_set()
            if answered and self._known.get((host, port)) is lookup:
                del self._known[host, port]
        if not answered:
            raise TimeoutError("the name was not found in time")
        if lookup.failure is not None:
            raise lookup.failure
        return lookup.found

    def _joined(self, host: str, port: int) -> _Lookup | None:
        """The lookup of this name that is under way, or has ended when nobody waited for it."""
        with self._lock:
            found = self._known.get((host, port))
            if found is None:
                return None
            if found.ended.is_set() and self._clock.now() > found.ended_at + LATE:
                return None
            found.waiting += 1
            return found

    def _started(self, host: str, port: int) -> _Lookup:
        lookup = _Lookup()
        lookup.waiting = 1
        with self._lock:
            self._forget_late_ones()
            self._known[host, port] = lookup

        def look(_: Event) -> None:
            try:
                lookup.found = self._resolve(host, port)
            except Exception as error:  # noqa: BLE001 raised in the threads of the callers
                lookup.failure = error
            finally:
                self._turns.release()
                self._end(host, port, lookup)

        try:
            BackgroundThread("lookup", look).start()
        except RuntimeError:
            self._turns.release()
            lookup.failure = socket.gaierror(socket.EAI_AGAIN, "no thread for the lookup")
            self._end(host, port, lookup)
        return lookup

    def _forget_late_ones(self) -> None:
        now = self._clock.now()
        for name, each in list(self._known.items()):
            if each.ended.is_set() and now > each.ended_at + LATE:
                del self._known[name]

    def _end(self, host: str, port: int, lookup: _Lookup) -> None:
        with self._lock:
            lookup.ended_at = self._clock.now()
            if lookup.waiting and self._known.get((host, port)) is lookup:
                # From now on the name is looked up anew.
                del self._known[host, port]
            lookup.ended.set()
