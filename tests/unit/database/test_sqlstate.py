"""What an error of PostgreSQL means is read from its SQLSTATE, never from its words."""

from types import SimpleNamespace

import psycopg2
import pytest

from supervisor.database.sqlstate import (
    translate,
    translate_commit,
    translate_refusal,
    translate_work,
)
from supervisor.runtime.errors import (
    Contended,
    Fenced,
    LoginRefused,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    SchemaMismatch,
    Unavailable,
)


def error(code: str | None, words: str = "слова") -> psycopg2.Error:
    made = psycopg2.OperationalError(words)
    made.__setstate__({"pgcode": code})  # type: ignore[no-untyped-call]  # as psycopg2 itself
    return made


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("SF001", Fenced),
        ("40001", Contended),
        ("40P01", Contended),
        ("40003", OutcomeUnknown),
        ("08006", Unavailable),
        ("08007", OutcomeUnknown),
        ("53100", Unavailable),
        ("55P03", Unavailable),
        ("57014", Unavailable),
        ("58030", Unavailable),
        ("XX000", Unavailable),
        ("25006", Unavailable),
        ("25P03", Unavailable),
        ("54000", Rejected),
        ("28P01", Misconfigured),
        ("3D000", Misconfigured),
        ("3F000", Misconfigured),
        ("22003", Rejected),
        ("23505", Rejected),
        ("42P01", Rejected),
        ("25P02", Rejected),
        (None, Unavailable),
    ],
)
def test_an_error_of_a_statement(code: str | None, meaning: type[Exception]) -> None:
    assert type(translate(error(code))) is meaning


@pytest.mark.parametrize(
    ("function", "meaning"),
    [
        ("GetNewTransactionId", Unavailable),
        ("GetNewMultiXactId", Unavailable),
        ("PreCommit_Notify", Unavailable),
        ("_bt_check_third_page", Rejected),
    ],
)
def test_a_limit_of_the_server_is_an_outage_and_an_oversized_value_is_not(
    function: str, meaning: type[Exception]
) -> None:
    class Limit(psycopg2.OperationalError):
        diag = SimpleNamespace(source_function=function, context=None)  # type: ignore[assignment]  # the real one is made by the server's answer only

    limit = Limit("слова")
    limit.__setstate__({"pgcode": "54000"})  # type: ignore[no-untyped-call]  # as psycopg2 itself

    assert type(translate(limit)) is meaning


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("42P01", SchemaMismatch),
        ("42703", SchemaMismatch),
        ("42883", SchemaMismatch),
        ("42501", SchemaMismatch),
        ("42P05", Rejected),
        ("22003", Rejected),
        ("57014", Unavailable),
    ],
)
def test_a_table_or_a_right_that_is_missing_says_nothing_about_the_row(
    code: str, meaning: type[Exception]
) -> None:
    assert type(translate_work(error(code))) is meaning
    assert SchemaMismatch.disposition is Unavailable.disposition


def test_what_psycopg2_itself_refuses_can_never_work() -> None:
    assert type(translate(psycopg2.ProgrammingError("can't adapt type 'set'"))) is Rejected


@pytest.mark.parametrize("code", [None, "57P01", "08006"])
def test_a_commit_without_an_answer_may_have_been_done(code: str | None) -> None:
    assert type(translate_commit(error(code))) is OutcomeUnknown


def test_a_commit_that_was_refused_was_not_done() -> None:
    assert type(translate_commit(error("23505"))) is Rejected


@pytest.mark.parametrize(
    ("code", "words", "meaning"),
    [
        ("28P01", "пользователь не прошёл проверку", LoginRefused),
        ("3D000", "Datenbank existiert nicht", LoginRefused),
        ("42501", "permission denied for database", LoginRefused),
        ("08P01", "FATAL:  no such database: x", LoginRefused),
        ("08P01", "FATAL:  server login has been failing", Unavailable),
        ("57P03", "the database system is starting up", Unavailable),
        (None, 'database "x" does not exist', Unavailable),
    ],
)
def test_a_refused_connection(code: str | None, words: str, meaning: type[Exception]) -> None:
    assert type(translate_refusal(error(None, words), code)) is meaning
