"""The ladder that a picture climbs until Telegram takes it."""

from collections.abc import Iterator

import pytest
from telegram import error as tg

from handlers.media import PHOTO_LIMIT
from supervisor.errors import Rejected
from supervisor.secret import Secret
from tests.support.conversation import Conversation
from tests.support.deliveries import (
    URL,
    Files,
    picture,
    put,
    settled,
    texts,
)


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def talk(dsn: Secret, files: Files) -> Iterator[Conversation]:
    conversation = Conversation(dsn, download=files)
    yield conversation
    conversation.close()


# ------------------------------------------------------------------- pictures --


def test_a_picture_goes_by_its_url_first(talk: Conversation) -> None:
    put(talk, picture(URL))
    with talk.sending():
        row = settled(talk, f"7:{URL}", "sent")

    (call,) = talk.telegram.sent("send_photo")
    assert call["photo"] == URL
    assert call["caption"] == "a fox"
    assert row["file_id"] == "photo-file-id"


def test_a_url_that_telegram_cannot_fetch_is_uploaded(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_photo"] = [tg.BadRequest("Failed to get HTTP URL content")]
    files.content[URL] = b"\x89PNG"
    put(talk, picture(URL))
    with talk.sending():
        settled(talk, f"7:{URL}", "sent")

    uploaded = talk.telegram.sent("send_photo")[1]["photo"]
    assert (uploaded.filename, uploaded.input_file_content) == ("pic.png", b"\x89PNG")


def test_bytes_that_are_no_photo_go_as_a_document(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_photo"] = [
        tg.BadRequest("Wrong file identifier/HTTP URL specified"),
        tg.BadRequest("PHOTO_INVALID_DIMENSIONS"),
    ]
    files.content[URL] = b"\x89PNG"
    put(talk, picture(URL))
    with talk.sending():
        row = settled(talk, f"7:{URL}", "sent")

    assert row["file_id"] == "document-file-id"


def test_a_large_picture_is_not_tried_as_a_photo(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_photo"] = [tg.BadRequest("Failed to get HTTP URL content")]
    files.content[URL] = b"x" * (PHOTO_LIMIT + 1)
    put(talk, picture(URL))
    with talk.sending():
        settled(talk, f"7:{URL}", "sent")

    assert [name for name, _ in talk.telegram.calls] == ["send_photo", "send_document"]


def test_a_picture_that_nobody_can_read_is_told_as_a_link(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_photo"] = [tg.BadRequest("Failed to get HTTP URL content")]
    files.content[URL] = Rejected("larger than the limit")
    put(talk, picture(URL))
    with talk.sending():
        settled(talk, f"7:{URL}", "sent")

    assert texts(talk) == [f"see {URL}"]
