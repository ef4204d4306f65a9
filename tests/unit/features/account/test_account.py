"""Help, support and groups."""

from dataclasses import replace

from handlers.dialogue.places import Spot
from handlers.shop.shop import Payment, Support
from tests.support import telegram_updates as telegram
from tests.support.talk import ROUTER, SHOP, Talk


def test_support_is_hidden_when_there_is_none() -> None:
    shop = replace(SHOP, support=Support())
    rows = ROUTER.places.keyboard("menu", Spot("en", shop))

    assert not [button for row in rows for button in row if "Support" in button.text]
    assert "/support" not in Talk(shop).says("/help").screen.text


def test_where_nothing_can_be_bought_a_human_is_the_way_to_credits() -> None:
    for payment, shown in ((Payment(), True), (Payment(card="2200"), False)):
        rows = ROUTER.places.keyboard("not_enough", Spot("en", replace(SHOP, payment=payment)))
        found = [button.press for row in rows for button in row]
        assert ("support||" in found) == shown


def test_support_texts_of_the_operator_are_escaped() -> None:
    talk = Talk().says("/support")

    assert "Ask &lt;us&gt;" in talk.screen.text
    assert "@help_desk" in talk.screen.text


def test_a_group_is_told_where_the_bot_works() -> None:
    update = telegram.message(text="/help@painter_bot")
    update["message"]["chat"] = {"id": -100, "type": "supergroup", "title": "g"}

    talk = Talk().hear(update)

    assert talk.buttons[0].url == "https://t.me/painter_bot"


def test_a_command_for_another_bot_in_a_group_is_none_of_our_business() -> None:
    update = telegram.message(text="/start@other_bot")
    update["message"]["chat"] = {"id": -100, "type": "supergroup", "title": "g"}

    assert Talk().hear(update).effects == ()
