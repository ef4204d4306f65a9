"""The HTTP listener: the one place that knows the HTTP library (aiohttp).

The port is bound before anything else of the program exists, so that a platform's port
check passes at once; routes whose owners are not ready yet answer 503. Each request
goes through the same steps: find the route, let it decide from the head alone, read the
body up to its limit, let it answer. Whatever goes wrong inside becomes a bare status.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from aiohttp import web
from loguru import logger

from supervisor.http.connection import Runner
from supervisor.http.routes import Head, Reply, Route
from supervisor.runtime.errors import BotError, Disposition, Misconfigured, Unavailable
from supervisor.telemetry.log_throttle import LogThrottle

BODY_SECONDS = 15.0  #: how long a client may take to send its body
DRAIN_SECONDS = 3.0  #: what requests under way get at the very end
RETRY_AFTER = 2  #: seconds; told to whoever gets a 503


class NotReady:
    """A route whose owner is still being built; ``become`` puts the real one in place."""

    def __init__(self, method: str, pattern: str, max_body: int) -> None:
        self.method = method
        self.pattern = pattern
        self.max_body = max_body
        self._real: Route | None = None

    def become(self, real: Route) -> None:
        """From now on ``real`` decides and answers."""
        self._real = real

    def admit(self, head: Head) -> Reply | None:
        if self._real is None:
            return _later()
        return self._real.admit(head)

    async def answer(self, head: Head, body: bytes) -> Reply:
        if self._real is None:
            return _later()
        return await self._real.answer(head, body)


class Listener:
    """Serves ``routes`` on one port of all interfaces. Used from one event loop."""

    def __init__(self, port: int, routes: Sequence[Route], *, host: str = "0.0.0.0") -> None:  # noqa: S104 a service on Render must listen on all interfaces  # nosec B104
        self._host = host
        self._port = port
        application = web.Application(
            client_max_size=max((route.max_body for route in routes), default=0) + 1
        )
        for route in routes:
            if route.method == "GET":
                application.router.add_get(route.pattern, _serve(route), allow_head=True)
            else:
                application.router.add_route(route.method, route.pattern, _serve(route))
        application.router.add_route("*", "/{rest:.*}", _not_found)
        application.on_response_prepare.append(_anonymous)
        self._runner = Runner(
            application,
            access_log=None,
            handle_signals=False,
            # Neither Telegram nor kie.ai compresses; a stranger's bomb stays what it is.
            auto_decompress=False,
            keepalive_timeout=75,
            shutdown_timeout=DRAIN_SECONDS,
        )

    async def start(self) -> None:
        """Bind the port. Raises ``Misconfigured`` when that cannot be done."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            raise Misconfigured(
                [
                    f"PORT: {self._port} cannot be bound ({error.strerror}); is another program"
                    " or another instance listening there?"
                ]
            ) from None

    async def stop(self) -> None:
        """Finish the requests under way, then close the port."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._runner.cleanup(), DRAIN_SECONDS + 1)


def _serve(route: Route) -> "web._RequestHandler":  # type: ignore[name-defined]  # aiohttp keeps the name to itself
    refusals = LogThrottle()

    def refused(error: BotError) -> web.StreamResponse:
        level, more = refusals.level()
        told = logger.bind(path=route.pattern, reason=str(error), more=more)
        told.log(level, "http_unavailable")
        return _response(_later())

    async def handle(request: web.Request) -> web.StreamResponse:
        head = Head(
            method=request.method,
            path=request.path,
            captured=dict(request.match_info),
            headers=request.headers,
        )
        try:
            return _response(await _converse(route, head, request))
        except Unavailable as error:
            return refused(error)
        except (ConnectionError, asyncio.CancelledError):
            raise
        except BotError as error:
            if error.disposition is Disposition.GIVE_UP:
                logger.bind(path=route.pattern).opt(exception=error).error("http_failed")
                return web.Response(status=500)
            # The outcome is unknown or our term is over: the sender may ask again.
            return refused(error)
        except Exception as error:  # noqa: BLE001 the edge: a stranger gets a bare status
            logger.bind(path=route.pattern).opt(exception=error).error("http_failed")
            return web.Response(status=500)

    return handle


async def _converse(route: Route, head: Head, request: web.Request) -> Reply:
    refusal = route.admit(head)
    if refusal is not None:
        return refusal
    if (request.content_length or 0) > route.max_body:
        return Reply(413)
    try:
        body = await _body(request, route.max_body)
    except TimeoutError:
        return Reply(408)
    except web.RequestPayloadError:
        return Reply(400)  # the framing of the body is broken
    if body is None:
        return Reply(413)
    return await route.answer(head, body)


async def _body(request: web.Request, limit: int) -> bytes | None:
    """The whole body, or None when it is longer than ``limit``."""
    if request.content.is_eof() and request.content.exception() is None:
        # It came along with its head, as an update does: there is nothing to wait for.
        body = request.content.read_nowait()
        return body if len(body) <= limit else None
    async with asyncio.timeout(BODY_SECONDS):
        return await _slow_body(request, limit)


async def _slow_body(request: web.Request, limit: int) -> bytes | None:
    """Counts, since a chunked request announces no length."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _response(reply: Reply) -> web.StreamResponse:
    headers = {"Content-Type": reply.content_type, **reply.headers}
    response = web.Response(status=reply.status, body=reply.body, headers=headers)
    if reply.status in {400, 401, 403, 404, 408, 413}:
        # The body was not read: this connection cannot carry another request.
        response.force_close()
    return response


def _later() -> Reply:
    return Reply(503, b"try again later\n", headers={"Retry-After": str(RETRY_AFTER)})


async def _not_found(request: web.Request) -> web.StreamResponse:
    del request  # every path and method is answered alike
    return web.Response(status=404)


async def _anonymous(request: web.Request, response: web.StreamResponse) -> None:
    del request
    # No banner: nobody outside needs to know what answers.
    response.headers.popall("Server", None)
