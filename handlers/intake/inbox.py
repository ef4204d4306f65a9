"""The inbox: updates are committed, many in one statement, and then acknowledged.

One writer thread serves all requests (group commit): the updates that arrive during a commit share
the next statement. A caller gets its answer when its own row is committed. Every instance stores,
ACTIVE or not.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from threading import Condition, Event

from loguru import logger

import sql
from handlers.intake.envelope import Envelope, unreadable
from handlers.intake.store_request import Done, Patience, StoreRequest
from supervisor.database.transactions import Database
from supervisor.runtime.errors import BotError, Rejected, Unavailable
from supervisor.runtime.progress import ROUND, Progress
from supervisor.runtime.threads import BackgroundThread
from supervisor.runtime.wakeups import CHECKOUTS, INBOX
from supervisor.telemetry.log_throttle import LogThrottle
from supervisor.telemetry.metrics import Metrics

COMMIT_WITHIN = 10.0  #: seconds; Telegram itself would wait 60
BATCH = 500  #: updates in one statement
BATCH_BYTES = 8 * 1024 * 1024  #: of bodies in one statement, plus at most one body
MOST_WAITING = 5000  #: updates; more are refused at once
MOST_BYTES = 64 * 1024 * 1024  #: the same for their bodies
#: Seconds for which an ``update_id`` counts as a repetition. Telegram repeats an update for 24
#: hours at most, and may use a number again after a week without updates.
REMEMBERED = 72 * 3600.0

_SQL = sql.load("intake")


class Inbox:
    """``store`` from coroutines; the writer runs between ``start`` and ``stop``."""

    def __init__(
        self,
        database: Database,
        bot_id: int,
        *,
        metrics: Metrics,
        on_press: Callable[[int, str], None] = lambda *_: None,
        on_stored: Callable[[], None] = lambda: None,
        refused: Callable[[str | None], None] = lambda _: None,
        progress: Progress | None = None,
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._metrics = metrics
        #: Called with update id and query id of each press that is committed.
        self._on_press = on_press
        #: Called after each commit that has stored an update; from the writer's thread.
        self._on_stored = on_stored
        #: Called with the reason when updates were not stored, with None when they were.
        self._refused = refused
        self._progress = progress
        self._waiting: deque[StoreRequest] = deque()
        self._count = self._bytes = 0
        self._patience = Patience()
        self._changed = Condition()
        self._stopping = False
        self._outage = LogThrottle()
        self._writer = BackgroundThread("inbox-writer", self._write)

    def start(self) -> None:
        self._writer.start()

    def stop(self) -> None:
        """Commit what waits and refuse new updates."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._writer.stop()

    def join(self, seconds: float) -> bool:
        return self._writer.join(seconds)

    @property
    def failure(self) -> BaseException | None:
        return self._writer.failure

    async def store(self, envelopes: Sequence[Envelope]) -> None:
        """Return when all are committed.

        Raises ``Unavailable`` when the database is away or too slow: the updates may be
        stored or not, and sending them again is harmless.
        """
        if not envelopes:
            return
        error = await self._commit_with_others(envelopes)
        self._count_answer(envelopes, error)
        if error is not None:
            raise error

    def put(self, envelope: Envelope, done: Done) -> None:
        """The same without a coroutine: ``done`` is called, perhaps at once, with the error."""

        def stored(error: BotError | None) -> None:
            self._count_answer((envelope,), error)
            done(error)

        self._enqueue((envelope,), stored)

    async def prove(self) -> None:
        """Prove that an update could be stored now: the writer runs the same statement, without
        rows. Raises as ``store`` does."""
        error = await self._commit_with_others(())
        if error is not None:
            raise error

    async def _commit_with_others(self, envelopes: Sequence[Envelope]) -> BotError | None:
        answer: asyncio.Future[BotError | None] = asyncio.get_running_loop().create_future()

        def stored(error: BotError | None) -> None:
            if not answer.done():  # else its caller is gone
                answer.set_result(error)

        self._enqueue(envelopes, stored)
        return await answer

    def _enqueue(self, envelopes: Sequence[Envelope], done: Done) -> None:
        loop = asyncio.get_running_loop()
        waiting = StoreRequest(envelopes, done, loop, loop.time() + COMMIT_WITHIN)
        with self._changed:
            full = self._count >= MOST_WAITING or self._bytes >= MOST_BYTES
            if not self._stopping and not full:
                self._waiting.append(waiting)
                self._count += len(envelopes)
                self._bytes += waiting.size
                if len(self._waiting) == 1:  # else the writer is at work and looks again
                    self._changed.notify()
                self._patience.expect(waiting)
                return
        waiting.tell(Unavailable("the inbox takes no more at the moment", retry_after=1))

    def _count_answer(self, envelopes: Sequence[Envelope], error: BotError | None) -> None:
        self._refused(None if error is None else str(error))
        if error is not None:
            self._metrics.updates_refused.inc(len(envelopes))
            return
        for each in envelopes:
            if each.query_id is not None and each.update_id is not None:
                self._on_press(each.update_id, each.query_id)

    # ------------------------------------------------------- writer's thread --

    def _write(self, _stop: Event) -> None:
        while batch := self._gather():
            try:
                self._commit(batch)
            except Exception as error:  # noqa: BLE001 the guard of one batch: the writer goes on
                logger.opt(exception=error).error("inbox_broken")
                for waiting in batch:
                    waiting.error = Unavailable("the inbox is broken", retry_after=1)
            self._answer(batch)

    def _gather(self) -> list[StoreRequest]:
        """The requests that wait, up to ``BATCH`` updates; [] at the end."""
        with self._changed:
            while not self._changed.wait_for(lambda: self._waiting or self._stopping, ROUND):
                self._alive()
            self._alive()
            batch: list[StoreRequest] = []
            count = size = 0
            while self._waiting and count < BATCH and size < BATCH_BYTES:
                waiting = self._waiting.popleft()
                count += len(waiting.envelopes)
                size += waiting.size
                batch.append(waiting)
            self._count -= count
            self._bytes -= size
        return batch

    def _alive(self) -> None:
        if self._progress is not None:
            self._progress.beat("inbox-writer")

    def _commit(self, batch: list[StoreRequest]) -> None:
        try:
            self._insert([each for waiting in batch for each in waiting.envelopes])
        except BotError as error:
            if isinstance(error, Rejected):
                # PostgreSQL refuses one of these rows: store each by itself.
                self._commit_singly(batch)
                return
            level, more = self._outage.level()
            told = logger.bind(updates=len(batch), error=str(error), more=more)
            told.log(level, "inbox_not_committed")
            for waiting in batch:
                waiting.error = Unavailable(str(error), retry_after=1)

    def _commit_singly(self, batch: list[StoreRequest]) -> None:
        for waiting in batch:
            try:
                if not waiting.envelopes:  # a proof
                    self._insert([])
                for envelope in waiting.envelopes:
                    self._insert_or_set_aside(envelope)
            except BotError as error:
                waiting.error = Unavailable(str(error), retry_after=1)

    def _insert_or_set_aside(self, envelope: Envelope) -> None:
        try:
            self._insert([envelope])
        except BotError as error:
            if not isinstance(error, Rejected):
                raise
            logger.bind(update_id=envelope.update_id, error=str(error)).error("update_refused")
            self._insert([unreadable(repr(envelope.body).encode(), f"not storable: {error}")])

    def _insert(self, envelopes: list[Envelope]) -> None:
        with self._database.transaction() as tx:
            stored = tx.run(
                _SQL["store_updates"],
                {
                    "bot_id": self._bot_id,
                    "update_ids": [each.update_id for each in envelopes],
                    "lanes": [each.lane for each in envelopes],
                    "kinds": [each.kind for each in envelopes],
                    "bodies": [each.body for each in envelopes],
                    "states": [each.state for each in envelopes],
                    "errors": [each.error for each in envelopes],
                    "remembered": REMEMBERED,
                },
            )
            tx.wake(INBOX)
            if any(each.is_checkout for each in envelopes):
                tx.wake(CHECKOUTS)
        if stored:
            self._on_stored()
        self._count_stored(envelopes, stored)

    def _count_stored(self, envelopes: list[Envelope], stored: int) -> None:
        unreadable = sum(each.error is not None for each in envelopes)
        received = self._metrics.updates_received
        received.labels(outcome="unreadable").inc(unreadable)
        received.labels(outcome="stored").inc(stored - unreadable)
        received.labels(outcome="repeated").inc(len(envelopes) - stored)

    def _answer(self, batch: list[StoreRequest]) -> None:
        # One call into each loop for the whole batch, not one per update.
        loops: dict[asyncio.AbstractEventLoop, list[StoreRequest]] = {}
        for waiting in batch:
            loops.setdefault(waiting.loop, []).append(waiting)
        for loop, waitings in loops.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_tell, waitings)


def _tell(waitings: list[StoreRequest]) -> None:
    for waiting in waitings:
        waiting.tell(waiting.error)
