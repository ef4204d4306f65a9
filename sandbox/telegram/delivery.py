"""How updates reach the bot: by webhook or by getUpdates, as the open-source server does it.

Webhook: one queue per chat (presses: per user), in each the order is kept and one update is
under way; queues go in parallel up to ``max_connections``; only twice that many queues are
looked at. Any 2xx takes the update off; else it is tried again at once, then after 2, 4, 8 …
up to 60–120 s (times ``time_scale``), a ``Retry-After`` is honoured, and an expired update
is dropped. A webhook that answered nothing but 410 for 23 h (times ``time_scale``) is removed.
With ``connecting`` new connections are as scarce as the real ones.

getUpdates: an offset confirms what lies below it; a second call ends the first with 409, and
so does a webhook; repeated conflicts and the same offset again are slowed down; an answer
ends at 4 MiB.
"""

import asyncio
import json
import random
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from sandbox.telegram.connecting import Connecting
from sandbox.telegram.errors import ApiError
from sandbox.telegram.state import State, Update, Webhook

ANSWER_SECONDS = 60.0
LONG_POLL_MAX = 50
RETRY_AFTER_MAX = 3600.0
GONE_SECONDS = 23 * 3600.0
ANSWER_BYTES = 4 * 1024 * 1024
CONFLICT_SECONDS = 3.0
SAME_OFFSET_SECONDS, SAME_OFFSET_AT_ONCE = 3.0, 0.5


class _Queue:
    """What one queue remembers between tries."""

    def __init__(self) -> None:
        self.busy = False
        self.failures = 0
        self.not_before = 0.0


class Delivery:
    """Runs in one event loop. ``route`` replaces the host of the webhook, as a load
    balancer would."""

    def __init__(self, state: State, *, time_scale: float) -> None:
        self._state = state
        self.time_scale = time_scale
        self.route = ""
        self.answer_seconds = ANSWER_SECONDS
        #: Every try: update id, status (0: no answer), seconds.
        self.tries: list[dict[str, Any]] = []
        self._queues: dict[str, _Queue] = {}
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._poll: asyncio.Future[None] | None = None
        self._http: aiohttp.ClientSession | None = None
        self.connecting = Connecting()
        self._last_poll = (0, float("-inf"))
        self._next_conflict = float("-inf")
        state.changed = self._wake_all

    async def start(self) -> None:
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100), trace_configs=[self.connecting.trace()]
        )
        self._spawn(self._pump())

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._http is not None:
            await self._http.close()

    # -------------------------------------------------------------- webhook --

    async def _pump(self) -> None:
        while True:
            self._wake.clear()
            pause = self._start_deliveries()
            try:
                await asyncio.wait_for(self._wake.wait(), pause)
            except TimeoutError:
                continue

    def _start_deliveries(self) -> float | None:
        """Begin what can begin; returns the seconds until more can, None: nothing waits."""
        hook = self._state.webhook
        self._state.drop_expired()
        if not hook.url:
            return None
        heads: dict[str, Update] = {}
        for update in self._state.pending:
            if update.queue not in heads:
                heads[update.queue] = update
            if len(heads) >= 2 * hook.max_connections:
                break
        busy = sum(queue.busy for queue in self._queues.values())
        now, pause = time.monotonic(), None
        for name, update in heads.items():
            queue = self._queues.setdefault(name, _Queue())
            if queue.busy:
                continue
            if queue.not_before > now:
                pause = min(pause or 1e9, queue.not_before - now)
            elif busy < hook.max_connections:
                busy += 1
                queue.busy = True
                self._spawn(self._deliver(queue, update))
        return pause

    async def _deliver(self, queue: _Queue, update: Update) -> None:
        started = time.monotonic()
        status, retry_after, body = await self._post(update)
        queue.busy = False
        self.tries.append(
            {"update_id": update.id, "status": status, "seconds": time.monotonic() - started}
        )
        if 200 <= status < 300:
            queue.failures, queue.not_before = 0, 0.0
            self._state.webhook.gone_since = None
            self.connecting.succeeded()
            self._state.remove(update)
            if b'"method"' in body:
                self._state.violations.append("a webhook answer carried a method call")
        else:
            self._failed(queue, status, retry_after)
        self._wake.set()

    async def _post(self, update: Update) -> tuple[int, float | None, bytes]:
        hook = self._state.webhook
        headers = {"Content-Type": "application/json"}
        if hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = hook.secret
        assert self._http is not None
        try:
            async with self._http.post(
                self._routed(hook.url),
                data=update.body.encode(),
                headers=headers,
                timeout=aiohttp.ClientTimeout(self.answer_seconds),
            ) as answer:
                after = answer.headers.get("Retry-After", "")
                return (
                    answer.status,
                    float(after) if after.isdecimal() else None,
                    await answer.read(),
                )
        except (aiohttp.ClientError, TimeoutError):
            return 0, None, b""

    def _failed(self, queue: _Queue, status: int, retry_after: float | None) -> None:
        hook = self._state.webhook
        hook.last_error_date = int(time.time())
        hook.last_error_message = (
            f"Wrong response from the webhook: {status}" if status else "Connection refused"
        )
        now = time.monotonic()
        hook.gone_since = (hook.gone_since or now) if status == 410 else None
        if hook.gone_since is not None and now - hook.gone_since > GONE_SECONDS * self.time_scale:
            self._state.webhook = Webhook(allowed=hook.allowed)
            return
        pause = 0.0 if queue.failures == 0 else min(2.0**queue.failures, random.uniform(60, 120))  # noqa: S311 no secret
        if retry_after is not None:
            pause = min(retry_after, RETRY_AFTER_MAX)
        queue.failures += 1
        queue.not_before = now + max(0.02, pause * self.time_scale)

    def _routed(self, url: str) -> str:
        if not self.route:
            return url
        target = urlsplit(self.route)
        return urlunsplit(urlsplit(url)._replace(scheme=target.scheme, netloc=target.netloc))

    # ----------------------------------------------------------- getUpdates --

    async def get_updates(self, p: dict[str, Any]) -> list[dict[str, Any]]:
        """One long poll. Raises both kinds of 409."""
        if self._state.webhook.url:
            await self._slow_conflict()
            raise ApiError(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"
                " to delete the webhook first",
            )
        if self._poll is not None and not self._poll.done():
            self._poll.cancel()
        if "allowed_updates" in p:
            self._state.webhook.allowed = p["allowed_updates"]
        offset = p.get("offset", 0)
        for update in tuple(self._state.pending):
            if update.id < offset:
                self._state.remove(update)
        timeout, limit = self._slowed(offset, p.get("timeout", 0), p.get("limit", 100))
        deadline = time.monotonic() + min(timeout, LONG_POLL_MAX)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._poll = mine
        while True:
            self._state.drop_expired()
            if self._state.pending:
                return _fitting(tuple(self._state.pending)[:limit])
            if mine.cancelled() or self._state.webhook.url:
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
            await asyncio.sleep(min(wait, CONFLICT_SECONDS) * self.time_scale)

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
            timeout = max(timeout, SAME_OFFSET_SECONDS * self.time_scale)
        return timeout, limit

    # ------------------------------------------------------------- internal --

    def _wake_all(self) -> None:
        self._wake.set()

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _fitting(updates: tuple[Update, ...]) -> list[dict[str, Any]]:
    """As many updates as one answer holds; at least one."""
    found: list[dict[str, Any]] = []
    left = ANSWER_BYTES
    for update in updates:
        left -= len(update.body.encode())
        if found and left < 0:
            break
        found.append(json.loads(update.body))
    return found
