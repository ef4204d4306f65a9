"""The sender: deliveries to Telegram while ACTIVE, in order within a line of a chat.

One loop, and one task per delivery. The loop reads the table when it is woken, when a delivery ends
that others wait for, when the next one is due, and every ``IDLE`` seconds. Answers to presses and
payments have slots of their own and no pacing. Background deliveries may use only some of the other
slots and have a rate limit over all chats: who asks waits for nobody else's upload.
"""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

from loguru import logger

from handlers.bot_api.errors import STOP_PAUSE, ChatUnreachable, TooManyRequests, until_open
from handlers.delivery.calls import TelegramCalls
from handlers.delivery.claimed import NEED, Claimed, EarlyClaims, Line, Receiver, SendContext
from handlers.delivery.claims import Capacity, ClaimResult, Claims
from handlers.delivery.in_flight import BACKGROUND_SLOTS, SLOTS, InFlight, Recovery
from handlers.delivery.outcome import KnownUnreachable, NextState, Sent, judge
from handlers.delivery.outcome_recorder import OutcomeRecorder
from handlers.delivery.pacing import FloodDetector, Pacing, Silence, background_bucket
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Misconfigured, OutcomeUnknown, Rejected
from supervisor.runtime.progress import ROUND
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.waits import pause, until_stopped
from supervisor.runtime.wakeups import OUTBOX, Wakeups
from supervisor.telemetry import trace
from supervisor.telemetry.log_throttle import LogThrottle
from supervisor.telemetry.metrics import Metrics

RESERVED_SLOTS = 4  #: of the background slots, those that a broadcast leaves to others
#: Lines that early claims may use, of ``SLOTS``: the others are for what waits in the table.
EARLY_SLOTS = SLOTS // 2
TOASTS = 16  #: button presses that are answered at the same time
OUTAGE_PAUSE = 0.5  #: seconds before the database is asked again
DRAIN = 7.0  #: seconds that calls under way get when the term ends cleanly
#: Seconds that they get when the lock is lost: an answer that comes in this time saves a
#: repetition. Well below ``Timing.loss``.
LOST_TERM_DRAIN = 1.5
HOLDS_EVERY = 600.0  #: seconds between two looks for results whose hold is over
#: Seconds between two looks when nothing is due: a lost wake-up is found by the gauges.
IDLE = 3600.0


