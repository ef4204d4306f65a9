"""Transactions on PostgreSQL: named statements, errors with a disposition.

A transaction that acts for the ACTIVE instance names its term; the fence is then the
first statement. Every foreign exception ends here: callers see only children of
``BotError``. The connections come from ``supervisor/database/pool.py``.

The lock's own connection is not from this pool (``supervisor/lock/protocol.py``).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg2
import psycopg2.extensions

import sql
from supervisor.database.pool import Pool
from supervisor.runtime.errors import (
    BotError,
    Contended,
    Fenced,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Unavailable,
)
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.runtime.wakeups import Wakeups
from supervisor.telemetry.metrics import PoolMetrics

Row = dict[str, Any]

#: Seconds. Connecting and a call on a cut line each give up before ``Timing.loss`` is over,
#: else the process would have to end to be sure that nothing of a lost term still runs.
CONNECT_TIMEOUT = 3
TCP_USER_TIMEOUT_MS = 4000
#: A peer that is gone is noticed after about 11 s of silence: seconds, seconds, probes.
KEEPALIVES: Mapping[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
#: For whoever hangs in the middle of a transaction: its locks would outlive it.
SESSION_LIMITS = (
    "SET statement_timeout = '10s'; SET lock_timeout = '5s';"
    " SET idle_in_transaction_session_timeout = '5s'"
)
#: For work on many rows, where one row must not hold up the others for long.
SHORT_LIMITS: Mapping[str, str] = {"lock": "1s", "statement": "5s"}
#: SQLSTATE that ``trt_fence`` raises.
FENCE_REFUSED = "SF001"

_SQL = sql.load("supervisor")


def work_channel(bot_id: int) -> str:
    """The channel on which an instance that is not ACTIVE wakes the one that is."""
    return f"trt_work_{bot_id}"


def connect(
    dsn: Secret,
    *,
    application_name: str,
    tcp_user_timeout_ms: int = TCP_USER_TIMEOUT_MS,
    connect_timeout: int = CONNECT_TIMEOUT,
) -> Any:
    """A new connection with the network limits every session of ours has.

    Raises ``Unavailable`` or, for a refused password or unknown database, ``Misconfigured``.
    """
    try:
        return psycopg2.connect(
            dsn.reveal(),
            application_name=application_name,
            connect_timeout=connect_timeout,
            keepalives=1,
            **KEEPALIVES,
            tcp_user_timeout=tcp_user_timeout_ms,
        )
    except psycopg2.Error as error:
        raise translate(error) from None


def translate(error: psycopg2.Error) -> BotError:
    """What a database error means for the caller.

    SQLSTATE classes: 08 connection, 53 resources, 57 operator intervention,
    40 rollback, 55 lock not available → try again; 28 and 3D → settings;
    25006 read-only → try again elsewhere; the rest is our own mistake.
    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    code = error.pgcode
    text = str(error).strip().partition("\n")[0] or type(error).__name__
    if code == FENCE_REFUSED:
        return Fenced(text)
    if code is None:
        if any(
            sign in text for sign in ("authentication failed", "does not exist", "no pg_hba.conf")
        ):
            return Misconfigured([f"DATABASE_URL: the server refuses it: {text}"])
        # No SQLSTATE: the connection broke, or never came to be.
        return Unavailable(f"database: {text}")
    if code[:2] == "40":
        return Contended(f"database: {text} ({code})")
    if code[:2] in {"08", "53", "57", "55"} or code == "25006":
        return Unavailable(f"database: {text} ({code})")
    if code[:2] in {"28", "3D"}:
        return Misconfigured([f"DATABASE_URL: the server refuses it: {text}"])
    return Rejected(f"database: {text} ({code})")


