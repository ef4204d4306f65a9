"""What players show of a song, from the result to Telegram's parameters."""

import asyncio
from contextlib import nullcontext
from typing import Any

import pytest

from handlers.bot_api.media_facts import COVER_LIMIT, covers_of, shown
from handlers.features.results import forms
from handlers.words.texts import Markup
from kie.api.outcome import Result, Song
from kie.http.transport import TooLarge
from supervisor.runtime.errors import Unavailable

A, B = "https://files.example.com/a.mp3", "https://files.example.com/b.mp3"
COVER = "https://files.example.com/a.jpeg"
SONGS = (Song(A, "The Fox", "Suno", COVER, 95.6, "s-1"), Song(B, "The Fox", "Suno"))
FOX = {"title": "The Fox", "performer": "Suno", "cover": COVER, "seconds": 96}


def payloads(result: Result) -> Any:
    return forms.payloads(result, "audio", Markup("caption"), (), "en")


def test_two_songs_are_one_album_that_knows_their_titles_and_covers() -> None:
    album, after = payloads(Result((A, B), songs=SONGS))

    assert album["do"] == "album"
    assert album["songs"][A] == FOX
    assert album["songs"][B]["cover"] is None
    assert after["do"] == "say"


def test_one_song_is_a_message_with_its_title() -> None:
    (single,) = payloads(Result((A,), songs=SONGS[:1]))

    assert single["songs"] == {A: FOX}


def test_other_results_say_nothing_of_songs() -> None:
    (single,) = payloads(Result((A,)))

    assert "songs" not in single


WITH_SONGS = {"title": "a fox", "performer": "Suno Song", "songs": {A: FOX}}


def test_telegram_is_told_what_is_known() -> None:
    assert shown(WITH_SONGS, "audio", A, b"cover") == {
        "title": "The Fox",
        "performer": "Suno",
        "duration": 96,
        "thumbnail": b"cover",
    }
    assert shown(WITH_SONGS, "audio", B) == {"title": "a fox", "performer": "Suno Song"}
    assert shown({}, "audio", A) == {}
    assert shown(WITH_SONGS, "document", A) == {}


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"\xff\xd8\xff the picture", True), (b"\x89PNG", False), (b"", False)],
)
def test_a_cover_is_taken_as_jpeg_only(content: bytes, found: bool) -> None:
    asked: list[tuple[str, int]] = []

    async def read(url: str, limit: int) -> bytes:
        asked.append((url, limit))
        return content

    expected = [content if found else None, None]
    assert asyncio.run(covers_of(nullcontext, WITH_SONGS, [A, B], read)) == expected
    assert asked == [(COVER, COVER_LIMIT)]


@pytest.mark.parametrize("error", [TooLarge("250000 bytes"), Unavailable("gone")])
def test_a_song_without_its_cover_is_still_the_song(error: Exception) -> None:
    async def read(url: str, limit: int) -> bytes:
        raise error

    assert asyncio.run(covers_of(nullcontext, WITH_SONGS, [A], read)) == [None]
