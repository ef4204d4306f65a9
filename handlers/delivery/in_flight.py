"""What is under way in one term of the sender: its tasks, their lines, their outcomes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from loguru import logger

from handlers.delivery.claims import Capacity, Claimed, ClaimResult, Claims, Line
from handlers.delivery.outcome import NextState
from handlers.delivery.outcome_recorder import Outcome, OutcomeRecorder
from supervisor.runtime.errors import BotError, Disposition, Misconfigured
from supervisor.runtime.term import Gate, Term

SLOTS = 24  #: deliveries under way at the same time, each of another line of a chat
BACKGROUND_SLOTS = 14  #: of these, what is not an answer
MOST_WITHOUT_SLOT = 200  #: deliveries that wait for bytes without a slot
RECORD_WITHIN = 2.0  #: seconds for writing down, at the very end, what they did


class InFlight:
    """What is under way in one term. Touched by the loop's thread only."""

    def __init__(
        self,
        term: Term,
        gate: Gate,
        claims: Claims,
        recorder: OutcomeRecorder,
        woken: asyncio.Event,
    ) -> None:
        self.term = term
        self.gate = gate
        self.woken = woken
        self.lines: set[Line] = set()
        self.toasts = 0
        self.slots = 0  #: of the lines, those that do not wait for bytes
        self.background = 0  #: of these, those that get something that is not an answer
        self.failure: BaseException | None = None
        #: A claim may have been committed without our hearing of it.
        self.in_doubt = False
        self._claims = claims
        self._recorder = recorder
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._settled: list[Outcome] = []
        self._without_slot: set[int] = set()  #: deliveries that wait for bytes, or for a slot
        self.returning = 0  #: of these, those that have their bytes
        self._freed = asyncio.Event()

    async def look(self, held: list[int], capacity: Capacity) -> ClaimResult:
        """Record what is settled, then claim what is next, each in transactions of its own.
        Raises what the database does; what cannot be recorded while other work can waits."""
        if self.in_doubt:
            known = {*self._tasks, *(claimed.id for claimed, _ in self._settled)}
            await asyncio.to_thread(self._claims.unclaim, self.term, known)
            self.in_doubt = False
        refused = await self._record()
        turn = await asyncio.to_thread(
            self._claims.claim, self.term, busy=set(self.lines), held=held, capacity=capacity
        )
        if refused is not None:
            logger.bind(error=str(refused)).warning("outcomes_not_recorded")
            self._recorder.others_get_through()
        await asyncio.to_thread(self._recorder.book_owed, self.term)
        return turn

    async def _record(self) -> BotError | None:
        """Record what can be; returns the error when nothing could be, which the claims show
        to be an outage or not."""
        outcomes = self._settled[:]
        if not outcomes:
            return None
        try:
            left: Sequence[Outcome] = await asyncio.to_thread(
                self._recorder.record, self.term, outcomes
            )
        except BotError as error:
            if error.disposition is not Disposition.RETRY:
                raise
            return error
        self._settled = [*left, *self._settled[len(outcomes) :]]
        return None

    def begin(self, claimed: Claimed, work: "asyncio._CoroutineLike[None]") -> None:
        if claimed.kind == "toast":
            self.toasts += 1
        else:
            self.lines.add(claimed.place)
            self._takes_slot(claimed, 1)
        task = asyncio.create_task(work)
        self._tasks[claimed.id] = task
        task.add_done_callback(lambda ended: self._ended(claimed, ended))

    @asynccontextmanager
    async def release_slot(self, claimed: Claimed) -> AsyncIterator[None]:
        """While it waits for bytes of a foreign host others have its slot; it waits for a slot
        before it goes on."""
        if len(self._without_slot) >= MOST_WITHOUT_SLOT:
            yield
            return
        self._takes_slot(claimed, -1)
        self._without_slot.add(claimed.id)
        self.woken.set()
        yield
        self.returning += 1
        try:
            while self.slots >= SLOTS or (
                claimed.is_background and self.background >= BACKGROUND_SLOTS
            ):
                self._freed.clear()
                await self._freed.wait()
        finally:
            self.returning -= 1
        self._without_slot.discard(claimed.id)
        self._takes_slot(claimed, 1)

    def _takes_slot(self, claimed: Claimed, change: int) -> None:
        self.slots += change
        self.background += change * claimed.is_background
        if change < 0:
            self._freed.set()

    def settle(self, claimed: Claimed, next_state: NextState) -> None:
        self._settled.append((claimed, next_state))

    def fail(self, error: Misconfigured) -> None:
        self.failure = error
        self.woken.set()

    async def finish(self, seconds: float) -> list[Outcome]:
        """The term ends: calls under way get a moment, and what they did is recorded.

        Returns what could not be: nobody else knows it.
        """
        tasks = set(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1.0)
        if self._settled and not self.gate.is_shut:
            refused: Exception | None
            try:
                refused = await asyncio.wait_for(self._record(), RECORD_WITHIN)
            except (BotError, TimeoutError) as error:
                refused = error
            if refused is not None:
                logger.bind(error=str(refused)).warning("outcomes_not_recorded")
        return self._settled

    def _ended(self, claimed: Claimed, task: asyncio.Task[None]) -> None:
        del self._tasks[claimed.id]
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
        if claimed.kind == "toast":
            self.toasts -= 1
        else:
            self.lines.discard(claimed.place)
            if claimed.id in self._without_slot:
                self._without_slot.discard(claimed.id)
            else:
                self._takes_slot(claimed, -1)
        self.woken.set()
