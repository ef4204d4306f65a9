"""The top-up and payments, as a pure function of facts."""

import re
from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.facts import Dialogue
from handlers.dialogue.places import Spot
from handlers.features.paying import FEATURE
from handlers.features.paying.buying import (
    Asked,
    DecideCheckout,
    Known,
    MakeOrder,
    TakePayment,
    TakeReturn,
)
from handlers.shop.offers import Offer
from handlers.shop.shop import Payment, Shop
from kie.catalogue.availability import Maintenance
from kie.money.ledger import Account
from kie.money.orders import Named, Order
from kie.money.packs import Pack
from tests.support.chats.talk import ROUTER, SHOP, Talk, needs_making
from tests.support.edges import telegram_updates as telegram
from tests.support.words.wording import plain, say

PLAIN = SHOP.offers["z-image"]


REQUISITES = Payment(bank="Savings <Bank>", card="2200 1111", phone="")


def shop(offer: Offer, **changes: Any) -> Shop:
    return replace(SHOP, offers={"z-image": offer}, **changes)


def offered(place: str, shop: Shop) -> list[str]:
    """The buttons of this feature that stand in that place."""
    rows = ROUTER.places.keyboard(place, Spot("en", shop))
    shown = [button.press for row in rows for button in row]
    return [press for press in shown if press.partition("|")[0] in FEATURE.buttons]


def priced(price: int, free_per_day: int | None = None) -> Offer:
    return replace(PLAIN, price=price, free_per_day=free_per_day)


def test_without_requisites_nothing_leads_to_them_and_none_are_invented() -> None:
    bare = shop(priced(5), payment=Payment(bank="X", holder="Y"))
    talk = Talk(bare).hear(telegram.press("topup||"))

    assert say("en", "topup_hidden") in talk.screen.text
    assert "X" not in talk.screen.text.replace(say("en", "topup_hidden"), "")
    assert not offered("not_enough", bare)


def test_the_buttons_of_packs_show_what_will_be_paid() -> None:
    """Less by the promo code, except of a subscription, which would stay cheaper for ever."""
    monthly = Pack(4, 500, 200, monthly=True)
    talk = Talk(shop(priced(5), packs=(*PACKS, monthly)), account=Account(discount=15))
    for command in ("/balance", "/topup"):
        texts = [each.text for each in talk.says(command).buttons]
        assert [text.rpartition("· ")[2] for text in texts[:3]] == ["43 ⭐", "102 ⭐", "196 ⭐"]
    assert texts[3] == "🔁 500 credits a month · 200 ⭐"
    spot = Spot("en", talk.shop, missing=101, discount=15)
    assert "102 ⭐" in ROUTER.places.keyboard("not_enough", spot)[0][0].text


def test_who_has_not_enough_is_shown_the_way_to_more() -> None:
    by_hand = shop(priced(5), payment=REQUISITES, admins=frozenset({8}))
    assert offered("not_enough", by_hand) == ["topup||"]


ORDER = Order(9, 7, 1, 50, 100)
SIGNED = Named(ORDER, signed=True)


def payment(attribute: str, **changes: Any) -> dict[str, Any]:
    update = telegram.message()
    content = {"currency": "XTR", "total_amount": 50, "telegram_payment_charge_id": "ch-1"}
    update["message"][attribute] = {**content, **changes}
    return update


def asked(
    named: Named = SIGNED,
    *,
    banned: bool = False,
    subscribed: bool = False,
    shop: Shop = SHOP,
    **query: Any,
) -> str:
    """Why the payment is refused; "" agrees."""
    update = telegram.checkout()
    update["pre_checkout_query"] |= {"total_amount": 50, **query}
    talk = Talk(shop, loads={"asked": Asked(named, banned, subscribed)})
    (decided,) = talk.hear(update).effects
    assert isinstance(decided, DecideCheckout)
    return decided.refusal


