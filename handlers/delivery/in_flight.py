"""The deliveries under way in one term of the sender: tasks, lines, slots, outcomes."""

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
BACKGROUND_SLOTS = 14  #: of these, the most for deliveries that are no answers
MOST_WITHOUT_SLOT = 200  #: deliveries that wait for a download without a slot
RECORD_WITHIN = 2.0  #: seconds for the last recording of outcomes


class InFlight:
    """The deliveries of one term. Used by the event loop's thread only."""

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
        self.slots = 0  #: of the lines, those that do not wait for a download
        self.background = 0  #: of these, those with a background delivery
        self.failure: BaseException | None = None
        #: A commit of claims went unanswered: it may have happened.
        self.in_doubt = False
        self._claims = claims
        self._recorder = recorder
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._settled: list[Outcome] = []
        self._without_slot: set[int] = (
            set()
        )  #: deliveries that wait for a download, or for a slot after it
        self.returning = 0  #: of these, those whose download has ended
        self._freed = asyncio.Event()

    async def look(self, held: list[int], capacity: Capacity) -> ClaimResult:
        """Record the outcomes, then claim what is next, in separate transactions. Raises what
        the database does. An outcome that cannot be recorded while other writes can is kept."""
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
        """Record what can be recorded. Returns the error when nothing could be; whether that is
        an outage is seen when the claims are written."""
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
        """Release the slot for the time of a download, and wait for a free one after it."""
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
        """End of the term: wait ``seconds`` for calls under way, and record their outcomes.

        Returns the outcomes that could not be recorded: the next term records them.
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
