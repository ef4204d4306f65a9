"""Opens a session on PostgreSQL: connects, sets the session's settings, checks the server.

Rules

1. A session sets everything that our statements rely on. Values from ``ALTER DATABASE``, ``ALTER
   ROLE``, ``PGOPTIONS`` or the server's configuration do not count, except for two decisions of
   an administrator: a read-only database stays read-only, and ``synchronous_commit`` may be
   stricter than ours.
2. Our tables are in one schema: the one where they are found on the role's ``search_path`` or in
   ``public``, else the role's current schema.
3. A standby is refused, and so is a database whose encoding is not ``UTF8``, and a session whose
   triggers do not run.
4. Finding the host (``supervisor/network/database_hosts.py``), connecting and the first statements
   have time limits on our side. A pooler accepts a client at once and delays its first statement
   until a server session is free.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psycopg2
import psycopg2.extensions
import psycopg2.extras
from loguru import logger

import sql
from supervisor.database import refusal, sqlstate
from supervisor.database.current_server import Server
from supervisor.database.prepared import SessionStatements, UsedStatements
from supervisor.network.database_hosts import Hosts
from supervisor.runtime.abortable_socket import AbortableSocket
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import BotError, Disposition, Misconfigured, Unavailable
from supervisor.runtime.readiness import wait_readable
from supervisor.runtime.secret import Secret

#: Seconds. Connecting, and a call on a cut connection, must fail before ``Timing.loss`` is over.
#: Otherwise the process would have to end, so that no work of a lost term goes on.
CONNECT_TIMEOUT = 3
CONNECT_TIMEOUT_LATE = 2  #: the same after a slow look-up of the host; the least that libpq takes
TCP_USER_TIMEOUT_MS = 4000
FIRST_STATEMENTS = 3.0  #: seconds for the first statements of a session
OPENING = 4.5  #: seconds for opening a session as a whole
SOON = 0.2  #: seconds in which a host is found as a rule
#: A dead peer is noticed after about 11 s: seconds, seconds, number of probes.
KEEPALIVES = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
#: Milliseconds. They end a transaction that hangs and would keep its locks.
WORK_LIMITS: Mapping[str, int] = {
    "statement_timeout": 10_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 5_000,
    "idle_session_timeout": 0,
}
#: What our statements and psycopg2 rely on. What this server or our role cannot set is skipped.
_SETTINGS: Mapping[str, str] = {
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "transaction_timeout": "0",
    "standard_conforming_strings": "on",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "quote_all_identifiers": "off",
    "client_min_messages": "notice",
    "lc_messages": "C",
    "session_replication_role": "origin",
    # The statements that we prepare find their rows by indexes, whatever their parameters. By
    # default PostgreSQL plans them for each call, as it takes our lists for longer than they are.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
}
_SQL, _FRAME = sql.load("database"), sql.load("transactions")
_CLOCK = SystemClock()
_HOSTS = Hosts()


class NoMoreSessions(Unavailable):
    """The server or a pooler grants no further session at the moment."""

    def warning(self, granted: int, wanted: int) -> str:
        return (
            f"[DB] ⚠️ {granted} of {wanted} sessions were granted to this instance, and no"
            " more: work goes on with these, slower under load. Each instance may need"
            f" {wanted + 2}: raise the pooler's size (PgBouncer: default_pool_size, Supabase:"
            " pool size) or PostgreSQL's max_connections"
        )


@dataclass(frozen=True, slots=True)
class NewSession:
    """A connection that is ready for use, and what is known about it."""

    connection: Any
    server: Server
    facts: Mapping[str, Any]  #: the row of the statement ``session_facts``

    @property
    def read_only(self) -> bool:
        return bool(self.facts["read_only"])

    @property
    def through_pooler(self) -> bool:
        """Whether a pooler is in between: the process id that it told us is not the server's."""
        return bool(self.facts["pid"] != self.connection.info.backend_pid)


class Pooled:
    """A session of the pool (``pool.py``)."""

    def __init__(
        self, session: NewSession, generation: int, opened_at: float, used: UsedStatements
    ) -> None:
        self.connection: Any = session.connection
        self.session = session
        self.generation = generation
        self.opened_at = opened_at
        self.statements = SessionStatements(used)
        self._socket = AbortableSocket(session.connection.fileno())

    def prepare_ahead(self) -> None:
        """Plan what was used lately, in one round trip; where that fails, first uses prepare it."""
        if ahead := self.statements.ahead():
            try:
                with self._socket.limited(FIRST_STATEMENTS):
                    _run(self.connection, ";\n".join(ahead))
            except BotError as error:
                logger.bind(error=str(error)).debug("not_prepared_ahead")
                self.statements.forget()
                with suppress(BotError):
                    _run(self.connection, _FRAME["roll_back"])

    @property
    def is_fresh(self) -> bool:
        """False: the server has ended it meanwhile. A healthy idle session has nothing to read."""
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


