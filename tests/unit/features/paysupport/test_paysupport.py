"""Questions about payments and refunds, as pure functions of facts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.dialogue.facts import Dialogue
from handlers.features.paysupport.questions import AskOperators
from handlers.features.paysupport.returns import ReturnStars
from handlers.shop.shop import Shop
from kie.money.payments import Listed
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

OPERATORS = Shop(offers=SHOP.offers, support=SHOP.support, admins=frozenset({7}))
PAID = Listed(17, "ch", 50, 100, "credited", datetime(2026, 11, 29, tzinfo=UTC))
CARD: dict[str, Any] = {
    "number": 17,
    "charge_id": "ch",
    "user_id": 8,
    "stars": 50,
    "credits": 100,
    "state": "credited",
    "at": PAID.at,
    "balance": 100,
    "username": None,
    "first_name": "Ann <3",
}


def test_who_asks_sees_the_payments_and_the_words_go_to_the_operators() -> None:
    talk = Talk(loads={"latest": (PAID,)})
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
    talk.says("/paysupport")
    assert "29 Nov 2026 · 50\u00a0⭐ → 100\u00a0credits · receipt no. 17" in talk.screen.text

    talk.says("where are my credits?")

    assert [each.words for each in talk.effects if isinstance(each, AskOperators)] == [
        "where are my credits?"
    ]
    # The request that was there before is still there.
    assert (talk.dialogue.step, talk.dialogue.answers) == ("confirm", {"model": "z-image"})


def test_whoever_leaves_has_sent_nothing_and_lost_nothing() -> None:
    talk = Talk(loads={"latest": ()})
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
    talk.says("/paysupport").says("/paysupport").presses("Leave")

    assert not any(isinstance(each, AskOperators) for each in talk.effects)
    assert talk.dialogue.step == "confirm"


def operator(action: str, *, balance: int = 100, state: str = "credited", **more: Any) -> Talk:
    talk = Talk(OPERATORS, loads={"payment": CARD | {"balance": balance, "state": state}}, **more)
    return talk.hear(telegram.press(f"{action}||17"))


def returned(talk: Talk) -> list[ReturnStars]:
    return [each for each in talk.effects if isinstance(each, ReturnStars)]


def test_a_refund_takes_two_presses() -> None:
    first = operator("pay_refund")
    assert returned(first) == []
    assert "Ann &lt;3" in first.screen.text
    assert first.buttons[0].press == "pay_return||17"

    assert returned(operator("pay_return")) == [ReturnStars(17, "ch", 50, False)]


def test_spent_credits_are_named_and_returned_only_anyway() -> None:
    first = operator("pay_refund", balance=40)
    assert "60 of them are spent" in first.screen.text
    assert first.buttons[0].press == "pay_return_anyway||17"

    assert returned(operator("pay_return", balance=40)) == []
    assert returned(operator("pay_return_anyway", balance=40)) == [ReturnStars(17, "ch", 50, True)]


@pytest.mark.parametrize("state", ["returning", "returned", "stuck"])
def test_what_is_not_credited_is_not_returned(state: str) -> None:
    for action in ("pay_refund", "pay_return", "pay_return_anyway"):
        talk = operator(action, state=state)
        assert returned(talk) == []
        assert talk.toast.alert


def test_nobody_but_an_operator_returns() -> None:
    for action in ("pay_refund", "pay_return", "pay_return_anyway"):
        talk = Talk(loads={"payment": CARD, "person": CARD})
        talk.hear(telegram.press(f"{action}||17"))
        assert "operators" in talk.toast.text
        assert returned(talk) == []


def test_an_operator_looks_at_a_payment_by_its_number() -> None:
    talk = Talk(OPERATORS, loads={"payment": CARD}).says("/payment 17")
    assert "Receipt no. 17" in talk.screen.text
    assert talk.buttons[0].press == "pay_refund||17"
