"""Databases with the schema for one test at a time, on the server that all tests share.

A new database costs more than most tests do. So one is used again when its test has changed
nothing but rows: they are removed, sequences begin anew, sessions are ended. A database whose
catalog or settings differ from those it was made with is dropped.
"""

import io
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.extensions import parse_dsn

import sql
from supervisor.runtime.secret import Secret
from tests.support.machine.waiting import until

#: Whatever changes tables, columns, triggers, functions, rights or settings changes this. Rows
#: of a catalog carry the transaction that wrote them; pg_class is rewritten by TRUNCATE, too.
_FINGERPRINT = """
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
    (SELECT string_agg(s::text, ',') FROM pg_db_role_setting AS s, pg_database AS d
     WHERE d.datname = current_database() AND s.setdatabase IN (0, d.oid)),
    (SELECT concat(datdba, datallowconn, datconnlimit, datacl)
     FROM pg_database WHERE datname = current_database())
]
"""
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
    fingerprint: Any
    rows: Mapping[str, str]  #: what the schema itself puts into tables


class Databases:
    """Lends databases of the server at ``server``, whose address names ``/postgres``."""

    def __init__(self, server: Secret) -> None:
        self._server = server
        self._free: list[_Database] = []
        self._template = self._new("template0")
        with admin(self._template) as cursor:
            cursor.execute(sql.schema())

    @contextmanager
    def lend(self) -> Iterator[Secret]:
        """One with the schema and without rows."""
        lent = self._free.pop() if self._free else self._made()
        yield lent.dsn
        try:
            clean = _clean(lent)
        except psycopg2.OperationalError:
            clean = False  # it takes no connections any more
        if clean:
            self._free.append(lent)
        else:
            self._drop(lent.dsn)

    @contextmanager
    def lend_empty(self) -> Iterator[Secret]:
        """One without anything."""
        dsn = self._new("template0")
        yield dsn
        self._drop(dsn)

    def close(self) -> None:
        for each in self._free:
            self._drop(each.dsn)
        self._drop(self._template)

    def _made(self) -> _Database:
        dsn = self._new(name_of(self._template))
        with admin(dsn) as cursor:
            return _Database(dsn, _one(cursor, _FINGERPRINT), dict(_rows(cursor)))

    def _new(self, template: str) -> Secret:
        name = f"t_{uuid.uuid4().hex[:12]}"
        with admin(self._server) as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return at(self._server, name)

    def _drop(self, dsn: Secret) -> None:
        with admin(self._server) as cursor:
            cursor.execute(f"DROP DATABASE {name_of(dsn)} WITH (FORCE)")


def _clean(lent: _Database) -> bool:
    """False: something else than rows is not as it was."""
    with admin(lent.dsn) as cursor:
        end_sessions(cursor, _OTHERS)
        if _one(cursor, _FINGERPRINT) != lent.fingerprint:
            return False
        cursor.execute(_UNGUARDED)
        filled = _one(cursor, _FILLED)
        for table in filled:
            cursor.execute(f"DELETE FROM {table}")
        grown = _one(cursor, _GROWN, filled)
        if grown:
            cursor.execute(f"TRUNCATE {', '.join(grown)} CASCADE")
        cursor.execute(_BEGIN_ANEW)
        for table, text in lent.rows.items():
            cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(text))
    return True


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
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        yield cursor
