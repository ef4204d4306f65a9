"""Answers and results go to the topic in which somebody wrote, in private and in groups."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.chats.conversation import Conversation
from tests.support.edges import telegram_updates as telegram

TOPIC = 77


@pytest.fixture
def talk(talk: Conversation) -> Iterator[Conversation]:
    with talk.dispatching():
        yield talk


def in_topic(update: dict[str, Any], **message: Any) -> dict[str, Any]:
    found = update.get("message") or update["callback_query"]["message"]
    found |= {"message_thread_id": TOPIC, "is_topic_message": True, **message}
    return update


def threads(talk: Conversation, count: int) -> list[int | None]:
    rows = talk.until(
        lambda: (
            len(found := talk.rows("SELECT thread FROM deliveries ORDER BY id")) >= count and found
        ),
        f"{count} deliveries",
    )
    return [row["thread"] for row in rows]


def test_an_answer_goes_to_the_topic_of_a_private_chat(talk: Conversation) -> None:
    talk.put(in_topic(telegram.message(text="/help")), telegram.message(text="/help"))

    assert threads(talk, 2) == [TOPIC, None]


def test_a_group_is_answered_in_the_topic_in_which_it_asked(talk: Conversation) -> None:
    group = {"id": -100, "type": "supergroup", "title": "g", "is_forum": True}
    talk.put(in_topic(telegram.message(text="/help"), chat=group))

    assert threads(talk, 1) == [TOPIC]


def test_what_is_told_of_a_job_goes_to_the_topic_in_which_it_was_ordered(
    talk: Conversation,
) -> None:
    talk.put(in_topic(telegram.message(text="a fox")))
    threads(talk, 1)
    (row,) = talk.rows("SELECT version FROM dialogues")
    talk.put(in_topic(telegram.press(f"create|{row['version']}|")))
    (job,) = talk.until(lambda: talk.rows("SELECT id, thread FROM generation_jobs"), "the job")
    assert job["thread"] == TOPIC
    with talk.database.transaction(talk.term) as tx:
        tx.run(
            "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, job_id)"
            " SELECT bot_id, chat_id, 'answer', '{\"do\": \"say\"}', 'x', id FROM generation_jobs"
        )

    told = talk.rows("SELECT kind, thread FROM deliveries WHERE kind = 'status'")
    assert [row["thread"] for row in told] == [TOPIC]