def connect(
    dsn: Secret,
    *,
    application_name: str,
    limits: Mapping[str, int] = WORK_LIMITS,
    tcp_user_timeout_ms: int = TCP_USER_TIMEOUT_MS,
    connect_timeout: int = CONNECT_TIMEOUT,
    autocommit: bool = False,
) -> NewSession:
    """Open a session by the rules of this module.

    Raises ``Unavailable`` (unreachable, a standby, no answer in time), ``LoginRefused`` (password
    refused, unknown database) or another ``Misconfigured`` (wrong encoding).
    """
    began = _CLOCK.now()
    where = _HOSTS.addresses(psycopg2.extensions.parse_dsn(dsn.reveal()))
    if _CLOCK.now() > began + SOON:
        connect_timeout = min(connect_timeout, CONNECT_TIMEOUT_LATE)
    parameters: dict[str, Any] = {
        **where,
        "application_name": application_name,
        "connect_timeout": connect_timeout,
        "client_encoding": "UTF8",
        **{"keepalives": 1, **KEEPALIVES},
        "tcp_user_timeout": tcp_user_timeout_ms,
    }
    connection = _opened(dsn.reveal(), parameters)
    try:
        # In autocommit mode, since one of the first statements may be refused.
        connection.autocommit = True
        left = began + OPENING - _CLOCK.now()
        session = _within(min(FIRST_STATEMENTS, max(1.0, left)), connection, limits)
        connection.autocommit = autocommit
    except BaseException:
        connection.close()
        raise
    return session


def _opened(dsn: str, parameters: dict[str, Any]) -> Any:
    """A connection with standard_conforming_strings, which psycopg2 reads once, on connecting."""
    options = str(psycopg2.extensions.parse_dsn(dsn).get("options", ""))
    connection = _connect(dsn, {**parameters, "options": options})
    if connection.info.parameter_status("standard_conforming_strings") != "off":
        return connection
    connection.close()
    # Only if needed: poolers reject options.
    options = f"{options} -c standard_conforming_strings=on".strip()
    return _connect(dsn, {**parameters, "options": options})


def _connect(dsn: str, parameters: dict[str, Any]) -> Any:
    try:
        return psycopg2.connect(dsn, **parameters)
    except psycopg2.Error as error:
        code = refusal.sqlstate(error, dsn, parameters)
        if sqlstate.is_full(error, code):
            raise NoMoreSessions(f"database: {sqlstate.first_line(error)} ({code})") from None
        raise sqlstate.translate_refusal(error, code) from None


def _within(seconds: float, connection: Any, limits: Mapping[str, int]) -> NewSession:
    line = AbortableSocket(connection.fileno())
    try:
        with line.limited(seconds):
            return _prepared(connection, limits)
    except BotError:
        if line.is_aborted:
            raise NoMoreSessions(_NO_ANSWER) from None
        raise
    finally:
        line.close()


def _prepared(connection: Any, limits: Mapping[str, int]) -> NewSession:
    wanted = {**_SETTINGS, **limits}
    settings = {"names": list(wanted), "values": [str(value) for value in wanted.values()]}
    try:
        facts = _facts(connection, settings)
    except Unavailable:
        _end_time_limit(connection)
        facts = _facts(connection, settings)
    if facts["in_recovery"]:
        raise Unavailable("database: this server is a standby; DATABASE_URL must name the primary")
    if facts["replication_role"] != "origin":
        raise Misconfigured([_NO_TRIGGERS.format(**facts)])
    if facts["server_encoding"] != "UTF8":
        raise Misconfigured(
            [
                f"DATABASE_URL: the database {facts['database']} has the encoding"
                f" {facts['server_encoding']}, which cannot hold every text; create one with"
                " ENCODING 'UTF8' TEMPLATE template0 and name it"
            ]
        )
    return NewSession(connection, Server(facts["system_id"], facts["timeline"]), facts)


def _facts(connection: Any, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Set the session's settings and ask for the facts, with the server's identity if it tells."""
    try:
        return _one(connection, "session_facts_and_identity", settings)
    except BotError as error:
        if error.disposition is not Disposition.GIVE_UP or connection.closed:
            raise
    # Managed servers may refuse the functions that tell the identity.
    return {**_one(connection, "session_facts", settings), "system_id": None, "timeline": None}


def _end_time_limit(connection: Any) -> None:
    """Until ours is set, a limit of the role or the database holds: it may cancel even this."""
    while True:
        try:
            return _run(connection, _SQL["end_time_limit"])
        except Unavailable:
            if connection.closed:  # also when the time for the first statements is over
                raise


def _run(connection: Any, statement: str) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    except psycopg2.Error as error:
        raise sqlstate.translate(error) from None


def _one(connection: Any, name: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Set the session's settings, and the row of the statement ``name``, in one round trip."""
    try:
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            prepare = cursor.mogrify(_SQL["prepare_session"], settings)
            cursor.execute(prepare + b";\n" + cursor.mogrify(_SQL[name]))
            return dict(cursor.fetchone())
    except psycopg2.Error as error:
        raise sqlstate.translate_facts(error) from None


_NO_TRIGGERS = (
    "DATABASE_URL: session_replication_role is {replication_role}, and the role may not set it: the"
    " triggers that keep the balances would not run. As a superuser: ALTER ROLE … RESET"
    " session_replication_role, or ALTER DATABASE {database} RESET session_replication_role"
)
_NO_ANSWER = (
    "database: a new session got no answer in time: a pooler has no free server session"
    " (PgBouncer: raise default_pool_size), or the server hangs"
)
