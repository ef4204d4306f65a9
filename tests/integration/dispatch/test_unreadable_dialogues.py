"""A row of ``dialogues`` that this version cannot read stops no money and no other update."""

import json
from typing import Any

import pytest

from tests.support.chats.booked_jobs import balance
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.star_books import Books, compare
from tests.support.chats.star_payments import USER, handled, known, ordered, pays, told
from tests.support.chats.unreadable import ROWS
from tests.support.edges import telegram_updates as telegram

UNREADABLE = ["a step of a newer version", "answers that lack a field", "answers that are a list"]


def in_step(talk: Conversation, name: str) -> None:
    step, version, answers = ROWS[name]
    known(talk)
    with talk.database.transaction(talk.term) as tx:
        tx.run(
            "INSERT INTO dialogues (bot_id, chat_id, user_id, step, version, answers)"
            " VALUES (%(bot)s, %(user)s, %(user)s, %(step)s, %(version)s,"
            " CAST(%(answers)s AS jsonb))",
            {
                **{"bot": BOT_ID, "user": USER, "step": step, "version": version},
                "answers": json.dumps(answers),
            },
        )


def failed(talk: Conversation) -> list[dict[str, Any]]:
    return talk.rows("SELECT body, error FROM telegram_updates WHERE error IS NOT NULL")


@pytest.mark.parametrize("name", UNREADABLE)
def test_its_user_is_told_once_and_pays_and_the_row_is_written_anew(
    talk: Conversation, name: str
) -> None:
    _, payload = ordered(talk)
    in_step(talk, name)
    handled(talk, pays(payload), telegram.message(USER, text="/help"))

    assert (balance(talk), failed(talk)) == (100, [])
    assert ["100" in each["text"] for each in told(talk, "result")] == [True]
    texts = " ".join(each.get("text") or "" for each in told(talk, "answer"))
    assert texts.count("could not read what you had begun") == (name != "answers that are a list")
    (row,) = talk.rows("SELECT step, answers FROM dialogues WHERE user_id = %s", USER)
    assert isinstance(row["answers"], dict)
    assert row["step"] in {"idle", "confirm"}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_payment_that_only_the_list_knows_is_credited(talk: Conversation, name: str) -> None:
    _, payload = ordered(talk)
    in_step(talk, name)
    books = Books()
    books.add("ch-1", payload)
    compare(talk, books)

    assert balance(talk) == 100


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_operator_can_book_for_its_user(talk: Conversation, name: str) -> None:
    known(talk, ADMIN)
    in_step(talk, name)
    handled(talk, telegram.message(ADMIN, text=f"/grant {USER} 30"))
    (row,) = talk.rows("SELECT version FROM dialogues WHERE user_id = %s", ADMIN)
    handled(talk, telegram.press(f"book|{row['version']}|", ADMIN))

    assert failed(talk) == []
    assert talk.rows("SELECT balance FROM accounts WHERE user_id = %s", USER) == [{"balance": 30}]
