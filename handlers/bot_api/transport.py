"""HTTP to the Bot API on aiohttp: one request, and its answer or what is known without one.

A request that fails before the last gate check has not left: there was no name, no connection, no
trusted certificate or no free slot. After that check the outcome is unknown, whatever error the
library raises. Nothing is repeated here, no redirect is followed and no cookie is kept.

A usual call, which has bytes as its body and goes through no proxy, takes a short way: no object of
aiohttp for the request and for the answer, no task, and one timer. aiohttp opens, keeps and closes
its connection, and aiohttp's parser reads the answer, as for all other requests.
"""

import asyncio
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from handlers.bot_api.gate_hook import check_now
from supervisor.runtime.errors import BotError, OutcomeUnknown, Unavailable
from supervisor.settings.outgoing import Outgoing

CONNECTIONS = 64  #: more than the slots of the sender and all other callers together
CONNECT_WITHIN = 5.0  #: seconds for a name, a connection and its handshakes
WAIT_WITHIN = 10.0  #: seconds for a free connection and what it takes to open one
#: Seconds that an unused connection is kept. Telegram closes it after about 39: a request on a
#: connection that is closed at that moment would have an unknown outcome.
IDLE = 15.0
_AGENT = "trt"
ANSWER_LIMIT = 32 * 1024 * 1024  #: bytes; an answer of getUpdates has 4 MiB, a file 20


@dataclass(slots=True)
class _Exchange:
    """One request on its way."""

    left: bool = False  #: it has a connection and may have been written


_exchange: ContextVar[_Exchange | None] = ContextVar("exchange", default=None)


class _Connector(aiohttp.TCPConnector):
    """Checks the gate when it has a connection and nothing is written yet.

    aiohttp's tracing signals come at the same moment, but a new connection is never closed when a
    signal raises.
    """

    async def connect(self, *args: Any, **options: Any) -> Connection:
        connection = await super().connect(*args, **options)
        try:
            check_now()
        except BaseException:
            connection.release()
            raise
        exchange = _exchange.get()
        if exchange is not None:
            exchange.left = True
        return connection


class _Request(aiohttp.ClientRequest):
    """Checks the gate once more at the very write. Before Python 3.12 aiohttp writes a body, and
    the headers with it, in a task of its own: the loop may do much else before."""

    async def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, *more: Any, **named: Any
    ) -> None:
        try:
            check_now()
        except BotError as error:
            exchange = _exchange.get()
            if exchange is not None:
                exchange.left = False
            assert conn.protocol is not None  # nobody has closed it
            # Whoever waits for the answer gets this error, and closes the connection.
            conn.protocol.set_exception(error)
            return
        await super().write_bytes(writer, conn, *more, **named)


class Transport:
    """Used from one event loop; call ``close`` in the same loop."""

    def __init__(
        self,
        outgoing: Outgoing,
        *,
        connections: int = CONNECTIONS,
    ) -> None:
        self._outgoing = outgoing
        self._connections = connections
        self._made: aiohttp.ClientSession | None = None
        #: A request for each server, of which the connector needs only where it goes.
        self._servers: dict[URL, aiohttp.ClientRequest] = {}
        self._closed = False

    async def exchange(
        self,
        method: str,
        url: str,
        *,
        within: float,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        limit: int = ANSWER_LIMIT,
    ) -> tuple[int, bytes]:
        """The status and the body of the answer, within ``within`` seconds after the connection.

        Raises ``Unavailable`` when the request did not leave, ``OutcomeUnknown`` when it did and no
        complete answer came, and what the last gate check raises.
        """
        if self._closed:
            raise Unavailable("Telegram: not called any more")
        exchange = _Exchange()
        token = _exchange.set(exchange)
        proxy = self._outgoing.proxy_for(url)
        try:
            if proxy is None and method == "POST" and isinstance(data, bytes):
                return await self._post(_parsed(url), data, headers or {}, within, limit)
            async with self._session().request(
                method,
                url,
                data=data,
                headers=headers,
                allow_redirects=False,
                proxy=proxy,
                timeout=_timeout(within),
            ) as answer:
                return answer.status, await _body(answer.content, limit)
        except (TimeoutError, aiohttp.ClientError, HttpProcessingError, OSError) as error:
            if exchange.left:
                raise OutcomeUnknown(f"Telegram: no answer ({type(error).__name__})") from None
            raise Unavailable(f"Telegram: not reached ({_reason(error)})") from None
        finally:
            _exchange.reset(token)

    async def _post(
        self, url: URL, data: bytes, headers: Mapping[str, str], within: float, limit: int
    ) -> tuple[int, bytes]:
        """The short way."""
        connector = self._session().connector
        assert connector is not None  # the session is open
        server = self._servers.get(url.origin()) or self._server(url.origin())
        connection = await connector.connect(server, [], _timeout(within))
        try:
            async with asyncio.timeout(within):
                answer, content = await _written(connection, _head(url, data, headers) + data)
                body = await _body(content, limit)
            connection.release()
        except BaseException:
            connection.close()
            raise
        return answer.code, body

    def _server(self, origin: URL) -> aiohttp.ClientRequest:
        loop = asyncio.get_running_loop()
        self._servers[origin] = aiohttp.ClientRequest("POST", origin, loop=loop)
        return self._servers[origin]

    async def close(self) -> None:
        self._closed = True
        if self._made is not None:
            await self._made.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._made is None:
            self._made = aiohttp.ClientSession(
                connector=_Connector(
                    limit=self._connections,
                    keepalive_timeout=IDLE,
                    ssl=self._outgoing.ssl_context(),
                ),
                request_class=_Request,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": _AGENT},
            )
        return self._made


def _timeout(within: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=WAIT_WITHIN + within,
        connect=WAIT_WITHIN,
        sock_connect=CONNECT_WITHIN,
        sock_read=within,
    )


def _parsed(url: str) -> URL:
    try:
        found = URL(url)
        if found.scheme in {"http", "https"} and found.host:
            return found
    except ValueError:
        pass
    raise aiohttp.InvalidURL("")


def _head(url: URL, data: bytes, headers: Mapping[str, str]) -> bytes:
    """Of a request with this body. An ``URL`` holds neither a space nor a line break."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {url.raw_path_qs} HTTP/1.1\r\nHost: {url.host_port_subcomponent}\r\n"
        f"User-Agent: {_AGENT}\r\nAccept: */*\r\n{more}Content-Length: {len(data)}\r\n\r\n"
    ).encode()


async def _written(
    connection: Connection, request: bytes
) -> tuple[RawResponseMessage, aiohttp.StreamReader]:
    """The head of the answer to ``request``, and its body as it comes."""
    protocol = connection.protocol
    assert protocol is not None  # nobody has closed it
    assert protocol.transport is not None
    protocol.set_response_params(read_until_eof=True)
    check_now()
    protocol.transport.write(request)
    while True:
        answer, content = await protocol.read()
        if answer.code >= 200:
            return answer, content


async def _body(content: aiohttp.StreamReader, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in content.iter_any():
        size += len(part)
        if size > limit:
            raise aiohttp.ClientPayloadError("more bytes than an answer may have")
        parts.append(part)
    return b"".join(parts)


def _reason(error: Exception) -> str:
    """The library's message where it names only host and cause: a URL would contain the token."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error)
    return type(error).__name__
