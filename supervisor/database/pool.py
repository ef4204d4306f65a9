"""The pool of database connections. A connection is opened on demand and then kept.

psycopg2's own pools raise when all connections are in use. This one waits for a free one. Rules:

1. A session is not kept when it is read-only, is connected to another server than the newest
   session, or was open when another session turned out read-only.
2. Only a new session shows that the address leads to another server. So ``refresh``, which is
   called every ``REFRESH`` seconds, opens one, plans its statements, and closes the oldest idle
   one for it. When that fails, the open sessions go on.
3. When the server or a pooler grants no more sessions, the pool goes on with those that it has
   and asks for another one after a while. The lock's session comes first (``make_room``).
4. Taking a connection ends within ``connection.OPENING`` seconds, whatever hangs: waiting for a
   free one and opening one together. So it ends before ``Timing.loss``. libpq cannot be
   interrupted, so a session is opened in a thread of its own; one that comes too late for its
   caller serves the next one.
5. ``end`` aborts the calls of a lost term that hang, and those that wait for a connection; later
   ones are refused. Opening a session goes on, for somebody else.
"""

from collections.abc import Callable
from threading import Condition
from uuid import UUID

from loguru import logger

from supervisor.database.connection import OPENING, NewSession, NoMoreSessions, Pooled
from supervisor.database.current_server import CurrentServer
from supervisor.database.prepared import UsedStatements
from supervisor.network.timed_call import TimedCall
from supervisor.runtime.clock import Clock, SystemClock
from supervisor.runtime.errors import Fenced, Unavailable
from supervisor.runtime.term import Term
from supervisor.telemetry.metrics import PoolMetrics

WAIT = 2.5  #: seconds that a caller waits for a free connection
REFRESH = 20.0  #: seconds between two new sessions
LIFETIME = 600.0  #: seconds, where no second session is granted to replace an old one
_OVER = "this term is over"
ASK_AGAIN = 60.0  #: seconds before asking for one session more than were granted


