"""The balance, the top-up and payments, as a pure function of facts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.dialogue.places import Spot
from handlers.features.paying import FEATURE
from handlers.features.paying.rules import RefuseCheckout, ReportPayment
from handlers.shop.offers import Offer
from handlers.shop.shop import Payment, Shop
from kie.money.ledger import Account, Entry
from tests.support import telegram_updates as telegram
from tests.support.talk import ROUTER, SHOP, Talk
from tests.support.wording import plain, say

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


def test_who_has_not_enough_is_shown_the_way_to_more() -> None:
    assert offered("not_enough", shop(priced(5), payment=REQUISITES)) == ["topup||"]


def test_the_requisites_that_are_set_are_shown_escaped_and_the_others_are_not() -> None:
    talk = Talk(shop(priced(5), payment=REQUISITES)).says("/topup")

    assert "Savings &lt;Bank&gt;" in talk.screen.text
    assert "2200 1111" in talk.screen.text
    assert "<code>7</code>" in talk.screen.text  # the user's number, for the receipt
    assert "Phone" not in talk.screen.text
    assert "Holder" not in talk.screen.text


def test_a_bot_that_sells_nothing_does_not_speak_of_balances() -> None:
    assert "balance||" not in offered("menu", shop(priced(0)))
    assert "balance||" in offered("menu", shop(priced(5)))


@pytest.mark.parametrize(
    ("attribute", "word"), [("successful_payment", "arrived"), ("refunded_payment", "went back")]
)
def test_a_payment_that_nobody_has_asked_for_is_told_to_both_sides(
    attribute: str, word: str
) -> None:
    payment = {"currency": "XTR", "total_amount": 50, "telegram_payment_charge_id": "ch-1"}
    update = telegram.message()
    update["message"][attribute] = payment
    talk = Talk().hear(update)
    (report,) = [each for each in talk.effects if isinstance(each, ReportPayment)]

    assert "50 XTR" in report.text
    assert "ch-1" in report.text
    assert word in talk.screen.text


def test_the_balance_shows_credits_free_uses_and_what_was_booked() -> None:
    entries = (
        Entry("reserve", -5, 31, None, datetime(2026, 11, 2, 23, 59, tzinfo=UTC)),
        Entry("grant", 20, None, "sorry <3", datetime(2026, 11, 1, tzinfo=UTC)),
        Entry("opening", 7, None, "balance of the first release", datetime(2026, 1, 1, tzinfo=UTC)),
    )
    account = Account(balance=22, free_used={"z-image": 1})
    talk = Talk(shop(priced(5, 3)), account=account, loads={"latest_entries": entries}).says(
        "/balance"
    )

    text = talk.screen.text
    assert "22 credits" in text
    assert "Z-Image: 2 of 3 left" in text
    assert "2026-11-02 · request 31: <b>−5</b>" in text
    assert "from the operator (sorry &lt;3): <b>+20</b>" in text
    assert "carried over: <b>+7</b>" in text


def test_a_payment_for_stars_is_refused_in_the_language_of_the_payer() -> None:
    for language in ("en", "ru"):
        talk = Talk()
        talk.language = language
        (refusal,) = talk.hear(telegram.checkout(language=language)).effects

        assert isinstance(refusal, RefuseCheckout)
        assert refusal.text == plain(language, "checkout_refused")
