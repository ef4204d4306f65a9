"""HTTP to the Bot API on aiohttp: one request, and its answer or what is known without one.

A request that fails before the last gate check has not left: there was no name, no connection, no
trusted certificate or no free slot. After that check the outcome is unknown, whatever error the
library raises. Nothing is repeated here, no redirect is followed and no cookie is kept.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection

from handlers.bot_api.gate_hook import check_now
from supervisor.runtime.errors import BotError, OutcomeUnknown, Unavailable
from supervisor.settings.outgoing import Outgoing

CONNECTIONS = 64  #: more than the slots of the sender and all other callers together
CONNECT_WITHIN = 5.0  #: seconds for a name, a connection and its handshakes
WAIT_WITHIN = 10.0  #: seconds for a free connection and what it takes to open one
#: Seconds that an unused connection is kept. Telegram closes it after about 39: a request on a
#: connection that is closed at that moment would have an unknown outcome.
IDLE = 15.0
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
        try:
            async with self._session().request(
                method,
                url,
                data=data,
                headers=headers,
                allow_redirects=False,
                proxy=self._outgoing.proxy_for(url),
                timeout=aiohttp.ClientTimeout(
                    total=WAIT_WITHIN + within,
                    connect=WAIT_WITHIN,
                    sock_connect=CONNECT_WITHIN,
                    sock_read=within,
                ),
            ) as answer:
                return answer.status, await _body(answer, limit)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            if exchange.left:
                raise OutcomeUnknown(f"Telegram: no answer ({type(error).__name__})") from None
            raise Unavailable(f"Telegram: not reached ({_reason(error)})") from None
        finally:
            _exchange.reset(token)

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
                headers={"User-Agent": "trt"},
            )
        return self._made


async def _body(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_any():
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
