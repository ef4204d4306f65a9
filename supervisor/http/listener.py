"""The HTTP listener, on aiohttp's server.

The port is bound before any other part of the program exists, so that a platform's port check
passes at once. Routes whose owners are not ready yet answer 503. Every request goes through the
same steps: find the route, let it decide from the head, read the body up to its limit, let it
answer. An error in a route becomes a status without details.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from loguru import logger

from supervisor.http.acceptor import Acceptor
from supervisor.http.connection import READ_AHEAD, Connections, Runner
from supervisor.http.descriptors import connections
from supervisor.http.exchange import Bodies, later, serve
from supervisor.http.routes import Head, Reply, Route
from supervisor.http.short_way import ShortRoute, ShortWay
from supervisor.runtime.errors import BotError, Misconfigured, Unavailable
from supervisor.telemetry.log_throttle import LogThrottle
from supervisor.telemetry.metrics import Metrics

#: Seconds that an idle connection is kept, longer than a proxy keeps it (Caddy and Render
#: 120, Google 600): a proxy that sends an update just when we close cannot send it again, and its
#: sender gets 502. When connections are too many the longest idle ones go sooner.
IDLE_SECONDS = 620.0
DRAIN_SECONDS = 3.0  #: for running requests when the port closes


class NotReady:
    """A route whose owner is not ready yet. ``become`` sets the real route."""

    def __init__(
        self,
        method: str,
        pattern: str,
        max_body: int,
        admitted: Callable[[Head], None] = lambda _: None,
    ) -> None:
        """``admitted`` hears of each request that is let in."""
        self.method = method
        self.pattern = pattern
        self.max_body = max_body
        self._admitted = admitted
        self._real: Route | None = None
        self._short: ShortRoute | None = None

    def become(self, real: Route) -> None:
        """From now on ``real`` decides and answers."""
        self._real = real

    def become_short(self, real: ShortRoute) -> None:
        """The same for a route with a short way."""
        self._real = self._short = real

    def take(self, body: bytes, done: Callable[[BotError | None], None]) -> None:
        if self._short is None:
            done(Unavailable("the route is not ready"))
        else:
            self._short.take(body, done)

    def admit(self, head: Head) -> Reply | None:
        if self._real is None:
            return later()
        refusal = self._real.admit(head)
        if refusal is None:
            self._admitted(head)
        return refusal

    async def answer(self, head: Head, body: bytes) -> Reply:
        if self._real is None:
            return later()
        return await self._real.answer(head, body)


class Listener:
    """Serves ``routes`` on one port of all interfaces. Used from one event loop."""

    def __init__(
        self,
        port: int,
        routes: Sequence[Route],
        *,
        host: str = "0.0.0.0",  # noqa: S104 a service on Render must listen on all interfaces  # nosec B104
        short: ShortRoute | None = None,
        metrics: Metrics | None = None,
    ) -> None:
        """``short``: the one of ``routes`` whose usual requests take the short way."""
        self._host = host
        self._port = port
        self._most = 0  #: connections at the same time
        self._closed = LogThrottle()
        self._metrics = metrics or Metrics()
        self._acceptor: Acceptor | None = None
        application = web.Application(
            client_max_size=max((route.max_body for route in routes), default=0) + 1,
            middlewares=[_in_turn],
        )
        bodies = Bodies()
        for route in routes:
            if route.method == "GET":
                application.router.add_get(route.pattern, serve(route, bodies), allow_head=True)
            else:
                application.router.add_route(route.method, route.pattern, serve(route, bodies))
        application.router.add_route("*", "/{rest:.*}", _not_found)
        application.on_response_prepare.append(_anonymous)
        self._runner = Runner(
            application,
            access_log=None,
            handle_signals=False,
            read_bufsize=READ_AHEAD,
            # Neither Telegram nor kie.ai compresses bodies; a zip bomb is not unpacked.
            auto_decompress=False,
            keepalive_timeout=IDLE_SECONDS,
            shutdown_timeout=DRAIN_SECONDS,
        )
        self._runner.short_way = None if short is None else ShortWay(short)

    async def start(self) -> None:
        """Bind the port. Raises ``Misconfigured`` when that fails."""
        self._most = connections()
        await self._runner.setup()
        held = self._runner.server
        assert isinstance(held, Connections)  # it is our runner's
        self._metrics.http_connections.set_function(lambda: float(held.count))
        self._acceptor = Acceptor(
            held,
            lambda must: self._make_room(held, must=must),
            self._metrics.http_turned_away.labels("refused").inc,
        )
        try:
            self._acceptor.start(self._host, self._port)
        except OSError as error:
            await self._runner.cleanup()
            raise Misconfigured(
                [
                    f"PORT: {self._port} cannot be bound ({error.strerror}); is another program"
                    " or another instance listening there?"
                ]
            ) from None

    async def stop(self) -> None:
        """Close the port and finish the running requests."""
        if self._acceptor is not None:
            await self._acceptor.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._runner.cleanup(), DRAIN_SECONDS + 1)

    def _make_room(self, held: Connections, *, must: bool) -> bool:
        """Make room for one more connection by closing the one that was idle for longest.

        False: every connection has a running request.
        """
        if not must and held.count < self._most:
            return True
        if not held.close_longest_idle():
            return False
        self._metrics.http_turned_away.labels("idle").inc()
        if (more := self._closed.allows()) is not None:
            logger.bind(most=self._most, more=more).warning("http_idle_connection_closed")
        return True


@web.middleware
async def _in_turn(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Other connections come first. From Python 3.12 on, aiohttp handles a request as part of
    reading it: without this pause, all that a stranger sends at once would be handled before
    anything else."""
    await asyncio.sleep(0)
    return await handler(request)


async def _not_found(request: web.Request) -> web.StreamResponse:
    del request  # every path and method is answered alike
    return web.Response(status=404)


async def _anonymous(request: web.Request, response: web.StreamResponse) -> None:
    del request
    # Strangers need not know which server answers.
    response.headers.popall("Server", None)
