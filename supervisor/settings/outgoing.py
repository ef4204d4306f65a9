"""Proxies and certificates of outgoing calls: one rule for every HTTP client.

It holds for the calls of kie.ai (requests), of Telegram (aiohttp) and of the checks:

Proxy
    ``HTTPS_PROXY`` is used for https addresses, ``HTTP_PROXY`` for http addresses, and
    ``ALL_PROXY`` for both where the specific variable is not set. A lower-case name takes
    precedence. Proxies with ``http://`` and ``https://`` are supported, with user and password
    in the URL. A SOCKS proxy that would be used is a wrong setting.
    ``NO_PROXY`` lists what is reached directly: host names with their subdomains, IP addresses,
    networks such as 10.0.0.0/8, or ``*``. ``localhost`` and loopback addresses never go through
    a proxy.

Certificates
    The first of these variables that is set names the trusted certificates:
    ``REQUESTS_CA_BUNDLE``, ``CURL_CA_BUNDLE``, ``SSL_CERT_FILE``, ``SSL_CERT_DIR``. The value is
    a file of certificates, or a directory in the form that OpenSSL's rehash makes. Without them
    the bundle of the package certifi is used.

No other variable and no netrc file counts. The settings reader calls ``read``; clients get an
``Outgoing``.
"""

import functools
import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import certifi

from supervisor.runtime.secret import Secret

_PROXIES = {"https": "HTTPS_PROXY", "http": "HTTP_PROXY"}
_ANY_PROXY = "ALL_PROXY"
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Which proxy and which certificates a call uses. By default: no proxy, certifi's bundle."""

    proxies: Mapping[str, Secret] = field(default_factory=dict)  #: by scheme of the address
    direct: tuple[str, ...] = ()  #: entries of NO_PROXY
    certificates: Path | None = None  #: None: certifi's bundle

    def proxy_for(self, url: str) -> str | None:
        """The URL of the proxy for a call to ``url``, password included; None: no proxy."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return None
        proxy = self.proxies.get(parts.scheme)
        if proxy is None or is_loopback(host):
            return None
        if any(_covers(entry, host, port) for entry in self.direct):
            return None
        return proxy.reveal()

    def ssl_context(self) -> ssl.SSLContext:
        """The context that verifies certificates and host names. All clients share it: reading the
        bundle takes 20 ms and a megabyte. Raises ``OSError``."""
        return _context(self.certificates)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The URLs of proxies with a password, and those passwords."""
        found: list[Secret] = []
        for proxy in self.proxies.values():
            password = urlsplit(proxy.reveal()).password
            if password:
                found += [proxy, Secret(password)]
        return tuple(found)


def read(env: Mapping[str, str], problems: list[str]) -> Outgoing:
    """Apply the rule to ``env``. Errors are appended to ``problems``, without passwords."""
    direct = tuple(_value(env, "NO_PROXY").replace(",", " ").split())
    proxies: dict[str, Secret] = {}
    for scheme, variable in _PROXIES.items():
        name = variable if _value(env, variable) else _ANY_PROXY
        raw = _value(env, name)
        if not raw or "*" in direct:
            continue
        url = raw if "://" in raw else f"http://{raw}"
        if _is_proxy(url):
            proxies[scheme] = Secret(url)
        elif scheme == "https" or name == variable:
            problems.append(
                f"{name}: expected http://host:port or https://host:port; a SOCKS proxy cannot be"
                " used. Set HTTPS_PROXY to an HTTP proxy, or NO_PROXY=* to use none"
            )
    return Outgoing(proxies, direct, _certificates(env, problems))


def is_loopback(host: str) -> bool:
    """Whether ``host`` is localhost or a loopback address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


# ------------------------------------------------------------------ internal --


@functools.cache
def _context(chosen: Path | None) -> ssl.SSLContext:
    if chosen is None:
        return ssl.create_default_context(cafile=certifi.where())
    if chosen.is_dir():
        return ssl.create_default_context(capath=str(chosen))
    return ssl.create_default_context(cafile=str(chosen))


def _value(env: Mapping[str, str], name: str) -> str:
    return (env.get(name.lower(), "") or env.get(name, "")).strip()


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _certificates(env: Mapping[str, str], problems: list[str]) -> Path | None:
    name = next((each for each in _CERTIFICATES if env.get(each, "").strip()), None)
    if name is None:
        return None
    path = Path(env[name].strip())
    # What is no whole path may be a secret that belongs into another variable.
    shown = str(path) if path.is_absolute() else "the value"
    try:
        found = Outgoing(certificates=path).ssl_context()
    except OSError as error:  # includes ssl.SSLError
        reason = "holds no certificate" if path.exists() else error.strerror or "cannot be read"
        problems.append(f"{name}: {shown}: {reason}")
        return None
    if not path.is_dir() and not found.get_ca_certs():
        problems.append(f"{name}: {shown}: holds no certificate of an authority")
        return None
    return path


def _covers(entry: str, host: str, port: int | None) -> bool:
    """Whether an entry of NO_PROXY covers ``host``."""
    if entry == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        pass  # one of the two is a name
    name, _, wanted = entry.lower().partition(":")
    if wanted and wanted != str(port):
        return False
    name = name.removeprefix("*").removeprefix(".").rstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
