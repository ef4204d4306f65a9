"""A request that waited for credits is taken up by the payment, with its button."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.features import FEATURES
from kie.money.ledger import Account
from kie.money.orders import Named, Order
from kie.money.packs import Pack
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

PAYING = [each for each in FEATURES if each.name == "paying"]


@pytest.mark.skipif(not PAYING, reason="what is paid, paying knows")
def test_the_card_says_what_is_missing_and_can_be_made_after_the_payment() -> None:
    from handlers.features.paying.buying import Known

    dear = replace(SHOP.offers["z-image"], price=8, free_per_day=None)
    shop = replace(SHOP, offers={"z-image": dear}, packs=(Pack(1, 100, 50),))
    found = Known(Named(Order(9, 7, 1, 50, 100), signed=True))
    talk = Talk(shop, account=Account(balance=3), loads={"known": found}).says("a red fox")
    presses = [each.press for each in talk.buttons]
    assert "buy||1" in presses
    assert not any(press.startswith("create|") for press in presses)

    update: dict[str, Any] = telegram.message()
    content = {"currency": "XTR", "total_amount": 50, "invoice_payload": "o:9."}
    update["message"]["successful_payment"] = {**content, "telegram_payment_charge_id": "ch"}
    talk.hear(update)

    assert any(each.press.startswith("create|") for each in talk.buttons)
