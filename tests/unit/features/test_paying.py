"""Prices, quotas and the screens about credits, as a pure function of facts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.dialogue.effects import Say, Show
from handlers.features.desk.effects import Book
from handlers.features.making.job_effects import CancelJob, StartJob
from handlers.features.paying.rules import ReportPayment
from handlers.shop import terms as payment
from handlers.shop.offers import Offer
from handlers.shop.shop import Payment, Shop
from kie.catalogue.model import DEADLINES
from kie.jobs.job_table import MOST_RUNNING
from kie.money.ledger import Account, Entry
from tests.support import telegram_updates as telegram
from tests.support.talk import SHOP, Talk
from tests.support.wording import plain, say

PLAIN = SHOP.offers["z-image"]
ADMIN = 4711
TARGET = {
    **{"user_id": 42, "username": "anna", "first_name": "Anna", "balance": 100},
    **{"price": 5, "paid": True, "refunded": False, "model": "z-image"},
}
REQUISITES = Payment(bank="Savings <Bank>", card="2200 1111", phone="")


def shop(offer: Offer, **changes: Any) -> Shop:
    return replace(SHOP, offers={"z-image": offer}, **changes)


def priced(price: int, free_per_day: int | None = None) -> Offer:
    return replace(PLAIN, price=price, free_per_day=free_per_day)


def started(talk: Talk) -> StartJob | None:
    talk.says("/new")
    if talk.standing.step == "idle":
        talk.presses("Z-Image")
    talk.says("a fox").presses("1:1").presses("Create")
    return talk.started[0] if talk.started else None


@pytest.mark.parametrize(
    ("price", "quota", "used", "expected"),
    [
        (0, None, 9, payment.Terms(0, None)),
        (5, None, 0, payment.Terms(5, None)),
        (5, 2, 0, payment.Terms(0, 2)),
        (5, 2, 1, payment.Terms(0, 1)),
        (5, 2, 2, payment.Terms(5, 0)),
        (5, 2, 7, payment.Terms(5, 0)),
        (0, 2, 1, payment.Terms(0, 1)),
    ],
)
def test_a_model_is_free_within_its_quota_and_then_costs_its_price(
    price: int, quota: int | None, used: int, expected: payment.Terms
) -> None:
    account = Account(free_used={"z-image": used, "other": 100})

    assert payment.terms(priced(price, quota), account) == expected
    assert not expected.used_up


def test_a_free_model_whose_quota_is_used_up_is_refused_with_the_reason() -> None:
    talk = Talk(shop(priced(0, 2)), account=Account(free_used={"z-image": 2}))

    assert started(talk) is None
    assert talk.toast.text == plain("en", "toast_used_up", n=2)
    assert talk.toast.alert


def test_within_the_quota_the_job_costs_nothing() -> None:
    start = started(Talk(shop(priced(5, 2)), account=Account(free_used={"z-image": 1})))

    assert start is not None
    assert start.job.price == 0


def test_beyond_the_quota_the_job_costs_its_price() -> None:
    start = started(Talk(shop(priced(5, 2)), account=Account(balance=5, free_used={"z-image": 2})))

    assert start is not None
    assert start.job.price == 5


@pytest.mark.parametrize(("now", "makes"), [(6, False), (5, True), (4, True)])
def test_nobody_pays_more_than_was_told(now: int, makes: bool) -> None:
    """A release with other prices came between the confirmation and the press."""
    talk = Talk(shop(priced(5)), account=Account(balance=20))
    talk.says("/new").says("a fox").presses("1:1")
    talk.shop = shop(priced(now))

    talk.presses("Create")

    assert [each.job.price for each in talk.started] == ([now] if makes else [])
    if not makes:
        assert "The price has changed" in talk.screen.text
        talk.presses("Create")
        assert [each.job.price for each in talk.started] == [now]


def test_the_confirmation_says_how_many_free_ones_are_left() -> None:
    talk = Talk(shop(priced(5, 2)), account=Account(free_used={"z-image": 1}))
    talk.says("/new").says("a fox").presses("1:1")

    assert "free, 1 left today" in talk.screen.text


def test_who_has_not_enough_sees_price_balance_and_the_way_to_more_and_keeps_the_request() -> None:
    talk = Talk(shop(priced(5), payment=REQUISITES), account=Account(balance=3))

    assert started(talk) is None
    assert "costs 5 credits, and you have 3: 2 to go" in talk.screen.text
    assert [each.press for each in talk.buttons] == ["topup||"]
    assert talk.standing.step == "confirm"


def test_without_requisites_nothing_leads_to_them_and_none_are_invented() -> None:
    talk = Talk(shop(priced(5), payment=Payment(bank="X", holder="Y")), account=Account(balance=3))
    started(talk)

    assert [each.press for each in talk.buttons] == ["support||"]
    talk.hear(telegram.press("topup||"))
    assert say("en", "topup_hidden") in talk.screen.text
    assert "X" not in talk.screen.text.replace(say("en", "topup_hidden"), "")


def test_the_requisites_that_are_set_are_shown_escaped_and_the_others_are_not() -> None:
    talk = Talk(shop(priced(5), payment=REQUISITES)).says("/topup")

    assert "Savings &lt;Bank&gt;" in talk.screen.text
    assert "2200 1111" in talk.screen.text
    assert "<code>7</code>" in talk.screen.text  # the user's number, for the receipt
    assert "Phone" not in talk.screen.text
    assert "Holder" not in talk.screen.text


def test_the_balance_shows_credits_free_uses_and_what_was_booked() -> None:
    entries = (
        Entry("reserve", -5, 31, None, datetime(2026, 11, 2, 23, 59, tzinfo=UTC)),
        Entry("grant", 20, None, "sorry <3", datetime(2026, 11, 1, tzinfo=UTC)),
        Entry("opening", 7, None, "balance of the first release", datetime(2026, 1, 1, tzinfo=UTC)),
    )
    account = Account(balance=22, free_used={"z-image": 1})
    talk = Talk(shop(priced(5, 3)), account=account, loads={"latest_entries": entries}).says(
        "/balance"
    )

    text = talk.screen.text
    assert "22 credits" in text
    assert "Z-Image: 2 of 3 left" in text
    assert "2026-11-02 · request 31: <b>−5</b>" in text
    assert "from the operator (sorry &lt;3): <b>+20</b>" in text
    assert "carried over: <b>+7</b>" in text


def test_a_bot_that_sells_nothing_does_not_speak_of_balances() -> None:
    shown = [each.press for each in Talk(shop(priced(0))).says("/start").buttons]
    selling = [each.press for each in Talk(shop(priced(5))).says("/start").buttons]

    assert "balance||" not in shown
    assert "balance||" in selling


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
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": TARGET}).says(words)
    assert not any(isinstance(each, Book) for each in talk.effects)
    assert "@anna" in talk.screen.text
    talk.presses("Book it")

    assert [each for each in talk.effects if isinstance(each, Book)] == [expected]


def test_a_confirmation_books_once_and_only_while_it_is_the_last() -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": TARGET})
    talk.says("/grant 42 5")
    old = telegram.press(talk.button("Book it"))
    talk.says("/grant 42 500").hear(old)
    assert not any(isinstance(each, Book) for each in talk.effects)
    talk.presses("Book it").hear(old)

    assert not any(isinstance(each, Book) for each in talk.effects)


def test_who_is_no_operator_any_more_books_nothing() -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": TARGET})
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
        ("/refund 31", {"refunded": True}, "given back before"),
    ],
)
def test_what_cannot_be_booked_is_refused_with_the_reason(
    words: str, target: dict[str, Any] | None, why: str
) -> None:
    found = None if target is None else TARGET | target
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": found}).says(words)

    assert why in talk.screen.text
    assert talk.standing.step == "idle"


def test_a_forwarded_command_of_an_operator_books_nothing() -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7})), loads={"named_target": TARGET})
    talk.hear(telegram.message(text="/grant 42 5", forward_origin={"type": "user"}))

    assert talk.standing.step == "idle"
    assert "@anna" not in talk.screen.text


@pytest.mark.parametrize(
    "words",
    [
        "/topup 42 0",
        "/topup 42 -5",
        "/topup 42 1000001",
        "/topup 42",
        "/topup x 5",
        "/topup 0 5",
        "/grant 99999999999999999999 5",
        "/grant 42 0 nothing",
        "/grant 42 5.5",
        "/grant",
        "/refund",
        "/refund all",
        "/refund 0x1f",
        "/refund ٣",
        "/grant ٣ 5",
        "/topup 4503599627370496 5",
    ],
)
def test_a_booking_that_makes_no_sense_is_explained_and_not_booked(words: str) -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({7}))).says(words)

    assert "/refund REQUEST note" in talk.screen.text


@pytest.mark.parametrize("words", ["/topup 42 100", "/grant 42 100", "/refund 31"])
def test_nobody_else_books_anything(words: str) -> None:
    talk = Talk(shop(PLAIN, admins=frozenset({ADMIN}))).says(words)

    assert not any(isinstance(each, Book) for each in talk.effects)


def test_an_operator_books_nothing_in_a_group() -> None:
    update = telegram.message(text="/grant 42 100")
    update["message"]["chat"] = {"id": -5, "type": "group", "title": "x"}
    talk = Talk(shop(PLAIN, admins=frozenset({7}))).hear(update)

    assert talk.effects == ()


@pytest.mark.parametrize(("argument", "works"), [("31", True), ("x", False), ("9" * 25, False)])
def test_the_button_under_a_queued_job_cancels_that_job(argument: str, works: bool) -> None:
    talk = Talk().hear(telegram.press(f"stop||{argument}", message_id=50))

    wanted = [each for each in talk.effects if isinstance(each, CancelJob)]
    assert [(each.job_id, each.message_id) for each in wanted] == ([(31, 50)] if works else [])
    assert works or any(isinstance(each, Say | Show) for each in talk.effects)


def test_the_limit_of_running_jobs_is_counted_by_kind() -> None:
    titles = {"en": "Film", "ru": "Film"}
    video = replace(PLAIN, model="film", kind="video", titles=titles)
    both = replace(SHOP, offers={"z-image": PLAIN, "film": video})
    busy = Account(running={"film": 2, "gone-model": 5})

    assert started(Talk(both, account=busy)) is not None
    talk = Talk(both, account=busy).hear(telegram.press("model||film"))
    talk.says("a fox").presses("1:1").presses("Create")
    assert talk.started == []
    assert talk.toast.text == plain("en", "toast_enough_running", n=2, max=2)


def test_every_kind_of_result_has_a_limit_of_running_jobs() -> None:
    assert set(MOST_RUNNING) == set(DEADLINES)


@pytest.mark.parametrize(
    ("attribute", "word"), [("successful_payment", "arrived"), ("refunded_payment", "went back")]
)
def test_a_payment_that_nobody_has_asked_for_is_told_to_both_sides(
    attribute: str, word: str
) -> None:
    payment = {"currency": "XTR", "total_amount": 50, "telegram_payment_charge_id": "ch-1"}
    update = telegram.message()
    update["message"][attribute] = payment
    talk = Talk().hear(update)
    (report,) = [each for each in talk.effects if isinstance(each, ReportPayment)]

    assert "50 XTR" in report.text
    assert "ch-1" in report.text
    assert word in talk.screen.text
