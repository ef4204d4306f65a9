"""Databases with the schema for one test at a time, on the server that all tests share.

A new database costs more than most tests do. So one is used again when its test has changed
nothing but rows: they are removed, sequences begin anew, sessions are ended. A database whose
catalog or settings differ from those it was made with is dropped.

What changed is asked of the server's own counters first, from PostgreSQL 15 on: a session adds to
them before it ends, and all have ended. Only where they have moved is the catalog itself read,
which costs more than many tests do.
"""

import io
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

import psycopg2
from psycopg2.extensions import parse_dsn

from supervisor.database.migration import checksum, migrate
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from tests.support.machine.waiting import until

#: These are catalogs of the whole server, and so are their counters.
_SETTINGS = """
SELECT concat(datdba, datallowconn, datconnlimit, datacl, (
    SELECT string_agg(s::text, ',') FROM pg_db_role_setting AS s WHERE s.setdatabase IN (0, d.oid)))
FROM pg_database AS d WHERE datname = current_database()
"""
#: Whatever changes tables, columns, triggers, functions, rights or settings changes this. Rows
#: of a catalog carry the transaction that wrote them; pg_class is rewritten by TRUNCATE, too.
_FINGERPRINT = f"""
SELECT ARRAY[
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_attribute),
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_attrdef),
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_constraint),
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_trigger),
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_proc),
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_type),
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_rewrite),
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_namespace),
    (SELECT count(*) || ' ' || max(xmin::text::bigint) FROM pg_extension),
    (SELECT count(*)::text FROM pg_default_acl),
    (SELECT md5(string_agg(c::text, ',')) FROM (
        SELECT oid, relname, relkind, relowner, relacl, reloptions, relrowsecurity, relpersistence
        FROM pg_class ORDER BY oid) AS c),
    ({_SETTINGS})
]
"""
#: Counts each row of the other catalogs that was ever written. Counters that began anew, as after
#: a crash, tell nothing: so the times of that are part of it.
_WRITTEN = f"""
SELECT concat(({_SETTINGS}), ' ', pg_stat_get_bgwriter_stat_reset_time(), ' ',
    (SELECT pg_stat_get_db_stat_reset_time(oid) FROM pg_database
     WHERE datname = current_database()), ' ',
    (SELECT sum(pg_stat_get_tuples_inserted(c) + pg_stat_get_tuples_updated(c)
                + pg_stat_get_tuples_deleted(c))
     FROM unnest(CAST('{{pg_attribute, pg_attrdef, pg_constraint, pg_trigger, pg_proc, pg_type,
        pg_rewrite, pg_namespace, pg_extension, pg_default_acl, pg_class}}' AS regclass[])) AS c))
"""
#: The first version whose counters are exact.
_COUNTS = 150000
_OTHERS = (
    "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_FILLED = """
SELECT coalesce(array_agg(oid::regclass::text), '{}') FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
#: TRUNCATE makes new files for each table, its indexes and whatever refers to it: too dear for a
#: few rows. A table that has grown is truncated, so its dead rows do not slow later tests.
_GROWN = """
SELECT coalesce(array_agg(t), '{}') FROM unnest(CAST(%s AS text[])) AS t
WHERE pg_relation_size(CAST(t AS regclass)) > 400000
"""
#: No trigger keeps rows.
_UNGUARDED = "SET session_replication_role = replica"
_BEGIN_ANEW = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence"


@dataclass(frozen=True, slots=True)
class _Database:
    dsn: Secret
    keeper: Any  #: a session of ours; beginning one costs more than what it does
    fingerprint: Any
    written: str  #: the counters of the catalog when it was as the fingerprint says
    rows: Mapping[str, str]  #: what the schema itself puts into tables


class Databases:
    """Lends databases of the server at ``server``, whose address names ``/postgres``."""

    def __init__(self, server: Secret) -> None:
        self._server = server
        self._free: list[_Database] = []
        self._template = self._with_schema()

    @contextmanager
    def lend(self) -> Iterator[Secret]:
        """One with the schema and without rows."""
        lent = self._free.pop() if self._free else self._made()
        yield lent.dsn
        try:
            clean = _cleaned(lent)
        except psycopg2.Error:
            clean = None  # our session was ended, or the database is not what it was at all
        if clean:
            self._free.append(clean)
        else:
            self._forget(lent)

    @contextmanager
    def lend_empty(self) -> Iterator[Secret]:
        """One without anything."""
        dsn = self._new("template0")
        yield dsn
        self._drop(dsn)

    def close(self) -> None:
        """The template stays: another pytest on the same server finds it (``tests/mutants``)."""
        for each in self._free:
            self._forget(each)

    def _with_schema(self) -> str:
        """The name of a database that only others are made from. As an instance makes it: one that
        starts in a copy has nothing to change."""
        name = f"schema_{checksum()[:16]}"
        with admin(self._server) as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if cursor.fetchone() is None:
                made = self._new("template0")
                migrate(made, SystemClock(), Event())
                cursor.execute(f"ALTER DATABASE {name_of(made)} RENAME TO {name}")
        return name

    def _made(self) -> _Database:
        dsn = self._new(self._template)
        keeper = _connected(dsn)
        with keeper.cursor() as cursor:
            cursor.execute(_UNGUARDED)
            written = _written(cursor)
            return _Database(dsn, keeper, _one(cursor, _FINGERPRINT), written, dict(_rows(cursor)))

    def _new(self, template: str) -> Secret:
        name = f"t_{uuid.uuid4().hex[:12]}"
        with admin(self._server) as cursor:
            # As files, not through the log of changes: a third of the work.
            copied = "STRATEGY FILE_COPY" if _counts(cursor) else ""
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template} {copied}")
        return at(self._server, name)

    def _forget(self, database: _Database) -> None:
        database.keeper.close()
        self._drop(database.dsn)

    def _drop(self, dsn: Secret) -> None:
        with admin(self._server) as cursor:
            cursor.execute(f"DROP DATABASE {name_of(dsn)} WITH (FORCE)")


