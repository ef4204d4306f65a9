"""Prepared statements of the pool's sessions, against a real server."""

from typing import Any, LiteralString

import pytest

import sql
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.errors import (
    Contended,
    Rejected,
)

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


def test_prepared_statements_are_planned_again_after_a_while(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.database.connection.PLANS_LIVE", 0.0)
    forgotten: list[str] = []
    plain = Tx.send

    def send(tx: Tx, statement: LiteralString, params: Any = None) -> None:
        if statement == "DISCARD PLANS":
            forgotten.append(statement)
        plain(tx, statement, params)

    monkeypatch.setattr(Tx, "send", send)

    database.read(HOT, ASKED)
    assert forgotten == []
    database.read(HOT, ASKED)
    assert forgotten == ["DISCARD PLANS"]


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
