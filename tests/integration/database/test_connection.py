"""A session sets for itself what it needs, whatever the database, the role or libpq would say."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

import psycopg2
import pytest

from supervisor.database.connection import WORK_LIMITS, connect
from supervisor.database.current_server import Server
from supervisor.database.migration import migrate
from supervisor.database.transactions import Database
from supervisor.lock.protocol import Lock, LockLost, LockTarget
from supervisor.lock.session import Session
from supervisor.lock.timing import Timing
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import Misconfigured, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.threads import BackgroundThread
from supervisor.runtime.wakeups import Wakeups
from tests.support.machine.waiting import until
from tests.support.postgres.standby import Standby

Connect = Callable[[], Any]


def name_of(dsn: Secret) -> str:
    return str(psycopg2.extensions.parse_dsn(dsn.reveal())["dbname"])


def run(connect: Connect, *statements: str) -> None:
    with connect().cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def opened(dsn: Secret) -> Iterator[Any]:
    connection = connect(dsn, application_name="test").connection
    try:
        yield connection
    finally:
        connection.close()


def value(connection: Any, statement: str, *parameters: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def test_a_session_that_nobody_can_watch_is_an_outage_of_the_moment(
    dsn: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process has all the threads that it may have. No update is to blame for that."""

    def refuse(_: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(BackgroundThread, "start", refuse)
    with pytest.raises(Unavailable, match="no thread"):
        connect(dsn, application_name="unwatched")

    monkeypatch.undo()
    with opened(dsn) as connection:
        until(lambda: value(connection, UNWATCHED) == 0, 5, "the end of the session")


UNWATCHED = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'unwatched'"

#: What may be set for a database or a role, and what a session of ours has all the same.
OVERRULED = [
    ("default_transaction_isolation", "serializable", "read committed"),
    ("default_transaction_deferrable", "on", "off"),
    ("standard_conforming_strings", "off", "on"),
    ("client_encoding", "LATIN1", "UTF8"),
    ("search_path", "nowhere", "public"),
    ("search_path", "", "public"),
    ("DateStyle", "German, DMY", "ISO, YMD"),
    ("IntervalStyle", "iso_8601", "postgres"),
    ("TimeZone", "Europe/Moscow", "UTC"),
    ("bytea_output", "escape", "hex"),
    ("extra_float_digits", "-15", "1"),
    ("transform_null_equals", "on", "off"),
    ("array_nulls", "off", "on"),
    ("quote_all_identifiers", "on", "off"),
    ("client_min_messages", "error", "notice"),
    ("session_replication_role", "replica", "origin"),
    ("synchronous_commit", "off", "on"),
    ("statement_timeout", "3s", "10s"),
    ("lock_timeout", "1s", "5s"),
    ("idle_in_transaction_session_timeout", "0", "5s"),
    ("idle_session_timeout", "60s", "0"),
]


@pytest.mark.parametrize(("name", "theirs", "ours"), OVERRULED)
def test_what_a_database_has_set_does_not_count(
    request: pytest.FixtureRequest, dsn: Secret, connect: Connect, name: str, theirs: str, ours: str
) -> None:
    if name == "idle_session_timeout":
        request.getfixturevalue("idle_sessions_end")
    run(connect, f"ALTER DATABASE {name_of(dsn)} SET {name} = '{theirs}'")

    with opened(dsn) as connection:
        assert value(connection, f"SHOW {name}") == ours


def test_a_time_limit_that_is_too_short_for_the_first_statement_does_not_count(
    dsn: Secret, connect: Connect
) -> None:
    """It holds until our own is set, and no session would ever be opened."""
    run(connect, f"ALTER DATABASE {name_of(dsn)} SET statement_timeout = 1")

    for _ in range(5):
        with opened(dsn) as connection:
            assert value(connection, "SHOW statement_timeout") == "10s"


@pytest.mark.parametrize("code", ["0A000", "42501", "55000"])
def test_a_server_that_does_not_tell_its_identity_is_used_all_the_same(
    dsn: Secret, code: str
) -> None:
    """Aurora refuses with 0A000 or 55000 to name a place in a log that it does not have."""
    with psycopg2.connect(dsn.reveal()) as connection, connection.cursor() as cursor:
        # What replaces it is not called: it stays built in under its number.
        cursor.execute("ALTER FUNCTION pg_catalog.pg_current_wal_lsn() RENAME TO pg_other_lsn")
        cursor.execute(
            "CREATE FUNCTION pg_catalog.pg_current_wal_lsn() RETURNS pg_lsn"
            f" LANGUAGE plpgsql AS $$ BEGIN RAISE 'no' USING ERRCODE = '{code}'; END $$"
        )
    connection.close()
    database = database_at(dsn)

    database.ping()
    lock = Lock.open(LockTarget(dsn, 5, 6, 1, "i", "c"), Timing())
    assert lock.take()

    database.close()
    lock.close()


def test_what_the_environment_says_to_libpq_does_not_count(
    dsn: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on -c geqo=off")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    monkeypatch.setenv("PGTZ", "Asia/Tokyo")
    monkeypatch.setenv("PGDATESTYLE", "German")
    monkeypatch.setenv("PGAPPNAME", "somebody")

    with opened(dsn) as connection:
        assert value(connection, "SHOW default_transaction_read_only") == "off"
        assert value(connection, "SHOW client_encoding") == "UTF8"
        assert value(connection, "SHOW TimeZone") == "UTC"
        assert value(connection, "SHOW DateStyle") == "ISO, YMD"
        assert value(connection, "SHOW application_name") == "test"


def test_what_the_address_itself_says_counts(dsn: Secret) -> None:
    address = Secret(dsn.reveal() + "&options=-c%20geqo%3Doff")

    with opened(address) as connection:
        assert value(connection, "SHOW geqo") == "off"


def test_a_stricter_commit_of_the_administrator_is_kept(dsn: Secret, connect: Connect) -> None:
    run(connect, f"ALTER DATABASE {name_of(dsn)} SET synchronous_commit = 'remote_apply'")

    with opened(dsn) as connection:
        assert value(connection, "SHOW synchronous_commit") == "remote_apply"


@pytest.mark.parametrize("text", ["😀 ё", "a\\b", "it's \\' quoted", "E'\\\\'", "%s"])
def test_every_text_comes_back_as_it_was_sent(dsn: Secret, connect: Connect, text: str) -> None:
    run(
        connect,
        f"ALTER DATABASE {name_of(dsn)} SET client_encoding = 'WIN1251'",
        f"ALTER DATABASE {name_of(dsn)} SET standard_conforming_strings = off",
        f"ALTER DATABASE {name_of(dsn)} SET backslash_quote = on",
    )

    with opened(dsn) as connection:
        assert value(connection, "SELECT %s::text", text) == text


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "WIN1251"])
def test_a_database_that_cannot_hold_every_text_is_refused_with_the_cure(
    dsn: Secret, connect: Connect, encoding: str
) -> None:
    name = f"{name_of(dsn)}_{encoding.lower()}"
    run(
        connect,
        f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE template0"
        " LC_COLLATE 'C' LC_CTYPE 'C'",
    )
    try:
        with pytest.raises(Misconfigured, match=f"encoding {encoding}.*ENCODING 'UTF8'"):
            Session.open(at_database(dsn, name), Timing(), name="test", channels=())
    finally:
        run(connect, f"DROP DATABASE {name} WITH (FORCE)")


