"""Credits that operators move: asked for, shown, confirmed, refused."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.features.people.booking import Target
from handlers.features.people.effects import Book
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

PLAIN = SHOP.offers["z-image"]


ADMIN = 4711


TARGET = {
    **{"id": 31, "user_id": 42, "username": "anna", "first_name": "Anna", "balance": 100},
    **{"price": 5, "paid": True, "refunded": False, "model": "z-image"},
}


def shop(offer: Offer, **changes: Any) -> Shop:
    return replace(SHOP, offers={"z-image": offer}, **changes)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("/topup 42 100", Book("topup", 42, 100)),
        ("/grant 42 -30 booked twice\nby me", Book("grant", 42, -30, "booked twice\nby me")),
        ("/grant 42 +5", Book("grant", 42, 5)),
        ("/refund 31", Book("refund", 31)),
        ("/refund 31 ugly", Book("refund", 31, 0, "ugly")),
    ],
)
def test_an_operator_books_by_command_and_confirmation(words: str, expected: Book) -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": Target(TARGET)}).says(
        words
    )
    assert not any(isinstance(each, Book) for each in talk.effects)
    assert "@anna" in talk.screen.text
    talk.presses("Book it")

    question = telegram.press("")["callback_query"]["message"]["message_id"]
    expected = replace(expected, at=question)
    assert [each for each in talk.effects if isinstance(each, Book)] == [expected]


def test_a_confirmation_books_once_and_only_while_it_is_the_last() -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": Target(TARGET)})
    talk.says("/grant 42 5")
    old = telegram.press(talk.button("Book it"))
    talk.says("/grant 42 500").hear(old)
    assert not any(isinstance(each, Book) for each in talk.effects)
    talk.presses("Book it").hear(old)

    assert not any(isinstance(each, Book) for each in talk.effects)


def test_who_is_no_operator_any_more_books_nothing() -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": Target(TARGET)})
    talk.says("/grant 42 5")
    press = telegram.press(talk.button("Book it"))
    talk.shop = shop(PLAIN, admins=frozenset({8}))
    talk.hear(press)

    assert not any(isinstance(each, Book) for each in talk.effects)


@pytest.mark.parametrize(
    ("words", "target", "why"),
    [
        ("/topup 42 5", None, "has written to this bot"),
        ("/grant 42 -500", {}, "less than nothing"),
        ("/refund 31", None, "no request 31"),
        ("/refund 31", {"price": 0}, "was free"),
        ("/refund 31", {"paid": False}, "nothing was delivered"),
        ("/refund 31", {"refunded": True}, "refunded already"),
    ],
)
def test_what_cannot_be_booked_is_refused_with_the_reason(
    words: str, target: dict[str, Any] | None, why: str
) -> None:
    found = Target(None if target is None else TARGET | target)
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": found}).says(words)

    assert why in talk.screen.text
    assert talk.dialogue.step == "idle"


def test_a_forwarded_command_of_an_operator_books_nothing() -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": Target(TARGET)})
    talk.hear(telegram.message(text="/grant 42 5", forward_origin={"type": "user"}))

    assert talk.dialogue.step == "idle"
    assert "@anna" not in talk.screen.text


@pytest.mark.parametrize(
    ("words", "why", "line"),
    [
        ("/topup 42 0", "0 credits change nothing", "/topup 42 100"),
        ("/topup 42 -5", "/topup only adds", "/grant 42 -5"),
        ("/topup 42 1000001", "over the limit of 1000000", "/topup 42 1000000"),
        ("/topup 42", "number of credits is missing", "/topup 42 100"),
        ("/topup x 5", "neither a user's number", "/topup 42 5"),
        ("/topup 0 5", "No user can have the number 0", "/topup 42 5"),
        ("/grant 99999999999999999999 5", "neither a user's number", "/grant 42 5"),
        ("/grant 42 0 nothing", "0 credits change nothing", "/grant 42 100"),
        ("/grant 42 -2000000", "over the limit", "/grant 42 -1000000"),
        ("/grant 42 5.5", "“5.5” is not a whole number", "/grant 42 100"),
        ("/grant @anna many", "“many” is not a whole number", "/grant @anna 100"),
        ("/grant", "Number and credits are missing", "/grant 42 100"),
        ("/refund", "The number of the request is missing", "/refund 42"),
        ("/refund all", "“all” is not the number of a request", "/refund 42"),
        ("/refund 0x1f", "not the number of a request", "/refund 42"),
        ("/refund ٣", "not the number of a request", "/refund 42"),
        ("/grant ٣ 5", "neither a user's number", "/grant 42 5"),
        ("/topup 4503599627370496 5", "No user can have the number", "/topup 42 5"),
    ],
)
def test_a_wrong_argument_gets_the_cause_that_holds_and_a_line_to_copy(
    words: str, why: str, line: str
) -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7}))).says(words)

    assert why in talk.screen.text
    assert f"<code>{line}</code>" in talk.screen.text
    assert talk.dialogue.step == "idle"


def test_a_name_is_booked_for_and_one_that_two_users_had_is_asked_about() -> None:
    operated = shop(PLAIN, admins=frozenset({7}))
    talk = Talk(operated, loads={"named_target": Target(TARGET)}).says("/grant @anna 5")
    talk.presses("Book it")
    assert [(each.target, each.amount) for each in talk.effects if isinstance(each, Book)] == [
        (42, 5)
    ]

    both = [{**TARGET, "how": "name"}, {**TARGET, "user_id": 43, "how": "former"}]
    talk = Talk(operated, loads={"named_target": Target(rows=both)}).says("/grant @anna 5")
    pressed = [each.press for each in talk.buttons if each.press.startswith("person")]
    assert pressed == ["person||42", "person||43"] or pressed == ["person||43", "person||42"]


@pytest.mark.parametrize("words", ["/topup 42 100", "/grant 42 100", "/refund 31"])
def test_nobody_else_books_anything(words: str) -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({ADMIN}))).says(words)

    assert not any(isinstance(each, Book) for each in talk.effects)


def test_an_operator_books_nothing_in_a_group() -> None:
    update = telegram.message(text="/grant 42 100")
    update["message"]["chat"] = {"id": -5, "type": "group", "title": "x"}
    talk = Talk(shop(PLAIN, admins=frozenset({7}))).hear(update)

    assert talk.effects == ()
