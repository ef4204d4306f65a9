"""One connection of the listener, and what a peer gets that does not speak HTTP.

Left to itself aiohttp would answer a malformed request with its name, its version and the
peer's own bytes, would log a traceback for each, and would wait for the first request for
as long as the peer likes.
"""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from loguru import logger

FIRST_REQUEST_SECONDS = 15.0  #: how long a connection may take to send its first head
_BARE_400 = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Runner(web.AppRunner):
    """aiohttp's runner with our connections."""

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(
            made.request_handler, request_factory=made.request_factory, **dict(self._kwargs)
        )


class _Server(web.Server):
    def __call__(self) -> web.RequestHandler:
        return _Connection(self, loop=asyncio.get_running_loop(), **self._kwargs)


class _Connection(web.RequestHandler):
    __slots__ = ("_patience",)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        loop = asyncio.get_running_loop()
        self._patience: asyncio.TimerHandle | None = loop.call_later(
            FIRST_REQUEST_SECONDS, self.force_close
        )

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._patience is not None and self._request_count:
            self._end_patience()

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
        """What could not be read as a request: say so and nothing else."""
        del request, status, message
        if isinstance(exc, HttpProcessingError):
            logger.bind(kind=type(exc).__name__).debug("http_malformed")
            if self.transport is not None:
                self.transport.write(_BARE_400)
        elif exc is not None and not isinstance(exc, ConnectionError):
            logger.opt(exception=exc).error("http_broken")
        # aiohttp's own sign that nothing more can be answered: it closes the connection.
        raise ConnectionError("nothing more to answer")

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """A body that broke off or was no body after its request had its answer."""
        error = kw.get("exc_info")
        if isinstance(error, web.RequestPayloadError | HttpProcessingError):
            logger.bind(kind=type(error).__name__).debug("http_malformed")
        else:
            super().log_exception(*args, **kw)

    def _end_patience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
