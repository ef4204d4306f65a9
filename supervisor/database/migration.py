"""Applies the schema of this release. Any instance may do it, any number of times.

The schema file is idempotent. This module adds what a file cannot do: an advisory lock lets one
instance migrate at a time; short lock timeouts, with retries, keep it from blocking a busy old
release; if the file's digest is the one that was applied last, no DDL runs; a schema that is
newer than the code is refused; and sequences that are behind their tables are set right.
"""

import hashlib
import re
from dataclasses import dataclass
from threading import Event
from typing import Any

import psycopg2
import psycopg2.extras

import sql
from supervisor.database.connection import WORK_LIMITS, connect
from supervisor.database.sqlstate import translate
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import Misconfigured, Unavailable
from supervisor.runtime.secret import Secret

_SQL = sql.load("migration")
SESSION_NAME = "trt:migration"  #: its ``application_name``
TRIES = 10
PAUSE = 1.0  #: seconds between two tries
_MADE = re.compile(r"(?m)^CREATE (?:OR REPLACE )?(TABLE|FUNCTION) (?:IF NOT EXISTS )?(\w+)")
#: Milliseconds. While we wait for a table lock, statements of an old release queue behind us.
LIMITS = {**WORK_LIMITS, "lock_timeout": 2_000, "statement_timeout": 60_000}


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did. ``changes`` are lines for people; empty: nothing changed."""

    version: int
    changes: tuple[str, ...]


def checksum() -> str:
    """The digest of the schema file, as it is recorded in the database."""
    return hashlib.sha256(sql.schema().encode()).hexdigest()


def migrate(dsn: Secret, clock: Clock, stop: Event) -> Migrated:
    """Apply the schema if the database does not have it yet.

    Raises ``Misconfigured`` (newer schema, missing rights) or ``Unavailable`` (unreachable,
    read-only, locked by other sessions for too long, stopped).
    """
    connection = connect(dsn, application_name=SESSION_NAME, limits=LIMITS).connection
    try:
        for attempt in range(1, TRIES + 1):
            try:
                done = _migrate_once(connection)
                _check_rights(connection)
                return Migrated(done.version, done.changes + _count_on(connection))
            except psycopg2.errors.LockNotAvailable:
                connection.rollback()
                if attempt == TRIES or clock.wait(stop, PAUSE):
                    break
            except psycopg2.errors.InsufficientPrivilege as error:
                text = str(error).strip().partition("\n")[0]
                raise Misconfigured(
                    [f"DATABASE_URL: the role may not change the schema: {text}"]
                ) from None
            except psycopg2.Error as error:
                raise translate(error) from None
        raise Unavailable("database: the schema is locked by others; is a long transaction open?")
    finally:
        connection.close()


def differences(dsn: Secret) -> list[str]:
    """What the database lacks of ``sql/``; [] means nothing. Changes nothing.

    A second schema is created in a transaction that is rolled back, and the names in the two
    schemas are compared. Raises ``Unavailable`` or ``Misconfigured``.
    """
    connection = connect(dsn, application_name="trt:schema-check", limits=LIMITS).connection
    applied = None
    try:
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            applied = _applied(cursor)
            if applied is None:
                return ["no table of this program exists"]
            there = _inventory(cursor)
            if applied["checksum"] == checksum() and (found := _missing_rights(cursor)):
                return found
            cursor.execute(_SQL["scratch_schema"])
            cursor.execute(_SQL["look_into_scratch"])
            cursor.execute(sql.schema())
            wanted = _inventory(cursor)
        missing = wanted - there
        if not missing and applied["checksum"] != checksum():
            return ["another release's schema was applied last"]
        return [f"{thing} is missing" for thing in _causes(missing)]
    except psycopg2.errors.InsufficientPrivilege as error:
        # A role that may use the tables and make none works, if these are the ones of this release.
        if applied is not None and applied["checksum"] == checksum():
            return []
        raise translate(error) from None
    except psycopg2.Error as error:
        raise translate(error) from None
    finally:
        connection.close()


def _check_rights(connection: Any) -> None:
    """Without a right every update would fail, or every order; nobody would see why."""
    with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        missing = _missing_rights(cursor)
    connection.rollback()
    if missing:
        raise Misconfigured(
            [
                f"DATABASE_URL: the role lacks rights: {'; '.join(missing)}; as the owner of the"
                " tables GRANT them (ALTER DEFAULT PRIVILEGES covers those of later releases), or"
                " let the bot connect as the owner; against row level security: ALTER ROLE …"
                " BYPASSRLS"
            ]
        )


def _missing_rights(cursor: Any) -> list[str]:
    names = {"tables": _made("TABLE"), "functions": _made("FUNCTION")}
    cursor.execute(_SQL["missing_rights"], names)
    return [str(row["missing"]) for row in cursor.fetchall()]


def _count_on(connection: Any) -> tuple[str, ...]:
    """Let sequences that are behind their tables go on after the highest number there. While
    somebody has locked a table (VACUUM FULL), that waits for the next start: it is rarely due."""
    try:
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(_SQL["count_on"], {"tables": _made("TABLE")})
            changes = tuple(str(row["change"]) for row in cursor.fetchall())
        connection.commit()
    except psycopg2.errors.LockNotAvailable:
        connection.rollback()
        return ()
    return changes


def _made(kind: str) -> list[str]:
    """The names of what the schema makes."""
    return [name for what, name in _MADE.findall(sql.schema()) if what == kind]


def _causes(missing: set[str]) -> list[str]:
    """Missing tables first, without the columns and indexes of missing tables."""
    tables = sorted(thing for thing in missing if thing.startswith("table "))
    gone = {table.partition(" ")[2] for table in tables}
    rest = [
        thing
        for thing in sorted(missing - set(tables))
        if not any(re.search(rf"\b{table}(?:\b|_)", thing) for table in gone)
    ]
    return [*tables, *rest]


def _migrate_once(connection: Any) -> Migrated:
    with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        applied = _applied(cursor)
        if applied is not None and applied["checksum"] == checksum():
            connection.rollback()
            return Migrated(applied["version"], ())
        cursor.execute(_SQL["one_at_a_time"])
        # Another instance may have migrated while we waited for the lock.
        applied = _applied(cursor)
        if applied is not None and applied["checksum"] == checksum():
            connection.rollback()
            return Migrated(applied["version"], ())
        before = _inventory(cursor)
        cursor.execute(sql.schema())
        cursor.execute(_SQL["record_checksum"], {"checksum": checksum()})
        after = _inventory(cursor)
        connection.commit()
    changes = [f"created {thing}" for thing in sorted(after - before)]
    changes += [f"removed {thing}" for thing in sorted(before - after)]
    return Migrated(sql.SCHEMA_VERSION, tuple(changes) or ("functions and triggers refreshed",))


def _applied(cursor: Any) -> Any:
    """The applied version; None: none yet. Raises ``Misconfigured`` for a newer schema."""
    cursor.execute(_SQL["has_version"])
    if not cursor.fetchone()["known"]:
        return None
    cursor.execute(_SQL["version"])
    row = cursor.fetchone()
    if row is not None and row["version"] > sql.SCHEMA_VERSION:
        raise Misconfigured(
            [
                f"the database has schema version {row['version']}, this release knows"
                f" {sql.SCHEMA_VERSION}; deploy a newer release"
            ]
        )
    return row


def _inventory(cursor: Any) -> set[str]:
    cursor.execute(_SQL["inventory"])
    return {row["thing"] for row in cursor.fetchall()}
