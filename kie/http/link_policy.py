"""Decides where a link from kie.ai may lead: to public https addresses only (SSRF protection).

A result is fetched from the link that kie.ai names, and its bytes are sent to a user. A link to
this machine, to its network or to a cloud's metadata service would show the user what only we may
read. Local addresses and plain http are allowed only when the configured kie.ai is local (the
sandbox).

The link is parsed by the function that opens it later, so an accepted link can be opened.
"""

import ipaddress
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

LONGEST_LINK = 4096

#: NAT64: the last 32 bits are an IPv4 address, to which a gateway forwards.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Of IPv6 only this is public (RFC 4291); what lies beyond it is local, translated or unassigned.
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
#: Reserved networks that older Pythons count as global: for protocols (one cloud has its metadata
#: there), and for documentation.
_RESERVED = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("3fff::/20"))
#: A public address at which each machine of that cloud reaches the cloud's platform.
_METADATA = frozenset({ipaddress.ip_address("168.63.129.16")})


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """Which links and addresses are allowed. ``local``: the configured kie.ai is local."""

    local: bool = False

    @classmethod
    def of(cls, api_url: str) -> Self:
        """The policy for a kie.ai at ``api_url``."""
        host = urlsplit(api_url).hostname or ""
        try:
            return cls(local=not is_public(host))
        except ValueError:
            return cls(local=host == "localhost" or host.endswith(".localhost"))

    def link(self, value: object) -> str | None:
        """``value`` as a link that can be opened; None: it is not a link, or is not allowed."""
        if not isinstance(value, str) or len(value) > LONGEST_LINK:
            return None
        # Imported here: an instance that only waits needs no HTTP client for kie.ai.
        import requests

        given = value.strip()
        schemes = ("https", "http") if self.local else ("https",)
        try:
            asked = urlsplit(given)
            if asked.scheme not in schemes or asked.port == 0 or not given.isprintable():
                return None
            request = requests.PreparedRequest()
            request.prepare_url(given, None)
            opened = str(request.url)
            parts = urlsplit(opened)
            if parts.username or parts.password or not parts.hostname:
                return None
            if not self.local and _is_inside(parts.hostname):
                return None
            parts.hostname.encode("idna")  # as the resolver does
        except (ValueError, requests.RequestException):
            return None
        return given if given.isascii() and " " not in given else opened

    def allows(self, address: str) -> bool:
        """Whether a link may be fetched from this IP address."""
        return self.local or is_public(address)


PUBLIC = LinkPolicy()


def host_of(link: str) -> str:
    """The host that a link names; empty when it names none."""
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def is_public(address: str) -> bool:
    """Whether an IP address is public. Raises ``ValueError`` when it is not an IP address."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = _carried(found) if isinstance(found, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    if found.version == 6 and found not in _PUBLIC_V6:
        return False
    if any(found in network for network in _RESERVED):
        return False
    return found.is_global and not found.is_multicast and found not in _METADATA


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which this IPv6 address is translated."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _is_inside(host: str) -> bool:
    """Whether a host is internal, by its name or IP address. DNS is not queried here."""
    try:
        return not is_public(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return "." not in name or name.endswith((".localhost", ".local", ".internal"))