def test_a_payment_that_fits_its_order_is_agreed_to() -> None:
    assert asked() == ""
    assert asked(subscribed=True) == ""  # a pack beside a subscription
    assert asked(Named(replace(ORDER, monthly=True), signed=True)) == ""


@pytest.mark.parametrize(
    ("reason", "change"),
    [
        ("unknown", {"named": Named()}),
        ("unknown", {"named": Named(ORDER, signed=False)}),
        ("foreign", {"named": Named(replace(ORDER, user_id=8), signed=True)}),
        ("changed", {"total_amount": 49}),
        ("changed", {"currency": "USD"}),
        ("expired", {"named": Named(replace(ORDER, expired=True), signed=True)}),
        ("banned", {"banned": True}),
        (
            "subscribed",
            {"named": Named(replace(ORDER, monthly=True), signed=True), "subscribed": True},
        ),
        ("maintenance", {"shop": replace(SHOP, maintenance=Maintenance())}),
        ("closed", {"shop": replace(SHOP, closed="no credits", closed_for_long=True)}),
    ],
)
def test_what_is_wrong_is_refused_before_anybody_has_paid(
    reason: str, change: dict[str, Any]
) -> None:
    assert asked(**change) == plain("en", f"checkout_{reason}")


def test_a_refusal_is_in_the_language_of_the_payer() -> None:
    talk = Talk(loads={"asked": Asked(Named())})
    talk.language = "ru"
    (decided,) = talk.hear(telegram.checkout(language="ru")).effects

    assert isinstance(decided, DecideCheckout)
    assert decided.refusal == plain("ru", "checkout_unknown")


def test_a_payment_is_taken_once_and_its_return_too() -> None:
    talk = Talk(loads={"known": Known(SIGNED)})
    (taken,) = talk.hear(payment("successful_payment")).effects
    assert isinstance(taken, TakePayment)
    assert not taken.keeps
    assert (
        Talk(loads={"known": Known(SIGNED, recorded=True)})
        .hear(payment("successful_payment"))
        .effects
        == ()
    )
    (back,) = talk.hear(payment("refunded_payment")).effects
    assert isinstance(back, TakeReturn)


def test_the_request_that_waited_for_the_credits_follows_the_receipt() -> None:
    talk = Talk(loads={"known": Known(SIGNED)})
    talk.dialogue = Dialogue("somewhere", 3)
    talk.hear(payment("successful_payment"))

    assert any(isinstance(each, TakePayment) and each.keeps for each in talk.effects)
    assert talk.screen  # the step once more


def test_a_renewal_interrupts_nothing() -> None:
    talk = Talk(loads={"known": Known(SIGNED)})
    talk.dialogue = Dialogue("somewhere", 3)
    (taken,) = talk.hear(payment("successful_payment", is_recurring=True)).effects

    assert isinstance(taken, TakePayment)
    assert not taken.keeps
    first = payment("successful_payment", is_recurring=True, is_first_recurring=True)
    assert len(talk.hear(first).effects) > 1


def test_a_payment_without_a_number_is_looked_at_by_people() -> None:
    talk = Talk(loads={"known": Known(SIGNED)})
    with pytest.raises(ValueError, match="charge id"):
        talk.hear(payment("successful_payment", telegram_payment_charge_id=""))


PACKS = (Pack(1, 100, 50), Pack(2, 250, 120), Pack(3, 500, 230))


def test_the_packs_are_on_the_balance_and_the_top_up() -> None:
    selling = shop(priced(5), packs=PACKS)
    for command in ("/balance", "/topup"):
        talk = Talk(selling, loads={"latest_entries": ()}).says(command)
        presses = [each.press for each in talk.buttons]
        assert presses[:3] == ["buy||1", "buy||2", "buy||3"]
        assert "1\u00a0credit ≈\u00a00.5\u00a0⭐" in talk.screen.text
        assert "100\u00a0credits ≈\u00a020\u00a0pictures" in talk.screen.text
        assert ("500\u00a0credits ≈\u00a0100\u00a0pictures" in talk.screen.text) == (
            command == "/topup"
        )
    russian = Talk(selling)
    russian.language = "ru"
    assert "1\u00a0кредит ≈\u00a00,5\u00a0⭐" in russian.says("/topup").screen.text


