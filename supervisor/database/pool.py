"""The pool of work connections: opened on demand, kept open, one thread each at a time.

psycopg2's own pools either raise when all connections are taken or close each one that comes
back; this one waits for a free one and keeps it. And it can free the calls that hang on a cut
line: those that work for a term are worth nothing once the term is over.
"""

import contextlib
import socket
from collections.abc import Callable
from queue import Empty, LifoQueue
from threading import BoundedSemaphore, Lock
from typing import Any

from supervisor.runtime.errors import Unavailable
from supervisor.runtime.readiness import readable
from supervisor.telemetry.metrics import PoolMetrics

WAIT = 2.5  #: seconds a caller waits for a free connection


class Pooled:
    """A connection, and a descriptor of its own by which another thread can free it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        # The family does not matter for a shutdown.
        self._socket = socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)

    @property
    def is_fresh(self) -> bool:
        """A session that the server ended while it lay idle has its farewell waiting in the
        socket; a healthy idle session has nothing to say."""
        return not self.connection.closed and not readable([self.connection], 0.0)

    def abort(self) -> None:
        """From any thread: make a call that hangs in the network return at once."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.connection.close()
        self._socket.close()


class Pool:
    """Thread-safe. Holds no connection until one is needed."""

    def __init__(self, connect: Callable[[], Any], size: int, metrics: PoolMetrics) -> None:
        """``connect`` opens a connection or raises ``BotError``."""
        self._connect = connect
        self._metrics = metrics
        metrics.size.set(size)
        self._idle: LifoQueue[Pooled] = LifoQueue()
        self._slots = BoundedSemaphore(size)
        self._lock = Lock()
        self._fenced: set[Pooled] = set()
        self._closed = False

    def take(self, *, fenced: bool) -> Pooled:
        """A connection that works. Raises ``Unavailable`` when none is to be had."""
        self._take_slot()
        try:
            pooled = self._fresh()
        except BaseException:
            self._slots.release()
            raise
        self._metrics.in_use.inc()
        if fenced:
            with self._lock:
                self._fenced.add(pooled)
        return pooled

    def give_back(self, pooled: Pooled, *, reusable: bool) -> None:
        with self._lock:
            self._fenced.discard(pooled)
        if reusable and not pooled.connection.closed and not self._closed:
            self._idle.put(pooled)
        else:
            self._drop(pooled)
        self._metrics.in_use.dec()
        self._slots.release()

    def abort_fenced(self) -> None:
        """Free every call that waits for the database on behalf of a term."""
        with self._lock:
            for pooled in self._fenced:
                pooled.abort()

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        self._closed = True
        while True:
            try:
                self._drop(self._idle.get_nowait())
            except Empty:
                return

    def _take_slot(self) -> None:
        """Wait for leave to use a connection."""
        if self._slots.acquire(blocking=False):
            return
        with self._metrics.waits.time():
            free = self._slots.acquire(timeout=WAIT)
        if not free:
            raise Unavailable(f"database: no free connection within {WAIT:g} s")

    def _drop(self, pooled: Pooled) -> None:
        pooled.close()
        self._metrics.open.dec()

    def _fresh(self) -> Pooled:
        while True:
            try:
                pooled = self._idle.get_nowait()
            except Empty:
                pooled = Pooled(self._connect())
                self._metrics.open.inc()
                return pooled
            if pooled.is_fresh:
                return pooled
            self._drop(pooled)
