"""Effects: from the list to the job, in both languages."""

from typing import Any

import pytest

from handlers.delivery.outbox import Delivery
from handlers.dialogue.effects import Say, Show
from handlers.features.effects import screens
from handlers.features.effects.rules import ShowSample
from kie.catalogue.catalogue import Catalogue
from kie.money.ledger import Account
from tests.support import telegram_updates as telegram
from tests.support.screens import check_screen
from tests.support.talk import SHOP, Talk, needs_making

SIZE = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
NAMES = [each.name for each in Catalogue.load().effects]
RICH = Account(balance=1000)


def photo() -> dict[str, Any]:
    return telegram.message(photo=[SIZE])


def voice() -> dict[str, Any]:
    sent = {"file_id": "v", "file_unique_id": "u", "duration": 4, "file_size": 900}
    return telegram.message(voice={**sent, "mime_type": "audio/ogg"})


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_list_leads_to_every_effect(language: str) -> None:
    talk = Talk()
    talk.language = language
    talk.says("/effects")

    check_screen(talk.screen)
    assert [each.press for each in talk.buttons][: len(NAMES)] == [f"fxs||{n}" for n in NAMES]


@needs_making
def test_the_menu_leads_to_the_list() -> None:
    talk = Talk().says("/start")
    assert "fx||" in [each.press for each in talk.buttons]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("name", NAMES)
def test_an_effect_is_shown_by_its_picture_with_its_price_on_the_button(
    name: str, language: str
) -> None:
    talk = Talk()
    talk.language = language
    talk.hear(telegram.press(f"fxs||{name}"))

    (shown,) = (each for each in talk.effects if isinstance(each, ShowSample))
    facts = talk.last_facts
    payload = screens.shown(facts, shown.offer)
    assert payload["urls"] == [f"sample:{name}"]
    assert payload["card"]
    assert payload["keyboard"][0][0][1] == f"model||fx-{name}"
    assert shown.offer.title(language) in payload["caption"]


@needs_making
@pytest.mark.parametrize("name", NAMES)
def test_an_effect_is_made_by_its_model_from_what_its_user_gives(name: str) -> None:
    talk = Talk(account=RICH).hear(telegram.press(f"model||fx-{name}"))
    offer = SHOP.offers[f"fx-{name}"]
    for question in offer.questions:
        match question.type.value:
            case "image":
                talk.hear(photo())
            case "audio":
                talk.hear(voice())
            case _:
                talk.says("a fox")
        if any("done|" in each.press for each in talk.buttons):
            talk.presses("Done")

    talk.presses("Create")

    (started,) = talk.started
    assert started.job.model == offer.effect_of
    assert started.job.price == offer.price or offer.free_per_day or name == "talking"
    assert "words" not in started.job.inputs


@needs_making
def test_a_photo_in_the_hand_is_what_the_effect_is_about() -> None:
    talk = Talk(account=RICH).hear(photo()).hear(telegram.press("model||fx-cutout"))

    assert "Create" in " ".join(each.text for each in talk.buttons)


def test_an_effect_that_is_gone_leads_to_the_others() -> None:
    talk = Talk().hear(telegram.press("fxs||gone"))

    assert "not available" in talk.screen.text
    assert isinstance(talk.effects[-1], Say | Show)


def test_effects_stand_in_no_list_of_models() -> None:
    assert not [each for each in SHOP.by_use if each.effect_of]
    assert not [each for each in SHOP.favourites if each.effect_of]


def test_a_delivery_of_a_sample_is_an_answer_in_the_line_of_files() -> None:
    talk = Talk().hear(telegram.press("fxs||restore"))
    (shown,) = (each for each in talk.effects if isinstance(each, ShowSample))
    payload = screens.shown(talk.last_facts, shown.offer)

    assert Delivery(7, "answer", payload, "k").line < 0
