"""Commands as people paste them, and those before a caption."""

import pytest

from handlers.dialogue.incoming import Command, Media
from tests.support.chats.talk import read
from tests.support.edges import telegram_updates as telegram

PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}


@pytest.mark.parametrize("before", ["\u200b", "\u200e\u200f", "\ufeff ", "\u2066", "\n"])
def test_a_command_that_was_copied_with_what_nobody_sees_is_a_command(before: str) -> None:
    found = read(telegram.message(text=f"{before}/image a fox"))

    assert isinstance(found, Command)
    assert (found.name, found.arguments) == ("image", "a fox")


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("/image make it red", "make it red"),
        ("/imagine@some_bot make it red", "make it red"),
        ("/image", ""),
        ("make it /red", "make it /red"),
        ("/path/to it", "/path/to it"),
    ],
)
def test_a_command_before_a_caption_is_no_part_of_the_description(caption: str, words: str) -> None:
    found = read(telegram.message(photo=[PHOTO], caption=caption))

    assert isinstance(found, Media)
    assert found.caption == words
