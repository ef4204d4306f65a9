"""A word orders what its user sees: never a card behind another screen."""

import pytest

from handlers.dialogue.effects import Button
from handlers.dialogue.facts import COVERED
from handlers.features import FEATURES
from kie.money.ledger import Account
from tests.support.chats.talk import Talk, needs_making
from tests.support.edges import telegram_updates as telegram

pytestmark = needs_making
THERE = {name for each in FEATURES for name in each.commands}
COVERING = [name for name in ("help", "terms", "invite", "balance", "prices") if name in THERE]


def at_card() -> Talk:
    return Talk(account=Account(balance=1000)).says("/video waves")


def orders(talk: Talk) -> list[Button]:
    return [each for each in talk.buttons if each.press.startswith("create|")]


@pytest.mark.parametrize("word", ["ok", "да", "👍"])
def test_a_word_orders_the_card_that_stands_there(word: str) -> None:
    assert len(at_card().says(word).started) == 1


@pytest.mark.parametrize("command", COVERING)
def test_a_word_behind_another_screen_shows_the_card_and_orders_nothing(command: str) -> None:
    talk = at_card().says(f"/{command}")
    assert not orders(talk), "its screen is that of the command"

    talk.says("ok")
    assert not talk.started
    assert orders(talk)

    assert len(talk.says("ok").started) == 1


def test_a_button_of_a_result_covers_the_card_too() -> None:
    talk = at_card()
    talk.facts["card"] = 90
    talk.hear(telegram.press("cat||video:0", message_id=50))
    talk.says("ok")
    assert not talk.started
    assert orders(talk)


def test_what_covers_the_card_keeps_its_words_and_its_buttons() -> None:
    talk = at_card()
    version, answers = talk.dialogue.version, dict(talk.dialogue.answers)

    talk.hear(telegram.press("cat||video:0"))
    assert talk.dialogue.answers == {**answers, COVERED: True}
    assert talk.dialogue.version == version

    talk.says("calm waves at night")
    assert COVERED not in talk.dialogue.answers
    assert orders(talk)
