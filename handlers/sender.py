"""The sender: deliveries to Telegram while ACTIVE, per chat in order, as fast as it may.

One loop and one task per delivery that is under way. The loop looks at the table when it
is woken, when a delivery has ended, or when the nearest one is due; never otherwise.
Answers to button presses have slots of their own and wait for no pacing.
"""

import asyncio
from collections import deque
from dataclasses import replace

from loguru import logger

from handlers.claims import Claimed, Claims, Outcome, Turn
from handlers.courier import NEED, Courier
from handlers.gateway import FOR_THE_STOP, Flooded, until_open
from handlers.pacing import UNASKED_BURST, UNASKED_RATE, Bucket, Pacing
from handlers.verdict import Closed, Sent, Verdict, judge
from handlers.waits import pause, until_stopped
from supervisor.clock import Clock
from supervisor.errors import BotError, Disposition, Misconfigured, OutcomeUnknown, Rejected
from supervisor.term import Gate, Term
from supervisor.wakeups import OUTBOX, Wakeups

SLOTS = 24  #: chats that are written to at the same time
TOASTS = 16  #: button presses that are answered at the same time
OUTAGE_PAUSE = 0.5  #: seconds before the database is asked again
DRAIN = 7.0  #: seconds that calls under way get when the term ends cleanly
#: Seconds that they get when it is lost: they cannot be called back, and an answer that is
#: heard saves a repetition. Well below ``Timing.loss``.
HEAR_OUT = 1.5
RECORD_WITHIN = 2.0  #: seconds for writing down, at the very end, what they did
#: So many chats refused for flooding within so many seconds: it is not the chats.
FLOOD_CHATS, FLOOD_WITHIN = 3, 2.0


