"""How updates reach a webhook, as the open-source server does it.

There is one queue per chat (for presses: per user). A queue keeps its order and has one update
under way. Queues go in parallel up to ``max_connections``; only twice that many queues are looked
at. Any 2xx takes the update off. Otherwise it is tried again at once, then after 2, 4, 8 … up to
60–120 s (times ``time_scale``). A ``Retry-After`` is honoured, an expired update is dropped. A
webhook that answered nothing but 410 for 23 h (times ``time_scale``) is removed. With
``connecting`` switched on, new connections are as scarce as the real ones.
"""

import asyncio
import random
import time
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from sandbox.telegram.delivery.connecting import Connecting
from sandbox.telegram.state.store import State
from sandbox.telegram.state.updates import Update, Webhook

ANSWER_SECONDS = 60.0
RETRY_AFTER_MAX = 3600.0
GONE_SECONDS = 23 * 3600.0


class _Queue:
    """What one queue remembers between tries."""

    def __init__(self) -> None:
        self.busy = False
        self.failures = 0
        self.not_before = 0.0


class Delivery:
    """Runs in one event loop. ``route`` replaces the host of the webhook, as a load
    balancer does."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.route = ""
        self.answer_seconds = ANSWER_SECONDS
        #: Every try: update id, status (0: no answer), seconds.
        self.tries: list[dict[str, Any]] = []
        self._queues: dict[str, _Queue] = {}
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._http: aiohttp.ClientSession | None = None
        self.connecting = Connecting()
        state.updates.changed = self._wake.set

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
        hook = self._state.updates.webhook
        self._state.updates.drop_expired()
        if not hook.url:
            return None
        heads: dict[str, Update] = {}
        for update in self._state.updates.pending:
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
            self._state.updates.webhook.gone_since = None
            self.connecting.succeeded()
            self._state.updates.remove(update)
            if b'"method"' in body:
                self._state.violations.append("a webhook answer carried a method call")
        else:
            self._failed(queue, status, retry_after)
        self._wake.set()

    async def _post(self, update: Update) -> tuple[int, float | None, bytes]:
        hook = self._state.updates.webhook
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
        hook = self._state.updates.webhook
        hook.last_error_date = int(time.time())
        hook.last_error_message = (
            f"Wrong response from the webhook: {status}" if status else "Connection refused"
        )
        now = time.monotonic()
        hook.gone_since = (hook.gone_since or now) if status == 410 else None
        if (
            hook.gone_since is not None
            and now - hook.gone_since > GONE_SECONDS * self._state.time_scale
        ):
            self._state.updates.webhook = Webhook(allowed=hook.allowed)
            return
        pause = 0.0 if queue.failures == 0 else min(2.0**queue.failures, random.uniform(60, 120))  # noqa: S311 no secret
        if retry_after is not None:
            pause = min(retry_after, RETRY_AFTER_MAX)
        queue.failures += 1
        queue.not_before = now + max(0.02, pause * self._state.time_scale)

    def _routed(self, url: str) -> str:
        if not self.route:
            return url
        target = urlsplit(self.route)
        return urlunsplit(urlsplit(url)._replace(scheme=target.scheme, netloc=target.netloc))

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
