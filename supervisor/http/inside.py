"""Decides whether a request comes from this machine or its private network.

The peer's address is not enough: behind a proxy every request has the proxy's address. So a
request that may have come through a proxy counts as coming from outside. Its signs are a header
that proxies add, our public name or a public address in ``Host`` (a published port of a container
gives everybody the address of the bridge), or HTTP/1.0, which nginx before 1.30 uses by default,
without any such header. A later nginx that was told nothing leaves no sign at all. But it also
brings the requests of Telegram and kie.ai, which prove by a secret that they are from outside:
whoever brought one of these passes others on as well (``Relays``).
"""

import ipaddress

from supervisor.http.routes import Head

_INSIDE = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("127.0.0.0/8", "::1/128"),
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
    )
)
MOST_RELAYS = 100
_PASSED_ON = (
    *("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port"),
    *("x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "via", "cdn-loop"),
    *("cf-connecting-ip", "cf-ray", "fastly-client-ip", "rndr-id", "x-request-start"),
    *("x-amzn-trace-id", "x-envoy-external-address", "x-original-forwarded-for"),
)


class Relays:
    """Proxies without a sign, by their address and the ``Host`` that they write."""

    def __init__(self, public_host: str | None) -> None:
        # Where the public name is this machine, Telegram is a simulator beside us.
        self._learns = public_host is not None and not _is_local(public_host)
        self._known: set[tuple[str, str]] = set()

    def note(self, head: Head) -> None:
        """A request from outside, proved by its secret, came this way."""
        if self._learns and len(self._known) < MOST_RELAYS:
            self._known.add((head.peer, _asked_for(head)))

    def __contains__(self, head: Head) -> bool:
        return (head.peer, _asked_for(head)) in self._known


def is_inside(head: Head, public_host: str | None, relays: Relays) -> bool:
    """``public_host`` is our public host name, if there is one."""
    if head.version < (1, 1) or any(name in head.headers for name in _PASSED_ON):
        return False
    if head in relays:
        return False
    asked_for = _asked_for(head)
    if public_host is not None and _name(asked_for) == public_host.lower():
        return _is_local(public_host)
    return _is_private(head.peer) and not _is_public(_name(asked_for).strip("[]"))


def _asked_for(head: Head) -> str:
    # The short way writes the names of fields in lower case.
    return (head.headers.get("host") or head.headers.get("Host") or "").strip().lower()


def _is_private(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in network for network in _INSIDE)


def _is_public(host: str) -> bool:
    """Whether ``host`` is an address, and not one of this machine or its network."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return not _is_private(host)


def _is_local(host: str) -> bool:
    """Whether our public name is local, as on a laptop or in a test."""
    return host.lower() == "localhost" or _is_private(host.strip("[]"))


def _name(host: str) -> str:
    """The host name without its port."""
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] or host
