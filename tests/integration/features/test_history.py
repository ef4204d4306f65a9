"""/history: the latest results once more, by the names under which Telegram keeps them."""

from collections.abc import Iterator

import pytest

from kie.api.outcome import Failure, Result
from kie.api.wire import Succeeded
from kie.jobs import job_table, settle
from kie.jobs.job import Job, NewJob
from supervisor.runtime.secret import Secret
from tests.support import telegram_updates as telegram
from tests.support.conversation import BOT_ID, Conversation
from tests.support.deliveries import settled, texts
from tests.support.link_files import Files
from tests.support.telegram_answers import refused


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def talk(dsn: Secret, files: Files) -> Iterator[Conversation]:
    made = Conversation(dsn, files=files)
    yield made
    made.close()


def order(talk: Conversation, key: str) -> Job:
    with talk.database.transaction(talk.term) as tx:
        tx.one("SELECT ensure_user(7)")
        new = NewJob(7, 7, "en", "z-image", {"prompt": key}, 0, key, None)
        job = job_table.create(tx, BOT_ID, new)
    (row,) = talk.rows("SELECT *, 0.0 AS seconds FROM generation_jobs WHERE id = %s", job)
    return job_table.from_row(row)


def made(talk: Conversation, key: str, *urls: str) -> None:
    job = order(talk, key)
    with talk.database.transaction(talk.term) as tx:
        settle.succeed(tx, job, Succeeded(Result(urls), None), talk.news)
    with talk.sending():
        settled(talk, f"job:{job.id}:end", "sent")
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM deliveries WHERE state <> 'sent'"), "all sent"
        )
    talk.telegram.calls.clear()


def ask(talk: Conversation) -> None:
    with talk.storing(), talk.dispatching():
        talk.put(telegram.message(text="/history"))
        talk.until(lambda: talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'done'"), "done")
    with talk.sending():
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM deliveries WHERE state <> 'sent'"), "all sent"
        )


def test_a_picture_comes_again_by_its_name(talk: Conversation) -> None:
    made(talk, "one", "http://x.example/1.png")

    ask(talk)

    (call,) = talk.telegram.sent("send_photo")
    assert call["photo"] == "photo-file-id"
    assert "one" in call["caption"]


def test_what_telegram_keeps_as_a_document_comes_again_as_one(talk: Conversation) -> None:
    made(talk, "one", "http://x.example/1.png")
    talk.telegram.script["send_photo"] = [refused(400, "Type of file mismatch")]

    ask(talk)

    assert talk.telegram.sent("send_document")[0]["document"] == "photo-file-id"


def test_an_album_comes_again_by_its_names(talk: Conversation) -> None:
    made(talk, "two", "http://x.example/1.png", "http://x.example/2.png")

    ask(talk)

    (call,) = talk.telegram.sent("send_media_group")
    assert [item.media for item in call["media"]] == ["photo-file-id"] * 2


def test_an_album_that_telegram_keeps_as_documents_comes_again_as_them(talk: Conversation) -> None:
    made(talk, "two", "http://x.example/1.png", "http://x.example/2.png")
    talk.telegram.script["send_media_group"] = [refused(400, "Type of file mismatch")]

    ask(talk)

    again = talk.telegram.sent("send_media_group")[1]["media"]
    assert [(type(item).__name__, item.media) for item in again] == [
        ("InputMediaDocument", "photo-file-id")
    ] * 2


def test_an_album_of_files_comes_again_without_being_fetched(
    talk: Conversation, files: Files
) -> None:
    urls = ["http://x.example/1.wav", "http://x.example/2.wav"]
    files.content.update(dict.fromkeys(urls, b"sound"))
    made(talk, "sounds", *urls)
    files.content.clear()

    ask(talk)

    (call,) = talk.telegram.sent("send_media_group")
    assert [item.media for item in call["media"]] == ["photo-file-id"] * 2


def test_without_results_it_says_so(talk: Conversation) -> None:
    job = order(talk, "failed")
    with talk.database.transaction(talk.term) as tx:
        settle.fail(tx, job, Failure.BROKEN, "test", talk.news)

    ask(talk)

    assert any("no result" in each for each in texts(talk))
