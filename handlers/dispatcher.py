"""The dispatcher: updates from the inbox to the conversation, lane by lane, while ACTIVE.

A few worker threads share the loaded heads of the lanes. Whoever finds that there is
something new to load does it while the others work on; nobody asks the table without a
wake-up, a retry that has come due, or a lane that ran out of loaded rows.
"""

import heapq
from collections.abc import Callable
from functools import partial
from threading import Condition, Event
from typing import Protocol

from loguru import logger

import sql
from handlers.carry_out import Unreadable
from handlers.lanes import CHATS, Lanes, Span, Waiting
from supervisor.clock import Clock
from supervisor.db import Database
from supervisor.errors import BotError, Contended, Disposition
from supervisor.metrics import Metrics
from supervisor.progress import Progress
from supervisor.term import Gate, Term
from supervisor.threads import ServiceThread
from supervisor.wakeups import Wakeups

WORKERS = 4
#: Seconds before each further try of an update whose handler fails.
RETRY_PAUSES = (1.0, 5.0, 30.0, 120.0)
OUTAGE_PAUSE = 0.5  #: seconds before the database is asked again
DEPTH = 8  #: rows of a lane that are loaded at once
LANES_AT_ONCE = 64  #: lanes that are looked at in one statement
#: Lanes that wait for a worker before no more are loaded: a long outage must not be held
#: in memory as a whole.
MOST_LANES = 1000
CONFLICTS = 3  #: times that a deadlock is answered by doing it once more, at once
#: Seconds after which news are looked at even though there is enough to do: what a
#: new chat waits at most before it gets its place in the line.
FRESH_WITHIN = 0.03
ROUND = 15.0  #: seconds after which an idle worker shows that it is alive
#: Seconds after which a silent worker hangs: several statements in a row at their limits.
ALIVE_WITHIN = 60.0

_SQL = sql.load("handlers")


class Handler(Protocol):
    """What is done with an update; ``carry_out.Handling`` is the one of production."""

    def handle(self, term: Term, row: Waiting) -> None: ...

    def postpone(self, term: Term, row: Waiting, error: str, pause: float) -> None: ...

    def set_aside(self, term: Term, row: Waiting, error: str) -> None: ...


