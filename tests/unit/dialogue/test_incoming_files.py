"""The words and the files of a message are read from whatever the field has sent us."""

from typing import Any

import pytest

from handlers.dialogue.incoming import Command, Media, Other, Text
from kie.catalogue.user_file import UNTOLD
from tests.support.edges.incoming_updates import PHOTO, message, read

RICH = {
    "blocks": [
        {"type": "heading", "text": "A fox", "size": 1},
        {"type": "paragraph", "text": ["in ", {"type": "bold", "text": "deep"}, " snow"]},
        {"type": "list", "items": [{"label": "•", "blocks": [{"type": "p", "text": "red"}]}]},
        {"type": "something_new", "blocks": [{"type": "paragraph", "text": "and calm"}]},
    ]
}


def test_the_words_of_a_rich_message_are_its_text() -> None:
    found = read({"message": message(rich_message=RICH)})

    assert isinstance(found, Text)
    assert found.text.splitlines() == ["A fox", "in deep snow", "•", "red", "and calm"]


def test_the_pictures_of_a_rich_message_are_its_files() -> None:
    two = [{"type": "photo", "photo": [{**PHOTO, "file_id": name}]} for name in ("a", "b")]
    blocks = [*RICH["blocks"], {"type": "collage", "blocks": two}]
    found = read({"message": message(rich_message={"blocks": blocks})})

    assert isinstance(found, Media)
    assert [found.file.file_id, *(each.file_id for each in found.more)] == ["a", "b"]
    assert found.caption.startswith("A fox")


def test_words_that_a_bot_has_put_under_a_file_are_not_those_of_its_sender() -> None:
    """Under a work that its user shares in the chat with us stand words of ours."""
    shared = message(photo=[PHOTO], caption="✨ Made with @painter_bot")

    own, through_us = read({"message": shared}), read({"message": {**shared, "via_bot": {"id": 5}}})

    assert isinstance(own, Media)
    assert isinstance(through_us, Media)
    assert (own.caption, through_us.caption) == (shared["caption"], "")
    assert own.file == through_us.file


LIVE = {"file_id": "clip", "file_unique_id": "c", "width": 9, "height": 16, "duration": 3}


@pytest.mark.parametrize("there", [{"photo": [PHOTO]}, {"photo": None}, {}])
def test_a_live_photo_is_its_still_picture(there: dict[str, Any]) -> None:
    live = {**LIVE, "photo": [PHOTO]}

    found = read({"message": message(live_photo=live, caption="make it blue", **there)})

    assert isinstance(found, Media)
    assert (found.kind, found.file.kind, found.file.file_id) == ("photo", "image", "f")
    assert found.caption == "make it blue"
    assert found.attachment is not None


@pytest.mark.parametrize("live", [LIVE, {**LIVE, "photo": []}, "odd"])
def test_a_live_photo_without_a_still_picture_is_told_apart(live: Any) -> None:
    found = read({"message": message(live_photo=live)})

    assert isinstance(found, Other)
    assert found.kind == "photo"


def test_a_reply_to_a_live_photo_of_another_chat_is_about_it() -> None:
    """There it comes without the ``photo`` that a message itself has beside it."""
    origin = {"live_photo": {**LIVE, "photo": [PHOTO]}}

    found = read({"message": message(text="make it blue", external_reply=origin)})

    assert isinstance(found, Text)
    assert found.replied is not None
    assert found.replied.file_id == "f"


def test_a_command_in_a_rich_message_is_a_command() -> None:
    blocks = [{"type": "paragraph", "text": "/help"}]

    assert isinstance(read({"message": message(rich_message={"blocks": blocks})}), Command)


@pytest.mark.parametrize(
    "odd",
    [
        {"forward_origin": {"type": "hidden_user"}},
        {"forward_origin": {"type": "hidden_user", "sender_user_name": None}},
        {"forward_origin": 5, "reply_markup": "x", "entities": [{"type": 7}]},
        {"caption_entities": "?", "quote": [], "via_bot": None},
    ],
)
def test_of_a_photo_only_its_own_object_is_read(odd: dict[str, Any]) -> None:
    assert isinstance(read({"message": message(photo=[PHOTO], **odd)}), Media)


