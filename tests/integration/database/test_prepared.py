"""Prepared statements of the pool's sessions, against a real server."""

import time
from pathlib import Path
from typing import Any, LiteralString

import pytest

import sql
from supervisor.database import connection, prepared
from supervisor.database.connection import WORK_LIMITS, Pooled
from supervisor.database.prepared import FEW
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.abortable_socket import AbortableSocket
from supervisor.runtime.errors import (
    Contended,
    Rejected,
    Unavailable,
)
from tests.support.machine.lines import captured

HOT = sql.load("money")["accounts"]  #: a prepared statement
ASKED = {"bot_id": 1, "user_ids": [7]}
#: Another one, whose rows have the columns of a table.
HEADS = sql.load("dispatch")["lane_heads"]
OF_LANES = {"bot_id": 1, "after": 0, "last": 9, "lanes": 9, "depth": 1}


def test_a_session_prepares_a_statement_of_the_hot_path_once(database: Database) -> None:
    named = "SELECT name, calls FROM (SELECT name, generic_plans + custom_plans AS calls FROM"

    for _ in range(3):
        database.read(HOT, ASKED)

    rows = database.read(f"{named} pg_prepared_statements) AS p WHERE name = 'trt_money_accounts'")
    assert rows == [{"name": "trt_money_accounts", "calls": 3}]


LISTS: list[list[Any]] = [
    [],
    ["a"],
    ["", " ", None, "NULL", "null", "a,b", "{a}", "it's", "ё💎", "a\nb", "%(x)s", "$1"],
    ['a "quote"', None, "plain"],
    ["back\\slash", "plain", None],
    ["\\", '"', "{}", ","],
    [None, None],
]


@pytest.mark.parametrize("texts", LISTS)
def test_a_list_of_texts_reaches_a_prepared_statement_as_it_is(
    database: Database, texts: list[Any]
) -> None:
    statement = sql.Prepared("trt_test_texts", "SELECT CAST(%(texts)s AS text[]) AS texts")

    assert database.read(statement, {"texts": texts}) == [{"texts": texts}]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_a_text_in_a_list_that_cannot_be_stored_is_rejected(database: Database, text: str) -> None:
    statement = sql.Prepared("trt_test_texts", "SELECT CAST(%(texts)s AS text[]) AS texts")

    with pytest.raises(Rejected), database.transaction() as tx:
        tx.all(statement, {"texts": ["plain", text]})


def test_what_was_prepared_in_a_transaction_that_failed_works_in_the_next(
    database: Database,
) -> None:
    with pytest.raises(RuntimeError), database.transaction() as tx:
        tx.send(HOT, ASKED)
        raise RuntimeError
    with pytest.raises(Rejected), database.transaction() as tx:
        tx.all(HOT, ASKED)
        tx.run("SELECT 1 / 0")

    assert database.read(HOT, ASKED) == []


def test_a_session_that_was_reset_works_again_after_one_conflict(database: Database) -> None:
    database.read(HOT, ASKED)
    database.read("DEALLOCATE ALL")

    with pytest.raises(Contended):
        database.read(HOT, ASKED)

    assert database.read(HOT, ASKED) == []


