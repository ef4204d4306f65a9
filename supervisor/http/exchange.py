"""Handles one request: decide from its head, read its body, answer it. Errors become statuses.

A body that arrives after its head is waited for, for a limited time. All such bodies together may
take a limited amount of memory.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from loguru import logger

from supervisor.http.routes import Head, Reply, Route
from supervisor.runtime.errors import BotError, Disposition, Unavailable
from supervisor.telemetry.log_throttle import LogThrottle

BODY_SECONDS = 15.0  #: how long a client may take to send its body
RETRY_AFTER = 2  #: seconds; the Retry-After of a 503
MOST_HELD = 32 * 1024 * 1024  #: bytes of unfinished bodies


class Bodies:
    """The memory of all unfinished bodies."""

    def __init__(self, most: int = MOST_HELD) -> None:
        self._most = most
        self._held = 0

    async def read(self, request: web.Request, limit: int) -> bytes | None:
        """The whole body, or None when it is longer than ``limit``.

        Raises ``TimeoutError`` when it takes too long, and ``Unavailable`` when the unfinished
        bodies take too much memory.
        """
        if request.content.is_eof() and request.content.exception() is None:
            # The body arrived together with its head, as that of an update does.
            body = request.content.read_nowait()
            return body if len(body) <= limit else None
        async with asyncio.timeout(BODY_SECONDS):
            return await self._slow(request, limit)

    async def _slow(self, request: web.Request, limit: int) -> bytes | None:
        """Read and count the bytes: a chunked request has no Content-Length."""
        chunks: list[bytes] = []
        size = 0
        try:
            async for chunk in request.content.iter_any():
                size += len(chunk)
                self._held += len(chunk)
                if size > limit:
                    return None
                if self._held > self._most:
                    raise Unavailable("too many unfinished bodies")
                chunks.append(chunk)
        finally:
            self._held -= size
        return b"".join(chunks)


class Refusals:
    """Logs requests that were answered with 503 or 500, throttled: strangers can cause many."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._later = LogThrottle()
        self._failed = LogThrottle()

    def later(self, error: BotError) -> web.StreamResponse:
        if (more := self._later.allows()) is not None:
            told = logger.bind(path=self._pattern, reason=str(error), more=more)
            told.warning("http_unavailable")
        return response(later())

    def failed(self, error: Exception) -> web.StreamResponse:
        if (more := self._failed.allows()) is not None:
            told = logger.bind(path=self._pattern, more=more)
            told.opt(exception=error).error("http_failed")
        return web.Response(status=500)


def serve(route: Route, bodies: Bodies) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """``route`` as aiohttp wants it."""
    refusals = Refusals(route.pattern)

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return response(await _converse(route, bodies, request))
        except Unavailable as error:
            return refusals.later(error)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except BotError as error:
            if error.disposition is Disposition.GIVE_UP:
                return refusals.failed(error)
            # The outcome is unknown or our term is over: the sender should repeat the request.
            return refusals.later(error)
        except Exception as error:  # noqa: BLE001 the outermost handler: an empty 500 and a log line
            return refusals.failed(error)

    return handle


async def _converse(route: Route, bodies: Bodies, request: web.Request) -> Reply:
    head = Head(
        method=request.method,
        path=request.path,
        captured=dict(request.match_info),
        headers=request.headers,
        peer=request.remote or "",
        version=(request.version.major, request.version.minor),
    )
    refusal = route.admit(head)
    if refusal is not None:
        return refusal
    if (request.content_length or 0) > route.max_body:
        return Reply(413)
    try:
        body = await bodies.read(request, route.max_body)
    except TimeoutError:
        return Reply(408)
    except web.RequestPayloadError:
        return Reply(400)  # the framing of the body is broken
    if body is None:
        return Reply(413)
    return await route.answer(head, body)


def response(reply: Reply) -> web.StreamResponse:
    """``reply`` as aiohttp sends it."""
    headers = {"Content-Type": reply.content_type, **reply.headers}
    made = web.Response(status=reply.status, body=reply.body, headers=headers)
    if reply.status in {400, 401, 403, 404, 408, 413}:
        # The body may be unread, so the connection cannot be reused for another request.
        made.force_close()
    return made


def later() -> Reply:
    """The answer to a request that should be repeated later."""
    return Reply(503, b"try again later\n", headers={"Retry-After": str(RETRY_AFTER)})
