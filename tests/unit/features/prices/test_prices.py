"""Prices that operators change, as a pure function of facts."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.features.prices.asked import Change
from handlers.features.prices.rules import SetPrice
from handlers.shop.current_shop import CurrentShop
from handlers.shop.offers import offers_of
from handlers.shop.shop import Payment, Support
from kie.catalogue.availability import Snapshot
from kie.catalogue.pricing import priced
from kie.money.packs import Pack
from kie.money.tariffs import Tariffs
from tests.support.talk import CATALOGUE, SHOP, Talk
from tests.support.wording import plain

PACKS = (Pack(1, 100, 50), Pack(3, 500, 230, "199 ₽"))
OPERATORS = replace(SHOP, admins=frozenset({7}), packs=PACKS)


def changes(talk: Talk) -> list[Change]:
    return [each.change for each in talk.effects if isinstance(each, SetPrice)]


@pytest.mark.parametrize(
    ("words", "change", "shown"),
    [
        ("markup 2,5", Change("markup", value=2.5), "as in the file → <b>2.5</b>"),
        ("z-image 3", Change("price", "z-image", 3), "→ <b>"),
        ("z-image free 7", Change("free", "z-image", 7), "→ <b>7</b>"),
        ("pack 500 300 249 ₽", Change("pack", "", 500, 300, "249 ₽"), "230 ⭐ · 199 ₽ → <b>300 ⭐"),
        ("hide 100", Change("hide", value=100), "50 ⭐ → <b>not sold</b>"),
        ("reset z-image", Change("reset", "z-image"), "as in the file"),
        ("reset markup", Change("reset"), "as in the file"),
    ],
)
def test_a_change_is_shown_and_then_confirmed(words: str, change: Change, shown: str) -> None:
    talk = Talk(OPERATORS).says(f"/prices {words}")
    assert changes(talk) == []
    assert shown in talk.screen.text

    talk.presses("Set it")
    assert changes(talk) == [change]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("markup 0", "number"),
        ("markup -2", "number"),
        ("z-image 0", "number"),
        ("z-image 2.5", "number"),
        ("z-image free x", "number"),
        ("pack 500", "number"),
        ("pack 0 10", "number"),
        ("pack 500 10001", "stars"),
        ("pack 500 0", "stars"),
        ("hide 7", "pack"),
        ("hide", "pack"),
        ("no-such-model 5", "model"),
        ("reset nothing", "model"),
        ("gibberish", "unknown"),
    ],
)
def test_what_is_no_price_is_refused_with_a_reason(words: str, why: str) -> None:
    talk = Talk(OPERATORS).says(f"/prices {words}")
    assert plain("en", f"why_{why}") in talk.screen.text
    assert talk.dialogue.step == "idle"


def test_below_cost_is_confirmed_twice() -> None:
    talk = Talk(OPERATORS).says("/prices pack 500 5").presses("Set it")
    assert changes(talk) == []
    assert "Below kie.ai's cost" in talk.screen.text

    talk.presses("all the same")
    assert changes(talk) == [Change("pack", "", 500, 5)]


def test_nobody_else_sees_or_changes_prices() -> None:
    talk = Talk(replace(OPERATORS, admins=frozenset())).says("/prices markup 5")
    assert talk.dialogue.step != "pricing"


def test_the_list_shows_packs_and_changes_also_of_models_that_are_gone() -> None:
    changed = Tariffs(2.5, {"z-image": 3, "gone/model": 9}, {"z-image": 4})
    text = Talk(replace(OPERATORS, tariffs=changed)).says("/prices").screen.text

    assert "500 credits · 230 ⭐ · 199 ₽ · margin" in text
    assert "z-image: from 3 credits, free 4 a day" in text
    assert "gone/model: from 9 credits (not in the catalogue any more)" in text


def test_a_change_is_in_force_for_the_next_update() -> None:
    display = Snapshot()

    def shop_of(**changes: Any) -> Any:
        current = CurrentShop(
            offers_of(CATALOGUE),
            Support(),
            lambda: None,
            Payment(),
            [],
            lambda: replace(display, tariffs=Tariffs(**changes)),
            reprice=lambda tariffs: offers_of(priced(CATALOGUE, tariffs)),
        )
        return current().offers

    assert shop_of(prices={"z-image": 9})["z-image"].price == 9
    assert shop_of(free={"z-image": 0})["z-image"].free_per_day is None
    before = SHOP.offers["google/nano-banana"].price
    assert shop_of(markup=20.0)["google/nano-banana"].price > before
    varying = next(each for each in CATALOGUE.models() if each.varies)
    assert shop_of(prices={varying.id: 77})[varying.id].price == 77
