"""The schema: repeatable, at home on a first release's database, and known to the code."""

import re
import shutil
import subprocess
from pathlib import Path
from threading import Event
from typing import Any

import psycopg2
import pytest

import sql
from kie.jobs.job import JobState
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import Misconfigured, Unavailable
from supervisor.runtime.secret import Secret
from tests.support.postgres.first_release import FIRST_RELEASE, fetch, run

TELLS_COLUMNS = 160_000  #: the server's version from which on it tells what a statement returns


def numbered(text: str) -> str:
    """psycopg2's parameters as PostgreSQL's own, each name with a number of its own."""
    names: dict[str, int] = {}

    def place(found: re.Match[str]) -> str:
        return f"${names.setdefault(found.group(1), len(names) + 1)}"

    return re.sub(r"%\((\w+)\)s", place, text).replace("%%", "%")


def test_the_schema_can_be_applied_any_number_of_times(empty_dsn: Secret) -> None:
    for _ in range(3):
        run(empty_dsn, sql.schema())


def test_psql_runs_the_file_by_itself(empty_dsn: Secret) -> None:
    if shutil.which("psql") is None:
        pytest.skip("psql is not installed here")
    file = Path(sql.__file__).parent / "init_schema_idempotent.sql"
    for _ in range(2):
        subprocess.run(
            ["psql", empty_dsn.reveal(), "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file)], check=True
        )


def test_a_database_of_the_first_release_keeps_every_row(empty_dsn: Secret) -> None:
    run(empty_dsn, FIRST_RELEASE)

    for _ in range(2):
        run(empty_dsn, sql.schema())

    counted = (
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM generation_jobs),"
        " (SELECT count(*) FROM orphan_callbacks)"
    )
    assert fetch(empty_dsn, counted) == [(3, 2, 1)]
    run(
        empty_dsn,
        "INSERT INTO generation_jobs (user_id, model, bot_id) VALUES (1, 'm', 5), (1, 'm', 5)",
    )


def test_a_balance_of_the_first_release_opens_the_ledger_once(empty_dsn: Secret) -> None:
    run(empty_dsn, FIRST_RELEASE)
    run(empty_dsn, sql.schema())
    run(empty_dsn, "INSERT INTO ledger (bot_id, user_id, kind, amount) VALUES (5, 1, 'topup', 7)")

    run(empty_dsn, sql.schema())

    assert fetch(empty_dsn, "SELECT user_id, balance FROM users ORDER BY user_id") == [
        (1, 20),  # whole credits: 12.30 became 13
        (2, 0),
        (3, 0),
    ]
    assert fetch(empty_dsn, "SELECT user_id, kind, amount FROM ledger ORDER BY id") == [
        (1, "opening", 13),
        (1, "topup", 7),
    ]


def paid_both_ways(dsn: Secret) -> set[int]:
    """The numbers of two new receipts: of a payment in Stars, and of one by hand."""
    run(dsn, "INSERT INTO users (user_id) VALUES (7) ON CONFLICT DO NOTHING")
    by_stars = (
        "INSERT INTO payments (bot_id, charge_id, user_id, stars, state)"
        " SELECT 5, 'ch-' || count(*), 7, 50, 'credited' FROM payments RETURNING number"
    )
    by_hand = (
        "INSERT INTO topups (bot_id, user_id, file_unique_id, file_id)"
        " VALUES (5, 7, 'u', 'f') RETURNING id"
    )
    return {number for each in (by_stars, by_hand) for (number,) in fetch(dsn, each)}


def test_no_two_receipts_have_the_same_number_however_they_were_paid(empty_dsn: Secret) -> None:
    run(empty_dsn, sql.schema())
    assert paid_both_ways(empty_dsn) == {1, 2}
    run(empty_dsn, sql.schema())
    assert paid_both_ways(empty_dsn) == {3, 4}


