"""A user's card and what leads from it, as a pure function of facts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.dialogue.effects import Effect
from handlers.features.people.booking import Target
from handlers.features.people.card import Card
from handlers.features.people.effects import Book, SetBanned, Undo
from handlers.features.people.finding import Found
from handlers.features.people.lists import Page
from tests.support.chats.talk import SHOP, Talk, needs_making
from tests.support.edges import telegram_updates as telegram

OPERATED = replace(SHOP, admins=frozenset({7, 8}))
PERSON: dict[str, Any] = {
    **{"user_id": 42, "username": "anna", "first_name": "<Anna>", "balance": 120},
    **{"language": "ru", "since": datetime(2026, 1, 2, tzinfo=UTC), "seen_seconds": 300.0},
    **{"banned": False, "reachable": True, "entries": 9, "spent": 30, "by_hand": 100},
    **{"stars": 50, "jobs": 5, "states": {"success": 3, "fail": 2}},
}
FAILED = {"id": 5, "model": "veo", "error": "broken", "at": datetime(2026, 1, 3, tzinfo=UTC)}
ANNA = Card(PERSON, [FAILED])


def operator(**loads: Any) -> Talk:
    return Talk(OPERATED, loads=loads)


def of(talk: Talk, kind: type[Effect]) -> list[Effect]:
    return [each for each in talk.effects if isinstance(each, kind)]


def test_the_card_says_who_it_is_and_what_they_did() -> None:
    talk = operator(by_words=Found("42", "", [PERSON], ANNA)).says("/user 42")

    for said in (
        "@anna",
        "&lt;Anna&gt;",
        "42",
        "2 Jan 2026",
        "5\u00a0min",
        "120\u00a0credits",
        "spent 30",
    ):
        assert said in talk.screen.text
    for said in ("50\u00a0⭐", "100\u00a0credits", "done 3", "failed 2", "job 5: veo: broken"):
        assert said in talk.screen.text
    assert talk.button("Ban") == "person_ban||42"


@pytest.mark.parametrize(
    ("username", "first", "shown"),
    [
        ("anna", "Anna", "<b>@anna</b> · <code>42"),
        ("anna", "Анна", "<b>@anna</b> Анна · <code>42"),
        ("anna", None, "<b>@anna</b> · <code>42"),
        (None, "Anna", "<b>Anna</b> · <code>42"),
        (None, " ", "<b>without a name</b> · <code>42"),
        (None, None, "<b>without a name</b> · <code>42"),
    ],
)
def test_a_name_stands_once_on_the_card(
    username: str | None, first: str | None, shown: str
) -> None:
    person = {**PERSON, "username": username, "first_name": first}
    talk = operator(by_words=Found("42", "", [person], Card(person))).says("/user 42")

    assert shown in talk.screen.text


def test_whatever_is_done_about_a_person_starts_on_the_card() -> None:
    talk = operator(by_words=Found("42", "", [PERSON], ANNA)).says("/user 42")

    does = ("person_plus", "person_minus", "person_history", "person_jobs", "person_ban")
    assert {f"{what}||42" for what in does} <= {each.press for each in talk.buttons}
    assert talk.button("Refund…") == "person_jobs||42"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("no_number", "Nobody here has the number"),
        ("no_name", "Nobody here has or had the name"),
        ("no_sense", "neither a number nor an @name"),
        ("hidden", "hides the account"),
        ("empty", "Send a number"),
    ],
)
def test_who_is_not_found_is_told_with_the_cause_and_asked_again(why: str, said: str) -> None:
    talk = operator(by_words=Found("<x>", why)).hear(telegram.press("users||"))
    assert talk.dialogue.step == "finding"
    talk.says("whoever")

    assert said in talk.screen.text
    assert talk.dialogue.step == "finding"


def test_a_name_that_two_users_had_offers_both() -> None:
    rows = [{**PERSON, "how": "name"}, {**PERSON, "user_id": 43, "how": "former"}]
    talk = operator(by_words=Found("@anna", "", rows)).says("/user @anna")

    assert {"person||42", "person||43"} <= {each.press for each in talk.buttons}


@pytest.mark.parametrize("content", [{"text": "/start"}, {"text": "hi"}, {"sticker": {}}])
def test_a_forwarded_message_of_any_kind_finds_its_author(content: dict[str, Any]) -> None:
    talk = operator(by_words=Found("42", "", [PERSON], ANNA)).hear(telegram.press("users||"))
    origin = {"type": "user", "date": 1, "sender_user": telegram.person(42)}
    talk.hear(telegram.message(**content, forward_origin=origin))

    assert talk.last_facts.incoming.sender.forwarded == 42
    assert "@anna" in talk.screen.text
    assert talk.dialogue.step == "idle"


@pytest.mark.parametrize(
    ("sign", "press", "kind", "booked"),
    [
        ("plus", "+100", "Paid by hand", Book("topup", 42, 100, None, 50)),
        ("plus", "+50", "A gift", Book("grant", 42, 50, None, 50)),
        ("minus", "−100", "Book it", Book("grant", 42, -100, None, 50)),
        ("minus", "everything", "Book it", Book("grant", 42, -120, None, 50)),
    ],
)
def test_suggested_amounts_lead_to_a_confirmation_that_books(
    sign: str, press: str, kind: str, booked: Book
) -> None:
    talk = operator(person=PERSON).hear(telegram.press(f"person_{sign}||42"))
    (label,) = [each for each in talk.buttons if each.text.endswith(press) or press in each.text][
        :1
    ]
    talk.hear(telegram.press(label.press)).presses(kind)

    assert of(talk, Book) == [booked]


def test_a_typed_amount_may_have_a_note() -> None:
    talk = operator(person=PERSON).hear(telegram.press("person_plus||42")).says("150 for the cat")
    talk.presses("A gift")

    assert of(talk, Book) == [Book("grant", 42, 150, "for the cat", 50)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("a lot", "not a whole number"),
        ("-5", "not a whole number"),
        ("1.5", "not a whole number"),
        ("0", "From 1 to 1000000"),
        ("1000001", "From 1 to 1000000"),
        ("121", "At most: <code>120</code>"),
    ],
)
def test_a_wrong_amount_is_told_with_the_numbers(words: str, said: str) -> None:
    talk = operator(person=PERSON).hear(telegram.press("person_minus||42")).says(words)

    assert said in talk.screen.text
    assert talk.dialogue.step == "person_amount"


def test_a_user_is_banned_and_let_in_again_by_one_press() -> None:
    assert of(operator().hear(telegram.press("person_ban||42")), SetBanned) == [
        SetBanned(42, banned=True, at=50)
    ]
    assert of(operator().hear(telegram.press("person_unban||42")), SetBanned) == [
        SetBanned(42, banned=False, at=50)
    ]


@pytest.mark.parametrize(("user", "said"), [(7, "yourself"), (8, "operator"), ("x", "no such")])
def test_neither_oneself_nor_an_operator_is_banned(user: object, said: str) -> None:
    talk = operator().hear(telegram.press(f"person_ban||{user}"))

    assert said in talk.toast.text
    assert not of(talk, SetBanned)


def test_a_booking_is_undone_by_the_button_under_it() -> None:
    assert of(operator().hear(telegram.press("undo_act||17")), Undo) == [Undo(17, 50)]


def test_lists_turn_by_the_last_row_and_offer_refunds_of_what_was_paid() -> None:
    at = datetime(2026, 1, 3, tzinfo=UTC)
    job = {"id": 31, "model": "veo", "status": "success", "price": 9, "at": at, "refundable": True}
    free = {**job, "id": 30, "price": 0, "refundable": False}
    talk = operator(jobs=Page(42, [job, free], more=True)).hear(telegram.press("person_jobs||42"))

    presses = [each.press for each in talk.buttons]
    assert presses == ["person_refund||31", "person_jobs||42:30", "person||42"]


@needs_making
def test_cancel_ends_a_question_to_an_operator() -> None:
    talk = operator(person=PERSON).hear(telegram.press("person_plus||42")).says("150")
    assert talk.dialogue.step == "booking"

    talk.says("/cancel")

    assert talk.dialogue.step == "idle"
    assert "Cancelled" in talk.screen.text


@pytest.mark.parametrize(
    ("action", "words", "said"),
    [
        ("person_plus", "99999999999999", "not 99999999999999"),
        ("person_minus", "99999999999999", "not 99999999999999"),
    ],
)
def test_a_number_out_of_range_is_told_as_one(action: str, words: str, said: str) -> None:
    talk = operator(person=PERSON).hear(telegram.press(f"{action}||42")).says(words)

    assert said in talk.screen.text
    assert "whole number" not in talk.screen.text


def test_a_line_that_an_answer_offers_can_be_sent_as_it_is() -> None:
    there = Target({"user_id": 42, "name": "Anna", **PERSON})
    talk = Talk(OPERATED, loads={"named_target": there}).says("/grant 42 −100")

    assert "120 → 20" in talk.screen.text
