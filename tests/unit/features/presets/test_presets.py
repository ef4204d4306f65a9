"""Presets: from the list to the job, in both languages."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.delivery.outbox import ANSWERS, Delivery
from handlers.dialogue.effects import Say, Show
from handlers.dialogue.places import Spot
from handlers.features.presets import rules, screens
from handlers.features.presets.rules import ShowSample, ShowSamples
from handlers.words.texts import units
from kie.money.ledger import Account
from tests.support.chats.talk import SHOP, Talk, needs_making
from tests.support.edges import telegram_updates as telegram
from tests.support.pages.screens import check_screen
from tests.support.shipped import shipped

SIZE = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
NAMES = [each.name for each in shipped().presets]
RICH = Account(balance=1000)


def photo() -> dict[str, Any]:
    return telegram.message(photo=[SIZE])


def voice() -> dict[str, Any]:
    sent = {"file_id": "v", "file_unique_id": "u", "duration": 4, "file_size": 900}
    return telegram.message(voice={**sent, "mime_type": "audio/ogg"})


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_list_leads_to_every_preset(language: str) -> None:
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
def test_a_preset_is_shown_by_its_picture_with_its_price_on_the_button(
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
def test_a_preset_is_made_by_its_model_from_what_its_user_gives(name: str) -> None:
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
    assert started.job.model == offer.preset_of
    assert started.job.price == offer.price or offer.free_per_day or name == "talking"
    assert "words" not in started.job.inputs


@needs_making
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_preset_asks_for_the_words_that_it_wants(language: str) -> None:
    talk = Talk()
    talk.language = language
    talk.presses_model("fx-sticker")

    asked = {"en": "What is on the sticker?", "ru": "Что на стикере?"}[language]
    assert asked in talk.screen.text


@needs_making
def test_a_photo_in_the_hand_is_what_the_preset_is_about() -> None:
    talk = Talk(account=RICH).hear(photo()).hear(telegram.press("model||fx-cutout"))

    assert "Create" in " ".join(each.text for each in talk.buttons)


def test_a_preset_that_is_gone_leads_to_the_others() -> None:
    talk = Talk().hear(telegram.press("fxs||gone"))

    assert "not available" in talk.screen.text
    assert isinstance(talk.effects[-1], Say | Show)


def test_presets_stand_in_no_list_of_models() -> None:
    assert not [each for each in SHOP.by_use if each.preset_of]


def test_a_delivery_of_a_sample_is_an_answer_in_the_line_of_files() -> None:
    talk = Talk().hear(telegram.press("fxs||restore"))
    (shown,) = (each for each in talk.effects if isinstance(each, ShowSample))
    payload = screens.shown(talk.last_facts, shown.offer)

    assert Delivery(7, "answer", payload, "k").line < 0


@needs_making
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_new_user_sees_three_samples_and_the_ways_to_them_once(language: str) -> None:
    talk = Talk()
    talk.language = language
    talk.says("/start")

    (shown,) = (each for each in talk.effects if isinstance(each, ShowSamples))
    assert [each.model for each in shown.offers] == ["fx-sticker", "fx-postcard", "fx-restore"]
    payload = screens.samples(language, shown.offers)
    assert [url for _, url in payload["files"]] == [
        "sample:sticker",
        "sample:postcard",
        "sample:restore",
    ]
    tries = [each for each in talk.buttons if each.press.startswith("model||fx-")]
    free = "free" if language == "en" else "бесплатно"
    assert [each.text.endswith(f"· {free}") for each in tries] == [True, True, False]
    assert [each.text for each in tries if units(each.text) > 24] == []
    talk.presses_model("fx-sticker")
    assert talk.dialogue.step == "ask"
    talk.says("/start")
    assert not any(isinstance(each, ShowSamples) for each in talk.effects)
    assert not [each for each in talk.buttons if each.press.startswith("model||fx-")]


def test_the_screen_after_the_samples_waits_for_them() -> None:
    payload = screens.samples("en", rules.for_new_users(SHOP))

    assert Delivery(7, "answer", payload, "k", in_order=True).line == ANSWERS
    assert Delivery(7, "answer", payload, "k").line < ANSWERS


def test_where_no_model_is_free_the_samples_have_prices() -> None:
    dear = {name: replace(each, free_per_day=None, price=8) for name, each in SHOP.offers.items()}
    shop = replace(SHOP, offers=dear)

    offers = rules.for_new_users(shop)
    assert [each.model for each in offers] == [each.model for each in shop.presets[:3]]
    assert all("💎" in screens.trying(each, Spot("en", shop)).text for each in offers)