class Pool:
    """Thread-safe. It opens the first connection when one is needed."""

    def __init__(
        self,
        connect: Callable[[], NewSession],
        size: int,
        metrics: PoolMetrics,
        *,
        current: CurrentServer | None = None,
        clock: Clock | None = None,
    ) -> None:
        """``connect`` opens a session or raises ``BotError``."""
        self._connect = connect
        self._size = size
        self._metrics = metrics
        self._current = current or CurrentServer()
        self._clock = clock or SystemClock()
        self._used = UsedStatements(self._clock)
        metrics.size.set(size)
        self._changed = Condition()
        self._idle: list[Pooled] = []
        self._over: UUID | None = None  #: the token of the last term that was lost
        self._of_terms: set[Pooled] = set()  #: in use for a term
        self._opened_for_terms: set[TimedCall[Pooled | None]] = set()
        self._open = self._opening = 0  #: open ones are idle or in use
        self._granted: int | None = None  #: how many were granted, when that was fewer than asked
        self._ask_at = 0.0
        self._warned = False
        self._generation = 0
        self._closed = False

    def take(self, term: Term | None = None) -> Pooled:
        """A working connection. Raises ``Unavailable`` when none is free in time, ``Fenced`` when
        ``term`` is over."""
        pooled = self._taken(self._clock.now(), term)
        self._metrics.in_use.inc()
        with self._changed:
            if term is not None:
                self._of_terms.add(pooled)
            is_over = self._is_over(term)
        if is_over:
            self.give_back(pooled, reusable=False)
            raise Fenced(_OVER)
        return pooled

    def give_back(self, pooled: Pooled, *, reusable: bool) -> None:
        self._metrics.in_use.dec()
        with self._changed:
            self._of_terms.discard(pooled)
            if reusable and self._is_kept(pooled) and self._open <= self._limit():
                self._idle.append(pooled)
                self._changed.notify()
                return
        self._drop(pooled, in_order=reusable)

    def refresh(self) -> None:
        """Replace the oldest idle session by a new one. Raises ``BotError`` without one."""
        with self._changed:
            refused = self._granted is not None and self._clock.now() < self._ask_at
            if self._closed or not self._open or self._opening or refused:
                return
            self._opening += 1
        try:
            session = self._connect()
        except NoMoreSessions:
            self._opened_nothing()
            self._were_granted(self._open)
            self._retire(older_than=LIFETIME)
            return
        except BaseException:
            self._opened_nothing()
            raise
        new = self._added(session)
        new.prepare_ahead()
        if self._offer(new) and len(self._idle) > 1:
            self._retire(older_than=0.0)

    def make_room(self) -> None:
        """Close a session: the lock needs one, and without the lock nothing is processed."""
        with self._changed:
            if self._open < 2:
                return
            self._were_granted(self._open - 1)
        self._retire(older_than=0.0)

    def renew(self) -> None:
        """Stop keeping the sessions that are open now: they may all be read-only."""
        with self._changed:
            self._generation += 1

    def end(self, term: Term) -> None:
        """``term`` is lost: abort its calls and refuse new ones. From any thread."""
        with self._changed:
            self._over = term.token
            for pooled in self._of_terms:
                pooled.abort()
            for opening in self._opened_for_terms:
                opening.abandon()
            self._changed.notify_all()

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
        for pooled in idle:
            self._drop(pooled, in_order=True)

    # ------------------------------------------------------------- internal --

    def _is_over(self, term: Term | None) -> bool:
        return term is not None and term.token == self._over

    def _taken(self, began: float, term: Term | None) -> Pooled:
        while True:
            idle = self._idle_or_none(began, term)
            if idle is None:
                new = self._opened_in_time(began, term)
                if new is not None:
                    return new
            elif self._is_kept(idle) and idle.is_fresh:
                return idle
            else:
                self._drop(idle, in_order=True)

    def _idle_or_none(self, began: float, term: Term | None) -> Pooled | None:
        """An idle connection; None: the caller must open one, and a place is reserved for it."""

        def may_go_on() -> bool:
            return bool(self._idle) or self._has_room() or self._is_over(term)

        with self._changed:
            if not may_go_on():
                # A caller that failed to open one waits for the rest of its time.
                left = min(WAIT, began + OPENING - self._clock.now())
                with self._metrics.waits.time():
                    self._changed.wait_for(may_go_on, max(0.0, left))
            if self._is_over(term):
                raise Fenced(_OVER)
            if self._idle:
                return self._idle.pop()
            if not self._has_room():
                raise Unavailable(f"database: no free connection within {WAIT:g} s")
            self._opening += 1
            return None

    def _has_room(self) -> bool:
        taken = self._open + self._opening
        if self._granted is None or self._clock.now() < self._ask_at:
            return taken < self._limit()
        return taken < self._size and self._opening == 0

    def _limit(self) -> int:
        """How many sessions there may be now."""
        if self._granted is None or self._clock.now() >= self._ask_at:
            return self._size
        return self._granted

    def _opened_in_time(self, began: float, term: Term | None) -> Pooled | None:
        """As ``_opened``, but not for longer than a caller may wait that came at ``began``."""
        try:
            opening = TimedCall("session", self._opened, late=self._came_late)
        except Unavailable:
            self._opened_nothing()
            raise
        with self._changed:
            if term is not None:
                self._opened_for_terms.add(opening)
            if self._is_over(term):
                opening.abandon()
        try:
            return opening.result(began + OPENING - self._clock.now())
        except TimeoutError:
            raise Unavailable(f"database: no connection within {OPENING:g} s") from None
        finally:
            with self._changed:
                self._opened_for_terms.discard(opening)

    def _came_late(self, pooled: Pooled | None) -> None:
        if pooled is not None:
            self._offer(pooled)

    def _opened(self) -> Pooled | None:
        """A new connection; None: no more are granted, so wait for one that is in use."""
        try:
            session = self._connect()
        except NoMoreSessions as error:
            with self._changed:
                self._opening -= 1
                if not self._open:
                    self._changed.notify()
                    raise
                self._were_granted(self._open)
                level = "DEBUG" if self._warned else "WARNING"
                self._warned = True
                logger.bind(reason=str(error)).log(level, error.warning(self._open, self._size))
            return None
        except BaseException:
            self._opened_nothing()
            raise
        with self._changed:
            self._granted = None
        return self._added(session)

    def _were_granted(self, count: int) -> None:
        self._granted = count
        self._ask_at = self._clock.now() + ASK_AGAIN

    def _opened_nothing(self) -> None:
        with self._changed:
            self._opening -= 1
            self._changed.notify()

    def _added(self, session: NewSession) -> Pooled:
        with self._changed:
            self._opening -= 1
            self._open += 1
            self._current.saw(session.server)
            pooled = Pooled(session, self._generation, self._clock.now(), self._used)
        self._metrics.open.inc()
        return pooled

    def _offer(self, pooled: Pooled) -> bool:
        """Make a new connection available, after the others. False: it is not kept."""
        with self._changed:
            kept = self._is_kept(pooled)
            if kept:
                self._idle.insert(0, pooled)
                self._changed.notify()
        if not kept:
            self._drop(pooled, in_order=True)
        return kept

    def _retire(self, *, older_than: float) -> None:
        """Close the oldest idle session."""
        with self._changed:
            oldest = min(reversed(self._idle), key=lambda each: each.opened_at, default=None)
            if oldest is None or self._clock.now() < oldest.opened_at + older_than:
                return
            self._idle.remove(oldest)
        self._drop(oldest, in_order=True)

    def _is_kept(self, pooled: Pooled) -> bool:
        session = pooled.session
        return not (
            self._closed
            or pooled.connection.closed
            or session.read_only
            or pooled.generation != self._generation
            or self._current.was_left(session.server)
        )

    def _drop(self, pooled: Pooled, *, in_order: bool) -> None:
        pooled.close(in_order=in_order)
        with self._changed:
            self._open -= 1
            self._changed.notify()
        self._metrics.open.dec()
