"""The supervisor's own routes: /health, /ready and /metrics."""

import asyncio
from collections.abc import Awaitable, Callable

from loguru import logger

from supervisor.health.health import Health
from supervisor.http.inside import Relays, is_inside
from supervisor.http.routes import Head, Reply
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError
from supervisor.runtime.secret import Secret
from supervisor.telemetry.log_throttle import LogThrottle

READY_SECONDS = 1.0  #: a check that takes longer counts as not ready
FRESH = 1.0  #: seconds for which the result of a check is reused
_JSON = "application/json; charset=utf-8"
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


class HealthRoute:
    """Liveness, answered from memory."""

    method = "GET"
    pattern = "/health"
    max_body = 0

    def __init__(self, health: Health) -> None:
        self._health = health

    def admit(self, head: Head) -> Reply | None:
        del head
        return Reply(200, self._health.as_json(), _JSON)

    async def answer(self, head: Head, body: bytes) -> Reply:
        raise AssertionError(f"{head.path} is answered before its body ({len(body)} bytes)")


class MetricsRoute:
    """Metrics for Prometheus: for this machine and its private network, else only with ``token``.

    They show the turnover, so strangers may not read them.
    """

    method = "GET"
    pattern = "/metrics"
    max_body = 0

    def __init__(
        self, health: Health, token: Secret, public_host: str | None, relays: Relays
    ) -> None:
        self._health = health
        self._token = token
        self._public_host = public_host
        self._relays = relays

    def admit(self, head: Head) -> Reply | None:
        scheme, _, given = head.headers.get("Authorization", "").partition(" ")
        bears = scheme.lower() == "bearer" and self._token.matches(given.strip())
        if not bears and not is_inside(head, self._public_host, self._relays):
            return Reply(401, b"unauthorized\n", headers={"WWW-Authenticate": "Bearer"})
        return Reply(200, self._health.as_metrics(), _PROMETHEUS)

    async def answer(self, head: Head, body: bytes) -> Reply:
        raise AssertionError(f"{head.path} is answered before its body ({len(body)} bytes)")


class ReadyRoute:
    """Readiness: whether this instance could store an update now.

    ``check`` raises ``BotError`` when it could not. It runs at most once a second, however many
    requests come.
    """

    method = "GET"
    pattern = "/ready"
    max_body = 1024

    def __init__(self, check: Callable[[], Awaitable[None]], clock: Clock) -> None:
        self._check = check
        self._clock = clock
        self._look: asyncio.Task[Reply] | None = None
        self._looked_at = 0.0
        self._not_ready = LogThrottle(clock)

    def admit(self, head: Head) -> Reply | None:
        del head
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:
        del head, body
        now = self._clock.now()
        if self._look is None or (self._look.done() and now >= self._looked_at + FRESH):
            self._looked_at = now
            self._look = asyncio.create_task(self._ask())
        return await asyncio.shield(self._look)

    async def _ask(self) -> Reply:
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._check()
        except BotError as error:
            return self._refuse(str(error))
        except TimeoutError:
            return self._refuse(f"the database did not answer within {READY_SECONDS:g} s")
        return Reply(200, b"ready\n")

    def _refuse(self, reason: str) -> Reply:
        """Log the reason; the answer contains only its class."""
        if (more := self._not_ready.allows()) is not None:
            logger.bind(reason=reason, more=more).warning("not_ready")
        return Reply(503, b"not ready: database\n")
