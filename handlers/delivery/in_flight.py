"""The deliveries under way in one term of the sender: tasks, lines, slots, outcomes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TypeAlias

from loguru import logger

from handlers.delivery.chat_state import Outcome
from handlers.delivery.claimed import NEED, Claimed, EarlyClaims, Line, Receiver
from handlers.delivery.claims import Capacity, ClaimResult, Claims
from handlers.delivery.outcome import RECORD_SOON, NextState, record_within
from handlers.delivery.outcome_recorder import OutcomeRecorder
from supervisor.runtime.errors import BotError, Disposition, Misconfigured
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import Alarm

SLOTS = 24  #: deliveries under way at the same time, each of another line of a chat
BACKGROUND_SLOTS = 14  #: of these, the most for deliveries that are no answers
MOST_WITHOUT_SLOT = 200  #: deliveries that wait for a download without a slot
#: Seconds from one recording to that of further answers when nothing waits for them.
RECORD_APART = 0.05
EARLY_WITHIN = 5.0  #: seconds for transactions with early claims at the end of a term
RECORD_WITHIN = 2.0  #: seconds for the last recording of outcomes

#: What sends one delivery.
SendWork: TypeAlias = "asyncio._CoroutineLike[None]"


class InFlight:
    """The deliveries of one term. Used by the event loop's thread only."""

    def __init__(
        self, term: Term, gate: Gate, claims: Claims, recorder: OutcomeRecorder, early: EarlyClaims
    ) -> None:
        self.term, self.gate, self.woken = term, gate, asyncio.Event()
        #: The table may hold something that the last claim did not see.
        self.must_look = True
        self._ending = False  #: no early claim is begun any more
        self._over = False  #: nothing is taken any more
        self.lines: set[Line] = set()
        self.toasts = 0
        self.slots = 0  #: of the lines, those that do not wait for a download
        self.background = 0  #: of these, those with a background delivery
        self.failure: BaseException | None = None
        #: A commit of claims went unanswered: it may have happened.
        self.in_doubt = False
        self._early, self._claims, self._recorder = early, claims, recorder
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._settled: list[Outcome] = []
        #: Deliveries that wait for a download, or for a slot after it.
        self._without_slot: set[int] = set()
        self.returning = 0  #: of these, those whose download has ended
        self._freed = asyncio.Event()
        self._awaited = True  #: deliveries wait for the end of others
        #: Toasts or background deliveries may wait for the end of others.
        self._rationed = True
        self._alarm = Alarm(self.woken.set)
        self._recorded_at = float("-inf")

    def wake(self) -> None:
        """Something may be due that the last claim did not see."""
        self.must_look = True
        self.woken.set()

    async def record_sent(self) -> None:
        """Record outcomes after which nothing becomes due. If one of them is of another kind, or
        cannot be recorded, ``must_look`` is set instead."""
        # If others wait, one of them ended during the look that found out who waits for it.
        others_wait = bool(self._settled) and self._awaited
        if others_wait or any(each.state != "sent" for _, each in self._settled):
            self.must_look = True
            return
        refused = await self._record()
        if refused is not None or not self._recorder.is_settled:
            self.must_look = True

    async def look(self, held: list[int], capacity: Capacity) -> ClaimResult:
        """Record the outcomes, then claim what is next, in separate transactions. Raises what
        the database does. An outcome that cannot be recorded while other writes can is kept."""
        if self.in_doubt and self._early.pause():
            await asyncio.to_thread(self._claims.unclaim, self.term, self._known)
            self.in_doubt = False
            self._early.resume()
        refused = await self._record()
        self.must_look = False  # what is announced from here on may be too late for this claim
        busy = {*self.lines, *self._early.lines}
        try:
            turn = await asyncio.to_thread(
                self._claims.claim, self.term, busy=busy, held=held, capacity=capacity
            )
            await asyncio.to_thread(self._recorder.book_owed, self.term)
        except BaseException:
            self.in_doubt = True  # a part of the claims may be committed
            raise
        if any(n not in self._known and at not in self._early.lines for n, at in turn.ours):
            # Claimed by a commit that was taken for lost and was made later.
            self.early_ended(in_doubt=True)
        self._awaited = bool(turn.waiting) or len(turn.claimed) >= capacity.slots
        toasts = sum(claimed.kind == "toast" for claimed in turn.claimed)
        full = toasts >= capacity.toasts
        self._rationed = full or turn.rationed or self._claims.news_may_wait
        if refused is not None:
            logger.bind(error=str(refused)).warning("outcomes_not_recorded")
            self._recorder.others_get_through()
        return turn

    @property
    def _known(self) -> set[int]:
        """The deliveries that are in work."""
        return {*self._tasks, *(claimed.id for claimed, _ in self._settled)}

    async def _record(self) -> BotError | None:
        """Record what can be recorded. Returns the error when nothing could be; whether that is
        an outage is seen when the claims are written."""
        outcomes = self._settled[:]
        if not outcomes:
            return None
        self._recorded_at = asyncio.get_running_loop().time()
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

    def begin(self, claimed: Claimed, work: SendWork) -> None:
        if claimed.kind == "toast":
            self.toasts += 1
        else:
            self.lines.add(claimed.place)
            self._takes_slot(claimed, 1)
        task = asyncio.create_task(work)
        self._tasks[claimed.id] = task
        task.add_done_callback(lambda ended: self._ended(claimed, ended))

    def receiver(
        self, admits: Callable[[Line, int], bool], send: Callable[[Claimed], SendWork]
    ) -> Receiver:
        """Takes what transactions have claimed for this term. ``admits`` is asked in any thread:
        whether the sender has room beside so many reservations."""

        def begin(claimed: Claimed) -> None:
            self._early.begun(claimed.place)
            if self._ending and not self._over:
                self.settle(claimed, NextState("pending", untried=True))
            elif not self._over:
                self.begin(claimed, send(claimed))
            if self.in_doubt or not self._early.is_open:
                self.wake()  # it waits for the end of all reservations

        def may(place: Line, reserved: int) -> bool:
            trusted = self.gate.remaining() >= NEED
            return trusted and place not in self.lines and admits(place, self.slots + reserved)

        loop = asyncio.get_running_loop()
        return self._early.receiver(loop, self.term, may, begin, self.early_ended)

    def end_early(self, receiver: Receiver) -> None:
        """The term ends: what transactions under way still claim is given back."""
        self._ending = True
        self._early.close(receiver)

    async def _take_last(self, seconds: float) -> None:
        """Wait for transactions with early claims."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._early.lines:
                    self.woken.clear()
                    await self.woken.wait()

    def early_ended(self, in_doubt: bool) -> None:
        """A reservation of an early claim has ended without a delivery that is known."""
        self.in_doubt = self.in_doubt or in_doubt
        self.wake()

    @asynccontextmanager
    async def release_slot(self, claimed: Claimed) -> AsyncIterator[None]:
        """Release the slot for the time of a download, and wait for a free one after it."""
        if len(self._without_slot) >= MOST_WITHOUT_SLOT:
            yield
            return
        self._takes_slot(claimed, -1)
        self._without_slot.add(claimed.id)
        self.wake()
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
        soon = record_within(claimed.payload["do"], next_state.state)
        if claimed.kind == "answer":
            apart = self._recorded_at + RECORD_APART - asyncio.get_running_loop().time()
            soon = max(soon, apart)
        self._alarm.within(soon)

    def fail(self, error: Misconfigured) -> None:
        self.failure = error
        self.woken.set()

    async def finish(self, seconds: float) -> list[Outcome]:
        """End of the term: wait ``seconds`` for calls under way, and record their outcomes.

        Returns the outcomes that could not be recorded: the next term records them.
        """
        over_at = asyncio.get_running_loop().time() + seconds
        if not self.gate.is_shut:  # else the next term begins them
            await self._take_last(min(seconds, EARLY_WITHIN))
        self._over = True
        seconds = max(0.0, over_at - asyncio.get_running_loop().time())
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
        self.must_look = self.must_look or self._rationed
        if self._awaited or self._without_slot or self.failure is not None:
            self.wake()
        elif self.must_look:
            self._alarm.within(RECORD_SOON)


class Recovery:
    """What earlier terms have begun and not recorded. First come the outcomes that this process
    knows; then every other delivery that an ended term had begun gets its next state."""

    def __init__(self, recorder: OutcomeRecorder) -> None:
        self._recorder = recorder
        self._unrecorded: list[tuple[Term, Sequence[Outcome]]] = []

    def keep(self, term: Term, outcomes: Sequence[Outcome]) -> None:
        """Outcomes of an ended term that could not be recorded."""
        self._unrecorded.append((term, outcomes))

    async def run(self, term: Term) -> bool:
        """Record what can be recorded. False: call it again; other deliveries do not wait for
        that. Raises what the database does in an outage."""
        try:
            while self._unrecorded:
                earlier, outcomes = self._unrecorded[-1]
                left = await asyncio.to_thread(
                    self._recorder.record, term, outcomes, claimed_by=earlier
                )
                self._unrecorded[-1] = (earlier, left)
                if left:
                    return False
                self._unrecorded.pop()
            return await asyncio.to_thread(self._recorder.recover, term)
        except BotError as error:
            if error.disposition is not Disposition.RETRY:
                raise
            # If this read fails too, it is an outage.
            await asyncio.to_thread(self._recorder.silence_left)
            self._recorder.others_get_through()
            return False
