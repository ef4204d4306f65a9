"""What every conversation keeps to, whatever its features."""

import json
from typing import Any

import pytest

from handlers.dialogue import incoming, update_reader
from handlers.dialogue.effects import Say, SetReachable, Show
from handlers.features.making.dialogue_state import CONFIRM
from tests.support.chats.talk import Talk, read
from tests.support.edges import telegram_updates as telegram


@pytest.mark.parametrize(
    "update",
    [
        {
            "update_id": 2,
            "channel_post": {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "channel"}},
        },
        telegram.message(pinned_message=telegram.message(text="x")["message"]),
        {"update_id": 3},
        {"update_id": 4, "something_new": {"a": 1}},
    ],
)
def test_what_needs_no_answer_gets_none(update: dict[str, Any]) -> None:
    assert update_reader.read(json.dumps(update)) is None


def test_a_user_who_blocked_us_and_writes_again_is_reachable_again() -> None:
    talk = Talk(reachable=False).says("/start")

    assert talk.effects[0] == SetReachable(True)


def test_nul_and_half_characters_never_reach_the_database() -> None:
    found = read(telegram.message(text="a\x00b\ud83d"))

    assert isinstance(found, incoming.Text)
    assert found.text == "a\ufffdb\ufffd"


def test_language_changes_the_words_and_keeps_the_step() -> None:
    talk = Talk().at_confirm().says("/language")

    assert talk.language == "ru"
    assert talk.dialogue.step == CONFIRM
    assert any("Создать" in each.text for each in talk.buttons)


# ------------------------------------------------------------------- the card --


def test_a_button_of_another_message_shows_its_screen_as_a_new_card() -> None:
    talk = Talk(card=60)

    talk.hear(telegram.press("menu||", message_id=50))

    assert [type(each) for each in talk.effects if isinstance(each, Say | Show)] == [Say]


def test_a_button_of_the_card_changes_the_card_in_place() -> None:
    for card in (50, None):
        talk = Talk(card=card).hear(telegram.press("menu||", message_id=50))

        assert [each.message_id for each in talk.effects if isinstance(each, Show)] == [50]


def test_an_old_button_is_told_so_and_its_message_becomes_the_step_once_more() -> None:
    talk = Talk(card=60).at_confirm()

    talk.hear(telegram.press("change|1|prompt", message_id=40))

    assert talk.toast.text
    assert [each.message_id for each in talk.effects if isinstance(each, Show)] == [40]
