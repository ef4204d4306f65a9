"""Questions of users to operators: bounded, so that strangers cannot fill the operators' line."""

import pytest

from handlers.dispatch.feature import MOST_QUESTIONS
from tests.support.chats.conversation import ADMIN, Conversation
from tests.support.chats.star_payments import handled, known, told
from tests.support.edges import telegram_updates as telegram


def questions(talk: Conversation) -> list[str]:
    rows = talk.rows(
        "SELECT payload->>'text' AS text FROM deliveries WHERE chat_id = %s AND kind = 'notice'"
        " ORDER BY id",
        ADMIN,
    )
    return [row["text"] for row in rows]


def hour(talk: Conversation) -> int:
    rows = talk.rows("SELECT floor(extract(epoch FROM now()) / 3600)::int AS hour")
    return int(rows[0]["hour"])


@pytest.mark.parametrize("command", ["/support", "/paysupport"])
def test_one_user_cannot_fill_the_line_of_the_operators(talk: Conversation, command: str) -> None:
    known(talk, ADMIN)
    begun = hour(talk)
    for number in range(MOST_QUESTIONS + 20):
        if command == "/support":
            handled(talk, telegram.message(text=f"/support question {number}"))
        else:
            handled(talk, telegram.message(text=command), telegram.message(text=f"q {number}"))

    # Of each hour of the clock, which may have turned meanwhile.
    heard = len(questions(talk))
    assert MOST_QUESTIONS <= heard <= MOST_QUESTIONS * (1 + hour(talk) - begun)
    refused = [each for each in told(talk, "answer") if "within the hour" in each["text"]]
    assert len(refused) == MOST_QUESTIONS + 20 - heard

    handled(talk, telegram.message(8, text="/support mine"))  # others are heard
    assert "mine" in questions(talk)[-1]

    talk.rows("UPDATE deliveries SET dedupe_key = dedupe_key || ':an hour ago' RETURNING id")
    handled(talk, telegram.message(text="/support again"))
    assert "again" in questions(talk)[-1]