class Dispatcher:
    """A ``Service``: one set of workers per term, for one ``Span`` of the lanes."""

    def __init__(
        self,
        *,
        database: Database,
        bot_id: int,
        wakeups: Wakeups,
        clock: Clock,
        handler: Handler,
        metrics: Metrics,
        progress: Progress | None = None,
        span: Span = CHATS,
        workers: int = WORKERS,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._wakeups = wakeups
        self._clock = clock
        self._handler = handler
        self._metrics = metrics
        self._progress = progress or Progress(clock)
        self._span = span
        self.name = span.name
        names = [f"{span.name}-{number}" for number in range(1, workers + 1)]
        self._threads = [
            ServiceThread(name, partial(self._work, name), on_failure=on_failure) for name in names
        ]
        self._enough = 2 * workers
        self._changed = Condition()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._forget()

    def _forget(self) -> None:
        """All that is known of the table; ``_changed`` is held or nobody works yet."""
        self._lanes = Lanes(DEPTH)
        self._cursor = self._span.after
        self._news = True  #: the table may hold more than was loaded
        self._loading = False
        self._loaded_at = self._clock.now()
        self._paused_until = self._clock.now()
        self._retries: list[float] = []  #: a heap: when postponed updates come due

    # ---------------------------------------------------------------- service --

    @property
    def failure(self) -> BaseException | None:
        return next((each.failure for each in self._threads if each.failure is not None), None)

    def start(self, term: Term, gate: Gate) -> None:
        self._forget()
        self._unsubscribe = self._wakeups.subscribe(self._span.topic, self._wake)
        for thread in self._threads:
            thread.start(term, gate)

    def stop(self) -> None:
        for thread in self._threads:
            thread.stop()
        with self._changed:
            self._changed.notify_all()

    def join(self, seconds: float) -> bool:
        deadline = self._clock.now() + seconds
        ended = [thread.join(deadline - self._clock.now()) for thread in self._threads]
        if all(ended):
            self._unsubscribe()
            for thread in self._threads:
                self._progress.forget(thread.name)
            return True
        return False

    def _wake(self) -> None:
        with self._changed:
            self._news = True
            self._changed.notify()

    # ---------------------------------------------------------------- workers --

    def _work(self, name: str, term: Term, _gate: Gate, stop: Event) -> None:
        while not stop.is_set():
            self._progress.beat(name, ALIVE_WITHIN)
            row = self._next(stop)
            if row is None:
                continue
            try:
                self._one(term, row)
            except BotError as error:
                if error.disposition is Disposition.STEP_DOWN:
                    # The term is over; the stop is on its way.
                    self._progress.forget(name)
                    stop.wait()
                    return
                # Not the update's fault: it stays where it is, and its lane's order too.
                self._outage(error)
            finally:
                with self._changed:
                    self._lanes.done(row)
                    self._changed.notify()

    def _next(self, stop: Event) -> Waiting | None:
        """An update to handle, after loading when that is due; None: look again."""
        with self._changed:
            now = self._clock.now()
            self._note_due_retries(now)
            if stop.is_set():
                return None
            if now < self._paused_until:
                self._changed.wait(self._paused_until - now)
                return None
            if not self._should_load(now):
                row = self._lanes.take()
                if row is None:
                    self._changed.wait(self._until_next_retry(now))
                elif self._lanes.runnable:
                    self._changed.notify()
                return row
            self._loading, self._news = True, False
            self._lanes.begin_load()
            cursor = self._cursor
        self._load(cursor)
        return None

    def _should_load(self, now: float) -> bool:
        if self._loading or not (self._news or self._lanes.hungry):
            return False
        if self._lanes.runnable >= MOST_LANES:
            return False
        return self._lanes.runnable < self._enough or now - self._loaded_at >= FRESH_WITHIN

    def _load(self, cursor: int) -> None:
        heads: dict[int, list[Waiting]] = {}
        try:
            with self._database.transaction() as tx:
                rows = tx.all(
                    _SQL["lane_heads"],
                    {
                        "bot_id": self._bot_id,
                        "after": cursor,
                        "last": self._span.last,
                        "lanes": LANES_AT_ONCE,
                        "depth": DEPTH,
                    },
                )
        except BotError as error:
            with self._changed:
                self._loading = False
            self._outage(error)
            return
        for row in rows:
            lane = heads.setdefault(row["lane"], [])
            if row["seq"] is not None:
                lane.append(Waiting(**row))
        with self._changed:
            self._loading = False
            self._loaded_at = self._clock.now()
            self._lanes.load(heads)
            if len(heads) >= LANES_AT_ONCE:
                # There are more lanes: the next load goes on behind these.
                self._cursor, self._news = max(heads), True
            elif cursor != self._span.after:
                self._cursor, self._news = self._span.after, True
            self._changed.notify_all()

    def _one(self, term: Term, row: Waiting) -> None:
        """Handle one update; what the conversation breaks is repaired or set aside here."""
        begun = self._clock.now()
        try:
            self._handle(term, row)
            self._metrics.updates_processed.inc()
            self._metrics.handling.observe(self._clock.now() - begun)
        except Unreadable as error:
            logger.bind(update_id=row.update_id, error=str(error)).error("update_unreadable")
            self._metrics.updates_set_aside.inc()
            self._handler.set_aside(term, row, str(error))
        except BotError as error:
            if error.disposition is not Disposition.GIVE_UP:
                raise
            self._failed(term, row, error)
        except Exception as error:  # noqa: BLE001 the guard of one item: others must go on
            self._failed(term, row, error)

    def _handle(self, term: Term, row: Waiting) -> None:
        for _ in range(CONFLICTS):
            try:
                return self._handler.handle(term, row)
            except Contended as error:
                # Of two transactions in each other's way PostgreSQL has ended ours; the
                # other one is through, and nobody else need wait for this.
                logger.bind(update_id=row.update_id, error=str(error)).info("update_contended")
        return self._handler.handle(term, row)

    def _failed(self, term: Term, row: Waiting, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}"
        log = logger.opt(exception=error).bind(
            update_id=row.update_id, tries=row.attempts + 1, epoch=term.epoch
        )
        if row.attempts >= len(RETRY_PAUSES):
            log.error("update_set_aside")
            self._metrics.updates_set_aside.inc()
            self._handler.set_aside(term, row, text)
            return
        log.warning("update_failed")
        self._metrics.updates_retried.inc()
        pause = RETRY_PAUSES[row.attempts]
        self._handler.postpone(term, row, text, pause)
        with self._changed:
            heapq.heappush(self._retries, self._clock.now() + pause)

    def _outage(self, error: BotError) -> None:
        logger.bind(error=str(error)).warning("dispatcher_paused")
        with self._changed:
            self._paused_until = self._clock.now() + OUTAGE_PAUSE
            self._lanes.clear()
            self._news, self._cursor = True, self._span.after
            self._changed.notify_all()

    def _note_due_retries(self, now: float) -> None:
        while self._retries and self._retries[0] <= now:
            heapq.heappop(self._retries)
            self._news = True

    def _until_next_retry(self, now: float) -> float:
        return min(ROUND, max(0.0, self._retries[0] - now) + 0.01 if self._retries else ROUND)