def test_who_has_not_enough_is_shown_the_smallest_pack_that_is() -> None:
    selling = shop(priced(5), packs=PACKS)

    def first(missing: int) -> list[str]:
        spot = Spot("en", selling, missing=missing)
        return [each.press for row in ROUTER.places.keyboard("not_enough", spot) for each in row]

    assert first(101)[:2] == ["buy||2", "topup||"]
    assert first(9000)[0] == "topup||"


def test_a_press_on_a_pack_makes_its_order_and_one_that_is_gone_says_so() -> None:
    selling = shop(priced(5), packs=PACKS)
    effects = Talk(selling).hear(telegram.press("buy||2")).effects
    assert [each.pack for each in effects if isinstance(each, MakeOrder)] == [PACKS[1]]
    for data in ("buy||7", "buy||x", "buy||"):
        assert Talk(selling).hear(telegram.press(data)).toast.text == plain("en", "toast_pack_gone")


@pytest.mark.parametrize(
    ("shop", "banned", "why"),
    [
        (replace(SHOP, maintenance=Maintenance()), False, "maintenance"),
        (SHOP, True, "/paysupport"),
    ],
)
def test_no_invoice_is_made_for_who_may_not_pay_now(shop: Shop, banned: bool, why: str) -> None:
    talk = Talk(replace(shop, packs=(Pack(1, 100, 50),)), account=Account(banned=banned))

    talk.hear(telegram.press("buy||1"))

    assert why in talk.toast.text
    assert not any(isinstance(each, MakeOrder) for each in talk.effects)


@needs_making
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_pack_is_worth_what_the_cards_of_a_picture_and_a_video_cost(language: str) -> None:
    talk = Talk(replace(SHOP, packs=PACKS), account=Account(free_used={"z-image": 1000}))
    talk.language = language
    price = {}
    for command in ("/image", "/video"):
        talk.says(f"{command} a fox")
        price[command] = int(talk.dialogue.answers["price"])
    offered = talk.says("/topup").screen.text

    for pack in PACKS:
        line = next(
            each for each in offered.splitlines() if each.startswith(f"{pack.credits}\u00a0")
        )
        numbers = [int(each) for each in re.findall(r"\d+", line)]
        assert numbers == [
            pack.credits,
            pack.credits // price["/image"],
            pack.credits // price["/video"],
        ]
    said = say(language, "packs_counted", image=price["/image"], video=price["/video"])
    assert said in offered


@needs_making
@pytest.mark.parametrize(
    ("language", "words"), [("en", "⭐ Other packs"), ("ru", "⭐ Другие пакеты")]
)
def test_beside_the_pack_that_is_enough_stands_the_way_to_all_others(
    language: str, words: str
) -> None:
    sold = shop(priced(60), packs=(Pack(1, 50, 25), Pack(2, 100, 50), Pack(3, 1000, 400)))
    talk = Talk(sold, account=Account(balance=3))
    talk.language = language
    talk.presses_model("z-image").says("a fox")

    assert [each.press for each in talk.buttons][:2] == ["buy||2", "topup||"]
    assert talk.buttons[1].text == words


@needs_making
@pytest.mark.parametrize(
    ("packs", "first"),
    [((Pack(2, 100, 50),), "buy||2"), ((Pack(1, 10, 5),), "topup||")],
    ids=["there is no other pack", "no pack is enough"],
)
def test_the_way_to_all_packs_stands_there_once(packs: tuple[Pack, ...], first: str) -> None:
    talk = Talk(shop(priced(60), packs=packs), account=Account(balance=3))
    talk.presses_model("z-image").says("a fox")

    ways = [each.press for each in talk.buttons if each.press.split("|")[0] in {"buy", "topup"}]
    assert ways == [first]
