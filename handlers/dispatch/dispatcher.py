"""The dispatcher: takes updates from the inbox and hands them to workers, lane by lane.

A few worker threads share the loaded heads of the lanes. Updates that arrive during a transaction
share the next one: it costs hardly more than that of a single update. Another worker starts only
when a transaction takes longer than ``SLOW``. The table is read only after a wake-up, when a retry
is due, or when a lane has no loaded rows left.
"""

import heapq
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from threading import Condition, Event

from loguru import logger

import sql
from handlers.dispatch.begun_updates import BegunUpdates
from handlers.dispatch.lanes import CHATS, InboxRow, LaneRange, Lanes
from handlers.dispatch.retries import Handler, Retry, RetryingHandler
from supervisor.database.transactions import Database
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.progress import ROUND, Progress
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceGroup, ServiceThread
from supervisor.runtime.wakeups import Wakeups
from supervisor.telemetry.log_throttle import LogThrottle
from supervisor.telemetry.metrics import Metrics

WORKERS = 4
#: Lanes that a worker takes at most at once. They share a transaction, so that many users may wait
#: for the slowest of their updates.
TOGETHER = 64
#: Seconds after which a transaction is slow: it waits for a lock, the disk or the network, and
#: another worker begins the next one.
SLOW = 0.05
OUTAGE_PAUSE = 0.5  #: seconds before the database is asked again
DEPTH = 8  #: rows of a lane that are loaded at once
LANES_AT_ONCE = 128  #: lanes that one statement reads
#: Lanes that may wait for a worker; more are not loaded, which bounds the memory after a long
#: outage.
MOST_LANES = 1000
#: Seconds after which the table is read even if there is enough to do: the longest that the first
#: update of a chat waits to be loaded.
FRESH_WITHIN = 0.03

_SQL = sql.load("dispatch")


