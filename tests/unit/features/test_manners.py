"""How the bot behaves beside the way to a job: language, groups, what needs no answer."""

import json
from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue import buttons, incoming, update_reader
from handlers.dialogue.effects import SetReachable
from handlers.dialogue.facts import Facts, Standing
from handlers.features.making import asking, screens
from handlers.features.making.names import CONFIRM, SETTINGS
from handlers.shop.offers import Offer
from handlers.shop.shop import Support
from kie.money.ledger import Account
from tests.support import telegram_updates as telegram
from tests.support.example_inputs import most
from tests.support.talk import PROMPT, SHOP, Talk, read


def test_language_changes_the_words_and_keeps_the_step() -> None:
    talk = Talk().at_confirm().says("/language")

    assert talk.language == "ru"
    assert talk.standing.step == CONFIRM
    assert any("Создать" in each.text for each in talk.buttons)


def test_support_is_hidden_when_there_is_none() -> None:
    talk = Talk(replace(SHOP, support=Support())).says("/start")

    assert not [each for each in talk.buttons if "Support" in each.text]
    assert "/support" not in talk.says("/help").screen.text


def test_support_texts_of_the_operator_are_escaped() -> None:
    talk = Talk().says("/support")

    assert "Ask &lt;us&gt;" in talk.screen.text
    assert "@help_desk" in talk.screen.text


def test_a_group_is_told_where_the_bot_works() -> None:
    update = telegram.message(text="/start@painter_bot")
    update["message"]["chat"] = {"id": -100, "type": "supergroup", "title": "g"}

    talk = Talk().hear(update)

    assert talk.buttons[0].url == "https://t.me/painter_bot"


def test_a_command_for_another_bot_in_a_group_is_none_of_our_business() -> None:
    update = telegram.message(text="/start@other_bot")
    update["message"]["chat"] = {"id": -100, "type": "supergroup", "title": "g"}

    assert Talk().hear(update).effects == ()


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


def test_every_button_of_every_model_fits_into_telegrams_64_bytes() -> None:
    for offer in SHOP.offers.values():
        _every_screen(offer)


def _every_screen(offer: Offer) -> None:
    """Building a screen raises when a button's data is too long."""
    version = 10**9
    facts = Facts(read(telegram.message(text="x")), "en", Standing(), SHOP)
    for language in ("en", "ru"):
        inputs: dict[str, Any] = {}
        for asked in (*offer.questions, *offer.settings):
            for opened_from in (None, SETTINGS):
                for page in range(5):
                    asking.question(
                        offer, asked, inputs, language, version, opened_from=opened_from, page=page
                    )
            inputs[asked.name] = most(asked)
        screens.confirm(offer, inputs, facts, language, version)
        screens.settings(offer, inputs, facts, language, version)
    assert len(buttons.encode("model", offer.model).encode()) <= buttons.MOST_BYTES


def test_a_second_model_needs_no_code() -> None:
    base = SHOP.offers["z-image"]
    two = replace(base, model="two", price=5, free_per_day=None)
    shop = replace(SHOP, offers={"z-image": base, "two": two})
    talk = Talk(shop, account=Account(balance=5)).says("/new")
    assert {"model||z-image", "model||two"} <= {each.press for each in talk.buttons}

    talk.hear(telegram.press("model||two")).says(PROMPT).presses("1:1").presses("Create")

    assert talk.started[0].job.model == "two"
    assert talk.started[0].job.price == 5