def test_a_table_that_is_altered_under_a_prepared_statement_costs_one_conflict(
    database: Database,
) -> None:
    """As a migration does that widens a column while an older release works."""
    database.read(HEADS, OF_LANES)
    with database.transaction() as tx:
        tx.run("ALTER TABLE telegram_updates ALTER COLUMN attempts TYPE numeric")

    with pytest.raises(Contended):
        database.read(HEADS, OF_LANES)

    assert database.read(HEADS, OF_LANES) == []


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What transactions have sent."""
    found: list[str] = []
    plain = Tx.send

    def send(tx: Tx, statement: LiteralString, params: Any = None) -> None:
        found.append(statement)
        plain(tx, statement, params)

    monkeypatch.setattr(Tx, "send", send)
    return found


def test_prepared_statements_are_planned_again_after_a_while(
    database: Database, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "PLANS_LIVE", 0.0)

    database.read(HOT, ASKED)
    assert "DISCARD PLANS" not in sent
    database.read(HOT, ASKED)
    assert sent.count("DISCARD PLANS") == 1


PLANS = "SELECT name FROM pg_prepared_statements"
KNOWN = "SELECT name FROM pg_prepared_statements ORDER BY name"


def test_a_session_that_is_opened_ahead_of_need_has_planned_what_was_used(
    database: Database, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "FEW", 2)
    database.read(HOT, ASKED)
    database.read(HEADS, OF_LANES)

    database.refresh()

    known = database.read(KNOWN)
    assert [row["name"] for row in known] == ["trt_dispatch_lane_heads", "trt_money_accounts"]
    assert database.read(HOT, ASKED) == []  # PREPARE once more would be refused
    assert "DISCARD PLANS" not in sent


def test_each_statement_of_the_hot_path_can_be_planned_ahead(database: Database) -> None:
    """One that could not would keep all others from it."""
    files = [each.stem for each in Path(sql.__file__).parent.glob("*.sql")]
    loaded = [each for file in files for each in sql.load(file).values()]
    hot = [each for each in loaded if isinstance(each, sql.Prepared)]
    database.read(HOT, ASKED)
    for each in hot:
        database._pool._used.note(each)

    database.refresh()

    known = database.read(f"{PLANS} WHERE generic_plans = 1")
    assert len(known) == len(hot) > FEW


def test_what_runs_ahead_of_need_is_planned_and_not_run(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "FEW", 1)
    with database.transaction() as tx:
        tx.run("CREATE TABLE counted (n int)")
    counts = sql.Prepared("trt_test_counts", "INSERT INTO counted VALUES (%(n)s)")
    database.read(counts, {"n": 1})

    database.refresh()

    assert database.read("SELECT n FROM counted") == [{"n": 1}]


def test_a_session_for_which_nothing_can_be_planned_ahead_works_all_the_same(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "FEW", 2)
    with database.transaction() as tx:
        tx.run("CREATE TABLE gone_soon (n int)")
    database.read(HOT, ASKED)
    database.refresh()
    database.read(sql.Prepared("trt_test_gone", "SELECT n FROM gone_soon"))
    with database.transaction() as tx:
        tx.run("DROP TABLE gone_soon")

    with captured() as lines:
        database.refresh()

    assert len(lines.of("not_prepared_ahead")) == 1
    assert database.read(KNOWN) == []
    assert database.read(HOT, ASKED) == []


def test_a_plan_that_has_to_wait_holds_up_the_next_sessions_only_for_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the server hangs just after a session was opened."""
    monkeypatch.setattr(prepared, "FEW", 1)
    monkeypatch.setattr(connection, "FIRST_STATEMENTS", 0.5)
    with database.transaction() as tx:
        tx.run("CREATE TABLE locked (n int)")
    database.read(sql.Prepared("trt_test_locked", "SELECT n FROM locked"))

    began = time.monotonic()
    with database.transaction() as tx:
        tx.run("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
        database.refresh()
        waited = time.monotonic() - began

    assert waited < WORK_LIMITS["lock_timeout"] / 1000 / 2
    assert database.read(HOT, ASKED) == []


def test_a_session_that_nobody_can_watch_plans_nothing_ahead(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "FEW", 1)
    database.read(HOT, ASKED)
    plain = Pooled.prepare_ahead

    def no_thread(line: AbortableSocket, seconds: float) -> None:
        raise Unavailable("no thread")

    def unwatched(session: Pooled) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(AbortableSocket, "limited", no_thread)
            plain(session)

    monkeypatch.setattr(Pooled, "prepare_ahead", unwatched)
    database.refresh()

    assert database.read(KNOWN) == []


def test_a_bot_to_which_nobody_writes_plans_nothing_ahead(database: Database) -> None:
    database.read(HOT, ASKED)

    database.refresh()

    assert database.read(KNOWN) == []


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ([], "bigint"),
        ([-(2**63), 0, 2**63 - 1], "bigint"),
        ([1, None], "bigint"),
        ([0.5, 2.0], "float8"),
        (["1", 'a "quoted" {word}\\', None], "text"),
        ([True, False], "boolean"),
        ([b"\x00{"], "bytea"),
    ],
)
def test_lists_arrive_as_they_were_given(database: Database, given: list[Any], kind: str) -> None:
    asked = sql.parse(
        f"-- name: echo (prepared)\nSELECT CAST(%(given)s AS {kind}[]) AS got", "test"
    )

    (row,) = database.read(asked["echo"], {"given": given})

    assert [bytes(each) if kind == "bytea" else each for each in row["got"]] == given
