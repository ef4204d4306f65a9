"""How many new connections to a webhook Telegram opens: 10 per 0.5 s while the webhook
works, one per 2 s after 10 s without a success. A server that closes every connection is
slowed down by it, and so is the recovery after an outage.
"""

import asyncio
import time
from collections import deque
from types import SimpleNamespace
from typing import Any

import aiohttp

HEALTHY = (10, 0.5)
FAILING = (1, 2.0)
PATIENCE = 10.0


class Connecting:
    """Off until switched on."""

    def __init__(self) -> None:
        self.enabled = False
        self.opened = 0
        self._succeeded_at = time.monotonic()
        self._window: deque[float] = deque()

    def succeeded(self) -> None:
        """The webhook answered 2xx."""
        self._succeeded_at = time.monotonic()

    def pace(self, now: float) -> tuple[int, float]:
        """How many connections in how many seconds."""
        return HEALTHY if now - self._succeeded_at < PATIENCE else FAILING

    def trace(self) -> aiohttp.TraceConfig:
        """What makes a client's connections wait for their turn."""
        config = aiohttp.TraceConfig()
        config.on_connection_create_start.append(self._wait)
        return config

    async def _wait(
        self, session: aiohttp.ClientSession, context: SimpleNamespace, params: Any
    ) -> None:
        del session, context, params
        while self.enabled:
            now = time.monotonic()
            count, seconds = self.pace(now)
            while self._window and self._window[0] <= now - seconds:
                self._window.popleft()
            if len(self._window) < count:
                self._window.append(now)
                break
            await asyncio.sleep(self._window[0] + seconds - now)
        self.opened += 1
