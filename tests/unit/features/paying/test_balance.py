"""The balance: what there is, what is free, what is being made, what was booked."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.dialogue.places import Spot
from handlers.features.paying.balance import Booked, Books, Running
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.words.texts import without_markup
from kie.money.ledger import Account
from tests.support.chats.talk import ROUTER, SHOP, Talk
from tests.support.edges import telegram_updates as telegram

PLAIN = SHOP.offers["z-image"]
SOON = datetime(2026, 11, 29, 22, 30, tzinfo=UTC)
FOX = {"prompt": "a <fox>", "aspect_ratio": "1:1"}


def priced(price: int, free_per_day: int | None = None) -> Offer:
    return replace(PLAIN, price=price, free_per_day=free_per_day, pricing=None)


def shop(offer: Offer) -> Shop:
    return replace(SHOP, offers={"z-image": offer})


def asked(found: Books, account: Account, language: str = "en", **shown: Any) -> Talk:
    talk = Talk(shop(priced(5, 3)), account=account, loads={"books": found}, **shown)
    talk.language = language
    return talk.says("/balance")


def lines(talk: Talk) -> list[str]:
    return without_markup(talk.screen.text).split("\n")


@pytest.mark.parametrize(
    ("language", "credits", "head"),
    [
        ("en", 1, "💳 Balance: 1\u00a0credit"),
        ("en", 3002, "💳 Balance: 3002\u00a0credits"),
        ("ru", 1, "💳 Баланс: 1\u00a0кредит"),
        ("ru", 3002, "💳 Баланс: 3002\u00a0кредита"),
        ("ru", 11, "💳 Баланс: 11\u00a0кредитов"),
    ],
)
def test_the_credits_are_counted_in_words(language: str, credits: int, head: str) -> None:
    assert lines(asked(Books(), Account(balance=credits), language))[0] == head


def test_it_says_what_is_free_today_and_when_more_comes() -> None:
    account = Account(free_used={"z-image": 1})

    assert "• Z-Image: 2 of 3 left" in lines(asked(Books(), account))
    assert "New ones at 00:00 UTC" in lines(asked(Books(), account))
    assert "Новые — в 03:00 МСК" in lines(asked(Books(), account, "ru"))


def test_a_preset_shares_the_free_uses_of_its_model_and_is_not_listed_beside_it() -> None:
    shop_with_preset = replace(
        SHOP,
        offers={"z-image": priced(5, 3), "sticker": replace(priced(5, 3), preset_of="z-image")},
    )
    talk = Talk(shop_with_preset, loads={"books": Books()}).says("/balance")

    assert sum("of 3 left" in each for each in lines(talk)) == 1


def test_each_entry_is_called_by_what_it_paid_for() -> None:
    booked = (
        Booked("reserve", -8, None, SOON, "z-image", FOX),
        Booked("release", 8, "unfetched", SOON, "z-image", FOX),
        Booked("grant", 20, "sorry <3", SOON),
        Booked("grant", -50, None, SOON),
        Booked("stars", 100, "charge-1", SOON),
        Booked("reserve", -8, None, SOON, "gone/model", {"prompt": "x" * 90}),
    )
    shown = lines(asked(Books((), booked), Account()))

    assert "29 Nov · Z-Image “a <fox>”: −8" in shown
    assert "29 Nov · Z-Image “a <fox>”: failed, returned: +8" in shown
    assert "29 Nov · bonus (sorry <3): +20" in shown
    assert "29 Nov · taken back by the operator: −50" in shown
    assert "29 Nov · paid in Stars: +100" in shown
    assert f"29 Nov · gone/model “{'x' * 23}…”: −8" in shown
    receipt = Books((), (Booked("topup", 250, "receipt 12", SOON),))
    assert "29 Nov · top-up (receipt no. 12): +250" in lines(asked(receipt, Account()))
    assert "30 ноя · пополнение (чек № 12): +250" in lines(asked(receipt, Account(), "ru"))
    # It is another day already in Moscow.
    assert any(
        each.startswith("30 ноя · ") for each in lines(asked(Books((), booked), Account(), "ru"))
    )


def test_what_is_being_made_is_listed_and_what_is_queued_can_be_taken_back() -> None:
    running = (
        Running(31, "z-image", FOX, False, 12.0),
        Running(32, "z-image", {"prompt": "a cat"}, True, 3.0),
    )
    talk = asked(Books(running), Account())

    assert any("“a <fox>”" in each and "12\u00a0s" in each for each in lines(talk))
    assert "• Z-Image “a cat”: queued" in lines(talk)
    stops = [each for each in talk.buttons if "✖️" in each.text]
    assert [each.press for each in stops] in (["stop||32"], [])
    assert all("a cat" in each.text for each in stops)


def test_the_same_is_shown_in_place_of_the_message_with_the_button() -> None:
    talk = Talk(shop(priced(5)), loads={"books": Books()})
    shown = talk.hear(telegram.press("balance||", message_id=70)).screen

    assert "Balance" in shown.text
    assert "language" not in shown.text


def test_a_bot_that_sells_nothing_does_not_speak_of_balances() -> None:
    for price, shown in ((0, False), (5, True)):
        rows = ROUTER.places.keyboard("menu", Spot("en", shop(priced(price))))
        assert ("balance||" in {each.press for row in rows for each in row}) == shown
