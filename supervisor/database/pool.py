"""The pool of database connections. A connection is opened on demand and then kept.

psycopg2's own pools raise when all connections are in use. This one waits for a free one. Rules:

1. A session is not kept when it is read-only, is connected to another server than the newest
   session, is older than ``LIFETIME``, or was open when another session turned out read-only.
2. When the server or a pooler grants no more sessions, the pool goes on with those that it has
   and asks for another one after a while.
3. Taking a connection ends within ``connection.OPENING`` seconds, whatever hangs.
4. ``abort_fenced`` aborts the calls of a lost term that hang.
"""

from collections.abc import Callable
from threading import Condition
from typing import Any

from loguru import logger

from supervisor.database.connection import OPENING, NewSession, NoMoreSessions
from supervisor.database.current_server import CurrentServer
from supervisor.runtime.abortable_socket import AbortableSocket
from supervisor.runtime.clock import Clock, SystemClock
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.readiness import wait_readable
from supervisor.telemetry.metrics import PoolMetrics

WAIT = 2.5  #: seconds that a caller waits for a free connection
LIFETIME = 600.0  #: seconds, ± 20 %; only a new session shows that the server has changed
ASK_AGAIN = 60.0  #: seconds before asking for one session more than were granted


class Pooled:
    """A connection of the pool."""

    def __init__(self, session: NewSession, generation: int, old_at: float) -> None:
        self.connection: Any = session.connection
        self.session = session
        self.generation = generation
        self.old_at = old_at
        self._socket = AbortableSocket(session.connection.fileno())

    @property
    def is_fresh(self) -> bool:
        """Whether the server has not ended it while it was idle: then its last message would be
        readable; a healthy idle session has nothing to read."""
        return not self.connection.closed and not wait_readable([self.connection], 0.0)

    def abort(self) -> None:
        """Make a hanging network call return at once. May be called from any thread."""
        self._socket.abort()

    def close(self, *, in_order: bool) -> None:
        """``in_order``: tell the server; that may hang on a cut connection."""
        if not in_order:
            self._socket.abort()
        self.connection.close()
        self._socket.close()


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
        metrics.size.set(size)
        self._changed = Condition()
        self._idle: list[Pooled] = []
        self._fenced: set[Pooled] = set()
        self._open = 0  #: idle or in use
        self._opening = 0
        self._granted: int | None = None  #: how many were granted, when that was fewer than asked
        self._ask_at = 0.0
        self._warned = False
        self._generation = 0
        self._closed = False

    def take(self, *, fenced: bool) -> Pooled:
        """A working connection. Raises ``Unavailable`` when none is free in time."""
        pooled = self._taken(self._clock.now())
        self._metrics.in_use.inc()
        if fenced:
            with self._changed:
                self._fenced.add(pooled)
        return pooled

    def give_back(self, pooled: Pooled, *, reusable: bool) -> None:
        self._metrics.in_use.dec()
        with self._changed:
            self._fenced.discard(pooled)
            if reusable and self._is_kept(pooled):
                self._idle.append(pooled)
                self._changed.notify()
                return
        self._drop(pooled, in_order=reusable)

    def renew(self) -> None:
        """Stop keeping the sessions that are open now: they may all be read-only."""
        with self._changed:
            self._generation += 1

    def abort_fenced(self) -> None:
        """Abort every database call that belongs to a term."""
        with self._changed:
            for pooled in self._fenced:
                pooled.abort()

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        self._closed = True
        while True:
            with self._changed:
                if not self._idle:
                    return
                pooled = self._idle.pop()
            self._drop(pooled, in_order=True)

    # ------------------------------------------------------------- internal --

    def _taken(self, began: float) -> Pooled:
        while True:
            idle = self._idle_or_none(began)
            if idle is None:
                new = self._opened()
                if new is not None:
                    return new
            elif self._is_kept(idle) and idle.is_fresh:
                return idle
            else:
                self._drop(idle, in_order=True)

    def _idle_or_none(self, began: float) -> Pooled | None:
        """An idle connection; None: the caller must open one, and a place is reserved for it."""
        with self._changed:
            if not self._idle and self._has_room():
                self._opening += 1
                return None
            if self._idle:
                return self._idle.pop()
            # A caller that failed to open one waits for the rest of its time.
            left = min(WAIT, began + OPENING - self._clock.now())
            with self._metrics.waits.time():
                self._changed.wait_for(lambda: self._idle or self._has_room(), max(0.0, left))
            if self._idle:
                return self._idle.pop()
            if not self._has_room():
                raise Unavailable(f"database: no free connection within {WAIT:g} s")
            self._opening += 1
            return None

    def _has_room(self) -> bool:
        taken = self._open + self._opening
        if self._granted is None:
            return taken < self._size
        if self._clock.now() < self._ask_at:
            return taken < self._granted
        return taken < self._size and self._opening == 0

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
                self._granted = self._open
                self._ask_at = self._clock.now() + ASK_AGAIN
                self._warn(error)
            return None
        except BaseException:
            with self._changed:
                self._opening -= 1
                self._changed.notify()
            raise
        with self._changed:
            self._opening -= 1
            self._open += 1
            self._granted = None
            self._current.saw(session.server)
            old_at = self._clock.now() + self._clock.jitter(LIFETIME)
            pooled = Pooled(session, self._generation, old_at)
        self._metrics.open.inc()
        return pooled

    def _is_kept(self, pooled: Pooled) -> bool:
        session = pooled.session
        return not (
            self._closed
            or pooled.connection.closed
            or session.read_only
            or pooled.generation != self._generation
            or self._clock.now() >= pooled.old_at
            or self._current.was_left(session.server)
        )

    def _drop(self, pooled: Pooled, *, in_order: bool) -> None:
        pooled.close(in_order=in_order)
        with self._changed:
            self._open -= 1
            self._changed.notify()
        self._metrics.open.dec()

    def _warn(self, error: NoMoreSessions) -> None:
        level = "DEBUG" if self._warned else "WARNING"
        self._warned = True
        logger.bind(reason=str(error)).log(
            level,
            f"[DB] ⚠️ {self._granted} of {self._size} sessions were granted to this instance, and no"
            " more: work goes on with these, slower under load. Each instance may need"
            f" {self._size + 2}: raise the pooler's size (PgBouncer: default_pool_size, Supabase:"
            " pool size) or PostgreSQL's max_connections",
        )
