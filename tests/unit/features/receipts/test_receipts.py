"""Payments by hand, as a pure function of facts."""

import json
from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.buttons import decode
from handlers.dialogue.effects import Say
from handlers.dialogue.facts import Dialogue
from handlers.features import FEATURES
from handlers.features.receipts.deciding import Decide
from handlers.features.receipts.files import AddPage, EndWaiting
from handlers.features.receipts.screens import to_operators
from handlers.features.receipts.sending import SendReceipt
from handlers.shop.shop import Payment
from kie.catalogue.availability import Maintenance
from kie.money.ledger import Account
from kie.money.packs import Pack
from kie.money.receipts import Expected
from tests.support.chats.talk import SHOP, Talk, needs_making
from tests.support.edges import telegram_updates as telegram

FEATURE_NAMES = {each.name for each in FEATURES}
REQUISITES = Payment(bank="Savings <Bank>", card="2200 1111")
PACKS = (Pack(1, 100, 50, "99 ₽"), Pack(2, 250, 120))
SELLING = replace(SHOP, payment=REQUISITES, packs=PACKS, admins=frozenset({8}))
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


def test_no_button_of_the_packs_leads_to_the_packs() -> None:
    talk = Talk(SELLING).hear(telegram.press("by_hand||"))

    presses = [each.press for each in talk.buttons]
    assert "receipt_pack||1" in presses
    assert "by_hand||" not in presses


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


ZIP = {"file_id": "f3", "file_unique_id": "u3", "mime_type": "application/zip"}


def test_words_stickers_and_other_files_are_no_receipt() -> None:
    for content in ({"text": "I paid"}, {"sticker": {"file_id": "s"}}, {"document": ZIP}):
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
    asked = pressed("receipt_ban")
    assert decisions(asked) == []
    assert [each.press for each in asked.buttons] == ["receipt_ban_yes||17"]
    assert decisions(pressed("receipt_ban_yes"))[0].bans


@pytest.mark.parametrize(
    ("words", "credits"), [("120", 120), ("0", None), ("x", None), ("-5", None)]
)
def test_another_amount_is_typed(words: str, credits: int | None) -> None:
    talk = pressed("receipt_amount").says(words)
    assert [each.credits for each in decisions(talk)] == ([credits] if credits else [])


@pytest.mark.parametrize("state", ["approved", "refused", "expired"])
def test_what_is_decided_stays_so(state: str) -> None:
    for action in ("receipt_yes", "receipt_amount", "receipt_no", "receipt_ban_yes"):
        talk = pressed(action, state=state)
        assert decisions(talk) == []
        assert "decided already" in talk.toast.text


def test_nobody_decides_about_the_own_receipt_or_without_being_an_operator() -> None:
    assert "another operator" in pressed("receipt_yes", user_id=7).toast.text
    for action in ("receipt_yes", "receipt_amount", "receipt_no", "receipt_why", "receipt_ban"):
        talk = Talk(SELLING, loads={"receipt": NEW}).hear(telegram.press(f"{action}||17:used"))
        assert decisions(talk) == []
        assert "operators" in talk.toast.text


def test_of_a_closed_account_neither_requisites_nor_a_receipt_are_taken() -> None:
    closed = Talk(SELLING, account=Account(banned=True))
    assert "/paysupport" in closed.hear(telegram.press("by_hand||")).toast.text
    assert "/paysupport" in closed.hear(telegram.press("receipt_pack||1")).toast.text

    talk = at_requisites()
    talk.facts["account"] = Account(banned=True)
    talk.hear(telegram.message(photo=PHOTO))

    assert not receipts(talk)
    assert "/paysupport" in talk.screen.text
    assert talk.dialogue.step == "confirm"


def test_who_has_paid_sends_the_receipt_during_maintenance_too() -> None:
    talk = at_requisites()
    talk.shop = replace(SELLING, maintenance=Maintenance())

    assert receipts(talk.hear(telegram.message(photo=PHOTO)))
    assert "maintenance" in talk.hear(telegram.press("by_hand||")).toast.text


def test_without_operators_or_requisites_nobody_is_sent_to_pay() -> None:
    for shop in (replace(SELLING, admins=frozenset()), replace(SELLING, payment=Payment())):
        talk = Talk(shop).hear(telegram.press("receipt_pack||1"))
        assert "not taken" in talk.toast.text
        assert talk.dialogue.step == "idle"


def test_requisites_that_are_gone_are_not_shown_and_a_receipt_is_still_taken() -> None:
    talk = at_requisites()
    talk.shop = replace(SELLING, payment=Payment())
    assert "not taken any more" in talk.says("where?").screen.text
    assert len(receipts(talk.hear(telegram.message(photo=PHOTO)))) == 1


def test_a_pack_that_is_not_sold_any_more_leads_nowhere() -> None:
    talk = Talk(SELLING).hear(telegram.press("receipt_pack||9"))
    assert "not sold" in talk.toast.text


def test_requisites_and_number_are_copied_by_a_press() -> None:
    copied = [each.copy for each in at_requisites().buttons if each.copy]
    assert copied == ["2200 1111", "7"]


