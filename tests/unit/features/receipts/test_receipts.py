"""Payments by hand, as a pure function of facts."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.facts import Dialogue
from handlers.features.receipts.deciding import Decide
from handlers.features.receipts.sending import SendReceipt
from handlers.shop.shop import Payment
from kie.money.packs import Pack
from tests.support import telegram_updates as telegram
from tests.support.talk import SHOP, Talk

REQUISITES = Payment(bank="Savings <Bank>", card="2200 1111")
PACKS = (Pack(1, 100, 50, "99 ₽"), Pack(2, 250, 120))
SELLING = replace(SHOP, payment=REQUISITES, packs=PACKS)
OPERATORS = replace(SELLING, admins=frozenset({7, 8}))
PHOTO = [{"file_id": "f1", "file_unique_id": "u1", "width": 9, "height": 9}]
PDF = {"file_id": "f2", "file_unique_id": "u2", "mime_type": "application/pdf"}
NEW: dict[str, Any] = {"id": 17, "state": "new", "user_id": 9, "credits": 100}


def receipts(talk: Talk) -> list[SendReceipt]:
    return [each for each in talk.effects if isinstance(each, SendReceipt)]


def at_requisites() -> Talk:
    talk = Talk(SELLING)
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
    return talk.hear(telegram.press("by_hand||")).presses("100 credits · 99 ₽")


def test_only_packs_with_a_price_in_money_are_offered_and_only_set_requisites_shown() -> None:
    talk = Talk(SELLING).hear(telegram.press("by_hand||"))
    assert [each.press for each in talk.buttons if "receipt" in each.press] == ["receipt_pack||1"]

    text = at_requisites().screen.text
    assert "Savings &lt;Bank&gt;" in text
    assert "2200 1111" in text
    assert "100 credits for 99 ₽" in text
    assert "<code>7</code>" in text
    assert "Phone" not in text


def test_without_a_price_in_money_the_operator_says_the_amount() -> None:
    bare = replace(SELLING, packs=(Pack(2, 250, 120),))
    talk = Talk(bare).hear(telegram.press("by_hand||")).hear(telegram.message(photo=PHOTO))
    assert [each.credits for each in receipts(talk)] == [0]


@pytest.mark.parametrize("content", [{"photo": PHOTO}, {"document": PDF}])
def test_a_photo_or_a_pdf_is_the_receipt_and_the_request_is_still_there(
    content: dict[str, Any],
) -> None:
    talk = at_requisites().hear(telegram.message(**content))

    (sent,) = receipts(talk)
    assert (sent.credits, sent.money) == (100, "99 ₽")
    assert sent.file.unique_id in {"u1", "u2"}
    assert (talk.dialogue.step, talk.dialogue.answers) == ("confirm", {"model": "z-image"})


def test_a_picture_elsewhere_is_no_receipt() -> None:
    talk = Talk(SELLING).hear(telegram.message(photo=PHOTO))
    assert receipts(talk) == []


def test_words_and_stickers_are_no_receipt() -> None:
    for content in ({"text": "I paid"}, {"sticker": {"file_id": "s"}}):
        talk = at_requisites().hear(telegram.message(**content))
        assert receipts(talk) == []
        assert "Send the receipt" in talk.screen.text
        assert talk.dialogue.step == "receipt"


def decisions(talk: Talk) -> list[Decide]:
    return [each for each in talk.effects if isinstance(each, Decide)]


def pressed(action: str, argument: str = "17", **found: Any) -> Talk:
    talk = Talk(OPERATORS, loads={"receipt": NEW | found})
    return talk.hear(telegram.press(f"{action}||{argument}"))


def test_an_operator_approves_refuses_or_bans() -> None:
    assert decisions(pressed("receipt_yes")) == [Decide(17, "approved")]
    asked = pressed("receipt_no")
    assert decisions(asked) == []
    assert [each.press for each in asked.buttons][0] == "receipt_why||17:unpaid"
    assert decisions(pressed("receipt_why", "17:used")) == [Decide(17, "refused", reason="used")]
    assert decisions(pressed("receipt_ban"))[0].bans


@pytest.mark.parametrize(
    ("words", "credits"), [("120", 120), ("0", None), ("x", None), ("-5", None)]
)
def test_another_amount_is_typed(words: str, credits: int | None) -> None:
    talk = pressed("receipt_amount").says(words)
    assert [each.credits for each in decisions(talk)] == ([credits] if credits else [])


@pytest.mark.parametrize("state", ["approved", "refused", "expired"])
def test_what_is_decided_stays_so(state: str) -> None:
    for action in ("receipt_yes", "receipt_amount", "receipt_no", "receipt_ban"):
        talk = pressed(action, state=state)
        assert decisions(talk) == []
        assert "decided before" in talk.toast.text


def test_nobody_decides_about_the_own_receipt_or_without_being_an_operator() -> None:
    assert "another operator" in pressed("receipt_yes", user_id=7).toast.text
    for action in ("receipt_yes", "receipt_amount", "receipt_no", "receipt_why", "receipt_ban"):
        talk = Talk(SELLING, loads={"receipt": NEW}).hear(telegram.press(f"{action}||17:used"))
        assert decisions(talk) == []
        assert "operators" in talk.toast.text
