"""Polling: our own loop over getUpdates, since an update is committed before it is confirmed.

The offset moves only after the commit; the next getUpdates confirms it. Answers are read as plain
JSON: an update of an unknown shape must not stop the ones behind it. When an answer is not JSON,
updates are fetched one at a time; the unreadable one is stored for the operator and skipped.

Each request has a deadline. After ``STALE_AFTER`` seconds without a good answer the HTTP client is
replaced.
"""

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any, Protocol

from loguru import logger

from handlers.bot_api.errors import Conflict, UnreadableAnswer, until_open
from handlers.intake.envelope import ALLOWED_UPDATES, envelope_of_update, unreadable
from handlers.intake.inbox import Inbox
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Misconfigured, Unavailable
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause
from supervisor.telemetry.metrics import Metrics

LONG_POLL = 25  #: seconds that Telegram holds an empty answer
ANSWER_WITHIN = LONG_POLL + 15.0  #: seconds after which a connection counts as dead
STALE_AFTER = 90.0  #: seconds without a good answer: a new client
#: Seconds of trust that must be left when the call begins. Its only effect is to confirm updates
#: that are committed.
NEED = 1.0
PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  #: seconds after failures in a row
CONFLICT_PAUSE = 3.0
#: Seconds between two answers without updates. Telegram holds them; a server or proxy in between
#: that does not would be asked without end.
EMPTY_PAUSE = 1.0
#: Seconds of failures after which the operators are told; the conflicts of a hand-over are over by
#: then.
TELL_AFTER = 30.0

#: The beginning of a good answer of Telegram, and the number of its first update.
_BEGINS_WELL = re.compile(rb'\s*\{\s*"ok"\s*:\s*true')
_NUMBER = re.compile(rb'"update_id"\s*:\s*([0-9]{1,15})[^0-9]')


class Client(Protocol):
    """What is used of ``Endpoint``."""

    async def call(self, method: str, *, within: float, data: Any) -> Any: ...

    async def close(self) -> None: ...


class Polling:
    """The body of a ``LoopService``: ``run`` until the term's stop."""

    def __init__(
        self,
        *,
        make_client: Callable[[], Client],
        inbox: Inbox,
        clock: Clock,
        metrics: Metrics,
        trouble: Callable[[str | None], None] = lambda _: None,
    ) -> None:
        self._metrics = metrics
        #: Called with the reason why no updates come, with None when they come again.
        self._trouble = trouble
        self._make_client = make_client
        self._inbox = inbox
        self._clock = clock
        self._offset: int | None = None
        self._one_by_one = False  #: after an answer that is not JSON
        self._unconfirmed: list[Any] = []  #: the last answer, if no update in it has a number
        self._failures = 0
        self._conflicts = 0
        self._good_at = clock.now()
        self._failing_since: float | None = None

    async def run(self, _term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Poll until ``stop``. Raises ``Misconfigured`` when the token is refused."""
        # Another instance may have confirmed other updates since.
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
        """Poll with one HTTP client until it gets no more answers or the term ends."""
        client = self._make_client()
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
            await client.close()

    async def _once(self, client: Client, gate: Gate, stopping: asyncio.Task[Any]) -> float:
        """One getUpdates and its commit. Returns the pause before the next one."""
        if (wait := until_open(gate, NEED)) > 0:
            return wait
        asked = self._clock.now()
        try:
            taken = await self._took_some(client, stopping)
            if taken is None:
                return 0.0
        except Misconfigured:
            raise
        except BotError as error:
            return self.failed(error)
        self.works()
        at_once = self._clock.now() < asked + EMPTY_PAUSE
        return self._clock.jitter(EMPTY_PAUSE) if at_once and not taken else 0.0

    async def _took_some(self, client: Client, stopping: asyncio.Task[Any]) -> int | None:
        """Fetch and commit updates, and allow their confirmation. Returns how many there were;
        None: the term has ended."""
        taken = 1
        try:
            updates = await self._fetch(client, stopping)
        except UnreadableAnswer as error:
            await self._step_over(error)
        else:
            if updates is None:
                return None
            taken = len(updates)
            if not updates or updates != self._unconfirmed:
                await self._inbox.store([envelope_of_update(update) for update in updates])
            self._confirm(updates)
        self._good_at = self._clock.now()
        return taken

    def _confirm(self, updates: list[Any]) -> None:
        """Move the offset: the next getUpdates confirms all updates up to it."""
        offset = _next_offset(updates)
        if updates and offset is None:
            if self._offset is not None and updates == self._unconfirmed:
                # Try the next number: the next answer shows whether that confirmed it.
                self._offset += 1
            # They will be sent again: store them once, and poll with growing pauses.
            self._unconfirmed = updates
            raise Unavailable("getUpdates: no update has a number")
        self._unconfirmed = []
        self._offset = offset or self._offset
        self._one_by_one = self._one_by_one and bool(updates)

    async def _step_over(self, error: UnreadableAnswer) -> None:
        """Fetch one at a time to find the unreadable update, then store and skip it."""
        if _BEGINS_WELL.match(error.body) is None:
            raise error  # not from Telegram
        if not self._one_by_one:
            self._one_by_one = True
            return
        found = _NUMBER.search(error.body)
        number = self._offset if found is None else int(found[1])
        if number is None:
            raise error
        await self._inbox.store([unreadable(error.body, "not JSON")])
        logger.bind(update_id=number).error("update_stepped_over")
        self._offset, self._one_by_one = number + 1, False

    async def _fetch(self, client: Client, stopping: asyncio.Task[Any]) -> list[Any] | None:
        """The updates, or None when the term ended before they came."""
        call = asyncio.create_task(self._get_updates(client))
        patience = self._good_at + STALE_AFTER - self._clock.now()
        done, _ = await asyncio.wait(
            {call, stopping},
            # The last try before the client is replaced ends at that time.
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
        query: dict[str, str] = {
            "timeout": str(LONG_POLL),
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
        }
        if self._offset is not None:
            query["offset"] = str(self._offset)
        if self._one_by_one:
            query["limit"] = "1"
        result = await client.call("getUpdates", within=LONG_POLL + 10.0, data=query)
        if not isinstance(result, list):
            raise Unavailable("getUpdates: the answer is not a list")
        return result

    def works(self) -> None:
        """Updates come, or this instance polls no more: report no trouble."""
        self._failures = self._conflicts = 0
        self._failing_since = None
        self._trouble(None)

    def failed(self, error: BotError) -> float:
        """Seconds to wait after a failure of getUpdates, or of removing the webhook before it."""
        now = self._clock.now()
        self._failing_since = self._failing_since or now
        if now - self._failing_since >= TELL_AFTER:
            self._trouble(f"no updates come: {error}")
        if isinstance(error, Conflict):
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
    """One more than the largest number; None: no update has a number."""
    numbers = [
        each["update_id"]
        for each in updates
        if isinstance(each, dict) and type(each.get("update_id")) is int
    ]
    return max(numbers) + 1 if numbers else None