@pytest.mark.parametrize(("stars", "by_hand"), [(3, 9), (9, 3), (0, 4), (4, 0)])
def test_receipts_that_were_numbered_apart_before_are_passed_by_both(
    empty_dsn: Secret, stars: int, by_hand: int
) -> None:
    run(empty_dsn, sql.schema())
    apart = "ALTER TABLE topups ALTER COLUMN id SET DEFAULT nextval('topups_id_seq')"
    run(empty_dsn, f"{apart}; INSERT INTO users (user_id) VALUES (7)")
    run(
        empty_dsn,
        "INSERT INTO payments (bot_id, charge_id, user_id, stars, state)"
        f" SELECT 5, 'old-' || n, 7, 50, 'credited' FROM generate_series(1, {stars}) AS n;"
        " INSERT INTO topups (bot_id, user_id, file_unique_id, file_id)"
        f" SELECT 5, 7, 'u', 'f' FROM generate_series(1, {by_hand})",
    )

    for _ in range(2):
        run(empty_dsn, sql.schema())

    new = paid_both_ways(empty_dsn)
    assert len(new) == 2
    assert min(new) > max(stars, by_hand)


def test_a_migration_says_what_it_changed_and_then_has_nothing_to_do(empty_dsn: Secret) -> None:
    clock, stop = SystemClock(), Event()

    first = migrate(empty_dsn, clock, stop)
    second = migrate(empty_dsn, clock, stop)

    assert "created table telegram_updates" in first.changes
    assert second.changes == ()


def test_a_newer_schema_is_refused(empty_dsn: Secret) -> None:
    migrate(empty_dsn, SystemClock(), Event())
    run(empty_dsn, "UPDATE schema_version SET version = 999, checksum = 'x'")

    with pytest.raises(Misconfigured, match="newer release"):
        migrate(empty_dsn, SystemClock(), Event())


def test_a_migration_does_not_wait_behind_others_for_ever(
    empty_dsn: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.database.migration.TRIES", 1)
    migrate(empty_dsn, SystemClock(), Event())
    run(empty_dsn, "UPDATE schema_version SET checksum = 'older'")
    busy = psycopg2.connect(empty_dsn.reveal())
    with busy.cursor() as cursor:
        cursor.execute("LOCK TABLE users IN ACCESS SHARE MODE")

        with pytest.raises(Unavailable, match="locked by others"):
            migrate(empty_dsn, SystemClock(), Event())
    busy.close()


STATEMENTS = sorted(
    file.stem
    for file in Path(sql.__file__).parent.glob("*.sql")
    if file.stem not in {"init_schema_idempotent", "migration", "transactions"}
)


@pytest.mark.parametrize("name", STATEMENTS)
def test_every_named_statement_fits_the_schema(connect: Any, name: str) -> None:
    cursor = connect().cursor()
    for statement, text in sql.load(name).items():
        cursor.execute(f"PREPARE {statement} AS {numbered(text)}")


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_returns_a_time_without_its_zone(connect: Any, name: str) -> None:
    """Python would take it for a time in the zone of the host."""
    cursor = connect().cursor()
    if cursor.connection.server_version < TELLS_COLUMNS:
        pytest.skip("this server does not tell what a statement returns")
    for statement, text in sql.load(name).items():
        cursor.execute(f"PREPARE {statement} AS {numbered(text)}")

    cursor.execute(
        "SELECT name FROM pg_prepared_statements"
        " WHERE 'timestamp without time zone'::regtype = ANY (result_types)"
    )
    assert cursor.fetchall() == []


def test_python_and_postgresql_know_the_same_job_states(dsn: Secret) -> None:
    ((definition,),) = fetch(
        dsn,
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'job_status_known'",
    )

    assert set(re.findall(r"'(\w+)'", definition)) == {state.value for state in JobState}


def test_ensure_user_adds_and_keeps(dsn: Secret) -> None:
    run(dsn, "SELECT ensure_user(7, 'nick', 'Name'); SELECT ensure_user(7, NULL, 'New')")

    assert fetch(dsn, "SELECT username, first_name, balance FROM users") == [("nick", "New", 0)]


def test_an_update_moves_updated_at(dsn: Secret) -> None:
    run(dsn, "INSERT INTO users (user_id, updated_at) VALUES (7, '2000-01-01')")
    run(dsn, "UPDATE users SET first_name = 'x' WHERE user_id = 7")

    assert fetch(dsn, "SELECT updated_at > '2020-01-01' FROM users") == [(True,)]
