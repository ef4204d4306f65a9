"""Who asks to be told when it works, and what they are answered."""

from dataclasses import replace

import pytest

from handlers.dialogue.places import Spot
from handlers.features.waitlist.rules import Wait
from tests.support.chats.talk import ROUTER, SHOP, Talk, needs_making
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import plain

CLOSED = replace(SHOP, closed="Credits insufficient")
GONE = replace(
    SHOP,
    offers={name: each for name, each in SHOP.offers.items() if name != "z-image"},
    withdrawn={"z-image": "gone"},
)


def waits(talk: Talk) -> list[str]:
    return [each.model for each in talk.effects if isinstance(each, Wait)]


@needs_making
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_card_that_cannot_be_made_now_offers_to_tell_when_it_can(language: str) -> None:
    talk = Talk(CLOSED)
    talk.language = language
    talk.says("a fox").presses(plain(language, "button_tell"))

    assert waits(talk) == [""]
    assert talk.toast.text == plain(language, "toast_will_tell")
    assert talk.dialogue.answers["inputs"]["prompt"] == "a fox"


@needs_making
def test_a_card_that_can_be_made_offers_no_wait() -> None:
    talk = Talk().says("a fox")

    assert not [each for each in talk.buttons if each.press.startswith("tell|")]


@needs_making
def test_who_wants_a_model_that_is_off_can_wait_for_it_and_keeps_their_words() -> None:
    talk = Talk(GONE).says("a fox").presses_model("z-image")
    assert any(each.press == "tell||z-image" for each in talk.buttons)
    talk.presses(plain("en", "button_tell"))
    assert waits(talk) == ["z-image"]
    talk.presses_model("google/nano-banana")

    assert talk.dialogue.answers["inputs"]["prompt"] == "a fox"


@needs_making
def test_a_model_that_does_not_come_back_is_not_waited_for() -> None:
    talk = Talk().presses_model("no/such-model")

    assert not [each for each in talk.buttons if each.press.startswith("tell|")]
    assert waits(Talk().hear(telegram.press("tell||no/such-model"))) == []


@needs_making
def test_the_message_that_it_works_leads_to_the_card_that_waited() -> None:
    talk = Talk(CLOSED).says("a fox").presses(plain("en", "button_tell"))
    talk.shop = SHOP
    talk.hear(telegram.press("waited||", message_id=60))
    assert "a fox" in talk.screen.text
    talk.presses("Create", message_id=60)

    assert len(talk.started) == 1


def test_a_press_that_comes_when_it_works_again_says_so() -> None:
    talk = Talk().hear(telegram.press("tell||"))

    assert waits(talk) == []
    assert talk.toast.text == plain("en", "toast_works")


def test_the_place_has_its_button() -> None:
    rows = ROUTER.places.keyboard("unavailable", Spot("en", SHOP, model="z-image"))

    assert [[each.press for each in row] for row in rows] == [["tell||z-image"]]
