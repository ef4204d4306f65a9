"""What every conversation keeps to, whatever its features."""

import json
from typing import Any

import pytest

from handlers.dialogue import incoming, update_reader
from handlers.dialogue.effects import SetReachable
from handlers.features.making.names import CONFIRM
from tests.support import telegram_updates as telegram
from tests.support.talk import Talk, read


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