@pytest.mark.parametrize(
    ("told", "name", "mime"),
    [
        ("application/octet-stream", "IMG_0001.jpg", "image/jpeg"),
        ("application/octet-stream", "IMG_0001.JPEG", "image/jpeg"),
        ("image/jpeg; charset=binary", "x", "image/jpeg"),
        ("IMAGE/JPG", "x", "image/jpeg"),
        (None, "voice.m4a", "audio/mp4"),
        (5, "clip.MOV", "video/quicktime"),
        ("", "song.mp3", "audio/mpeg"),
        ("application/jpg", "a.jpg", "image/jpeg"),
        ("application/force-download", "a.png", "image/png"),
        ("multipart/form-data", "a.webp", "image/webp"),
        ("text/plain", "a.png", "image/png"),
        ("application/mp4", "a.mp4", "video/mp4"),
        ("application/ogg", "a.ogg", "audio/ogg"),
        ("image/*", "a.png", "image/png"),
        ("image", "a.png", "image/png"),
        ("image/jpeg, image/png", "a", "image/jpeg"),
        ("audio/x-flac", "a", "audio/flac"),
        ("application/octet-stream", "a.webm", "video/webm"),
        ("image/avif", "a.jpg", "image/avif"),
    ],
)
def test_a_documents_type_is_read_from_what_there_is(told: Any, name: str, mime: str) -> None:
    document = {"file_id": "f", "file_unique_id": "u", "file_name": name, "mime_type": told}
    found = read({"message": message(document=document)})

    assert isinstance(found, Media)
    assert found.file.mime == mime


@pytest.mark.parametrize("told", ["text/plain", "application/zip", "application/pdf", None])
@pytest.mark.parametrize("name", ["notes.txt", "a", "jpg", None, 5])
def test_a_document_that_is_nothing_of_ours_is_no_file(told: Any, name: Any) -> None:
    document = {"file_id": "f", "file_unique_id": "u", "file_name": name, "mime_type": told}

    assert isinstance(read({"message": message(document=document)}), Other)


@pytest.mark.parametrize("told", [None, "", "application/octet-stream", "binary/octet-stream"])
@pytest.mark.parametrize("name", [None, "photo", "scan 2026.11.30", "кадр. первый"])
def test_a_document_without_type_and_ending_that_telegram_shows_is_a_picture(
    told: Any, name: Any
) -> None:
    document = {"file_id": "f", "file_name": name, "mime_type": told, "thumbnail": PHOTO}
    found = read({"message": message(document=document)})

    assert isinstance(found, Media)
    assert (found.file.kind, found.file.mime) == ("image", UNTOLD)


@pytest.mark.parametrize("name", ["book.epub", "archive.7z", "a.py"])
def test_a_document_with_another_ending_is_none(name: str) -> None:
    document = {"file_id": "f", "file_name": name, "thumbnail": PHOTO}

    assert isinstance(read({"message": message(document=document)}), Other)


@pytest.mark.parametrize("told", ["image/heic", "application/octet-stream", "image/heic-sequence"])
def test_a_photo_in_the_format_of_iphones_is_refused_with_what_helps(told: str) -> None:
    document = {"file_id": "f", "file_name": "IMG_1.HEIC", "mime_type": told}
    found = read({"message": message(document=document)})

    assert isinstance(found, Other)
    assert found.hint == "send_as_photo"


@pytest.mark.parametrize(
    "file_id", ["", "a\x00b", "half\ud83d", "й", "x" * 500, 5, None, ["f"]], ids=repr
)
def test_a_file_that_cannot_be_named_back_is_no_file(file_id: Any) -> None:
    found = read({"message": message(photo=[{**PHOTO, "file_id": file_id}])})

    assert isinstance(found, Other)


@pytest.mark.parametrize("size", [-5, 2**70, "9", True, None])
def test_sizes_and_durations_that_cannot_be_are_not_believed(size: Any) -> None:
    voice = {"file_id": "f", "duration": size, "file_size": size, "mime_type": "audio/ogg"}
    found = read({"message": message(voice=voice)})

    assert isinstance(found, Media)
    assert (found.file.size, found.file.seconds) == (0, None) or size == 2**70
