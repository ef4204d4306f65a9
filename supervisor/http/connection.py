"""The connections of the listener: malformed requests, time limits, and closing idle ones.

By itself aiohttp answers a malformed request with its name, its version and the peer's own bytes,
logs a traceback for each, and waits for the first request without a limit.
"""

import asyncio
import contextlib
from collections import OrderedDict
from typing import Any, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from loguru import logger

from supervisor.http.routes import Reply
from supervisor.http.short_way import ShortWay, length_of
from supervisor.telemetry.log_throttle import LogThrottle

FIRST_REQUEST_SECONDS = 15.0  #: time limit for the first request's head
#: Bytes of a request that are read ahead. Then the peer has to wait until they are processed.
READ_AHEAD = 16 * 1024
_BARE_400 = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Runner(web.AppRunner):
    """aiohttp's runner, with ``Connections`` as its server."""

    short_way: ShortWay | None = None

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        connections = Connections(
            made.request_handler, request_factory=made.request_factory, **dict(self._kwargs)
        )
        connections.short_way = self.short_way
        return connections


class Connections(web.Server):
    """All open connections, ordered by when their peer last sent something."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._by_silence: OrderedDict[_Connection, None] = OrderedDict()
        self._malformed = LogThrottle()
        self._broken = LogThrottle()
        self.short_way: ShortWay | None = None

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **self._kwargs)

    @property
    def count(self) -> int:
        return len(self._by_silence)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        self._by_silence[cast(_Connection, handler)] = None

    def connection_lost(
        self, handler: web.RequestHandler, exc: BaseException | None = None
    ) -> None:
        super().connection_lost(handler, exc)
        self._by_silence.pop(cast(_Connection, handler), None)

    def heard(self, connection: "_Connection") -> None:
        """The connection's peer has sent something."""
        if connection in self._by_silence:
            self._by_silence.move_to_end(connection)

    def close_longest_idle(self) -> bool:
        """Close the connection whose peer has been silent for longest.

        Connections with a complete, unanswered request are skipped. False: there are no others.
        """
        for connection in self._by_silence:
            if connection.waits_for_its_peer:
                del self._by_silence[connection]
                connection.end()
                return True
        return False

    def malformed(self, error: BaseException) -> None:
        """A peer has sent something that is not HTTP."""
        if (more := self._malformed.allows()) is not None:
            logger.bind(kind=type(error).__name__, more=more).debug("http_malformed")

    def broken(self, error: BaseException) -> None:
        """An unexpected error, in this program or in aiohttp."""
        if (more := self._broken.allows()) is not None:
            logger.bind(more=more).opt(exception=error).error("http_broken")


class _Connection(web.RequestHandler):
    __slots__ = ("_behind", "_missing", "_patience", "_short", "_short_done")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        loop = asyncio.get_running_loop()
        #: Bytes that aiohttp has not got of a request of which it has a part; None: nobody knows.
        self._missing: int | None = 0
        self._short = False  #: a request that took the short way is not answered yet
        self._short_done: asyncio.Future[None] | None = None
        self._behind = bytearray()  #: what came after it
        self._patience: asyncio.TimerHandle | None = loop.call_later(
            FIRST_REQUEST_SECONDS, self.force_close
        )

    @property
    def waits_for_its_peer(self) -> bool:
        """Whether no request has arrived, or only a part of one."""
        request = self._current_request
        return not self._short and (request is None or not request.content.is_eof())

    def end(self) -> None:
        """Close it at once and discard unsent data."""
        transport = self.transport
        self.force_close()
        if transport is not None:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._manager is not None:
            cast(Connections, self._manager).heard(self)
        if self._short:
            self._keep_behind(data)
        elif not (self._is_free and self._takes_short_way(data)):
            self._count(data)
            super().data_received(data)
            if self._patience is not None and self._request_count:
                self._end_patience()

    @property
    def _is_free(self) -> bool:
        """Whether aiohttp neither has a request, nor a part of one."""
        if self._missing != 0 or self._messages:
            return False
        waiting = self._waiter is not None and not self._waiter.done()
        return waiting or not self._request_count

    def _count(self, data: bytes) -> None:
        """These go to aiohttp, which gives itself an empty piece when it reads on."""
        if self._missing == 0 and data:
            self._missing = length_of(data)
        if self._missing is not None:
            left = self._missing - len(data)
            self._missing = left if left >= 0 else None

    def _takes_short_way(self, data: bytes) -> bool:
        connections = cast(Connections | None, self._manager)
        if connections is None or connections.short_way is None or self._force_close:
            return False
        self._short = True
        if not connections.short_way.takes(data, self._peer, self._answer_short):
            self._short = False
            return False
        self._end_patience()
        return True

    def _answer_short(self, reply: Reply) -> None:
        connections = cast(Connections | None, self._manager)
        self._short = False
        if self._short_done is not None and not self._short_done.done():
            self._short_done.set_result(None)
        if connections is None or connections.short_way is None or self.transport is None:
            return  # the peer has gone
        self.transport.write(connections.short_way.bytes_of(reply))
        self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        if self._behind:
            behind = bytes(self._behind)
            self._behind.clear()
            self.transport.resume_reading()
            self.data_received(behind)

    def _keep_behind(self, data: bytes) -> None:
        self._behind += data
        if len(self._behind) >= READ_AHEAD and self.transport is not None:
            self.transport.pause_reading()

    def _process_keepalive(self) -> None:
        """The idle time is over, for aiohttp, which knows nothing of the short way."""
        if self._short:
            self._next_keepalive_close_time = self._loop.time() + self._keepalive_timeout
        super()._process_keepalive()

    def _peer(self) -> str:
        peer = self.peername
        return str(peer[0]) if isinstance(peer, tuple) else ""

    async def shutdown(self, timeout: float | None = 15.0) -> None:
        """First answer the request that took the short way."""
        if self._short:
            self._short_done = self._loop.create_future()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._short_done, timeout)
        await super().shutdown(timeout)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._end_patience()
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a malformed request with an empty 400."""
        del request, status, message
        if isinstance(exc, HttpProcessingError):
            self._tell(exc)
            if self.transport is not None:
                self.transport.write(_BARE_400)
        elif exc is not None and not isinstance(exc, ConnectionError):
            self._tell(exc)
        # This exception makes aiohttp close the connection without an answer.
        raise ConnectionError("nothing more to answer")

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """A body was incomplete or malformed, and its request had been answered already."""
        del args
        error = kw.get("exc_info")
        if isinstance(error, BaseException):
            self._tell(error)

    def _tell(self, error: BaseException) -> None:
        # None: the connection is closed already.
        connections = cast(Connections | None, self._manager)
        if connections is None:
            return
        if isinstance(error, web.RequestPayloadError | HttpProcessingError):
            connections.malformed(error)
        else:
            connections.broken(error)

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
