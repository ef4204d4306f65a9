"""Polling: our own loop over getUpdates, because an update must be committed before it
is confirmed.

The offset moves only after the commit, and the next getUpdates is what confirms. What
Telegram answers is taken as raw JSON: an update that no library understands must not
stop the ones behind it. A request that hangs is cut by its own deadline; after 90 s
without a good answer the HTTP client is thrown away and made anew.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlencode

from loguru import logger

from handlers.bot_api.errors import Conflicted, calling, until_open
from handlers.intake.envelope import ALLOWED_UPDATES, seal_parsed
from handlers.intake.inbox import Inbox
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Misconfigured, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause
from supervisor.telemetry.metrics import Metrics

LONG_POLL = 25  #: seconds that Telegram holds an empty answer
ANSWER_WITHIN = LONG_POLL + 15.0  #: seconds; a dead connection is noticed after this
STALE_AFTER = 90.0  #: seconds without a good answer: a new client
#: Trust that must be left when the call begins. It changes nothing at Telegram but the
#: confirmation of updates that are committed already.
NEED = 1.0
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  #: seconds after failures in a row
CONFLICT_PAUSE = 3.0
#: Seconds of nothing but failures after which an operator should know; a hand-over's conflicts
#: are over by then.
TELL_AFTER = 30.0


class Client(Protocol):
    """What is used of PTB's ``HTTPXRequest``."""

    async def initialize(self) -> None: ...

    async def retrieve(self, url: str, read_timeout: float) -> bytes: ...

    async def shutdown(self) -> None: ...


class Polling:
    """The body of a ``LoopService``: ``run`` until the term's stop."""

    def __init__(
        self,
        *,
        make_client: Callable[[], Client],
        api_url: str,
        token: Secret,
        inbox: Inbox,
        clock: Clock,
        metrics: Metrics,
        trouble: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._metrics = metrics
        #: Hears why no updates come, and None when they do again.
        self._trouble = trouble
        self._make_client = make_client
        self._base = f"{api_url.rstrip('/')}/bot"
        self._token = token
        self._inbox = inbox
        self._clock = clock
        self._offset: int | None = None
        self._unconfirmed: list[Any] = []  #: the last answer, if nothing in it has a number
        self._failures = 0
        self._conflicts = 0
        self._good_at = clock.now()
        self._failing_since: float | None = None

    async def run(self, _term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Poll until ``stop``. Raises ``Misconfigured`` when the token is refused."""
        # Another instance may have confirmed what we fetched last.
        self._offset = None
        self._good_at = self._clock.now()
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self._with_one_client(gate, stop, stopping)
        finally:
            stopping.cancel()

    async def _with_one_client(
        self, gate: Gate, stop: asyncio.Event, stopping: asyncio.Task[Any]
    ) -> None:
        """Poll with one HTTP client until it goes deaf or the term ends."""
        client = self._make_client()
        await client.initialize()
        try:
            while not stop.is_set():
                if wait := await self._once(client, gate, stopping):
                    await pause(stop, wait)
                if self._clock.now() - self._good_at >= STALE_AFTER:
                    self._metrics.polling_clients.inc()
                    logger.bind(seconds=STALE_AFTER).warning("polling_deaf_client_replaced")
                    self._good_at = self._clock.now()
                    return
        finally:
            await client.shutdown()

    async def _once(self, client: Client, gate: Gate, stopping: asyncio.Task[Any]) -> float:
        """One getUpdates and its commit. Returns the pause before the next one."""
        if (wait := until_open(gate, NEED)) > 0:
            return wait
        try:
            updates = await self._fetch(client, stopping)
            if updates is None:
                return 0.0
            self._good_at = self._clock.now()
            if not updates or updates != self._unconfirmed:
                await self._inbox.store([seal_parsed(update) for update in updates])
            self._confirm(updates)
        except Misconfigured:
            raise
        except BotError as error:
            return self.failed(error)
        self.works()
        return 0.0

    def _confirm(self, updates: list[Any]) -> None:
        """The next getUpdates confirms what has a number, and with it all before it."""
        offset = _next_offset(updates)
        if updates and offset is None:
            # They will come again: kept once, and asked for less and less often.
            self._unconfirmed = updates
            raise Unavailable("getUpdates: no update has a number")
        self._unconfirmed = []
        self._offset = offset or self._offset

    async def _fetch(self, client: Client, stopping: asyncio.Task[Any]) -> list[Any] | None:
        """The updates, or None when the term ended before they came."""
        call = asyncio.create_task(self._get_updates(client))
        patience = self._good_at + STALE_AFTER - self._clock.now()
        done, _ = await asyncio.wait(
            {call, stopping},
            # The last try before the client is thrown away ends with its time.
            timeout=max(0.1, min(ANSWER_WITHIN, patience)),
            return_when=asyncio.FIRST_COMPLETED,
        )
        if call in done:
            return call.result()
        call.cancel()
        await asyncio.wait({call})
        if stopping in done:
            return None
        raise Unavailable("getUpdates: no answer in time")

    async def _get_updates(self, client: Client) -> list[Any]:
        query: dict[str, Any] = {
            "timeout": LONG_POLL,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            query["offset"] = self._offset
        url = f"{self._base}{self._token.reveal()}/getUpdates?{urlencode(query)}"
        with calling():
            body = await client.retrieve(url, read_timeout=LONG_POLL + 10.0)
        try:
            result = json.loads(body)["result"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise Unavailable("getUpdates: the answer is not readable") from None
        if not isinstance(result, list):
            raise Unavailable("getUpdates: the answer is not a list")
        return result

    def works(self) -> None:
        """Updates come, or it is not for us any more to say why they do not."""
        self._failures = self._conflicts = 0
        self._failing_since = None
        self._trouble(None)

    def failed(self, error: BotError) -> float:
        """How long to wait after a failure that leaves hope, of getUpdates or before it."""
        now = self._clock.now()
        self._failing_since = self._failing_since or now
        if now - self._failing_since >= TELL_AFTER:
            self._trouble(f"no updates come: {error}")
        if isinstance(error, Conflicted):
            self._conflicts += 1
            if self._conflicts == 1:
                logger.bind(error=str(error)).warning("polling_conflict")
            return CONFLICT_PAUSE
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        if isinstance(error, Unavailable) and error.retry_after is not None:
            pause = error.retry_after
        logger.bind(error=str(error), pause=pause).warning("polling_failed")
        return self._clock.jitter(pause)


def _next_offset(updates: list[Any]) -> int | None:
    """One past the last number; an update without one cannot be confirmed by itself."""
    numbers = [
        each["update_id"]
        for each in updates
        if isinstance(each, dict) and type(each.get("update_id")) is int
    ]
    return max(numbers) + 1 if numbers else None