class Sender:
    """The body of a ``LoopService``: ``run`` until the term's stop."""

    def __init__(
        self,
        *,
        claims: Claims,
        recorder: OutcomeRecorder,
        calls: TelegramCalls,
        clock: Clock,
        wakeups: Wakeups,
        metrics: Metrics,
        on_answered: Callable[[str], None] = lambda _: None,
        silenced: Callable[[bool], None] = lambda _: None,
        early: EarlyClaims | None = None,
    ) -> None:
        self._metrics = metrics
        #: Called with the query id of each press that is answered.
        self._on_answered = on_answered
        self._early = early or EarlyClaims()
        self._most_at_a_look = SLOTS if early is None else SLOTS - EARLY_SLOTS
        self._claims, self._recorder, self._calls = claims, recorder, calls
        self._clock = clock
        self._wakeups = wakeups
        self._pacing = Pacing()
        self._background = background_bucket(clock.now())
        self._silence = Silence(clock.now(), FloodDetector(silenced))
        self._trouble, self._refused = LogThrottle(clock), LogThrottle(clock)
        self._recovery = Recovery(recorder)
        self._next_holds = self._look_at = clock.now()

    async def run(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Send until ``stop``. Raises ``Misconfigured`` when the token is refused."""
        loop = asyncio.get_running_loop()
        in_flight = InFlight(term, gate, self._claims, self._recorder, self._early)
        receiver = in_flight.receiver(self._admits, partial(self._send, in_flight))
        wake = partial(loop.call_soon_threadsafe, in_flight.wake)
        unsubscribe = self._wakeups.subscribe(OUTBOX, wake)
        unsubscribe_news = self._claims.follow_news(self._wakeups, wake)
        watch = asyncio.create_task(_when_set(stop, in_flight, receiver))
        deadline: float | None = None

        def grace() -> float:
            """Seconds that a clean stop waits for the table and for calls under way."""
            nonlocal deadline
            if deadline is None:
                deadline = self._clock.now() + (0.0 if gate.is_shut else DRAIN)
            return max(0.0, deadline - self._clock.now())

        try:
            await until_stopped(self._work(in_flight, receiver, stop), stop, grace=grace)
        finally:
            in_flight.end_early(receiver)
            unsubscribe()
            unsubscribe_news()
            watch.cancel()
            seconds = (LOST_TERM_DRAIN if gate.is_shut else grace()) if stop.is_set() else 0.0
            self._recovery.keep(term, await in_flight.finish(seconds))

    async def _work(self, in_flight: InFlight, receiver: Receiver, stop: asyncio.Event) -> None:
        silent = recovered = False
        while not stop.is_set():
            in_flight.woken.clear()
            wait: float | None = until_open(in_flight.gate, NEED)
            if not wait:
                try:
                    if not silent:
                        left = await asyncio.to_thread(self._recorder.silence_left)
                        self._silence.lasts(left, self._clock.now())
                        silent = True
                    if not recovered:
                        recovered = await self._recovery.run(in_flight.term)
                        in_flight.must_look = True
                        if not stop.is_set():
                            self._early.open(receiver)
                    wait = await self._turn(in_flight)
                except BotError as error:
                    in_flight.must_look = True
                    wait = self._outage(in_flight, error)
            if in_flight.failure is not None:
                raise in_flight.failure
            # Also when nothing is due: ``progress`` must see that the loop runs.
            await pause(in_flight.woken, ROUND if wait is None else min(wait, ROUND))

    async def _turn(self, in_flight: InFlight) -> float | None:
        """Record what has ended, and look at the table if it is time. Returns the seconds until
        the next look."""
        now = self._clock.now()
        await self._keep_books(in_flight, now)
        if not in_flight.must_look and now < self._look_at:
            await in_flight.record_sent()
        if not in_flight.must_look and now < self._look_at:
            return self._look_at - now
        wait = await self._look(in_flight, now)
        self._look_at = self._clock.now() + (IDLE if wait is None else min(wait, IDLE))
        return wait

    async def _look(self, in_flight: InFlight, now: float) -> float | None:
        """One look at the table. Returns the seconds until the next one is due."""
        silence = self._silence.left(now)
        background = BACKGROUND_SLOTS - in_flight.background - in_flight.returning
        free = SLOTS - in_flight.slots - len(self._early.lines)
        capacity = Capacity(
            # What is left is for early claims, which are made during the look, too.
            slots=0 if silence else min(free, self._most_at_a_look),
            toasts=TOASTS - in_flight.toasts,
            background=max(0, min(self._background.whole(now), background)),
            news=max(0, background - RESERVED_SLOTS),
        )
        held = self._pacing.held(now)
        turn = await in_flight.look(held, capacity)
        for claimed in turn.claimed:
            if claimed.is_background:
                self._background.take(now)
            in_flight.begin(claimed, self._send(in_flight, claimed))
        if free > capacity.slots > 0 and len(turn.claimed) >= capacity.slots:
            in_flight.wake()
        return self._next_look(in_flight, turn, held, silence)

    async def _keep_books(self, in_flight: InFlight, now: float) -> None:
        """Write the pause for all chats, and end holds whose time is over."""
        term = in_flight.term
        try:
            if unwritten := self._silence.unwritten:
                await asyncio.to_thread(self._recorder.keep_silence, term, unwritten)
                self._silence.written(unwritten)
            if now >= self._next_holds:
                self._next_holds = now + HOLDS_EVERY
                await asyncio.to_thread(self._recorder.end_holds, term)
                in_flight.must_look = True
        except BotError as error:
            if error.disposition is not Disposition.RETRY:
                raise
            # If the claims fail too, it is an outage.
            logger.bind(error=str(error)).warning("sender_books_not_kept")

    def _next_look(
        self, in_flight: InFlight, turn: ClaimResult, held: Collection[int], silence: float
    ) -> float | None:
        """Seconds until the next look at the table. Deliveries that wait for the end of a call
        do not count: that end wakes the loop."""
        now = self._clock.now()
        waits = [self._pacing.wait(chat, now) for chat in set(held) & set(turn.waiting)]
        waits += [turn.due_in] if turn.due_in is not None else []
        waits += [silence] if silence and not in_flight.lines else []
        unwritten = self._recorder.due_in()
        waits += [unwritten] if unwritten is not None else []
        if turn.rationed and in_flight.background + in_flight.returning < BACKGROUND_SLOTS:
            waits.append(self._background.wait(now))
        return min(waits) + 0.005 if waits else None

    async def _send(self, in_flight: InFlight, claimed: Claimed) -> None:
        """One delivery, from the call to its next state."""
        with trace.following(claimed.trace):
            await self._deliver(in_flight, claimed)

    async def _deliver(self, in_flight: InFlight, claimed: Claimed) -> None:
        outcome = await self._carry(in_flight, claimed)
        if isinstance(outcome, Misconfigured):
            # The token is refused: no delivery can succeed, and none is at fault.
            in_flight.fail(outcome)
            return
        if isinstance(outcome, BotError) and outcome.disposition is Disposition.STEP_DOWN:
            return
        next_state = judge(claimed.kind, claimed.tries, claimed.unknowns, outcome, claimed.age)
        if isinstance(outcome, TooManyRequests):
            next_state = self._flooded(claimed, next_state)
        elif isinstance(outcome, Sent):
            self._silence.delivered()
        self._tell(claimed, outcome, next_state)
        self._count(claimed, next_state)
        in_flight.settle(claimed, next_state)

    def _tell(self, claimed: Claimed, outcome: Sent | BotError, next_state: NextState) -> None:
        told = logger.bind(delivery=claimed.id, kind=claimed.kind)
        if next_state.state == "failed":
            # A user who blocks the bot is no error of the bot.
            level = "INFO" if isinstance(outcome, ChatUnreachable | KnownUnreachable) else "ERROR"
            told.bind(job=claimed.job_id, error=next_state.error).log(level, "delivery_failed")
        elif next_state.unknown:
            told.bind(state=next_state.state).warning("delivery_unanswered")
        elif next_state.state == "sent":
            told.debug("delivery_sent")
        elif next_state.state == "pending" and not (
            next_state.untried or next_state.chat_unreachable
        ):
            level, more = self._refused.level()
            again = told.bind(error=next_state.error, pause=next_state.pause, more=more)
            again.log(level, "delivery_later")

    def _count(self, claimed: Claimed, next_state: NextState) -> None:
        labels = {"kind": claimed.kind, "outcome": next_state.state}
        self._metrics.deliveries.labels(**labels).inc()
        if next_state.state == "sent" and claimed.unknowns:
            self._metrics.possible_duplicates.labels(kind=claimed.kind).inc()
        if next_state.state == "sent" and claimed.payload["do"] == "toast":
            self._on_answered(claimed.payload["query_id"])

    async def _carry(self, in_flight: InFlight, claimed: Claimed) -> Sent | BotError:
        if not claimed.reachable and claimed.kind != "refund":
            return KnownUnreachable("the chat cannot be reached")
        if claimed.kind != "toast" and claimed.payload["do"] != "remove":
            self._pacing.took(claimed.chat_id, self._clock.now())
        try:
            context = SendContext(
                in_flight.gate,
                claimed.chat_id,
                claimed.thread,
                claimed.age,
                partial(in_flight.release_slot, claimed),
            )
            return await self._calls.carry(context, claimed.payload)
        except BotError as error:
            return error
        except asyncio.CancelledError:
            return OutcomeUnknown("the term ended during the call")
        except Exception as error:  # noqa: BLE001 the guard of one item: others must go on
            logger.opt(exception=error).bind(delivery=claimed.id).error("delivery_broken")
            return Rejected(f"{type(error).__name__}: {error}")

    def _flooded(self, claimed: Claimed, next_state: NextState) -> NextState:
        """A 429: pause its chat, and all chats when several are refused at once."""
        now = self._clock.now()
        logger.bind(chat_id=claimed.chat_id, seconds=next_state.pause).warning("flood_wait")
        self._metrics.floods.inc()
        silence = self._silence.refused(claimed.chat_id, next_state.pause, now)
        if silence is not None:
            logger.bind(seconds=silence).warning("flood_wait_for_all")
        return replace(
            next_state, pause=self._clock.jitter(next_state.pause) + 0.2 * next_state.pause
        )

    def _admits(self, place: Line, slots: int) -> bool:
        """Whether an answer may be claimed early, with so many slots in use. Any thread asks."""
        now = self._clock.now()
        free = slots < EARLY_SLOTS and not self._silence.left(now)
        return free and self._pacing.admits(place[0], now)

    def _outage(self, in_flight: InFlight, error: BotError) -> float:
        if error.disposition is Disposition.STEP_DOWN:
            return STOP_PAUSE
        if error.disposition is Disposition.GIVE_UP:
            raise error
        in_flight.in_doubt = in_flight.in_doubt or error.disposition is Disposition.ASK
        level, more = self._trouble.level()
        logger.bind(error=str(error), more=more).log(level, "sender_paused")
        return OUTAGE_PAUSE


async def _when_set(stop: asyncio.Event, in_flight: InFlight, receiver: Receiver) -> None:
    await stop.wait()
    in_flight.end_early(receiver)
    in_flight.woken.set()
