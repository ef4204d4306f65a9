"""Prices that operators change, as a pure function of facts."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.facts import Dialogue
from handlers.features.prices.asked import Change
from handlers.features.prices.rules import CHANGED_SHOWN, SetPrice
from handlers.shop.current_shop import CurrentShop
from handlers.shop.offers import offers_of
from handlers.shop.shop import Payment, Support
from handlers.words.texts import units, without_markup
from kie.catalogue.availability import Snapshot
from kie.catalogue.pricing import priced
from kie.money.packs import Pack
from kie.money.tariffs import Tariffs
from tests.support.chats.talk import CATALOGUE, SHOP, Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import plain

PACKS = (Pack(1, 100, 50), Pack(3, 500, 230, "199 ₽"), Pack(4, 700, 300, monthly=True))
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
        ("reset markup", Change("reset", "markup"), "as in the file"),
        ("budget 200", Change("budget", value=200), "no limit → <b>200</b>"),
        (
            "monthly 700 350",
            Change("pack", "", 700, 350, monthly=True),
            "700 credits a month\n300 ⭐ → <b>350 ⭐",
        ),
        (
            "hide monthly 700",
            Change("hide", value=700, monthly=True),
            "300 ⭐ → <b>not sold</b>",
        ),
        (
            "renewals 2,5",
            Change("renewals", value=2.5),
            "the Stars go back → <b>2.5 credits for a Star",
        ),
        ("renewals 0", Change("renewals"), "→ <b>the Stars go back"),
        ("reset renewals", Change("reset", "renewals"), "→ <b>the Stars go back"),
        ("reset budget", Change("reset", "budget"), "→ <b>no limit"),
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
        ("budget -1", "number"),
        ("budget", "number"),
        ("pack 500", "number"),
        ("pack 0 10", "number"),
        ("pack 500 10001", "stars"),
        ("pack 500 0", "stars"),
        ("monthly 500 10001", "stars"),
        ("monthly 500 0", "stars"),
        ("monthly 500 200 99 ₽", "number"),
        ("renewals -1", "number"),
        ("renewals 1001", "number"),
        ("renewals", "number"),
        ("hide monthly 100", "pack"),
        ("hide monthly", "pack"),
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

    talk.presses("anyway")
    assert changes(talk) == [Change("pack", "", 500, 5)]


def test_nobody_else_sees_or_changes_prices() -> None:
    talk = Talk(replace(OPERATORS, admins=frozenset())).says("/prices markup 5")
    assert talk.dialogue.step != "pricing"


def test_the_list_shows_packs_and_changes_also_of_models_that_are_gone() -> None:
    changed = Tariffs(2.5, {"z-image": 3, "gone/model": 9}, {"z-image": 4})
    text = Talk(replace(OPERATORS, tariffs=changed)).says("/prices").screen.text

    assert "500\u00a0credits · 230 ⭐ · 199 ₽ · margin" in text
    assert "🔁 700\u00a0credits a month · 300 ⭐ · margin" in text
    assert "z-image: from 3 credits, free 4 a day" in text
    assert "gone/model: from 9 credits (not in the catalogue any more)" in text


def test_a_price_of_its_own_for_every_model_fits_into_pages() -> None:
    models = sorted(name for name, each in SHOP.offers.items() if not each.preset_of)
    changed = replace(OPERATORS, tariffs=Tariffs(2.0, dict.fromkeys(models, 1_000_000)))
    talk, named = Talk(changed).says("/prices"), []
    for _ in range(-(-len(models) // CHANGED_SHOWN)):
        assert units(without_markup(talk.screen.text)) <= 4096
        assert sum(map(len, talk.screen.keyboard)) <= 100
        named += [each for each in models if f"{each}: from" in talk.screen.text]
        talk.presses("›")

    assert named == models


def test_a_page_of_prices_that_is_gone_leads_to_the_last_one() -> None:
    """Its models went back to the file since the button was shown."""
    changed = replace(OPERATORS, tariffs=Tariffs(2.0, {"z-image": 3}))

    talk = Talk(changed).hear(telegram.press("prices||4", message_id=40))

    assert "z-image: from 3" in talk.screen.text


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


@pytest.mark.parametrize(
    ("label", "typed", "change"),
    [
        ("Markup", "2.5", Change("markup", value=2.5)),
        ("Free budget", "200", Change("budget", value=200)),
        ("➕ Pack", "700 310", Change("pack", "", 700, 310)),
        ("Model", "z-image 3", Change("price", "z-image", 3)),
        ("500 credits", "300 249 ₽", Change("pack", "", 500, 300, "249 ₽")),
    ],
)
def test_what_is_pressed_is_typed_and_confirmed(label: str, typed: str, change: Change) -> None:
    talk = Talk(OPERATORS)
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
    talk.says("/prices").presses(label).says("none of your business")
    assert "That is not a price" in talk.screen.text

    talk.says(typed).presses("Set it")

    assert changes(talk) == [change]
    assert (talk.dialogue.step, talk.dialogue.answers) == ("confirm", {"model": "z-image"})


def test_a_monthly_pack_is_changed_and_hidden_by_its_button() -> None:
    talk = Talk(OPERATORS).says("/prices").presses("🔁 700").says("360").presses("Set it")
    assert changes(talk) == [Change("pack", "", 700, 360, monthly=True)]
    talk = (
        Talk(OPERATORS).says("/prices").presses("🔁 700").presses("Stop selling").presses("Set it")
    )
    assert changes(talk) == [Change("hide", value=700, monthly=True)]


def test_a_pack_is_hidden_and_a_price_goes_back_by_a_button() -> None:
    hidden = Talk(OPERATORS).says("/prices").presses("500 credits").presses("Stop selling")
    assert changes(hidden.presses("Set it")) == [Change("hide", value=500)]

    changed = replace(OPERATORS, tariffs=Tariffs(2.0, {"z-image": 3}))
    talk = Talk(changed).says("/prices").presses("As in the file: z-image").presses("Set it")
    assert changes(talk) == [Change("reset", "z-image")]
    talk = Talk(changed).says("/prices").presses("As in the file: markup").presses("Set it")
    assert changes(talk) == [Change("reset", "markup")]


def test_a_change_that_another_operator_has_overtaken_is_shown_anew() -> None:
    talk = Talk(OPERATORS).says("/prices markup 2.5")
    talk.shop = replace(OPERATORS, tariffs=Tariffs(3.0))
    talk.presses("Set it")
    assert changes(talk) == []
    assert "3 → <b>2.5</b>" in talk.screen.text
    assert changes(talk.presses("Set it")) == [Change("markup", value=2.5)]


def test_buttons_of_prices_are_for_operators_alone() -> None:
    for data in ("price_of||markup", "price_do||reset markup"):
        talk = Talk(SHOP).hear(telegram.press(data))
        assert talk.dialogue.step == "idle"
        assert not changes(talk)
