"""The addresses of the database's hosts, found within a time limit.

libpq resolves a host name without any limit: half a minute when no name server answers. And it
waits for a full ``connect_timeout`` for each address that does not answer, at each connection. So
we resolve the names, and tell libpq the address in ``hostaddr``; it still checks certificates by
the name. Rules:

1. A name is looked up for each new session, so a failover by DNS is followed at once.
2. When no name server answers in time, the addresses of the last answer are used (RFC 8767).
3. Of several addresses of one host the one that answers first is used.
4. What is not a name that we can resolve (a socket, ``hostaddr``, libpq's variables) is libpq's.
"""

import ipaddress
import socket
from collections.abc import Mapping, Sequence

from supervisor.network.connect import Race
from supervisor.network.lookups import Found, Lookups, Resolve, resolve
from supervisor.runtime.clock import Clock, SystemClock
from supervisor.runtime.errors import Unavailable

LOOKUP = 1.0  #: seconds for all names together
RACE = 1.0  #: seconds for several addresses of one host
_PORT = "5432"
#: Failures after which another lookup may find the name.
_PASSING = {socket.EAI_AGAIN, getattr(socket, "EAI_SYSTEM", socket.EAI_AGAIN)}


class Hosts:
    """Thread-safe."""

    def __init__(self, resolve: Resolve = resolve, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._lookups = Lookups(resolve, clock=self._clock)
        self._last: dict[tuple[str, int], Found] = {}

    def addresses(self, parts: Mapping[str, str]) -> Mapping[str, str]:
        """``host`` and ``hostaddr`` for libpq; empty when it needs no help of ours.

        ``parts``: those of the database's URL. Raises ``Unavailable`` when no host can be reached.
        """
        hosts, ports = _listed(parts)
        if not any(_is_name(host) for host in hosts):
            return {}
        ends = self._clock.now() + LOOKUP
        # libpq asks further addresses of a name only for the kind of server that it is to find.
        all_of_them = parts.get("target_session_attrs", "any") != "any"
        found, failure = [], Unavailable("database: no host")
        for host, port in zip(hosts, ports, strict=True):
            try:
                reached = self._reached(host, port, ends)
            except Unavailable as error:
                failure = error
                continue
            found += [(host, each, port) for each in (reached if all_of_them else reached[:1])]
        if not found:
            raise failure
        return {
            "host": ",".join(host for host, _, _ in found),
            "hostaddr": ",".join(address for _, address, _ in found),
            "port": ",".join(port for _, _, port in found),
        }

    def _reached(self, host: str, port: str, ends: float) -> Sequence[str]:
        """The addresses of a host, beginning with one that answers."""
        if not _is_name(host):
            return ["" if host.startswith(("/", "@")) else host]
        found = self._found(host, int(port), ends - self._clock.now())
        addresses = {str(each[1][0]): each for each in found}
        if len(addresses) == 1:
            return list(addresses)
        try:
            with Race(list(addresses.values()), self._clock, RACE).run() as winner:
                first = str(winner.getpeername()[0])
            return [first, *(each for each in addresses if each != first)]
        except OSError:
            raise Unavailable(
                f"database: none of the {len(addresses)} addresses of {host} answers on port {port}"
            ) from None

    def _found(self, host: str, port: int, seconds: float) -> Found:
        known = self._last.get((host, port))
        try:
            found = self._lookups.addresses(host, port, seconds)
        except TimeoutError:
            if known is None:
                raise Unavailable(
                    f"database: no name server has found {host} in time; is DNS slow or away?"
                ) from None
            return known
        except OSError as error:
            if known is None or error.errno not in _PASSING:
                told = error.strerror or type(error).__name__
                raise Unavailable(f"database: the host {host} is not found: {told}") from None
            return known
        self._last[host, port] = found
        return found


def _listed(parts: Mapping[str, str]) -> tuple[Sequence[str], Sequence[str]]:
    """The hosts and a port for each; no hosts: libpq finds them."""
    if not parts.get("host") or parts.get("hostaddr"):
        return (), ()
    hosts = parts["host"].split(",")
    ports = [port or _PORT for port in parts.get("port", _PORT).split(",")]
    if len(ports) == 1:
        ports *= len(hosts)
    return (hosts, ports) if len(ports) == len(hosts) else ((), ())


def _is_name(host: str) -> bool:
    if not host or host.startswith(("/", "@")):
        return False
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return True
    return False
