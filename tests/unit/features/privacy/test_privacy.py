"""What is kept, the terms, and the two questions before everything is deleted."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.dialogue.facts import Dialogue
from handlers.features.privacy.forgetting import Forget, GiveData
from handlers.features.privacy.mentions import named_as, numbered
from handlers.shop.shop import Documents, Payment
from kie.money.packs import Pack
from supervisor.values import retention
from tests.support.chats.talk import SHOP, Talk, needs_making
from tests.support.edges import telegram_updates as telegram

FREE: dict[str, Any] = {
    "balance": 0,
    "receipts": 0,
    "receipt": None,
    "return_of": None,
    "paid_until": None,
    "running": 0,
    "payments": [],
    "asked": False,
}


def talk(**standing: Any) -> Talk:
    return Talk(loads={"standing": FREE | standing})


def test_privacy_tells_the_numbers_of_housekeeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "UPDATE_BODIES", 11)
    monkeypatch.setattr(retention, "JOBS", 123)
    shown = Talk().says("/privacy").screen

    assert "11\u00a0days" in shown.text
    assert "123\u00a0days" in shown.text
    assert "kie.ai" in shown.text
    assert shown.text.count("\n") <= 15
    assert [each.press for each in shown.keyboard[0]] == ["my_data||", "forget_me||"]


def test_both_texts_can_be_replaced_and_the_buttons_stay() -> None:
    own = replace(SHOP, documents=Documents("We <keep> nothing.", "Pay & be happy"))

    privacy = Talk(own).says("/privacy").screen
    assert "We &lt;keep&gt; nothing." in privacy.text
    assert [each.press for each in privacy.keyboard[0]] == ["my_data||", "forget_me||"]
    assert "Pay &amp; be happy" in Talk(own).says("/terms").screen.text


def test_the_terms_name_prices_in_stars_and_by_hand_only_where_they_can_be_paid() -> None:
    packs = (Pack(1, 100, 50, "99 ₽"), Pack(2, 500, None, "449 ₽"))
    for_stars = Talk(replace(SHOP, packs=packs)).says("/terms").screen.text
    assert "100\u00a0credits 50\u00a0⭐." in for_stars
    assert "₽" not in for_stars

    both = Talk(replace(SHOP, packs=packs, payment=Payment(card="1"))).says("/terms").screen.text
    assert "100\u00a0credits 50\u00a0⭐ / 99\u00a0₽ · 500\u00a0credits 449\u00a0₽." in both
    assert "do not expire" in both
    assert "/paysupport" in both


def test_whoever_wants_to_be_forgotten_is_asked_twice_and_told_what_is_lost() -> None:
    payments = [[19, 50, 100], [18, 250, 500], [17, 10, 20]]
    asked = talk(balance=130, payments=payments, running=2).hear(telegram.press("forget_me||"))
    assert not any(isinstance(each, Forget) for each in asked.effects)

    asked.presses("Go on")
    assert "You lose 130\u00a0credits" in asked.screen.text
    # The newest payments whose credits are all there: 100 and 20 of 130.
    assert "60\u00a0⭐" in asked.screen.text
    assert "19, 17" in asked.screen.text
    assert "2\u00a0requests are" in asked.screen.text

    asked.presses("for good")
    assert any(isinstance(each, Forget) for each in asked.effects)
    assert asked.dialogue.step == "idle"


def test_whoever_leaves_either_question_finds_the_request_as_it_was() -> None:
    for presses in ((), ("Go on",)):
        asked = talk()
        asked.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
        asked.hear(telegram.press("forget_me||"))
        for label in presses:
            asked.presses(label)
        asked.presses("Leave everything")

        assert not any(isinstance(each, Forget) for each in asked.effects)
        assert (asked.dialogue.step, asked.dialogue.answers) == ("confirm", {"model": "z-image"})


def test_a_balance_that_has_changed_since_is_asked_about_again() -> None:
    asked = talk(balance=5).hear(telegram.press("forget_me||")).presses("Go on")
    button = asked.button("for good")
    asked.loads["standing"] = FREE | {"balance": 105}
    asked.hear(telegram.press(button))

    assert not any(isinstance(each, Forget) for each in asked.effects)
    assert "105\u00a0credits" in asked.screen.text


@pytest.mark.parametrize(
    ("stands", "reason"),
    [
        ({"receipts": 1, "receipt": 17}, "no. 17 waits for an operator"),
        ({"return_of": 12}, "receipt no. 12 are on their way back"),
        ({"paid_until": datetime(2026, 12, 24, tzinfo=UTC)}, "paid until 24 Dec 2026"),
        ({"asked": True}, "already"),
    ],
)
def test_what_has_not_ended_refuses_at_every_press_with_its_reason(
    stands: dict[str, Any], reason: str
) -> None:
    assert reason in talk(**stands).hear(telegram.press("forget_me||")).screen.text
    for presses in ((), ("Go on",)):
        asked = talk().hear(telegram.press("forget_me||"))
        for label in presses:
            asked.presses(label)
        asked.loads["standing"] = FREE | stands
        asked.presses("for good" if presses else "Go on")

        assert reason in asked.screen.text
        assert not any(isinstance(each, Forget) for each in asked.effects)
        assert asked.dialogue.step == "idle"


@needs_making
def test_an_old_button_of_the_questions_does_nothing() -> None:
    asked = talk().hear(telegram.press("forget_me||")).presses("Go on")
    button = asked.button("for good")
    asked.says("/start").hear(telegram.press(button))

    assert not any(isinstance(each, Forget) for each in asked.effects)


def test_data_is_asked_for_by_a_button() -> None:
    asked = talk().hear(telegram.press("my_data||"))
    assert any(isinstance(each, GiveData) for each in asked.effects)


def test_a_name_is_looked_for_in_every_form_in_which_it_is_stored() -> None:
    pattern = named_as(["Аня <3"]) or ""
    assert "Аня" in pattern
    assert "&lt\\;3" in pattern
    assert "\\\\u0410\\\\u043d\\\\u044f" in pattern
    assert named_as([]) is None
    assert numbered(77) == "(^|[^0-9])77($|[^0-9])"
