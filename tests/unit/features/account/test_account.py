"""Help, support, language."""

from dataclasses import replace

from handlers.dialogue.places import Spot
from handlers.shop.shop import Payment, Support
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
