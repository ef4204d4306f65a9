"""A wish from a group, in the private chat of who wrote it."""

from dataclasses import replace
from typing import Any

import pytest

from handlers import features
from handlers.dialogue import buttons
from handlers.dialogue.effects import Compose, Place, Show
from handlers.dialogue.facts import Facts
from handlers.features.groups import rules
from handlers.features.groups.rules import (
    DropWish,
    Wish,
)
from kie.money.ledger import Account
from kie.money.packs import Pack
from tests.support.chats.talk import SHOP, Talk, needs_making, read
from tests.support.edges import telegram_updates as telegram
from tests.support.pages.screens import check_screen

WISH = Wish(4, Place(-100, 9), 77, "z-image", {"prompt": "a fox", "aspect_ratio": "1:1"})


def _facts(talk: Talk, update: dict[str, Any]) -> Facts:
    return Facts(read(update), "en", talk.dialogue, SHOP, places=talk.router.places)


def test_the_link_from_the_group_shows_the_order_with_its_price() -> None:
    talk = Talk(loads={"wish_of_user": WISH}).says("/start g_4")

    check_screen(talk.screen)
    assert "a fox" in talk.screen.text
    assert talk.button("Create") == "gwish||4:0"


def test_a_link_to_a_wish_that_is_gone_says_so() -> None:
    talk = Talk().says("/start g_4")

    assert "is gone" in talk.screen.text


def test_the_press_orders_for_the_price_that_was_told_into_the_topic_of_the_group() -> None:
    talk = Talk(loads={"wish_of_user": WISH})
    facts = _facts(talk, telegram.press("gwish||4:8"))
    press = buttons.decode("gwish||4:8")
    assert press is not None

    assert rules.press_wish(facts, press, WISH) == (
        Compose("z-image", WISH.inputs, source=77, price=8, place=Place(-100, 9), key="wish:4"),
    )


def test_a_press_for_a_wish_that_is_gone_says_so() -> None:
    for data in ("gwish||4:8", "gwish||"):
        talk = Talk().hear(telegram.press(data))
        assert "gone" in talk.screen.text


def test_a_wish_that_is_not_wanted_is_cancelled_and_removed() -> None:
    talk = Talk(loads={"wish_of_user": WISH}).hear(telegram.press("gno||4"))

    assert "Cancelled" in talk.screen.text
    assert [each for each in talk.effects if isinstance(each, DropWish)] == [DropWish(4)]


def test_a_second_no_says_cancelled_too() -> None:
    assert "Cancelled" in Talk().hear(telegram.press("gno||4")).screen.text


def test_no_after_the_order_says_that_it_is_ordered() -> None:
    ordered = replace(WISH, ordered=True)

    talk = Talk(loads={"wish_of_user": ordered}).hear(telegram.press("gno||4"))

    assert "Already ordered" in talk.toast.text
    assert not [each for each in talk.effects if isinstance(each, DropWish)]


@needs_making
@pytest.mark.parametrize("language", ["en", "ru"])
def test_who_has_too_little_sees_the_wish_again_with_what_is_missing(language: str) -> None:
    inputs = {"prompt": "a fox", "aspect_ratio": "1:1", "resolution": "1K"}
    wish = replace(WISH, model="nano-banana-2", inputs=inputs)
    shop = replace(SHOP, packs=(Pack(1, 100, 50), Pack(2, 1000, 400)))
    talk = Talk(shop, loads={"wish_of_user": wish}, account=Account(balance=1), card=3)
    talk.language = language

    talk.says("/start g_4").presses("✅")

    assert {"en": "short", "ru": "Не хватает"}[language] in talk.toast.text
    assert {"en": "You need", "ru": "Нужно"}[language] in talk.screen.text
    check_screen(talk.screen)
    actions = [each.press.partition("|")[0] for each in talk.buttons]
    assert actions[-2:] == ["gwish", "gno"]
    assert ("buy" in actions) == ("paying" in {each.name for each in features.FEATURES})
    assert not talk.started
    assert [each for each in talk.effects if isinstance(each, Show) and each.stays]
