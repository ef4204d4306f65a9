"""getUpdates, as the open-source server does it.

An offset confirms what lies below it. A second call ends the first with 409, and so does a
webhook. Repeated conflicts and the same offset again are slowed down. An answer ends at 4 MiB.
"""

import asyncio
import time
from typing import Any

from sandbox.telegram.errors import ApiError
from sandbox.telegram.state.store import State
from sandbox.telegram.state.updates import Update

LONG_POLL_MAX = 50
ANSWER_BYTES = 4 * 1024 * 1024
CONFLICT_SECONDS = 3.0
SAME_OFFSET_SECONDS, SAME_OFFSET_AT_ONCE = 3.0, 0.5


class Polling:
    """Remembers the call that waits, and the last offset."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._updates = state.updates
        self._poll: asyncio.Future[None] | None = None
        self._last_poll = (0, float("-inf"))
        self._next_conflict = float("-inf")

    async def get_updates(self, p: dict[str, Any]) -> list[str]:
        """One long poll; the updates as JSON texts. Raises both kinds of 409."""
        if self._updates.webhook.url:
            await self._slow_conflict()
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"
                " to delete the webhook first",
            )
        if self._poll is not None and not self._poll.done():
            self._poll.cancel()
        if "allowed_updates" in p:
            self._updates.webhook.allowed = p["allowed_updates"]
        offset = p.get("offset", 0)
        for update in tuple(self._updates.pending):
            if update.id < offset:
                self._updates.remove(update)
        timeout, limit = self._slowed(offset, p.get("timeout", 0), p.get("limit", 100))
        deadline = time.monotonic() + min(timeout, LONG_POLL_MAX)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = mine
        while True:
            self._updates.drop_expired()
            if self._updates.pending:
                return _fitting(tuple(self._updates.pending)[:limit])
            if mine.cancelled() or self._updates.webhook.url:
                await self._slow_conflict()
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot"
                    " instance is running",
                )
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            await asyncio.sleep(min(left, 0.02))

    async def _slow_conflict(self) -> None:
        """The first 409 comes at once, those after it with a delay."""
        now = time.monotonic()
        wait, self._next_conflict = self._next_conflict - now, now + CONFLICT_SECONDS
        if wait > 0:
            await asyncio.sleep(min(wait, CONFLICT_SECONDS) * self._state.time_scale)

    def _slowed(self, offset: int, timeout: float, limit: int) -> tuple[float, int]:
        """What becomes of a call that asks for the same again."""
        before, at = self._last_poll
        now = time.monotonic()
        self._last_poll = (offset, now)
        limit = max(1, min(limit, 100))
        if offset != before:
            return timeout, limit
        if now - at < SAME_OFFSET_AT_ONCE:
            limit = 1
        if now - at < SAME_OFFSET_SECONDS:
            timeout = max(timeout, SAME_OFFSET_SECONDS * self._state.time_scale)
        return timeout, limit


def _fitting(updates: tuple[Update, ...]) -> list[str]:
    """As many updates as one answer holds; at least one. Not parsed: a test may put on the way
    what no reader accepts."""
    found: list[str] = []
    left = ANSWER_BYTES
    for update in updates:
        left -= len(update.body.encode())
        if found and left < 0:
            break
        found.append(update.body)
    return found
