"""The three routes of the supervisor itself: /health, /ready and /metrics."""

import asyncio
from collections.abc import Awaitable, Callable

from supervisor.health.health import Health
from supervisor.http.routes import Head, Reply
from supervisor.runtime.errors import BotError


class HealthRoute:
    """Liveness: answered from memory, whatever hangs elsewhere."""

    method = "GET"
    pattern = "/health"
    max_body = 0

    def __init__(self, health: Health) -> None:
        self._health = health

    def admit(self, head: Head) -> Reply | None:
        del head
        return Reply(200, self._health.as_json(), "application/json; charset=utf-8")

    async def answer(self, head: Head, body: bytes) -> Reply:
        raise AssertionError(f"{head.path} is answered before its body ({len(body)} bytes)")


class MetricsRoute:
    """Numbers for Prometheus."""

    method = "GET"
    pattern = "/metrics"
    max_body = 0

    def __init__(self, health: Health) -> None:
        self._health = health

    def admit(self, head: Head) -> Reply | None:
        del head
        return Reply(200, self._health.as_metrics(), "text/plain; version=0.0.4; charset=utf-8")

    async def answer(self, head: Head, body: bytes) -> Reply:
        raise AssertionError(f"{head.path} is answered before its body ({len(body)} bytes)")


class ReadyRoute:
    """Can this instance take updates now? ``check`` raises ``BotError`` when not."""

    method = "GET"
    pattern = "/ready"
    max_body = 1024

    def __init__(self, check: Callable[[], Awaitable[None]]) -> None:
        self._check = check

    def admit(self, head: Head) -> Reply | None:
        del head
        return None

    async def answer(self, head: Head, body: bytes) -> Reply:
        del head, body
        try:
            async with asyncio.timeout(READY_SECONDS):
                await self._check()
        except BotError as error:
            return Reply(503, f"not ready: {error}\n".encode())
        except TimeoutError:
            text = f"not ready: the database did not answer within {READY_SECONDS:g} s\n"
            return Reply(503, text.encode())
        return Reply(200, b"ready\n")


READY_SECONDS = 1.0  #: an answer that takes longer is no readiness