class Tx:
    """One open transaction. Made by ``Database.transaction`` only."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self.topics: set[str] = set()
        self.acts: list[Callable[[], None]] = []

    def all(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run one statement and return its rows; [] is an answer."""
        self._cursor.execute(statement, params)
        if self._cursor.description is None:
            return []
        names = [column.name for column in self._cursor.description]
        return [dict(zip(names, row, strict=True)) for row in self._cursor.fetchall()]

    def one(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> Row | None:
        """Run one statement and return its first row, or None when there is none."""
        rows = self.all(statement, params)
        return rows[0] if rows else None

    def run(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> int:
        """Run one statement and return how many rows it touched; 0 is an answer."""
        self._cursor.execute(statement, params)
        return int(self._cursor.rowcount)

    def wake(self, topic: str) -> None:
        """After the commit, wake who works on ``topic``, here or in the ACTIVE instance."""
        self.topics.add(topic)

    def afterwards(self, act: Callable[[], None]) -> None:
        """Call ``act`` after the commit, if there is one; for what only counts."""
        self.acts.append(act)


class Database:
    """Where everybody gets transactions. Thread-safe. Connects when one is needed."""

    def __init__(
        self,
        dsn: Secret,
        *,
        size: int,
        bot_id: int,
        fence_key: int,
        name: str,
        wakeups: Wakeups,
        on_refusal: Callable[[], None] = lambda: None,
        metrics: PoolMetrics | None = None,
    ) -> None:
        self._dsn = dsn
        self._name = name
        self._fence_key = fence_key
        self._channel = work_channel(bot_id)
        self._wakeups = wakeups
        #: Called for each transaction that is refused because its term is over.
        self._on_refusal = on_refusal
        self._pool = Pool(self._open, size, metrics or PoolMetrics())
        self._over: UUID | None = None
        #: Set by the supervisor: while ACTIVE, wake-ups stay inside the process.
        self.is_active = False

    @contextmanager
    def transaction(self, term: Term | None = None, *, short: bool = False) -> Iterator[Tx]:
        """One transaction: commits when the block ends, rolls back when it raises.

        With ``term`` it is fenced: raises ``Fenced`` when that term is over. ``short``: a
        lock or a statement that takes longer than ``SHORT_LIMITS`` ends it. Raises
        ``Unavailable`` when no connection is to be had or the database is away;
        nothing was written then, except if the commit itself went unanswered, which
        is ``OutcomeUnknown``.
        """
        if term is not None and term.token == self._over:
            self._on_refusal()
            raise Fenced("this term is over")
        pooled = self._pool.take(fenced=term is not None)
        connection, reusable = pooled.connection, False
        try:
            with connection.cursor() as cursor:
                tx = Tx(cursor)
                if short:
                    cursor.execute(_SQL["limit_transaction"], SHORT_LIMITS)
                if term is not None:
                    cursor.execute(
                        _SQL["fence"], {"fence_key": self._fence_key, "token": str(term.token)}
                    )
                yield tx
                if not self.is_active:
                    for topic in sorted(tx.topics):
                        cursor.execute(
                            _SQL["notify_work"], {"channel": self._channel, "topic": topic}
                        )
            self._commit(connection)
            reusable = True
        except psycopg2.Error as error:
            reusable = self._roll_back(connection)
            if error.pgcode == FENCE_REFUSED:
                self._on_refusal()
            raise translate(error) from None
        except BaseException:
            reusable = self._roll_back(connection)
            raise
        finally:
            self._pool.give_back(pooled, reusable=reusable)
        for topic in tx.topics:
            self._wakeups.signal(topic)
        for act in tx.acts:
            act()

    def ping(self) -> None:
        """Raise ``Unavailable`` unless the database answers."""
        with self.transaction() as tx:
            tx.one(_SQL["ping"])

    def end_term(self, term: Term) -> None:
        """``term`` is lost: nothing that it asks of the database can change anything.

        From any thread. Its calls under way return at once, even on a cut line; later ones
        raise ``Fenced`` without asking the server.
        """
        self._over = term.token
        self._pool.abort_fenced()

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        self._pool.close()

    def _open(self) -> Any:
        connection = connect(self._dsn, application_name=self._name)
        try:
            with connection.cursor() as cursor:
                cursor.execute(SESSION_LIMITS)
            connection.commit()
        except psycopg2.Error as error:
            connection.close()
            raise translate(error) from None
        return connection

    def _commit(self, connection: Any) -> None:
        try:
            connection.commit()
        except psycopg2.Error as error:
            if error.pgcode is None:
                raise OutcomeUnknown("database: the connection broke during a commit") from None
            raise

    def _roll_back(self, connection: Any) -> bool:
        try:
            connection.rollback()
        except psycopg2.Error:
            # The connection is gone and its transaction with it.
            return False
        return True
