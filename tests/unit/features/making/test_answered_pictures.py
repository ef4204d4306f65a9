"""A command in private that answers a message with a picture."""

from collections.abc import Callable
from typing import Any

import pytest

from handlers.features.making.dialogue_state import files_in
from kie.money.ledger import Account
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import say

RICH = Account(balance=1000)
PICTURE = {"file_id": "theirs", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}


def answers(words: str, **content: Any) -> dict[str, Any]:
    """An answer to a message, which has a picture if it is not said otherwise."""
    there = telegram.message(**(content or {"photo": [PICTURE]}))["message"]
    return telegram.message(text=words, reply_to_message=there)


def card(talk: Talk) -> tuple[str, str, list[str]]:
    """The kind of the result, its words and its files."""
    given = talk.dialogue.answers
    offer = talk.shop.offers[given["model"]]
    return (
        offer.kind,
        offer.words_of(given["inputs"]),
        [f.file_id for f in files_in(given["inputs"])],
    )


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("/image", "image"),
        ("/imagine", "image"),
        ("/photo", "image"),
        ("/video", "video"),
        ("/draw", "image"),
    ],
)
def test_a_command_with_words_is_about_the_picture_that_it_answers(command: str, kind: str) -> None:
    talk = Talk(account=RICH).hear(answers(f"{command} make it winter"))

    assert card(talk) == (kind, "make it winter", ["theirs"])


def test_a_command_without_words_asks_what_to_do_with_the_picture_that_it_answers() -> None:
    talk = Talk(account=RICH).hear(answers("/photo"))

    assert "What shall I do" in talk.screen.text
    assert [each["file_id"] for each in talk.dialogue.answers["files"]] == ["theirs"]


def test_the_picture_that_a_command_answers_comes_before_the_one_that_is_kept() -> None:
    kept = telegram.message(photo=[{**PICTURE, "file_id": "kept"}])

    talk = Talk(account=RICH).hear(kept).hear(answers("/photo make it winter"))

    assert card(talk) == ("image", "make it winter", ["theirs"])


def test_a_command_that_answers_a_recording_is_about_its_words() -> None:
    voice = {"file_id": "v", "file_unique_id": "v", "duration": 3, "file_size": 900}

    talk = Talk(account=RICH).hear(answers("/image a fox", voice=voice))

    assert card(talk) == ("image", "a fox", [])


def test_a_corrected_command_keeps_the_picture_that_it_answers() -> None:
    said = answers("/photo make it winter")
    talk = Talk(account=RICH).hear(said)
    corrected = {**said["message"], "text": "/photo make it spring"}

    talk.hear({"update_id": 1, "edited_message": corrected})

    assert card(talk) == ("image", "make it spring", ["theirs"])


def captioned(words: str) -> dict[str, Any]:
    return telegram.message(photo=[PICTURE], caption=words)


@pytest.mark.parametrize("said", [answers, captioned])
@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("/photo", "/video", "video"),
        ("/image", "/video", "video"),
        ("/video", "/photo", "image"),
        ("/video", "/image", "image"),
    ],
)
def test_another_command_before_the_words_makes_another_kind_of_the_same_picture(
    said: Callable[[str], dict[str, Any]], before: str, after: str, kind: str
) -> None:
    first, corrected = (said(f"{each} make it winter")["message"] for each in (before, after))
    corrected["message_id"] = first["message_id"]

    talk = Talk(account=RICH).hear({"update_id": 1, "message": first})
    talk.hear({"update_id": 2, "edited_message": corrected})
    assert card(talk) == (kind, "make it winter", ["theirs"])

    again = {**corrected, "text" if said is answers else "caption": f"{after} make it spring"}
    talk.hear({"update_id": 3, "edited_message": again})
    assert card(talk) == (kind, "make it spring", ["theirs"])


@pytest.mark.parametrize("said", [answers, captioned])
def test_the_same_command_keeps_the_model_that_was_chosen_for_the_picture(
    said: Callable[[str], dict[str, Any]],
) -> None:
    first, corrected = (said(f"/photo make it {each}")["message"] for each in ("winter", "spring"))
    corrected["message_id"] = first["message_id"]

    talk = Talk(account=RICH).hear({"update_id": 1, "message": first})
    talk.presses_model("kling/v2-1-standard").hear({"update_id": 2, "edited_message": corrected})

    assert card(talk) == ("video", "make it spring", ["theirs"])


@pytest.mark.parametrize("said", [answers, captioned])
@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("", "", "image"), ("/photo ", "/photo ", "image"), ("/photo ", "/video ", "video")],
)
def test_words_that_are_corrected_after_the_order_are_about_the_same_picture(
    said: Callable[[str], dict[str, Any]], before: str, after: str, kind: str
) -> None:
    first, corrected = said(f"{before}make it winter"), said(f"{after}make it spring")
    corrected["message"]["message_id"] = first["message"]["message_id"]

    talk = Talk(account=RICH).hear(first).presses("Create")
    talk.hear({"update_id": 2, "edited_message": corrected["message"]})

    assert card(talk) == (kind, "make it spring", ["theirs"])
    assert say("en", "edit_too_late") in talk.screen.text
