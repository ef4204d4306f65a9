"""The database session of the lock. It belongs to no pool.

It is in autocommit mode. ``open`` sets its limits and reads them back. It refuses a read-only
server and a pooler that shares sessions. Between statements the thread waits in ``wait``, so the
end of the session is noticed within milliseconds, not at the next statement.

One thread uses it. Only ``abort`` may be called from other threads: it makes a hanging call of
that thread return. A session whose state is uncertain is closed and never repaired.
"""

import contextlib
import datetime
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString, Self

import psycopg2
import psycopg2.extras
import psycopg2.sql

import sql
from supervisor.database.connection import NewSession, connect
from supervisor.database.pooler import refuse_transaction_pooler
from supervisor.database.sqlstate import translate
from supervisor.database.transactions import Row
from supervisor.lock import session_limits as limits
from supervisor.lock.timing import Timing
from supervisor.runtime.abortable_socket import AbortableSocket
from supervisor.runtime.errors import BotError, Unavailable
from supervisor.runtime.readiness import wait_readable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wake_pipe import WakePipe

_SQL = sql.load("lock")


class Session:
    """The lock's session. Methods raise ``Unavailable`` when it has ended."""

    def __init__(self, new: NewSession) -> None:
        self._connection = new.connection
        self._line = AbortableSocket(new.connection.fileno())
        #: The server that it is connected to.
        self.server = new.server
        #: Server time at which this session began; behind a pooler, when the client connected.
        self.born: datetime.datetime = new.facts[
            "server_time" if new.through_pooler else "backend_start"
        ]
        #: Sentences for the operator, to be logged once.
        self.warnings: tuple[str, ...] = ()

    @classmethod
    def open(cls, dsn: Secret, timing: Timing, *, name: str, channels: Sequence[str]) -> Self:
        """Connect, set the limits and read them back, check the server, LISTEN.

        Raises ``Unavailable`` (unreachable, in recovery, read-only) or ``Misconfigured`` (behind
        a transaction pooler, or a limit is not kept).
        """
        new = connect(
            dsn,
            application_name=name[:63],
            limits=limits.wanted(timing),
            tcp_user_timeout_ms=int(timing.tcp_user_timeout * 1000),
            connect_timeout=int(timing.connect),
            autocommit=True,
        )
        session = cls(new)
        try:
            session._judge(new, dsn, timing)
            for channel in channels:
                session.listen(channel)
        except BaseException:
            session.close()
            raise
        return session

    @property
    def broken(self) -> bool:
        """Whether the session is known to have ended. False: it may still be open."""
        return bool(self._connection.closed) or self._fatal_notice() is not None

    def all(self, name: str, params: Mapping[str, Any]) -> list[Row]:
        """Run a named statement of ``sql/lock.sql``; [] is an answer."""
        try:
            with self._connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
                cursor.execute(_SQL[name], params)
                return [dict(row) for row in cursor.fetchall()] if cursor.description else []
        except psycopg2.Error as error:
            raise self._broken(error) from None

    def run(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> int:
        """Run a statement for its effect; returns the number of rows it touched."""
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement, params)
                return max(0, int(cursor.rowcount))
        except psycopg2.Error as error:
            raise self._broken(error) from None

    def listen(self, channel: str) -> None:
        """LISTEN on ``channel``; it takes effect when the open transaction commits."""
        # LISTEN takes no parameter; the name is quoted by psycopg2.
        statement = psycopg2.sql.SQL("LISTEN {}").format(psycopg2.sql.Identifier(channel))
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
        except psycopg2.Error as error:
            raise self._broken(error) from None

    def wait(self, seconds: float, wake_pipe: WakePipe) -> list[tuple[str, str]]:
        """Wait for notifications or the wake pipe, for at most ``seconds``.

        Returns the notifications as (channel, payload).
        """
        notes = self._notifications()
        if notes:
            return notes
        try:
            ready = wait_readable([self._connection, wake_pipe], seconds)
        except psycopg2.Error as error:  # it was closed already
            raise self._broken(error) from None
        if self._connection in ready:
            self._poll()
            notes = self._notifications()
        if wake_pipe in ready:
            wake_pipe.clear()
        return notes

    def abort(self) -> None:
        """Make a hanging network call return at once. May be called from any thread."""
        self._line.abort()

    def close(self) -> None:
        """Close the session. The server frees every lock that it holds."""
        with contextlib.suppress(psycopg2.Error):
            self._connection.close()
        self._line.close()

    def _judge(self, new: NewSession, dsn: Secret, timing: Timing) -> None:
        """Check that it can write, that no pooler shares it, and that its limits are in force."""
        warnings: tuple[str, ...] = ()
        if new.read_only:
            raise Unavailable(
                "database: the server or the role is read-only; nothing can be stored"
            )
        if new.through_pooler:
            refuse_transaction_pooler(dsn, lambda: int(self.all("backend", {})[0]["pid"]))
            warnings = (_SESSION_POOLER,)
        wanted = limits.wanted(timing)
        rows = self.all("limits_in_force", {"names": list(wanted)})
        in_force = {each["name"]: each["value"] for each in rows}
        over_tcp = bool(new.facts["over_tcp"])
        self.warnings = warnings + limits.judge(wanted, in_force, over_tcp=over_tcp)

    def _poll(self) -> None:
        """Read what the server sent. A FATAL notice becomes ``Unavailable``."""
        try:
            self._connection.poll()
        except psycopg2.Error as error:
            raise self._broken(error) from None
        # psycopg2 may return normally after a FATAL; then only the notices show it.
        if self.broken:
            raise self._broken(None)

    def _fatal_notice(self) -> str | None:
        for notice in reversed(self._connection.notices):
            if notice.startswith("FATAL"):
                return " ".join(notice.split())
        return None

    def _broken(self, error: psycopg2.Error | None) -> BotError:
        fatal = self._fatal_notice()
        if fatal is not None:
            return Unavailable(f"database: {fatal}")
        if error is not None:
            return translate(error)
        return Unavailable("database: the server closed the connection")

    def _notifications(self) -> list[tuple[str, str]]:
        # A statement may have received notifications: look here before waiting on the socket.
        notes = [(note.channel, note.payload) for note in self._connection.notifies]
        self._connection.notifies.clear()
        return notes


_SESSION_POOLER = (
    "DATABASE_URL leads through a session pooler: it works, but each instance"
    " keeps its server connections as long as it runs; prefer the direct address"
)
