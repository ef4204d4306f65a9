"""Letters of operators to users, as a pure function of facts."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.facts import Dialogue
from handlers.features.letters.rules import MOST_UNITS, Write
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

PERSON: dict[str, Any] = {
    **{"user_id": 42, "username": "anna", "first_name": "Anna", "balance": 5},
    **{"language": "ru", "last_language_code": "ru"},
}


def writing() -> Talk:
    talk = Talk(replace(SHOP, admins=frozenset({7})), loads={"person": PERSON})
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
    return talk.hear(telegram.press("letter||42"))


def test_an_operators_words_go_to_the_user_and_the_draft_stays() -> None:
    talk = writing()
    assert "@anna" in talk.screen.text
    talk.says("They are there now.")

    assert [each for each in talk.effects if isinstance(each, Write)] == [
        Write(42, "They are there now.", "@anna")
    ]
    assert (talk.dialogue.step, talk.dialogue.answers) == ("confirm", {"model": "z-image"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"text": "x" * (MOST_UNITS + 1)}, "at most 3900"),
        ({"sticker": {}}, "in words"),
        ({"photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]}, "in words"),
    ],
)
def test_what_is_no_letter_is_told_and_nothing_is_sent(content: dict[str, Any], said: str) -> None:
    talk = writing().hear(telegram.message(**content))

    assert said in talk.screen.text
    assert talk.dialogue.step == "letter"


def test_who_leaves_sends_nothing_and_nobody_else_writes() -> None:
    talk = writing().presses("Leave it")
    assert talk.dialogue.step == "confirm"

    stranger = Talk(SHOP, loads={"person": PERSON}).hear(telegram.press("letter||42"))
    assert stranger.toast.alert
    former = writing()
    former.shop = SHOP
    former.says("still me")
    assert not [each for each in former.effects if isinstance(each, Write)]
