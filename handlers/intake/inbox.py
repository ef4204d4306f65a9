"""The inbox: updates are committed, many in one statement, and then acknowledged.

One writer thread serves all requests (group commit): the updates that arrive during a commit share
the next statement. A caller gets its answer when its own row is committed. Every instance stores,
ACTIVE or not. While ACTIVE, what ``put`` brings is offered to ``Direct`` first.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from math import inf
from threading import Condition, Event
from typing import Any

from loguru import logger

from handlers.intake.envelope import Envelope
from handlers.intake.new_rows import NewRows
from handlers.intake.store_request import Direct, Done, Patience, StoreRequest
from supervisor.database.transactions import Database
from supervisor.runtime.errors import BotError, Unavailable
from supervisor.runtime.progress import ROUND, Progress
from supervisor.runtime.threads import BackgroundThread
from supervisor.telemetry.metrics import Metrics

BATCH = 500  #: updates in one statement
BATCH_BYTES = 8 * 1024 * 1024  #: of bodies in one statement, plus at most one body
MOST_WAITING = 5000  #: updates; more are refused at once
MOST_BYTES = 64 * 1024 * 1024  #: the same for their bodies


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
        self._rows = NewRows(database, bot_id, metrics, on_stored)
        self._metrics = metrics
        #: Called with update id and query id of each press that is committed.
        self._on_press = on_press
        #: Called after each commit that has stored an update, in the thread that has made it.
        self._on_stored = on_stored
        #: Called with the reason when updates were not stored, with None when they were.
        self._refused = refused
        self._progress = progress
        self._waiting: deque[StoreRequest] = deque()
        self._count = self._bytes = 0
        self._lanes: dict[int, int] = {}  #: of updates that wait, or are being stored
        self._direct: Direct | None = None
        self._patience = Patience()
        self._changed = Condition()
        self._stopping = False
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

    def put(self, envelope: Envelope, update: Any, done: Done) -> None:
        """The same without a coroutine: ``done`` is called, perhaps at once, with the error.
        ``update`` is the JSON: the update may be handled by the transaction that stores it."""

        def stored(error: BotError | None) -> None:
            self._count_answer((envelope,), error)
            done(error)

        request = StoreRequest.made((envelope,), stored)
        # While an older update of the lane is being stored, this one must not be handled before it.
        direct = self._direct  # once: a stop takes it away in another thread
        if direct is not None and envelope.lane not in self._lanes:
            request.update = update
            if direct.takes(request):
                self._patience.expect(request)
                return
        self._enqueue(request)

    def hand_to(self, direct: Direct | None) -> None:
        """From now on new updates are offered to ``direct`` first."""
        self._direct = direct

    def put_back(self, requests: Sequence[StoreRequest]) -> None:
        """Store what ``direct`` has taken and not handled. From any thread."""
        if not self._accept(requests, most=inf):
            for request in requests:
                request.error = _full()
                request.ended()
            self._answer(requests)

    def handled(self, requests: Sequence[StoreRequest], told: Callable[[], None]) -> None:
        """``direct`` has stored and handled these. From any thread. ``told`` is called in their
        loop after they were answered."""
        self._metrics.updates_received.labels(outcome="stored").inc(len(requests))
        self._answer(requests, told)
        self._on_stored()

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

        self._enqueue(StoreRequest.made(envelopes, stored))
        return await answer

    def _enqueue(self, request: StoreRequest) -> None:
        if self._accept((request,), most=1.0):
            self._patience.expect(request)
        else:
            request.tell(_full())

    def _accept(self, requests: Sequence[StoreRequest], most: float) -> bool:
        """The writer stores them. False: it takes no more, since ``most`` times what may wait does,
        or it stops."""
        with self._changed:
            full = self._count >= most * MOST_WAITING or self._bytes >= most * MOST_BYTES
            if self._stopping or full:
                return False
            if not self._waiting:  # else the writer is at work and looks again
                self._changed.notify()
            self._waiting += requests
            for request in requests:
                request.update = None
                self._count += len(request.envelopes)
                self._bytes += request.size
                for each in request.envelopes:
                    self._lanes[each.lane] = self._lanes.get(each.lane, 0) + 1
        return True

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
                self._rows.commit(batch)
            except Exception as error:  # noqa: BLE001 the guard of one batch: the writer goes on
                logger.opt(exception=error).error("inbox_broken")
                for waiting in batch:
                    waiting.error = Unavailable("the inbox is broken", retry_after=1)
            self._leave_lanes(batch)
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

    def _leave_lanes(self, batch: Sequence[StoreRequest]) -> None:
        with self._changed:
            for request in batch:
                for each in request.envelopes:
                    # The event loop looks without the lock: a lane with more is always there.
                    if self._lanes[each.lane] > 1:
                        self._lanes[each.lane] -= 1
                    else:
                        del self._lanes[each.lane]
        for request in batch:
            request.ended()

    def _alive(self) -> None:
        if self._progress is not None:
            self._progress.beat("inbox-writer")

    def _answer(
        self, batch: Sequence[StoreRequest], told: Callable[[], None] = lambda: None
    ) -> None:
        # One call into each loop for the whole batch, not one per update.
        loops: dict[asyncio.AbstractEventLoop, list[StoreRequest]] = {}
        for waiting in batch:
            loops.setdefault(waiting.loop, []).append(waiting)
        for loop, waitings in loops.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_tell, waitings, told)


def _full() -> BotError:
    return Unavailable("the inbox takes no more at the moment", retry_after=1)


def _tell(waitings: list[StoreRequest], told: Callable[[], None]) -> None:
    for waiting in waitings:
        waiting.tell(waiting.error)
    told()
