"""Early answers to button presses, so that the button's spinner ends in time.

Every instance watches the presses that it has stored itself. A press that is unanswered after
``PATIENCE`` (nobody is ACTIVE, the lane is long, its handler keeps failing, the sender waits) is
claimed in the database and answered here: with the text that waits in the outbox, else without
text. The handler finds the claim and sends its text as a message.

``answerCallbackQuery`` is the only call that an instance makes without being ACTIVE. It cannot
conflict with another instance: Telegram refuses a second answer, and that is no error here.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from loguru import logger

import sql
from supervisor.database.transactions import Database, Row
from supervisor.runtime.errors import BotError, OutcomeUnknown, Unavailable
from supervisor.telemetry.metrics import Metrics

PATIENCE = 1.2  #: seconds; an answer must be there within two
#: Seconds before the next look at a press whose update is being handled.
LOOK_AGAIN = 0.3
LOOKS = 5
AT_ONCE = 8  #: answers that are under way at the same time
MOST = 2000  #: presses that are watched; further ones get no early answer
ANSWER_WITHIN = 5.0  #: seconds for one call
AGAIN_PAUSE = 0.4  #: seconds before the one repetition of a call that failed

_SQL = sql.load("intake")


class Answer(Protocol):
    """``Endpoint.answer_press``. Raises only children of ``BotError``."""

    async def __call__(self, query_id: str, *, text: str | None, alert: bool) -> None: ...


@dataclass(slots=True)
class _Press:
    update_id: int
    query_id: str
    looks: int = 0


@dataclass(slots=True)
class CallbackAnswers:
    """Used from one event loop; ``close`` ends what is under way."""

    database: Database
    bot_id: int
    answer: Answer
    metrics: Metrics
    _open: dict[str, _Press] = field(default_factory=dict)
    _due: list[_Press] = field(default_factory=list)
    _task: asyncio.Task[None] | None = None
    _calls: set[asyncio.Task[None]] = field(default_factory=set)
    _closed: bool = False

    def expect(self, update_id: int, query_id: str) -> None:
        """A press was stored: look at it again after ``PATIENCE``."""
        if len(self._open) < MOST and query_id not in self._open and not self._closed:
            press = self._open[query_id] = _Press(update_id, query_id)
            asyncio.get_running_loop().call_later(PATIENCE, self._patience_ends, press)

    def answered(self, query_id: str) -> None:
        """The sender has answered it."""
        self._open.pop(query_id, None)

    async def close(self) -> None:
        self._closed = True
        self._open.clear()
        under_way = self._calls | ({self._task} if self._task is not None else set())
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)

    # --------------------------------------------------------------- internal --

    def _patience_ends(self, press: _Press) -> None:
        if self._open.get(press.query_id) is not press:
            return
        self._due.append(press)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer_due())

    async def _answer_due(self) -> None:
        while self._due:
            due, self._due = self._due, []
            try:
                rows = await asyncio.to_thread(self._claim, due)
            except Exception as error:  # noqa: BLE001 whatever the database says, the spinner ends
                logger.bind(presses=len(due), error=str(error)).warning("presses_not_claimed")
                # Answer without a claim: Telegram refuses a second answer.
                rows = [{"query_id": each.query_id, "payload": None, "busy": False} for each in due]
            busy = {row["query_id"] for row in rows if row["busy"]}
            for press in due:
                self._again_or_forget(press, in_work=press.query_id in busy)
            for row in rows:
                if not row["busy"]:
                    await self._begin_call(row)

    async def _begin_call(self, row: Row) -> None:
        """Returns at once, unless ``AT_ONCE`` others are under way."""
        while len(self._calls) >= AT_ONCE:
            await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)
        call = asyncio.create_task(self._say(row))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)

    def _again_or_forget(self, press: _Press, *, in_work: bool) -> None:
        press.looks += 1
        if in_work and press.looks < LOOKS and not self._closed:
            asyncio.get_running_loop().call_later(LOOK_AGAIN, self._patience_ends, press)
        elif self._open.get(press.query_id) is press:
            del self._open[press.query_id]

    def _claim(self, presses: Sequence[_Press]) -> list[Row]:
        with self.database.transaction() as tx:
            return tx.all(
                _SQL["claim_presses"],
                {
                    "bot_id": self.bot_id,
                    "update_ids": [each.update_id for each in presses],
                    "query_ids": [each.query_id for each in presses],
                },
            )

    async def _say(self, row: Row) -> None:
        words = row["payload"] or {"text": "", "alert": False}
        for last in (False, True):
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await self.answer(
                        row["query_id"], text=words["text"] or None, alert=bool(words["alert"])
                    )
            except (BotError, TimeoutError) as error:
                logger.bind(error=str(error)).debug("press_not_answered_early")
                if last or not isinstance(error, Unavailable | OutcomeUnknown):
                    return
            else:
                self.metrics.presses_answered_early.inc()
                return
            await asyncio.sleep(AGAIN_PAUSE)