def at_database(dsn: Secret, name: str) -> Secret:
    return Secret(dsn.reveal().replace(f"/{name_of(dsn)}?", f"/{name}?"))


def test_the_tables_are_found_in_the_schema_that_has_them(empty_dsn: Secret, postgres: Any) -> None:
    """Made by a role whose own schema comes first, used by one that has another path."""
    del postgres
    with psycopg2.connect(empty_dsn.reveal()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA bot")
        cursor.execute(f"ALTER DATABASE {name_of(empty_dsn)} SET search_path = bot, public")
    connection.close()
    migrate(empty_dsn, SystemClock(), Event())

    with opened(empty_dsn) as connection:
        assert value(connection, "SHOW search_path") == "bot"
        assert value(connection, "SELECT to_regclass('public.users')") is None
        assert migrate(empty_dsn, SystemClock(), Event()).changes == ()
        # A schema that comes later and first on the path has no tables of ours.
        with connection.cursor() as cursor:
            cursor.execute("CREATE SCHEMA newer")
            cursor.execute(f"ALTER DATABASE {name_of(empty_dsn)} SET search_path = newer, bot")
        connection.commit()

    with opened(empty_dsn) as connection:
        assert value(connection, "SHOW search_path") == "bot"


def test_a_database_without_any_schema_is_refused_with_the_reason(empty_dsn: Secret) -> None:
    with psycopg2.connect(empty_dsn.reveal()) as connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public")
    connection.close()

    with pytest.raises(Misconfigured, match="schema"):
        migrate(empty_dsn, SystemClock(), Event())


def database_at(dsn: Secret) -> Database:
    return Database(dsn, size=3, bot_id=1, fence_key=1, name="test", wakeups=Wakeups())


def store(database: Database) -> None:
    with database.transaction() as tx:
        tx.run("SELECT ensure_user(7, NULL, NULL)")


def test_a_read_only_phase_ends_for_the_sessions_that_were_opened_in_it(
    dsn: Secret, connect: Connect
) -> None:
    database = database_at(dsn)
    run(connect, f"ALTER DATABASE {name_of(dsn)} SET default_transaction_read_only = on")
    for _ in range(4):
        with pytest.raises(Unavailable):
            store(database)
        with pytest.raises(Unavailable, match="read-only"):
            database.ping()

    run(
        connect,
        "SET default_transaction_read_only = off",
        f"ALTER DATABASE {name_of(dsn)} RESET default_transaction_read_only",
    )

    store(database)
    database.ping()
    database.close()


def test_sessions_that_turned_read_only_are_replaced_at_the_first_refusal(
    dsn: Secret, database: Database
) -> None:
    with database.transaction() as first, database.transaction() as second:
        for tx in (first, second):
            tx.run("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")

    with pytest.raises(Unavailable, match="25006"):
        store(database)

    store(database)
    store(database)


def test_the_pool_refuses_a_standby_and_takes_it_once_it_is_promoted(dsn: Secret) -> None:
    standby = Standby(dsn)
    database = database_at(standby.dsn)
    try:
        with pytest.raises(Unavailable, match="standby"):
            database.ping()
        before = connect(dsn, application_name="test")
        standby.promote()
        database.ping()
        after = connect(standby.dsn, application_name="test")

        assert before.server.differs(after.server)
        assert before.server.system_id == after.server.system_id
        before.connection.close()
        after.connection.close()
    finally:
        database.close()
        standby.close()


def test_a_lock_on_a_server_that_newer_sessions_left_is_given_up(dsn: Secret) -> None:
    target = LockTarget(dsn, 5, 6, 1, "i", "c")
    lock = Lock.open(target, Timing())
    assert lock.take()
    term = lock.win(()).term
    lock.heartbeat(term)

    target.current_server.saw(Server(1, 99))

    with pytest.raises(LockLost, match="another server"):
        lock.heartbeat(term)
    with pytest.raises(LockLost, match="another server"):
        lock.take()
    lock.close()


def test_a_role_that_is_locked_out_later_is_waited_for(dsn: Secret, connect: Connect) -> None:
    """A password is being changed: the process that has worked before does not end for it."""
    role = f"r_{name_of(dsn)}"
    run(connect, f"CREATE ROLE {role} LOGIN SUPERUSER")
    try:
        database = database_at(Secret(dsn.reveal().replace("postgres:@", f"{role}:@")))
        store(database)
        run(connect, f"ALTER ROLE {role} NOLOGIN")
        with database.transaction() as held:
            held.one("SELECT 1")
            with pytest.raises(Unavailable, match="28000"):
                store(database)
        database.close()
        with pytest.raises(Misconfigured, match="28000"):
            store(database_at(Secret(dsn.reveal().replace("postgres:@", f"{role}:@"))))
    finally:
        run(connect, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.mark.parametrize("text", ["a\0b", "a\udcffb"])
def test_a_text_that_postgresql_cannot_hold_is_rejected_and_nothing_else(
    database: Database, text: str
) -> None:
    with pytest.raises(Rejected, match="cannot be stored"), database.transaction() as tx:
        tx.one("SELECT %(text)s::text", {"text": text})

    store(database)


def test_what_happens_after_a_commit_cannot_undo_it(database: Database) -> None:
    done: list[str] = []

    def broken() -> None:
        raise RuntimeError("of a listener")

    with database.transaction() as tx:
        tx.afterwards(broken)
        tx.afterwards(lambda: done.append("second"))

    assert done == ["second"]


@pytest.mark.usefixtures("idle_sessions_end")
def test_limits_are_those_of_the_table(dsn: Secret) -> None:
    with opened(dsn) as connection:
        for name, wanted in WORK_LIMITS.items():
            setting = value(connection, "SELECT setting FROM pg_settings WHERE name = %s", name)
            assert int(setting) == wanted
