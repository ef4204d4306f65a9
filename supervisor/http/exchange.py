"""One request: decide from its head, read its body, answer. Errors become bare statuses.

Bodies that do not come along with their heads are waited for, for a bounded time and within a
bounded memory for all of them together.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from loguru import logger

from supervisor.http.routes import Head, Reply, Route
from supervisor.runtime.errors import BotError, Disposition, Unavailable
from supervisor.telemetry.log_throttle import LogThrottle

BODY_SECONDS = 15.0  #: how long a client may take to send its body
RETRY_AFTER = 2  #: seconds; told to whoever gets a 503
MOST_HELD = 32 * 1024 * 1024  #: bytes of unfinished bodies


class Bodies:
    """The memory of all unfinished bodies."""

    def __init__(self, most: int = MOST_HELD) -> None:
        self._most = most
        self._held = 0

    async def read(self, request: web.Request, limit: int) -> bytes | None:
        """The whole body, or None when it is longer than ``limit``.

        Raises ``TimeoutError`` when it takes too long, ``Unavailable`` when too many bodies are
        waited for.
        """
        if request.content.is_eof() and request.content.exception() is None:
            # It came along with its head, as an update does: there is nothing to wait for.
            body = request.content.read_nowait()
            return body if len(body) <= limit else None
        async with asyncio.timeout(BODY_SECONDS):
            return await self._slow(request, limit)

    async def _slow(self, request: web.Request, limit: int) -> bytes | None:
        """Counts, since a chunked request announces no length."""
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
    """Lines about requests that got a 503 or a 500. Strangers can cause many."""

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
            # The outcome is unknown or our term is over: the sender may ask again.
            return refusals.later(error)
        except Exception as error:  # noqa: BLE001 the edge: a stranger gets a bare status
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
    """``reply`` on the wire."""
    headers = {"Content-Type": reply.content_type, **reply.headers}
    made = web.Response(status=reply.status, body=reply.body, headers=headers)
    if reply.status in {400, 401, 403, 404, 408, 413}:
        # The body was not read: this connection cannot carry another request.
        made.force_close()
    return made


def later() -> Reply:
    """For a request that cannot be answered now."""
    return Reply(503, b"try again later\n", headers={"Retry-After": str(RETRY_AFTER)})