def test_a_further_page_of_a_receipt_is_not_taken_for_a_picture() -> None:
    talk = at_requisites().hear(telegram.message(photo=PHOTO, media_group_id="a"))
    (sent,) = receipts(talk)
    assert sent.album == "a"

    talk.loads["expected"] = Expected(17, 100, "99 ₽")
    talk.hear(telegram.message(photo=PHOTO, media_group_id="a"))
    assert [type(each) for each in talk.effects] == [AddPage]
    assert (talk.dialogue.step, talk.dialogue.answers) == ("confirm", {"model": "z-image"})


def soon_after(*contents: dict[str, Any]) -> Talk:
    talk = Talk(SELLING, loads={"expected": Expected(None, 100, "99 ₽")})
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image", "inputs": {"prompt": "a fox"}})
    for content in contents:
        talk.hear(telegram.message(**content))
    return talk


@pytest.mark.parametrize("content", [{"photo": PHOTO}, {"document": PDF}])
def test_a_file_soon_after_the_requisites_is_asked_about(content: dict[str, Any]) -> None:
    talk = soon_after(content)
    assert receipts(talk) == []
    assert "Is this the receipt" in talk.screen.text

    (sent,) = receipts(talk.presses("It is the receipt"))
    assert (sent.credits, sent.money) == (100, "99 ₽")
    assert talk.screen.keyboard == ()  # the question has no buttons any more
    assert talk.dialogue.step == "confirm"
    assert talk.dialogue.answers["inputs"] == {"prompt": "a fox"}


def test_all_files_that_are_asked_about_belong_to_one_receipt() -> None:
    pages = [{"photo": [{**PHOTO[0], "file_unique_id": f"u{n}"}]} for n in range(3)]
    (sent,) = receipts(soon_after(*pages).presses("It is the receipt"))
    assert [sent.file.unique_id, *(each.unique_id for each in sent.pages)] == ["u0", "u1", "u2"]


@needs_making
def test_a_picture_that_is_no_receipt_is_made_something_of() -> None:
    plainly = Talk(SELLING)
    plainly.dialogue = Dialogue("confirm", 4, {"model": "z-image", "inputs": {"prompt": "a fox"}})
    plainly.hear(telegram.message(photo=PHOTO))

    talk = soon_after({"photo": PHOTO})
    screens = [each for each in talk.presses("Make something").effects if isinstance(each, Say)]

    assert any(isinstance(each, EndWaiting) for each in talk.effects)
    assert talk.dialogue.step == plainly.dialogue.step
    names = [each.text for row in screens[-1].screen.keyboard for each in row]
    assert names == [each.text for each in plainly.buttons]
    pressed = [decode(each.press) for row in screens[-1].screen.keyboard for each in row]
    versions = {each.version for each in pressed if each is not None} - {None}
    assert versions <= {talk.dialogue.version}


def test_the_question_is_open_until_a_button_answers_it_and_the_menu_keeps_the_request() -> None:
    talk = soon_after({"photo": PHOTO})
    assert "Is this the receipt" in talk.says("hm").screen.text
    kept = talk.says("/start").dialogue.answers
    assert kept.get("draft") == "a fox" or "making" not in FEATURE_NAMES


def test_questions_within_questions_come_back_to_the_request_and_do_not_pile_up() -> None:
    talk = at_requisites()
    for _ in range(3):
        talk.says("/paysupport").hear(telegram.press("receipt_pack||1"))
    assert talk.dialogue.step == "receipt"
    assert json.dumps(dict(talk.dialogue.answers)).count('"before"') <= 2
    talk.presses("Leave")
    if talk.dialogue.step == "paysupport":
        talk.hear(telegram.press(f"paysupport_leave|{talk.dialogue.version}|"))
    assert (talk.dialogue.step, talk.dialogue.answers) == ("confirm", {"model": "z-image"})


def test_an_operator_who_types_an_amount_finds_the_own_request_as_it_was() -> None:
    talk = Talk(OPERATORS, loads={"receipt": NEW})
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
    talk.hear(telegram.press("receipt_amount||17")).says("120")
    assert (talk.dialogue.step, talk.dialogue.answers) == ("confirm", {"model": "z-image"})


def test_a_ban_is_lifted_by_an_operator_alone() -> None:
    assert [type(each).__name__ for each in pressed("receipt_unban").effects][-1] == "LiftBan"
    talk = Talk(SELLING, loads={"receipt": NEW}).hear(telegram.press("receipt_unban||17"))
    assert "operators" in talk.toast.text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "500 credits, no price was noted"), ("ru", "500 кредитов, цена не указана")],
)
def test_a_receipt_without_a_price_says_so(language: str, words: str) -> None:
    found = {
        **{"id": 17, "user_id": 9, "username": None, "first_name": "Anna", "balance": 0},
        **{"credits": 500, "money_text": None, "earlier": 0},
    }
    payload = to_operators(found, "photo", "f1", None, language)

    assert words in str(payload["caption"]).replace("\u00a0", " ")
