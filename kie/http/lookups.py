"""Resolves host names within a time limit.

``getaddrinfo`` blocks for as long as the system's resolver takes: half a minute when no name
server answers, sometimes longer. It cannot be cancelled. So each lookup runs in its own thread,
and the caller waits for it for a limited time. At most ``AT_ONCE`` such threads exist; while all
of them hang, further lookups time out.
"""

import socket
from collections.abc import Callable, Sequence
from threading import BoundedSemaphore, Event

from supervisor.runtime.threads import BackgroundThread

AT_ONCE = 32

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


class Lookups:
    """Thread-safe."""

    def __init__(self, resolve: Resolve = resolve, at_once: int = AT_ONCE) -> None:
        self._resolve = resolve
        self._turns = BoundedSemaphore(at_once)

    def addresses(self, host: str, port: int, seconds: float) -> Found:
        """Raises ``socket.gaierror``, ``TimeoutError``, or what ``resolve`` raises."""
        if not self._turns.acquire(timeout=max(0.0, seconds)):
            raise TimeoutError("earlier lookups of names hang")
        found: list[Found] = []
        failure: list[Exception] = []
        ended = Event()

        def look(_: Event) -> None:
            try:
                found.append(self._resolve(host, port))
            except Exception as error:  # noqa: BLE001 raised in the thread of the caller
                failure.append(error)
            finally:
                self._turns.release()
                ended.set()

        BackgroundThread("lookup", look).start()
        if not ended.wait(max(0.0, seconds)):
            raise TimeoutError("the name was not found in time")
        if failure:
            raise failure[0]
        return found[0]
