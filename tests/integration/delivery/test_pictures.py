"""The ladder that a picture climbs until Telegram takes it."""

import json

import pytest

from handlers.delivery.media import PHOTO_LIMIT
from handlers.delivery.outbox import Delivery
from handlers.features.results.forms import payloads
from handlers.words.texts import Markup
from kie.api.outcome import Result, Song
from kie.files.link_reader import URL_LIMIT, URL_PHOTO_LIMIT
from kie.http.transport import FileInfo, Gone, NotFound, TooLarge
from supervisor.runtime.errors import Rejected
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import KEYBOARD, URL, picture, put, settled, state_of, texts
from tests.support.edges.link_files import Files
from tests.support.edges.telegram_answers import refused

pytestmark = pytest.mark.any_server


# ------------------------------------------------------------------- pictures --


def test_a_picture_goes_by_its_url_first(talk: Conversation) -> None:
    put(talk, picture(URL))
    with talk.sending():
        row = settled(talk, f"7:{URL}", "sent")

    (call,) = talk.telegram.sent("send_photo")
    assert call["photo"] == URL
    assert call["caption"] == "a fox"
    assert row["file_id"] == "photo-file-id"


@pytest.mark.parametrize(
    "file_info",
    [
        pytest.param(None, id="nothing is there yet, or its size is not told"),
        pytest.param(FileInfo(URL_PHOTO_LIMIT + 1, "image/png"), id="too large"),
        pytest.param(FileInfo(1000, "text/html"), id="no picture"),
    ],
)
def test_a_url_that_telegram_may_not_get_is_never_offered(
    talk: Conversation, files: Files, file_info: FileInfo | None
) -> None:
    files.file_infos[URL] = file_info
    files.content[URL] = b"\x89PNG"
    put(talk, picture(URL))
    with talk.sending():
        settled(talk, f"7:{URL}", "sent")

    (call,) = talk.telegram.sent("send_photo")
    assert call["photo"].input_file_content == b"\x89PNG"


