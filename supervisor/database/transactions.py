"""Transactions on PostgreSQL.

A transaction that acts for the ACTIVE instance names its term; then the fence is its first
statement. psycopg2's exceptions are translated here: callers see only subclasses of
``BotError``. The connections come from ``pool.py``; the lock has a session of its own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg2
from loguru import logger

import sql
from supervisor.database import sqlstate
from supervisor.database.connection import NewSession, Pooled, connect
from supervisor.database.current_server import CurrentServer
from supervisor.database.pool import Pool
from supervisor.database.prepared import SessionStatements
from supervisor.runtime.errors import BotError, Fenced, Misconfigured, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import ACTING_FOR, Term
from supervisor.runtime.wakeups import Wakeups, work_channel
from supervisor.telemetry.metrics import PoolMetrics

Row = dict[str, Any]
Act = Callable[[], None]
Short = bool | Mapping[str, str]
#: For work on many rows, where one row must not delay the others for long.
SHORT_LIMITS: Mapping[str, str] = {"lock": "1s", "statement": "5s"}
_SQL = sql.load("database")
_FRAME = sql.load("transactions")


class Tx:
    """One open transaction. Only ``Database.transaction`` creates it.

    Statements whose rows nobody reads wait (``send``) and go to the server together with the next
    one, or with the COMMIT: a round trip costs more than such a statement.
    """

    def __init__(
        self,
        cursor: Any,
        statements: SessionStatements,
        step: Act = lambda: None,
        term: Term | None = None,
    ) -> None:
        self.term = term  #: it is fenced for this term
        self._cursor = cursor
        self._statements = statements
        self._step = step
        self._waiting: list[bytes] = []
        self.is_broken = False  #: a statement has failed: nothing that follows can work
        self.topics: set[str] = set()
        self.acts, self.failures = list[Act](), list[Act]()

    def all(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Run one statement and return its rows. [] is a valid result."""
        self._execute(statement, params)
        if self._cursor.description is None:
            return []
        names = [column.name for column in self._cursor.description]
        return [dict(zip(names, row, strict=True)) for row in self._cursor.fetchall()]

    def one(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> Row | None:
        """Run one statement and return its first row; None: there is none."""
        return next(iter(self.all(statement, params)), None)

    def run(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> int:
        """Run one statement and return how many rows it affected. 0 is a valid result."""
        self._execute(statement, params)
        return int(self._cursor.rowcount)

    def send(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> None:
        """Run one statement with the next one that is run, or before the COMMIT. An error of it is
        raised there."""
        try:
            self._waiting += self._statements.texts(self._cursor, statement, params)
        except ValueError as error:
            # psycopg2 refuses NUL and lone surrogates.
            raise Rejected(f"database: a value cannot be stored: {error}") from None

    def send_same(self, statement: LiteralString, params: Mapping[str, Any]) -> None:
        """``send`` for what comes with many transactions, parameters and all."""
        self._waiting += self._statements.same_texts(self._cursor, statement, params)

    def _execute(self, statement: LiteralString, params: Mapping[str, Any] | None) -> None:
        self._step()
        self.send(statement, params)
        self.flush()

    def flush(self) -> None:
        """Run the statements that wait, in one round trip."""
        waiting, self.is_broken = b";\n".join(self._waiting), True
        self._waiting.clear()
        self._cursor.execute(waiting)
        self.is_broken = False

    def wake(self, topic: str) -> None:
        """After the commit, wake the subscribers of ``topic``, here or in the ACTIVE instance."""
        self.topics.add(topic)

    def afterwards(self, act: Act) -> None:
        """Call ``act`` after the commit, if there is one; for counters and other local effects."""
        self.acts.append(act)

    def otherwise(self, act: Act) -> None:
        """Call ``act`` if the transaction fails, also when its commit is not answered."""
        self.failures.append(act)


class Database:
    """Opens transactions. Thread-safe. It connects when the first one is needed."""

    def __init__(
        self,
        dsn: Secret,
        *,
        size: int,
        bot_id: int,
        fence_key: int,
        name: str,
        wakeups: Wakeups,
        on_refusal: Act = lambda: None,
        metrics: PoolMetrics | None = None,
        step: Act = lambda: None,
    ) -> None:
        """``step`` is called before each statement, in the thread that waits for it."""
        self._step, self._dsn, self._name = step, dsn, name
        self._fence_key, self._wakeups = fence_key, wakeups
        self._channel = work_channel(bot_id)
        #: Called for each transaction that is refused because its term is over.
        self._on_refusal = on_refusal
        #: The server of new sessions; the lock's session is compared with it as well.
        self.current_server = CurrentServer()
        self._pool = Pool(self._open, size, metrics or PoolMetrics(), current=self.current_server)
        #: Set by the supervisor: while ACTIVE, wake-ups stay inside the process.
        self.is_active = self._worked = False

    @contextmanager
    def transaction(
        self, term: Term | None = None, *, short: Short = False, fence_first: bool = True
    ) -> Iterator[Tx]:
        """One transaction. It commits when the block ends and rolls back when the block raises.

        With ``term`` it is fenced: raises ``Fenced`` when that term is over, or else (without
        ``fence_first``) the block's first statement does. With ``short`` these limits, or
        ``SHORT_LIMITS``, apply to each lock and statement. Raises ``Unavailable`` without a free
        connection or an answer; then nothing was written. Raises ``OutcomeUnknown`` when the
        commit itself was not answered.
        """
        pooled, reusable = self._take(term), False
        failures: Sequence[Act] = ()
        try:
            with pooled.connection.cursor() as cursor:
                tx = self._tx(pooled, cursor, term)
                failures = tx.failures
                self._begin(tx, SHORT_LIMITS if short is True else short or {}, fence_first)
                yield tx
                if not self.is_active and self._wakeups.reach_others:
                    for topic in sorted(tx.topics):
                        tx.send(_SQL["notify_work"], {"channel": self._channel, "topic": topic})
                self._commit(tx)
            reusable, failures = True, ()
        except psycopg2.Error as error:
            reusable = self._roll_back(pooled)
            if error.pgcode == sqlstate.FENCE_REFUSED:
                self._on_refusal()
            elif error.pgcode == sqlstate.READ_ONLY:
                reusable = False
                self._pool.renew()
            raise sqlstate.translate_work(error) from None
        except BaseException:
            reusable = self._roll_back(pooled)
            raise
        finally:
            self._pool.give_back(pooled, reusable=reusable)
            _run_all(failures)
        self._after_commit(tx)

    def read(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of one statement that only reads, without BEGIN and COMMIT. Raises alike."""
        pooled, reusable = self._take(), False
        try:
            with pooled.connection.cursor() as cursor:
                rows = self._tx(pooled, cursor).all(statement, params)
            reusable = True
        except BaseException as error:
            reusable = self._roll_back(pooled)
            if isinstance(error, psycopg2.Error):
                raise sqlstate.translate_work(error) from None
            raise
        finally:
            self._pool.give_back(pooled, reusable=reusable)
        return rows

    def ping(self) -> None:
        """Raise ``Unavailable`` unless the database accepts writes now."""
        if not self.read(_SQL["ping"])[0]["writable"]:
            raise Unavailable(
                "database: the server or the role is read-only; nothing can be stored"
            )

    def refresh(self) -> None:
        """Open a new session now and then: only that shows that the address leads elsewhere."""
        try:
            self._pool.refresh()
        except BotError as error:
            logger.bind(reason=str(error)).debug("session_not_refreshed")

    def make_room(self) -> None:
        """The server grants no session for the lock: close one of ours."""
        self._pool.make_room()

    def end_term(self, term: Term) -> None:
        """``term`` is lost: abort the database calls of its services and refuse new ones.

        May be called from any thread. Running calls return at once, even on a cut connection;
        later ones raise ``Fenced`` without asking the server. So do those that name no term.
        """
        self._pool.end(term)

    def close(self) -> None:
        """Close the idle connections; those in use close when they come back."""
        self._pool.close()

    def _open(self) -> NewSession:
        try:
            session = connect(self._dsn, application_name=self._name, autocommit=True)
        except Misconfigured as error:
            # One that has worked before may pass: a password is being changed, for example.
            raise (Unavailable(str(error)) if self._worked else error) from None
        self._worked = True
        return session

    def _take(self, term: Term | None = None) -> Pooled:
        """A connection for ``term``, or else for that of the service whose thread this is."""
        self._step()
        try:
            return self._pool.take(term or ACTING_FOR.get())
        except Fenced:
            self._on_refusal()
            raise

    def _tx(self, pooled: Pooled, cursor: Any, term: Term | None = None) -> Tx:
        tx = Tx(cursor, pooled.statements, self._step, term)
        if pooled.statements.must_plan_again():
            tx.send(_FRAME["forget_plans"])
        return tx

    def _begin(self, tx: Tx, limits: Mapping[str, str], fence_first: bool) -> None:
        tx.send_same(_FRAME["begin"], {})
        key, term = self._fence_key, tx.term
        fence = {} if term is None else {"fence_key": key, "token": str(term.token)}
        if fence or limits:
            name = "limit_transaction" if not fence else "fence_within" if limits else "fence"
            tx.send_same(_SQL[name], {**fence, **limits})
        if fence and fence_first:  # no work begins for a term that is over
            tx.flush()

    def _commit(self, tx: Tx) -> None:
        """Together with the statements that wait. An error of one of them means that nothing was
        committed; a connection that breaks leaves both open."""
        tx.send_same(_FRAME["commit"], {})
        try:
            tx.flush()
        except psycopg2.Error as error:
            if error.pgcode in {sqlstate.FENCE_REFUSED, sqlstate.READ_ONLY}:
                raise
            for topic in tx.topics:  # it may be committed all the same
                self._wakeups.signal(topic)
            if sqlstate.is_notify_full(error):
                self._wakeups.refused()
            raise sqlstate.translate_commit(error) from None

    def _after_commit(self, tx: Tx) -> None:
        """An error there does not undo the commit."""
        for topic in tx.topics:
            self._wakeups.signal(topic)
        _run_all(tx.acts)

    def _roll_back(self, pooled: Pooled) -> bool:
        pooled.statements.forget()  # what was prepared in the statements that failed is not known
        try:
            with pooled.connection.cursor() as cursor:
                cursor.execute(_FRAME["roll_back"])
            return True
        except psycopg2.Error:
            return False  # the connection broke, and the server rolls the transaction back


def _run_all(acts: Sequence[Act]) -> None:
    """Run what follows a transaction. An error there must not look like a failed transaction."""
    for act in acts:
        try:
            act()
        except Exception as error:  # noqa: BLE001 any mistake; the transaction has had its end
            logger.opt(exception=error).error("after_commit_failed")
