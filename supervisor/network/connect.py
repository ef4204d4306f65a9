"""Opens a TCP connection: tries every address of a host and takes the first that answers.

Without this, a machine with broken IPv6 would wait for a time limit before each call (RFC 8305,
"happy eyeballs"). The address family that answered last is tried first the next time. The
addresses are checked before they are used, and we connect to the checked addresses, so a second
DNS answer (DNS rebinding) has no effect.
"""

import selectors
import socket
from collections.abc import Callable
from threading import Lock

from supervisor.network.lookups import Found, Lookups, Resolve, resolve
from supervisor.runtime.clock import Clock

HEAD_START = 0.25  #: seconds before the next address is tried in parallel


class Forbidden(OSError):
    """Connections to the addresses of the host are not allowed."""


class Connector:
    """Thread-safe."""

    def __init__(self, clock: Clock, resolve: Resolve = resolve) -> None:
        self._clock = clock
        self._lookups = Lookups(resolve)
        self._lock = Lock()
        self._first: socket.AddressFamily | None = None

    def connect(
        self, host: str, port: int, seconds: float, allowed: Callable[[str], bool] = lambda _: True
    ) -> socket.socket:
        """A connected socket. The lookup of the name and the connection have ``seconds`` each.
        Raises ``Forbidden``, ``TimeoutError``, or another ``OSError``."""
        found = self._lookups.addresses(host, port, seconds)
        addresses = [each for each in found if allowed(str(each[1][0]))]
        if not addresses:
            raise Forbidden(f"{host} leads to no address that is allowed")
        race = Race(self._ordered(addresses), self._clock, seconds)
        connected = race.run()
        with self._lock:
            self._first = connected.family
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.settimeout(seconds)
        return connected

    def _ordered(self, addresses: Found) -> Found:
        """The addresses of both families in turn, beginning with the family that answered last."""
        with self._lock:
            first = self._first or addresses[0][0]
        ours = [each for each in addresses if each[0] == first]
        others = [each for each in addresses if each[0] != first]
        mixed = [each for pair in zip(ours, others, strict=False) for each in pair]
        rest = min(len(ours), len(others))
        return [*mixed, *ours[rest:], *others[rest:]]


class Race:
    """Parallel attempts. The first that connects wins, and the others are closed."""

    def __init__(self, addresses: Found, clock: Clock, seconds: float) -> None:
        self._waiting = list(addresses)
        self._clock = clock
        self._deadline = clock.now() + seconds
        self._selector = selectors.DefaultSelector()
        self._failure: OSError | None = None

    def run(self) -> socket.socket:
        winner: socket.socket | None = None
        try:
            while winner is None:
                self._begin_next()
                winner = self._wait()
        finally:
            for key in list(self._selector.get_map().values()):
                if key.fileobj is not winner and isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
            self._selector.close()
        return winner

    def _begin_next(self) -> None:
        if not self._waiting:
            return
        family, address = self._waiting.pop(0)
        try:
            attempt = socket.socket(family, socket.SOCK_STREAM)
        except OSError as error:
            # A kernel without IPv6 has no socket for the addresses that DNS names all the same.
            self._failure = error
            return
        attempt.setblocking(False)
        try:
            attempt.connect(address)
        except BlockingIOError:
            pass
        except OSError as error:
            self._failure = error
            attempt.close()
            return
        self._selector.register(attempt, selectors.EVENT_WRITE)

    def _wait(self) -> socket.socket | None:
        """The winner; None: begin with the next address."""
        left = self._deadline - self._clock.now()
        running = bool(self._selector.get_map())
        if not running and not self._waiting:
            raise self._failure or TimeoutError("no address answered")
        if left <= 0:
            raise TimeoutError("connecting took too long")
        if not running:
            return None
        head_start = min(left, HEAD_START) if self._waiting else left
        for key, _ in self._selector.select(head_start):
            attempt = key.fileobj
            if isinstance(attempt, socket.socket):
                code = attempt.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                self._selector.unregister(attempt)
                if code == 0:
                    return attempt
                self._failure = OSError(code, "connecting failed")
                attempt.close()
        return None
