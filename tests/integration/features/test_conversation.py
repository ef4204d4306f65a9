"""From an update in the inbox to a message at Telegram, on a real PostgreSQL."""

from collections.abc import Iterator
from typing import Any

import pytest

from kie.api.notice import Notice
from kie.api.outcome import Failure, Result
from kie.jobs import job_table, settle
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.telegram_answers import refused


@pytest.fixture
def talk(talk: Conversation) -> Iterator[Conversation]:
    with talk.dispatching(), talk.sending():
        yield talk


def button(details: dict[str, Any], label: str) -> str:
    rows = details["reply_markup"].inline_keyboard
    (found,) = [each.callback_data for row in rows for each in row if label in each.text]
    return str(found)


def last(talk: Conversation, method: str, number: int) -> dict[str, Any]:
    calls = talk.until(
        lambda: len(talk.telegram.sent(method)) >= number and talk.telegram.sent(method),
        f"{number} x {method}",
    )
    return dict(calls[-1])


def to_confirm(talk: Conversation) -> dict[str, Any]:
    """Until the card is on the screen as message 9001; returns the call that showed it."""
    talk.put(telegram.message(text="/start"))
    last(talk, "send_message", 1)
    talk.put(telegram.message(text="a fox"))
    card = last(talk, "send_message", 2)
    talk.put(telegram.press(button(card, "1:1"), message_id=9001))
    formats = last(talk, "edit_message_text", 1)
    talk.put(telegram.press(button(formats, "16:9"), message_id=9001))
    return last(talk, "edit_message_text", 2)


def test_a_user_gets_from_start_to_a_photo(talk: Conversation) -> None:
    confirm = to_confirm(talk)
    talk.put(telegram.press(button(confirm, "Create"), message_id=9001))
    (row,) = talk.until(
        lambda: talk.rows("SELECT *, 1.5::float8 AS seconds FROM generation_jobs"), "job"
    )
    assert row["input_params"] == {"prompt": "a fox", "aspect_ratio": "16:9", "nsfw_checker": True}
    assert row["status_message_id"] == 9001

    job = job_table.from_row(row)
    with talk.database.transaction(talk.term) as tx:
        talk.news.started(tx, job)
    with talk.database.transaction(talk.term) as tx:
        talk.news.succeeded(tx, job, Result(("http://pictures.example/1.png",)))

    photo = last(talk, "send_photo", 1)
    assert photo["photo"] == "http://pictures.example/1.png"
    assert button(photo, "Another one") == f"again||{job.id}:0"
    assert photo["caption"].startswith("a fox\n\n")
    assert photo["reply_parameters"].message_id == job.wish_message_id
    talk.until(
        lambda: talk.rows("SELECT 1 FROM deliveries WHERE kind = 'result' AND state = 'sent'"),
        "result recorded",
    )
    (result,) = talk.rows("SELECT * FROM deliveries WHERE kind = 'result'")
    assert result["file_id"] == "photo-file-id"
    # Words and picture remain: the message with the progress goes after the picture has come.
    gone = ("delete_message", {"chat_id": 7, "message_id": row["status_message_id"]})
    talk.until(lambda: gone in talk.telegram.calls, "the progress is removed")
    order = [name for name, _ in talk.telegram.calls]
    assert talk.telegram.calls.index(gone) > order.index("send_photo")
    assert order.index("send_photo") > max(
        place for place, name in enumerate(order) if name == "edit_message_text"
    )


def test_every_press_is_answered_once(talk: Conversation) -> None:
    confirm = to_confirm(talk)
    talk.put(telegram.press(button(confirm, "Create"), message_id=9001))

    last(talk, "answer_callback_query", 3)
    queries = [each["query_id"] for each in talk.telegram.sent("answer_callback_query")]
    assert len(set(queries)) == len(queries) == 3


def test_the_same_press_delivered_twice_with_two_numbers_makes_one_job(talk: Conversation) -> None:
    data = button(to_confirm(talk), "Create")

    talk.put(telegram.press(data, message_id=9001), telegram.press(data, message_id=9001))

    last(talk, "answer_callback_query", 4)
    assert len(talk.rows("SELECT 1 FROM generation_jobs")) == 1


def test_a_failed_job_ends_in_a_message_that_says_what_to_do(talk: Conversation) -> None:
    confirm = to_confirm(talk)
    talk.put(telegram.press(button(confirm, "Create"), message_id=9001))
    (row,) = talk.until(
        lambda: talk.rows("SELECT *, 1.5::float8 AS seconds FROM generation_jobs"), "job"
    )
    job = job_table.from_row(row)

    with talk.database.transaction(talk.term) as tx:
        settle.fail(tx, job, Failure.REFUSED_CONTENT, "test", talk.news)

    told = last(talk, "send_message", 3)
    assert "Nothing was charged" in told["text"]
    assert "Z-Image" in told["text"]
    assert "“a fox”" in told["text"]
    assert button(told, "Try again") == f"again||{job.id}:0"
    assert button(told, "Another model") == f"another||{job.id}"
    talk.put(telegram.press(button(told, "Another model"), message_id=60))
    assert "Which model" in last(talk, "send_message", 4)["text"]


def test_an_alert_is_told_to_the_operator_once_an_hour(talk: Conversation) -> None:
    for _ in range(3):
        with talk.database.transaction(talk.term) as tx:
            talk.news.alert(tx, "key", Notice("kie_refuses", {"reason": "refuses <the> key"}))

    assert "&lt;the&gt;" in last(talk, "send_message", 1)["text"]
    assert len(talk.rows("SELECT 1 FROM deliveries WHERE kind = 'notice'")) == 1


def test_a_notice_is_in_the_operators_language_with_its_remedy_as_a_button(
    talk: Conversation,
) -> None:
    talk.rows("INSERT INTO users (user_id) VALUES (%s)", ADMIN)
    talk.rows(
        "INSERT INTO accounts (bot_id, user_id, language) VALUES (%s, %s, 'ru')", *(BOT_ID, ADMIN)
    )
    with talk.database.transaction(talk.term) as tx:
        told = Notice("withdrawn", {"model": "z-image", "reason": "422 <gone>"})
        talk.news.alert(tx, "withdrawn:z-image:1", told)

    sent = last(talk, "send_message", 1)
    assert "больше не предлагает z-image" in sent["text"]
    assert "422 &lt;gone&gt;" in sent["text"]
    assert button(sent, "Вернуть в меню") == "model_on||z-image"


def test_a_dialogue_goes_on_in_another_term(talk: Conversation, dsn: Secret) -> None:
    confirm = to_confirm(talk)

    again = Conversation(dsn)
    with again.storing(), again.dispatching(), again.sending():
        again.put(telegram.press(button(confirm, "Create"), message_id=9001))
        again.until(lambda: again.rows("SELECT 1 FROM generation_jobs"), "job")
    again.close()


def test_a_user_who_blocked_the_bot_is_not_written_to_again(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [refused(403, "Forbidden: bot was blocked by the user")]
    talk.put(telegram.message(text="a fox"))

    talk.until(lambda: talk.rows("SELECT 1 FROM chats WHERE NOT reachable"), "chat closed")
    (row,) = talk.rows("SELECT * FROM deliveries WHERE bot_id = %s", BOT_ID)
    assert row["state"] == "failed"

    talk.put(telegram.message(text="/help"))
    last(talk, "send_message", 2)
    assert talk.rows("SELECT reachable FROM chats") == [{"reachable": True}]