class Dispatcher:
    """A ``Service``: one set of workers per term, for one ``LaneRange`` of the lanes."""

    def __init__(
        self,
        *,
        database: Database,
        bot_id: int,
        wakeups: Wakeups,
        clock: Clock,
        handler: Handler,
        begun: BegunUpdates,
        metrics: Metrics,
        progress: Progress | None = None,
        lane_range: LaneRange = CHATS,
        workers: int = WORKERS,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._wakeups = wakeups
        self._clock = clock
        self._handler = RetryingHandler(handler, database, metrics, clock, lane_range.name)
        self._begun_notes = begun
        self._trouble = LogThrottle(clock)
        self._lane_range = lane_range
        self.name = lane_range.name
        names = [f"{lane_range.name}-{number}" for number in range(1, workers + 1)]
        threads = [
            ServiceThread(name, partial(self._work, name), on_failure=on_failure, progress=progress)
            for name in names
        ]
        self._workers = ServiceGroup(threads, clock)
        self._changed = Condition()
        self._unsubscribe: Callable[[], None] = lambda: None
        self._forget()

    def _forget(self) -> None:
        """Reset all state; ``_changed`` is held, or no worker runs."""
        self._lanes = Lanes(DEPTH)
        self._cursor = self._lane_range.after
        self._counted = False  #: updates during which earlier processes ended
        self._news = True  #: the table may hold more than was loaded
        self._loading = False
        self._loaded_at = self._clock.now()
        self._paused_until = self._clock.now()
        self._begun: dict[str, float] = {}  #: worker → when it began what it has in work
        #: A heap: when postponed updates come due, and the lanes that wait with them.
        self._retries: list[tuple[float, int, bool]] = []

    # ---------------------------------------------------------------- service --

    @property
    def failure(self) -> BaseException | None:
        return self._workers.failure

    def start(self, term: Term, gate: Gate) -> None:
        self._forget()
        self._unsubscribe = self._wakeups.subscribe(self._lane_range.topic, self._wake)
        self._workers.start(term, gate)

    def stop(self) -> None:
        self._unsubscribe()
        self._workers.stop()
        with self._changed:
            self._changed.notify_all()

    def join(self, seconds: float) -> bool:
        return self._workers.join(seconds)

    def _wake(self) -> None:
        with self._changed:
            self._news = True
            self._changed.notify()

    # --------------------------------------------------------- direct handling --

    def reserve(self, lane: int) -> int | None:
        """Let the workers take nothing of this lane; None: it has work. From any thread."""
        with self._changed:
            return self._lanes.reserve(lane)

    def end_reservations(self, reserved: Iterable[tuple[int, int]], *, stored: bool) -> None:
        """End these reservations. ``stored``: an update of each lane waits in the table now."""
        with self._changed:
            for lane, number in reserved:
                self._lanes.end_reservation(lane, number, stored=stored)
            self._news = self._news or stored
            if stored or self._lanes.runnable:
                self._changed.notify()

    # ---------------------------------------------------------------- workers --

    def _work(self, name: str, term: Term, _gate: Gate, stop: Event) -> None:
        while not stop.is_set():
            rows = self._next(term, name, stop)
            if not rows:
                continue
            left = {row.lane for row in rows}  #: lanes whose update stays to be handled
            try:
                self._begun_notes.begin(name, rows)
                later = self._handler.handle(term, rows)
                left = {each.lane for each in later}
                if later:
                    self._begun_notes.end(name)
                self._note_retries(later)
            except BotError as error:
                self._begun_notes.end(name)
                if error.disposition is Disposition.STEP_DOWN:
                    stop.wait()  # the term is over
                    return
                self._outage(error)  # the update is not at fault: no try is counted
            finally:
                with self._changed:
                    self._begun.pop(name, None)
                    for row in rows:
                        if row.lane in left:
                            self._lanes.stays(row)
                        else:
                            self._lanes.done(row)
                    # A look since then has left out what was in work.
                    self._news = self._news or bool(left)
                    self._changed.notify()

    def _next(self, term: Term, name: str, stop: Event) -> Sequence[InboxRow]:
        """The next updates to handle, after loading if that is due; empty: call again."""
        with self._changed:
            now = self._clock.now()
            self._note_due_retries(now)
            if stop.is_set():
                return ()
            if now < self._paused_until:
                self._changed.wait(self._paused_until - now)
                return ()
            if (pause := self._until_room(now)) > 0.0:
                self._changed.wait(pause)
                return ()
            if not self._should_load(now):
                rows = self._lanes.take_some(TOGETHER)
                if not rows:
                    self._changed.wait(self._until_next_retry(now))
                    return ()
                self._begun[name] = now
                if self._lanes.runnable:
                    self._changed.notify()
                return rows
            self._loading, self._news = True, False
            self._lanes.begin_load()
            cursor = self._cursor
        self._count_ended(term)
        # With the database away, each call of it takes seconds: after a stop, no other.
        if not stop.is_set():
            self._load(cursor)
        return ()

    def _until_room(self, now: float) -> float:
        """Seconds until the next transaction may begin; 0: now. The end of one shortens it."""
        return max(0.0, max(self._begun.values()) + SLOW - now) if self._begun else 0.0

    def _should_load(self, now: float) -> bool:
        if self._loading or not (self._news or self._lanes.hungry):
            return False
        if self._lanes.runnable >= MOST_LANES:
            return False
        return self._lanes.runnable < TOGETHER or now - self._loaded_at >= FRESH_WITHIN

    def _count_ended(self, term: Term) -> None:
        """Once a term, before any update is handled. A failure to count delays nothing."""
        if self._counted:
            return
        try:
            rows = self._begun_notes.count_ended(term)
        except BotError as error:
            logger.bind(error=str(error)).debug("ended_not_counted")
            return
        self._counted = True
        self._note_retries([Retry(row["lane"], row["pause"], holds_lane=False) for row in rows])

    def _load(self, cursor: int) -> None:
        heads: dict[int, list[InboxRow]] = {}
        try:
            rows = self._database.read(
                _SQL["lane_heads"],
                {
                    "bot_id": self._bot_id,
                    "after": cursor,
                    "last": self._lane_range.last,
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
                lane.append(InboxRow(**row))
        with self._changed:
            self._loading, self._loaded_at = False, self._clock.now()
            is_full = len(heads) >= LANES_AT_ONCE
            last = max(heads) if is_full else self._lane_range.last
            self._lanes.load(heads, cursor, last)
            if is_full:  # there are more lanes: the next load continues after these
                self._cursor, self._news = last, True
            elif cursor != self._lane_range.after:
                self._cursor, self._news = self._lane_range.after, True
            self._changed.notify_all()

    def _outage(self, error: BotError) -> None:
        with self._changed:
            level, more = self._trouble.level()
            self._paused_until = self._clock.now() + OUTAGE_PAUSE
            self._lanes.clear()
            self._news, self._cursor = True, self._lane_range.after
            self._changed.notify_all()
        logger.bind(error=str(error), more=more).log(level, "dispatcher_paused")

    def _note_retries(self, later: Sequence[Retry]) -> None:
        if not later:
            return
        with self._changed:
            for each in later:
                due = self._clock.now() + each.pause
                heapq.heappush(self._retries, (due, each.lane, each.holds_lane))
                if each.holds_lane:
                    self._lanes.hold(each.lane)

    def _note_due_retries(self, now: float) -> None:
        while self._retries and self._retries[0][0] <= now:
            _, lane, holds_lane = heapq.heappop(self._retries)
            if holds_lane:
                self._lanes.release(lane)
            self._news = True

    def _until_next_retry(self, now: float) -> float:
        return min(ROUND, max(0.0, self._retries[0][0] - now) + 0.01 if self._retries else ROUND)