def test_a_url_that_telegram_cannot_fetch_is_uploaded(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_photo"] = [refused(400, "Failed to get HTTP URL content")]
    files.content[URL] = b"\x89PNG"
    put(talk, picture(URL))
    with talk.sending():
        settled(talk, f"7:{URL}", "sent")

    uploaded = talk.telegram.sent("send_photo")[1]["photo"]
    assert (uploaded.filename, uploaded.input_file_content) == ("pic.png", b"\x89PNG")


def test_bytes_that_are_no_photo_go_as_a_document(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_photo"] = [
        refused(400, "Wrong file identifier/HTTP URL specified"),
        refused(400, "PHOTO_INVALID_DIMENSIONS"),
    ]
    files.content[URL] = b"\x89PNG"
    put(talk, picture(URL))
    with talk.sending():
        row = settled(talk, f"7:{URL}", "sent")

    assert row["file_id"] == "document-file-id"


def test_a_large_picture_is_not_tried_as_a_photo(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_photo"] = [refused(400, "Failed to get HTTP URL content")]
    files.content[URL] = b"x" * (PHOTO_LIMIT + 1)
    put(talk, picture(URL))
    with talk.sending():
        settled(talk, f"7:{URL}", "sent")

    assert [name for name, _ in talk.telegram.calls] == ["send_photo", "send_document"]


def test_a_picture_that_nobody_can_read_is_told_as_a_link(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_photo"] = [refused(400, "Failed to get HTTP URL content")]
    files.content[URL] = Rejected("larger than the limit")
    put(talk, picture(URL))
    with talk.sending():
        settled(talk, f"7:{URL}", "sent")

    assert texts(talk) == [f"see {URL}"]


# --------------------------------------------------- other files, albums, texts --

TWO = ["http://x.example/1.png", "http://x.example/2.mp4"]


def result(talk: Conversation, *urls: str, text: str | None = None, made: str = "image") -> str:
    parts = payloads(Result(urls, text), made, Markup("a fox"), KEYBOARD, "en")
    put(talk, *(Delivery(7, "result", part, f"r:{n}") for n, part in enumerate(parts)))
    return f"r:{len(parts) - 1}"


@pytest.mark.parametrize(
    ("url", "method", "file_id"),
    [
        ("http://x.example/a.mp4", "send_video", "video-file-id"),
        ("http://x.example/a.mp3", "send_audio", "audio-file-id"),
    ],
)
def test_a_clip_and_a_sound_go_by_their_url(
    talk: Conversation, url: str, method: str, file_id: str
) -> None:
    last = result(talk, url)
    with talk.sending():
        row = settled(talk, last, "sent")

    assert len(talk.telegram.sent(method)) == 1
    assert row["file_id"] == file_id


def test_a_clip_that_telegram_does_not_take_goes_as_a_document(
    talk: Conversation, files: Files
) -> None:
    talk.telegram.script["send_video"] = [
        refused(400, "Failed to get HTTP URL content"),
        refused(400, "VIDEO_FILE_INVALID"),
    ]
    files.content[TWO[1]] = b"clip"
    last = result(talk, TWO[1])
    with talk.sending():
        settled(talk, last, "sent")

    assert [name for name, _ in talk.telegram.calls] == ["send_video"] * 2 + ["send_document"]


def test_an_album_goes_by_its_urls_and_the_buttons_follow(talk: Conversation) -> None:
    last = result(talk, *TWO)
    with talk.sending():
        settled(talk, last, "sent")

    (group,) = talk.telegram.sent("send_media_group")
    assert [item.media for item in group["media"]] == TWO
    assert [item.caption for item in group["media"]] == ["a fox", None]
    (buttons,) = talk.telegram.sent("send_message")
    assert buttons["reply_markup"] is not None
    assert json.loads(state_of(talk, "r:0")["file_id"]) == ["photo-file-id"] * 2


def test_an_album_with_one_url_that_telegram_may_not_get_is_uploaded(
    talk: Conversation, files: Files
) -> None:
    files.file_infos[TWO[1]] = FileInfo(URL_LIMIT + 1, "video/mp4")
    files.content.update(dict.fromkeys(TWO, b"bytes"))
    last = result(talk, *TWO)
    with talk.sending():
        settled(talk, last, "sent")

    (group,) = talk.telegram.sent("send_media_group")
    assert [type(item).__name__ for item in group["media"]] == [
        "InputMediaPhoto",
        "InputMediaVideo",
    ]
    assert all(item.media not in TWO for item in group["media"])


def test_an_album_that_telegram_cannot_fetch_is_uploaded_then_sent_as_documents(
    talk: Conversation, files: Files
) -> None:
    talk.telegram.script["send_media_group"] = [
        refused(400, 'Failed to send message #1 with the error message "WEBPAGE_CURL_FAILED"'),
        refused(400, "PHOTO_INVALID_DIMENSIONS"),
    ]
    files.content.update(dict.fromkeys(TWO, b"bytes"))
    last = result(talk, *TWO)
    with talk.sending():
        settled(talk, last, "sent")

    groups = [call["media"] for call in talk.telegram.sent("send_media_group")]
    assert [type(group[0]).__name__ for group in groups] == [
        "InputMediaPhoto",
        "InputMediaPhoto",
        "InputMediaDocument",
    ]


def test_an_album_that_is_too_large_is_told_as_links(talk: Conversation, files: Files) -> None:
    talk.telegram.script["send_media_group"] = [refused(400, "WEBPAGE_CURL_FAILED")]
    files.content.update(dict.fromkeys(TWO, TooLarge("more than the limit")))
    last = result(talk, *TWO)
    with talk.sending():
        settled(talk, last, "sent")

    assert all(url in texts(talk)[0] for url in TWO)


def test_a_long_text_is_a_file(talk: Conversation) -> None:
    last = result(talk, text="слово " * 2000)
    with talk.sending():
        settled(talk, last, "sent")

    (call,) = talk.telegram.sent("send_document")
    assert call["document"].input_file_content.decode() == "слово " * 2000


def test_a_link_that_leads_nowhere_is_no_delivery_and_the_user_is_told(
    talk: Conversation, files: Files
) -> None:
    talk.telegram.script["send_photo"] = [refused(400, "Failed to get HTTP URL content")]
    files.content[URL] = Gone("HTTP 410")
    last = result(talk, URL)
    with talk.sending():
        row = settled(talk, last, "failed")
        settled(talk, f"delivery:{row['id']}:lost", "sent")

    assert "Nothing was charged" in texts(talk)[0]


def test_a_link_that_is_not_there_yet_is_waited_for_but_not_for_ever(
    talk: Conversation, files: Files
) -> None:
    talk.telegram.script["send_photo"] = [refused(400, "Failed to get HTTP URL content")] * 2
    files.content[URL] = NotFound("HTTP 404")
    last = result(talk, URL)
    with talk.sending():
        talk.until(lambda: state_of(talk, last)["error"], "one try")
        assert state_of(talk, last)["state"] == "pending"
        talk.rows("UPDATE deliveries SET created_at = now() - interval '1 hour'")
        row = settled(talk, last, "failed")
        settled(talk, f"delivery:{row['id']}:lost", "sent")


# ------------------------------------------------------------------------ songs --

SONG_URLS = ["https://files.example/a.mp3", "https://files.example/b.mp3"]
COVER = "https://files.example/a.jpeg"


def songs(talk: Conversation, cover: str | None) -> str:
    described = tuple(Song(url, "The Fox", "Suno", cover, 95.6) for url in SONG_URLS)
    made = Result(tuple(SONG_URLS), songs=described)
    parts = payloads(made, "audio", Markup("a song"), KEYBOARD, "en")
    for number, payload in enumerate(parts):
        put(talk, Delivery(7, "result", payload, f"s:{number}"))
    return f"s:{len(parts) - 1}"


def test_songs_whose_covers_telegram_takes_are_uploaded_with_title_performer_and_cover(
    talk: Conversation, files: Files
) -> None:
    files.content.update(dict.fromkeys(SONG_URLS, b"ID3"))
    files.content[COVER] = b"\xff\xd8\xff a small picture"
    last = songs(talk, COVER)
    with talk.sending():
        settled(talk, last, "sent")

    (group,) = talk.telegram.sent("send_media_group")
    for item in group["media"]:
        assert (item.title, item.performer) == ("The Fox", "Suno")
        assert item.to_dict()["duration"] == 96
        assert item.thumbnail.input_file_content == b"\xff\xd8\xff a small picture"


def test_songs_without_a_cover_are_uploaded_for_telegram_names_no_song_that_it_fetches(
    talk: Conversation, files: Files
) -> None:
    files.file_infos.update(dict.fromkeys(SONG_URLS, FileInfo(1000, "audio/mpeg")))
    files.content.update(dict.fromkeys(SONG_URLS, b"ID3"))
    last = songs(talk, None)
    with talk.sending():
        settled(talk, last, "sent")

    (group,) = talk.telegram.sent("send_media_group")
    assert [item.media.input_file_content for item in group["media"]] == [b"ID3"] * 2
    assert {(item.title, item.performer) for item in group["media"]} == {("The Fox", "Suno")}