class Sender:
    """The body of a ``LoopService``: ``run`` until the term's stop."""

    def __init__(self, *, claims: Claims, courier: Courier, clock: Clock, wakeups: Wakeups) -> None:
        self._claims = claims
        self._courier = courier
        self._clock = clock
        self._wakeups = wakeups
        self._pacing = Pacing()
        self._unasked = Bucket(UNASKED_RATE, UNASKED_BURST, UNASKED_BURST, clock.now())
        self._floods: deque[float] = deque(maxlen=FLOOD_CHATS)
        self._silent_until = clock.now()
        #: What calls of earlier terms did, when the database did not hear of it.
        self._unrecorded: list[tuple[Term, list[Outcome]]] = []

    async def run(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Send until ``stop``. Raises ``Misconfigured`` when the token is refused."""
        loop = asyncio.get_running_loop()
        woken = asyncio.Event()
        woken.set()

        def wake() -> None:
            loop.call_soon_threadsafe(woken.set)

        unsubscribe = self._wakeups.subscribe(OUTBOX, wake)
        round_ = _Round(term, gate, self._claims, woken)
        watch = asyncio.create_task(_when_set(stop, woken))
        deadline: float | None = None

        def grace() -> float:
            """A clean stop waits for the look at the table and the calls under way."""
            nonlocal deadline
            if deadline is None:
                deadline = self._clock.now() + (0.0 if gate.is_shut else DRAIN)
            return max(0.0, deadline - self._clock.now())

        try:
            await until_stopped(self._work(round_, stop), stop, grace=grace)
        finally:
            unsubscribe()
            watch.cancel()
            seconds = (HEAR_OUT if gate.is_shut else grace()) if stop.is_set() else 0.0
            self._unrecorded.append((term, await round_.finish(seconds)))

    async def _work(self, round_: "_Round", stop: asyncio.Event) -> None:
        recovered = False
        while not stop.is_set():
            round_.woken.clear()
            wait: float | None = until_open(round_.gate, NEED)
            if not wait:
                try:
                    if not recovered:
                        await asyncio.to_thread(self._recover, round_.term)
                        recovered = True
                    wait = await self._turn(round_)
                except BotError as error:
                    wait = self._outage(round_, error)
            if round_.failure is not None:
                raise round_.failure
            await pause(round_.woken, wait)

    def _recover(self, term: Term) -> None:
        """Settle what earlier terms had begun: what this process heard itself is known."""
        while self._unrecorded:
            self._claims.record_late(term, *self._unrecorded[-1])
            self._unrecorded.pop()
        self._claims.recover(term)

    async def _turn(self, round_: "_Round") -> float | None:
        """One look at the table. Returns the seconds until the next one is due."""
        now = self._clock.now()
        silence = max(0.0, self._silent_until - now)
        slots = 0 if silence else SLOTS - len(round_.chats)
        turn = await round_.look(self._pacing.held(now), slots, TOASTS - round_.toasts)
        for claimed in turn.claimed:
            round_.begin(claimed, self._send(round_, claimed))
        return self._next_look(turn, silence, bool(round_.chats))

    def _next_look(self, turn: Turn, silence: float, under_way: bool) -> float | None:
        now = self._clock.now()
        paced = [self._pacing.wait(chat, now) for chat in turn.waiting]
        waits = [wait for wait in paced if wait > 0.0]
        waits += [turn.due_in] if turn.due_in is not None else []
        waits += [silence] if silence and not under_way else []
        return min(waits) + 0.005 if waits else None

    async def _send(self, round_: "_Round", claimed: Claimed) -> None:
        """One delivery, from the call to its verdict."""
        outcome = await self._carry(round_, claimed)
        if isinstance(outcome, Misconfigured):
            # The token is refused: no delivery can succeed, and none is to blame.
            round_.fail(outcome)
            return
        if isinstance(outcome, BotError) and outcome.disposition is Disposition.STEP_DOWN:
            return
        verdict = judge(claimed.kind, claimed.tries, claimed.unknowns, outcome, claimed.age)
        if isinstance(outcome, Flooded):
            verdict = self._flooded(claimed, verdict)
        if verdict.state == "failed":
            logger.bind(
                delivery=claimed.id, kind=claimed.kind, job_id=claimed.job_id, error=verdict.error
            ).error("delivery_failed")
        elif verdict.unknown:
            logger.bind(delivery=claimed.id, kind=claimed.kind, state=verdict.state).warning(
                "delivery_unanswered"
            )
        round_.settle(claimed, verdict)

    async def _carry(self, round_: "_Round", claimed: Claimed) -> Sent | BotError:
        if not claimed.reachable:
            return Closed("the chat is closed to us")
        if claimed.kind == "notice":
            await asyncio.sleep(self._unasked.wait(self._clock.now()))
            self._unasked.take(self._clock.now())
        if claimed.kind != "toast":
            self._pacing.took(claimed.chat_id, self._clock.now())
        try:
            return await self._courier.carry(round_.gate, claimed.chat_id, claimed.payload)
        except BotError as error:
            return error
        except asyncio.CancelledError:
            return OutcomeUnknown("the term ended during the call")
        except Exception as error:  # noqa: BLE001 the guard of one item: others must go on
            logger.opt(exception=error).bind(delivery=claimed.id).error("delivery_broken")
            return Rejected(f"{type(error).__name__}: {error}")

    def _flooded(self, claimed: Claimed, verdict: Verdict) -> Verdict:
        """When several chats are refused at once, everything has to be silent."""
        now = self._clock.now()
        self._floods.append(now)
        logger.bind(chat_id=claimed.chat_id, seconds=verdict.pause).warning("flood_wait")
        if len(self._floods) == FLOOD_CHATS and now - self._floods[0] <= FLOOD_WITHIN:
            self._silent_until = max(self._silent_until, now + verdict.pause)
            logger.bind(seconds=verdict.pause).warning("flood_wait_for_all")
        return replace(verdict, pause=self._clock.jitter(verdict.pause) + 0.2 * verdict.pause)

    def _outage(self, round_: "_Round", error: BotError) -> float:
        if error.disposition is Disposition.STEP_DOWN:
            return FOR_THE_STOP
        if error.disposition is Disposition.GIVE_UP:
            raise error
        round_.in_doubt = round_.in_doubt or error.disposition is Disposition.ASK
        logger.bind(error=str(error)).warning("sender_paused")
        return OUTAGE_PAUSE


class _Round:
    """What is under way in one term. Touched by the loop's thread only."""

    def __init__(self, term: Term, gate: Gate, claims: Claims, woken: asyncio.Event) -> None:
        self.term = term
        self.gate = gate
        self.woken = woken
        self.chats: set[int] = set()
        self.toasts = 0
        self.failure: BaseException | None = None
        #: A claim may have been committed without our hearing of it.
        self.in_doubt = False
        self._claims = claims
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._settled: list[Outcome] = []

    async def look(self, held: list[int], slots: int, toasts: int) -> Turn:
        """Record what is settled and claim what is next. Raises what the database does."""
        if self.in_doubt:
            known = {*self._tasks, *(claimed.id for claimed, _ in self._settled)}
            await asyncio.to_thread(self._claims.unclaim, self.term, known)
            self.in_doubt = False
        outcomes = self._settled[:]
        turn = await asyncio.to_thread(
            self._claims.turn,
            self.term,
            outcomes,
            busy=set(self.chats),
            held=held,
            slots=slots,
            toasts=toasts,
        )
        del self._settled[: len(outcomes)]
        return turn

    def begin(self, claimed: Claimed, work: "asyncio._CoroutineLike[None]") -> None:
        if claimed.kind == "toast":
            self.toasts += 1
        else:
            self.chats.add(claimed.chat_id)
        task = asyncio.create_task(work)
        self._tasks[claimed.id] = task
        task.add_done_callback(lambda ended: self._ended(claimed, ended))

    def settle(self, claimed: Claimed, verdict: Verdict) -> None:
        self._settled.append((claimed, verdict))

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
            try:
                await asyncio.wait_for(self.look([], 0, 0), RECORD_WITHIN)
            except (BotError, TimeoutError) as error:
                logger.bind(error=str(error)).warning("outcomes_not_recorded")
        return self._settled

    def _ended(self, claimed: Claimed, task: asyncio.Task[None]) -> None:
        del self._tasks[claimed.id]
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
        if claimed.kind == "toast":
            self.toasts -= 1
        else:
            self.chats.discard(claimed.chat_id)
        self.woken.set()


async def _when_set(stop: asyncio.Event, woken: asyncio.Event) -> None:
    await stop.wait()
    woken.set()
