"""Hands new updates to the workers that handle them directly, and stores the others.

Updates that arrive during a transaction share the next one. A second worker begins only when the
first one has been at work for ``SOON``.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Container, Sequence
from functools import partial
from math import inf
from threading import Event

from loguru import logger

from handlers.dialogue import update_reader
from handlers.dialogue.incoming import Incoming
from handlers.direct.crash_note import CrashNote
from handlers.direct.direct_work import DirectWork, NewUpdate
from handlers.direct.idle_workers import IdleWorkers
from handlers.dispatch.dispatcher import Dispatcher
from handlers.intake.inbox import Inbox
from handlers.intake.store_request import StoreRequest
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.progress import ROUND, Progress
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceGroup, ServiceThread
from supervisor.telemetry.metrics import Metrics

WORKERS = 2
TOGETHER = 64  #: updates that share a transaction at most
#: Seconds after which another worker begins while the first one is at work.
SOON = 0.02
#: Seconds that a worker gives the event loop to answer what was handled and to read what is next.
#: Only one thread runs Python at a time: a worker that goes on would delay the loop at each call
#: of the system.
TURN = 0.005
MOST_WAITING = 256  #: updates; further ones are only stored
#: Seconds after which a transaction is slow. While all are, updates are only stored.
SLOW = 0.1
PAUSE = 1.0  #: seconds without direct handling after the database has failed
#: Seconds that the end of a term waits until what was taken is stored.
STORED_WITHIN = 1.0
#: Seconds without it after a process that handled directly has not ended in order.
SUSPICIOUS = 600.0


class DirectHandling:
    """A ``Service``, and the ``Direct`` of the inbox while it runs."""

    name = "direct"

    def __init__(
        self,
        *,
        inbox: Inbox,
        dispatcher: Dispatcher,
        work: DirectWork,
        spends: Callable[[Incoming], bool],
        note: CrashNote,
        metrics: Metrics,
        clock: Clock,
        progress: Progress | None = None,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        """``dispatcher`` handles the same lanes; ``spends``: what it has to handle alone."""
        self._inbox = inbox
        self._dispatcher = dispatcher
        self._work = work
        self._spends = spends
        self._note = note
        self._metrics = metrics
        self._clock = clock
        self._names = [f"direct-{number}" for number in range(1, WORKERS + 1)]
        threads = [
            ServiceThread(name, partial(self._run, name), on_failure=on_failure, progress=progress)
            for name in self._names
        ]
        self._workers = ServiceGroup(threads, clock)
        self._idle = IdleWorkers(self._names)
        # These two are kept in later terms.
        self._suspicious_until = -inf  #: by the clock
        self._returning = 0  #: updates that the inbox is to store, and has not yet
        self._forget()

    def _forget(self) -> None:
        self._waiting: deque[tuple[StoreRequest, int]] = deque()  #: with the reservations
        self._begun: dict[str, float] = {}  #: worker → when it began what it has in work
        self._noted = self._closed = False
        self._turn_ends, self._opens_at = -inf, inf  #: by the clock
        self._running = WORKERS

    # ---------------------------------------------------------------- service --

    @property
    def failure(self) -> BaseException | None:
        return self._workers.failure

    def start(self, term: Term, gate: Gate) -> None:
        self._forget()
        self._workers.start(term, gate)
        self._inbox.hand_to(self)

    def stop(self) -> None:
        self._inbox.hand_to(None)
        with self._idle:
            self._closed = True  # first: nobody would end what is taken after the workers
        self._workers.stop()
        with self._idle:
            self._idle.wake_all()

    def join(self, seconds: float) -> bool:
        return self._workers.join(seconds)

    # ------------------------------------------------------------- event loop --

    def takes(self, request: StoreRequest) -> bool:
        envelope = request.envelopes[0]
        if envelope.error is not None or envelope.is_checkout:
            return False
        with self._idle:
            now = self._clock.now()
            if not self._is_slow(now):
                return self._takes(request, now)
        self._put_back_waiting()
        return False

    def _takes(self, request: StoreRequest, now: float) -> bool:
        if self._closed or now < self._opens_at or len(self._waiting) >= MOST_WAITING:
            return False
        reserved = self._dispatcher.reserve(request.envelopes[0].lane)
        if reserved is None:
            return False
        request.taken = now
        self._waiting.append((request, reserved))
        first_to_wait = len(self._waiting) == 1
        if first_to_wait if self._begun else self._turn_ends <= now:  # the end of a turn wakes
            self._idle.wake(self._begun)
        return True

    def _is_slow(self, now: float) -> bool:
        busy = self._begun
        return len(busy) == WORKERS and now - max(busy.values()) > SLOW

    # ---------------------------------------------------------------- workers --

    def _run(self, name: str, term: Term, _gate: Gate, stop: Event) -> None:
        while not stop.is_set():
            if not (self._noted or self._closed) and name == self._names[0]:
                self._open(term)
            batch = self._next(name, stop)
            if batch:
                self._handle(term, batch)
                with self._idle:
                    del self._begun[name]
        self._leave(name)

    def _open(self, term: Term) -> None:
        try:
            suspicious = self._note.write(term)
        except BotError as error:
            self._closed = self._closed or error.disposition is Disposition.STEP_DOWN
            if error.disposition is Disposition.ASK:  # the other note may be gone, unread
                self._suspicious_until = self._clock.now() + SUSPICIOUS
            logger.bind(error=str(error)).debug("direct_not_noted")
            return
        with self._idle:
            now = self._clock.now()
            if suspicious:
                logger.bind(seconds=SUSPICIOUS).info("direct_handling_waits")
                self._suspicious_until = now + SUSPICIOUS
            self._noted, self._opens_at = True, max(now, self._suspicious_until)

    def _next(self, name: str, stop: Event) -> Sequence[tuple[StoreRequest, int]]:
        with self._idle:
            pause = self._until_more(self._clock.now())
            if pause > 0.0 and not stop.is_set():
                self._idle.of(name).wait(pause)
            if stop.is_set() or self._until_more(self._clock.now()) > 0.0:
                return ()
            self._begun[name] = self._clock.now()
            batch = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            if self._waiting:
                self._idle.wake(self._begun)
            return batch

    def _until_more(self, now: float) -> float:
        """Seconds until a worker may begin with what waits; 0: now."""
        turn = self._turn_ends - now
        if not self._waiting:
            return turn if turn > 0.0 else ROUND if self._noted else PAUSE
        busy = max(self._begun.values()) + SOON - now if self._begun else 0.0
        return max(0.0, busy, turn)

    def _look(self, before: int = -1) -> None:
        """In the loop, when it has told those that were handled: the turn ends after a round that
        has brought nothing."""
        with self._idle:
            count = len(self._waiting)
            if count == before or self._clock.now() >= self._turn_ends:
                self._turn_ends = -inf
                if count:
                    self._idle.wake(self._begun)
                return
        # What is read in the loop's next round comes before what it is told in the one after it.
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._look, count)

    def _leave(self, name: str) -> None:
        """The last worker stores what waits, and says that nothing is in work any more."""
        with self._idle:
            self._running -= 1
            if self._running:
                return
        self._put_back_waiting()
        with self._idle:
            self._idle.of(name).wait_for(lambda: not self._returning, STORED_WITHIN)
        if self._noted and self._clock.now() >= self._suspicious_until:
            self._note.remove()

    def _handle(self, term: Term, batch: Sequence[tuple[StoreRequest, int]]) -> None:
        begun = self._clock.now()
        updates = [
            found for request, _ in batch if (found := self._new(request, begun)) is not None
        ]
        batch = self._parted(batch, {each.update_id for each in updates})
        done: set[int] = set()
        if updates:
            try:
                done = {each.update_id for each in self._work.handle(term, updates)}
            except Exception as error:  # noqa: BLE001 whatever it is: they are stored and tried again
                self._failed(error, len(updates))
        handled = self._parted(batch, done)
        if handled:
            self._count(handled, self._clock.now() - begun)
            reserved = [(request.envelopes[0].lane, number) for request, number in handled]
            self._dispatcher.end_reservations(reserved, stored=False)
            self._turn_ends = self._clock.now() + TURN
            self._inbox.handled([request for request, _ in handled], self._look)

    def _parted(
        self, batch: Sequence[tuple[StoreRequest, int]], these: Container[int | None]
    ) -> Sequence[tuple[StoreRequest, int]]:
        """Those of ``these`` updates. The others are stored now: they wait for nobody's handler."""
        self._put_back([each for each in batch if each[0].envelopes[0].update_id not in these])
        return [each for each in batch if each[0].envelopes[0].update_id in these]

    def _new(self, request: StoreRequest, now: float) -> NewUpdate | None:
        """The update, as it is read; None: it is only stored."""
        envelope = request.envelopes[0]
        try:
            incoming = update_reader.incoming(request.update)
            spends = incoming is not None and self._spends(incoming)
        except Exception:  # noqa: BLE001 the dispatcher says what is wrong with it
            return None
        if envelope.update_id is None or spends:
            return None
        return NewUpdate(envelope.update_id, envelope, incoming, now - request.taken)

    def _count(self, handled: Sequence[tuple[StoreRequest, int]], seconds: float) -> None:
        self._metrics.updates_processed.inc(len(handled))
        for request, _ in handled:
            envelope = request.envelopes[0]
            self._metrics.handling.observe(seconds)
            logger.debug("update_handled", trace=f"u{envelope.update_id}", chat=envelope.lane)

    def _failed(self, error: Exception, count: int) -> None:
        logger.bind(updates=count, error=f"{type(error).__name__}: {error}").info("direct_parted")
        if not isinstance(error, BotError) or error.disposition is Disposition.GIVE_UP:
            return
        with self._idle:
            self._closed = self._closed or error.disposition is Disposition.STEP_DOWN
            self._opens_at = max(self._opens_at, self._clock.now() + PAUSE)
        self._put_back_waiting()

    def _put_back_waiting(self) -> None:
        with self._idle:
            waiting = list(self._waiting)
            self._waiting.clear()
        self._put_back(waiting)

    def _put_back(self, batch: Sequence[tuple[StoreRequest, int]]) -> None:
        """Store them; their lanes are reserved until that is done."""
        if not batch:
            return
        with self._idle:
            self._returning += len(batch)
        for request, number in batch:
            request.ended = partial(self._returned, request.envelopes[0].lane, number)
        self._inbox.put_back([request for request, _ in batch])

    def _returned(self, lane: int, number: int) -> None:
        self._dispatcher.end_reservations([(lane, number)], stored=True)
        with self._idle:
            self._returning -= 1
            if self._closed:
                self._idle.wake_all()
