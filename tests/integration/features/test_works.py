"""/history: the works as one message that is edited, by the names that Telegram gave them."""

from collections.abc import Iterator
from typing import Any

import pytest

from kie.api.outcome import Failure, Result
from kie.api.wire import Succeeded
from kie.jobs import job_table, settle
from kie.jobs.job import Job, NewJob
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import settled, texts
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.telegram_answers import refused

PICTURE = "http://x.example/1.png"


@pytest.fixture
def talk(dsn: Secret) -> Iterator[Conversation]:
    made = Conversation(dsn)
    with made.storing(), made.dispatching(), made.sending():
        yield made
    made.close()


def order(talk: Conversation, words: str, model: str = "z-image") -> Job:
    with talk.database.transaction(talk.term) as tx:
        tx.one("SELECT ensure_user(7)")
        tx.one("SELECT ensure_account(%(bot)s, 7)", {"bot": BOT_ID})
        inputs = {"prompt": words, "aspect_ratio": "1:1"}
        job = job_table.create(tx, BOT_ID, NewJob(7, 7, "en", model, inputs, 0, words, None))
    (row,) = talk.rows("SELECT *, 0.0 AS seconds FROM generation_jobs WHERE id = %s", job)
    return job_table.from_row(row)


def made(talk: Conversation, words: str, *urls: str, model: str = "z-image") -> int:
    job = order(talk, words, model)
    with talk.database.transaction(talk.term) as tx:
        settle.succeed(tx, job, Succeeded(Result(urls), None), talk.news)
    settled(talk, f"job:{job.id}:end", "sent")
    all_sent(talk)
    return job.id


def all_sent(talk: Conversation) -> None:
    open_ones = "SELECT 1 FROM deliveries WHERE state NOT IN ('sent', 'dropped', 'failed')"
    talk.until(lambda: not talk.rows(open_ones), "all sent")


def hear(talk: Conversation, update: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What is sent for it, toasts aside."""
    talk.telegram.calls.clear()
    talk.put(update)
    number = update["update_id"]
    done = "SELECT 1 FROM telegram_updates WHERE update_id = %s AND state = 'done'"
    talk.until(lambda: talk.rows(done, number), "done")
    all_sent(talk)
    beside = {"answer_callback_query", "remove_reply_keyboard", "clear_up"}
    return [call for call in talk.telegram.calls if call[0] not in beside]


def ask(talk: Conversation) -> list[tuple[str, dict[str, Any]]]:
    return hear(talk, telegram.message(text="/history"))


def press(call: dict[str, Any], label: str) -> dict[str, Any]:
    rows = call["reply_markup"].inline_keyboard
    (found,) = [each.callback_data for row in rows for each in row if each.text == label]
    return telegram.press(str(found), message_id=70, text=None)


def test_the_newest_work_is_shown_by_its_name_with_its_place_and_its_buttons(
    talk: Conversation,
) -> None:
    made(talk, "one", PICTURE)
    made(talk, "two", PICTURE)

    ((method, call),) = ask(talk)

    assert (method, call["photo"]) == ("send_photo", "photo-file-id")
    assert "two" in call["caption"]
    assert "My works · 1 of 2" in call["caption"]
    labels = [each.text for row in call["reply_markup"].inline_keyboard for each in row]
    assert {"‹", "›", "⭐", "📎 File"} <= set(labels)


def test_another_work_takes_the_place_of_the_one_that_is_shown(talk: Conversation) -> None:
    for words in ("one", "two", "three"):
        made(talk, words, PICTURE)
    ((_, first),) = ask(talk)

    ((method, second),) = hear(talk, press(first, "›"))
    assert (method, second["message_id"]) == ("edit_message_media", 70)
    assert "2 of 3" in second["media"].caption
    assert "two" in second["media"].caption

    ((_, before),) = hear(talk, press(first, "‹"))
    # From the newest the way leads to the oldest.
    assert "3 of 3" in before["media"].caption


def test_works_of_one_kind_and_favourites_are_shown_alone(talk: Conversation) -> None:
    made(talk, "a picture", PICTURE)
    clip = "kling/v2-5-turbo-text-to-video-pro"
    made(talk, "a clip", "http://x.example/1.mp4", model=clip)
    ((_, first),) = ask(talk)

    ((_, pictures),) = hear(talk, press(first, "🖼"))
    assert "a picture" in pictures["media"].caption
    assert "1 of 1" in pictures["media"].caption

    assert hear(talk, press(first, "🎬"))[0][1]["media"].media == "video-file-id"


def test_a_favourite_stays_and_is_found(talk: Conversation) -> None:
    kept = made(talk, "one", PICTURE)
    made(talk, "two", PICTURE)
    ((_, first),) = ask(talk)
    ((_, second),) = hear(talk, press(first, "›"))
    star = [e for row in second["reply_markup"].inline_keyboard for e in row if e.text == "⭐"]

    ((method, call),) = hear(
        talk, telegram.press(str(star[0].callback_data), message_id=70, text=None)
    )
    assert method == "edit_message_reply_markup"
    labels = [each.text for row in call["reply_markup"].inline_keyboard for each in row]
    assert "🌟" in labels
    # The same button, pressed twice in a hurry, is no way back.
    hear(talk, telegram.press(str(star[0].callback_data), message_id=70, text=None))
    (row,) = talk.rows("SELECT starred_at FROM generation_jobs WHERE id = %s", kept)
    assert row["starred_at"] is not None

    ((_, starred),) = hear(talk, telegram.press("works||f:star:0", message_id=70, text=None))
    assert "1 of 1" in starred["media"].caption


def test_a_file_that_telegram_has_lost_is_told_at_once_with_a_way_to_make_it_again(
    talk: Conversation,
) -> None:
    made(talk, "one", PICTURE)
    wrong = refused(400, "wrong file identifier/HTTP URL specified")
    talk.telegram.script["send_photo"] = [wrong]
    talk.telegram.script["send_document"] = [wrong]

    *_, (method, call) = ask(talk)

    assert method == "send_message"
    assert "no longer keeps" in call["text"]
    labels = [each.text for row in call["reply_markup"].inline_keyboard for each in row]
    assert labels[0].startswith("🔁")


def test_what_telegram_keeps_as_a_document_is_shown_as_one(talk: Conversation) -> None:
    made(talk, "one", PICTURE)
    talk.telegram.script["send_photo"] = [refused(400, "Type of file mismatch")]

    assert ask(talk)[-1][1]["document"] == "photo-file-id"


def test_an_album_is_shown_by_its_first_file_and_the_others_are_counted(
    talk: Conversation,
) -> None:
    made(talk, "two", PICTURE, "http://x.example/2.png")

    ((method, call),) = ask(talk)

    assert method == "send_photo"
    assert "2\u00a0files" in call["caption"]


def test_without_works_it_says_so(talk: Conversation) -> None:
    job = order(talk, "failed")
    with talk.database.transaction(talk.term) as tx:
        settle.fail(tx, job, Failure.BROKEN, "test", talk.news)

    ask(talk)

    assert any("Nothing yet" in each for each in texts(talk))
