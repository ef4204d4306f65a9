"""One attempt of an HTTP call: it keeps its time limits and records whether a byte was sent.

requests has a time limit only per read, and a server that sends one byte a second never exceeds
it. Its exceptions do not say whether a byte was sent. Here each attempt has time limits for
connecting, for sending, for the answer, and for the whole call with its redirects. It records
whether the first byte was sent; before that the call cannot have had an effect. Each piece that
is sent or read is a step of the calling thread (``supervisor/runtime/progress.py``).
"""

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import requests
import urllib3
from requests.adapters import HTTPAdapter

from kie.http.link_policy import LinkPolicy
from supervisor.network.connect import Connector
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Unavailable
from supervisor.settings.outgoing import Outgoing

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0  #: between two bytes that are read, or two pieces that are sent
PIECE = 64 * 1024  #: bytes that are sent at a time


class Vetoed(Unavailable):
    """Our own gate stopped the call before it was sent."""


@dataclass(slots=True)
class Attempt:
    """One attempt. ``before`` is called when the connection is open, immediately before the first
    byte is sent, and may stop the call by raising."""

    send_seconds: float  #: for the whole request
    answer_seconds: float  #: from the end of the request to the end of its answer
    until: float  #: when it is over, with all of its redirects
    before: Callable[[], None] = lambda: None
    begun: bool = False  #: a byte of the request may have been sent


class Current(threading.local):
    """The attempt of each thread."""

    attempt: Attempt = Attempt(READ_SECONDS, READ_SECONDS, float("inf"))


@dataclass(frozen=True, slots=True)
class Lines:
    """What all connections of a session share."""

    connector: Connector
    current: Current
    clock: Clock
    outgoing: Outgoing
    context: ssl.SSLContext  #: made once: reading the certificates takes longer than a handshake
    policy: LinkPolicy | None  #: None: the host is a setting of the operator and not judged
    step: Callable[[], None]  #: called whenever a call makes progress

    def left(self, seconds: float = float("inf")) -> float:
        """So many seconds, or those that the attempt of this thread still has. Raises
        ``TimeoutError`` when it has none."""
        self.step()
        left = min(seconds, self.current.attempt.until - self.clock.now())
        if left <= 0:
            raise TimeoutError("the call takes too long")
        return left


class AttemptAdapter(HTTPAdapter):
    """Makes connections that serve the attempt of their thread."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._lines.context)
        self.poolmanager.pool_classes_by_scheme = _pools(self._lines, self._lines.policy)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        options = {**proxy_kwargs, "ssl_context": self._lines.context}
        manager = super().proxy_manager_for(proxy, **options)
        # The proxy is a setting of the operator, and it resolves the host name itself.
        manager.pool_classes_by_scheme = _pools(self._lines, None)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Do nothing: the pool's SSL context verifies."""

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        url = request.url or ""
        if self._lines.policy is not None and self._lines.policy.link(url) is None:
            raise requests.exceptions.InvalidURL("leads where a result must not be")
        proxy = self._lines.outgoing.proxy_for(url)
        scheme = url.partition(":")[0]
        proxies: Mapping[str, str] = {} if proxy is None else {scheme: proxy}
        response = super().send(request, *args, **{**kwargs, "proxies": proxies})
        if response.is_redirect:
            # requests would read the body of a redirect whole, whatever its size.
            response.close()
            response._content = b""
        return response


class _Serving:
    """Mixin for the connections of both schemes; ``_pools`` makes the classes."""

    lines: ClassVar[Lines]
    judged_by: ClassVar[LinkPolicy | None]
    sock: socket.socket | None
    _send_until = 0.0

    def _new_conn(self) -> socket.socket:
        host, port = str(getattr(self, "_dns_host", "")), int(getattr(self, "port", 0))
        allowed = (lambda _: True) if self.judged_by is None else self.judged_by.allows
        seconds = self.lines.left(CONNECT_SECONDS)
        return self.lines.connector.connect(host, port, seconds, allowed)

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()  # type: ignore[attr-defined]  # of the class beside this one
        attempt = self.lines.current.attempt
        left = self.lines.left(attempt.send_seconds)
        attempt.before()
        attempt.begun = True
        self._send_until = self.lines.clock.now() + left
        super().request(*args, **kwargs)  # type: ignore[misc]  # as above

    def send(self, data: Any) -> None:
        whole = memoryview(data) if isinstance(data, bytes | bytearray) else None
        if whole is None or len(whole) <= PIECE:
            self._send_piece(data)
            return
        for begin in range(0, len(whole), PIECE):
            self._send_piece(whole[begin : begin + PIECE])

    def _send_piece(self, data: Any) -> None:
        if self.sock is not None and self._send_until:
            left = min(self.lines.left(READ_SECONDS), self._send_until - self.lines.clock.now())
            if left <= 0:
                raise TimeoutError("sending takes too long")
            self.sock.settimeout(left)
        super().send(data)  # type: ignore[misc]  # as above


def _pools(lines: Lines, policy: LinkPolicy | None) -> dict[str, type[urllib3.HTTPConnectionPool]]:
    """Pools of connections that connect, send and read as ``lines`` says."""

    class Response(http.client.HTTPResponse):
        fp: Any = None  # one that could not be made is closed, too, when it is collected

        def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
            deadline = lines.clock.now() + lines.left(lines.current.attempt.answer_seconds)
            within: Any = _Within(sock, lines, deadline)
            super().__init__(within, *args, **kwargs)

    class Plain(_Serving, urllib3.connection.HTTPConnection):
        response_class = Response

    class Encrypted(_Serving, urllib3.connection.HTTPSConnection):
        response_class = Response

    class PlainPool(urllib3.HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = Encrypted

    for kind in (Plain, Encrypted):
        kind.lines, kind.judged_by = lines, policy
    return {"http": PlainPool, "https": EncryptedPool}


class _Within:
    """The part of a socket that http.client reads an answer from, with a deadline."""

    def __init__(self, sock: socket.socket, lines: Lines, deadline: float) -> None:
        self._sock = sock
        self._lines = lines
        self._deadline = deadline

    def makefile(self, mode: str) -> io.BufferedReader:
        del mode  # http.client reads bytes
        return io.BufferedReader(_Incoming(self._sock, self._lines, self._deadline))


class _Incoming(io.RawIOBase):
    """Reads from the socket. Raises ``TimeoutError`` after the deadline."""

    def __init__(self, sock: socket.socket, lines: Lines, deadline: float) -> None:
        self._sock = sock
        # Keeps the socket open until the answer is read, even if it is closed meanwhile.
        self._raw = sock.makefile("rb", buffering=0)
        self._lines = lines
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._lines.step()
        left = self._deadline - self._lines.clock.now()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(min(READ_SECONDS, left))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