def _cleaned(lent: _Database) -> _Database | None:
    """None: something else than rows is not as it was."""
    with lent.keeper.cursor() as cursor:
        end_sessions(cursor, _OTHERS)
        written = _written(cursor)
        if not written or written != lent.written:
            if _one(cursor, _FINGERPRINT) != lent.fingerprint:
                return None
            lent = replace(lent, written=written)
        filled = _one(cursor, _FILLED)
        if filled:
            cursor.execute("; ".join(f"DELETE FROM {table}" for table in filled))
        grown = _one(cursor, _GROWN, filled)
        if grown:
            cursor.execute(f"TRUNCATE {', '.join(grown)} CASCADE")
        cursor.execute(_BEGIN_ANEW)
        for table, text in lent.rows.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))
    return lent


def _written(cursor: Any) -> str:
    """Empty: this server does not count."""
    return str(_one(cursor, _WRITTEN)) if _counts(cursor) else ""


def _counts(cursor: Any) -> bool:
    return bool(cursor.connection.server_version >= _COUNTS)


def _rows(cursor: Any) -> Iterator[tuple[str, str]]:
    for table in _one(cursor, _FILLED):
        text = io.StringIO()
        cursor.copy_expert(f"COPY {table} TO STDOUT", text)
        yield table, text.getvalue()


def _one(cursor: Any, statement: str, *parameters: Any) -> Any:
    cursor.execute(statement, parameters)
    return cursor.fetchone()[0]


def end_sessions(cursor: Any, which: str, *parameters: Any) -> None:
    """End the sessions of this condition on pg_stat_activity; they are gone on return."""
    cursor.execute(
        "SELECT coalesce(array_agg(pid), '{}') FROM ("
        f" SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity WHERE {which}) AS ended",
        parameters,
    )
    (pids,) = cursor.fetchone()
    if not pids:
        return
    left = "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY (%s)"
    until(lambda: _one(cursor, left, pids) == 0, 10, "the sessions have ended")


def at(server: Secret, database: str) -> Secret:
    """The address of another database of the same server."""
    return Secret(server.reveal().replace("/postgres?", f"/{database}?"))


def name_of(dsn: Secret) -> str:
    return str(parse_dsn(dsn.reveal())["dbname"])


@contextmanager
def admin(dsn: Secret) -> Iterator[Any]:
    """A cursor that commits each statement."""
    with closing(_connected(dsn)) as connection, connection.cursor() as cursor:
        yield cursor


def _connected(dsn: Secret) -> Any:
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    return connection
