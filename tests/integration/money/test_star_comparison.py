"""Our payments against Telegram's list of transactions."""

import time
from typing import Any

import pytest

from tests.support.chats.booked_jobs import balance
from tests.support.chats.conversation import Conversation
from tests.support.chats.star_books import Books, compare
from tests.support.chats.star_payments import USER, handled, ordered, pays, presses, states, told
from tests.support.edges import telegram_updates as telegram
from tests.support.postgres.failing_rows import held, refused


def test_a_payment_that_never_came_as_an_update_is_credited_and_told(talk: Conversation) -> None:
    _, payload = ordered(talk)
    books = Books()
    books.add("ch-1", payload)
    compare(talk, books)
    compare(talk, books)
    handled(talk, pays(payload))  # the update comes after all

    assert balance(talk) == 100
    assert (len(told(talk, "notice")), len(told(talk, "result"))) == (1, 1)
    assert books.asked == [0, 1]
    assert talk.metrics.star_balance._value.get() == 50


def test_a_payment_that_only_the_list_knows_brings_the_order_back_that_waited_for_it(
    talk: Conversation,
) -> None:
    _, payload = ordered(talk)
    handled(talk, telegram.message(USER, text="a red fox in the snow"))
    talk.rows("UPDATE deliveries SET state = 'sent' RETURNING id")
    books = Books()
    books.add("ch-1", payload)
    compare(talk, books)
    compare(talk, books)

    receipt, card = talk.rows(
        "SELECT kind, payload FROM deliveries WHERE chat_id = %s AND state = 'pending' ORDER BY id",
        USER,
    )
    assert (receipt["kind"], receipt["payload"]["keyboard"]) == ("result", [])
    assert (card["kind"], card["payload"]["card"]) == ("answer", True)
    assert "a red fox in the snow" in card["payload"]["text"]
    (create,) = [each for each in presses(card["payload"]) if each.startswith("create|")]

    handled(talk, telegram.press(create))
    assert talk.rows("SELECT status FROM generation_jobs") == [{"status": "queued"}]


def test_a_payment_of_the_list_that_goes_back_brings_no_order(talk: Conversation) -> None:
    ordered(talk)
    handled(talk, telegram.message(USER, text="a red fox in the snow"))
    cards = len(told(talk, "answer"))
    books = Books()
    talk.rows("UPDATE orders SET created_at = now() - interval '1 hour' RETURNING id")
    books.add("ch-1", "of nobody", date=int(time.time()) - 1800)
    compare(talk, books)

    assert states(talk) == [("ch-1", "returning")]
    assert len(told(talk, "answer")) == cards


def test_a_refund_that_nobody_told_of_is_booked(talk: Conversation) -> None:
    _, payload = ordered(talk)
    handled(talk, pays(payload))
    books = Books()
    for number in range(120):
        books.add(f"other-{number}", "of an earlier bot", refund=True)
    books.add("ch-1", payload)
    books.add("ch-1", payload, refund=True)
    compare(talk, books)

    assert balance(talk) == 0
    assert books.asked == [0, 100]
    assert dict(states(talk))["ch-1"] == "returned"


def test_a_foreign_payment_that_is_younger_than_our_first_order_goes_back(
    talk: Conversation,
) -> None:
    ordered(talk)
    talk.rows("UPDATE orders SET created_at = now() - interval '2 hours' RETURNING id")
    books = Books()
    books.add("ch-1", "of an earlier bot", date=int(time.time()) - 3600)
    compare(talk, books)
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "returned")], "returned")

    assert talk.telegram.sent("refund_star_payment") == [{"user_id": USER, "charge_id": "ch-1"}]


@pytest.mark.parametrize("sells", [False, True])
def test_what_an_earlier_bot_sold_is_counted_and_left_alone(
    talk: Conversation, sells: bool
) -> None:
    if sells:
        ordered(talk, user=8)
    books = Books()
    for number in range(105):
        books.add(f"old-{number}", "of an earlier bot")
    books.add("old-7", "of an earlier bot", refund=True)
    compare(talk, books)

    assert books.asked == [0, 100]
    assert states(talk) == []
    assert told(talk, "refund") == told(talk, "result") == []
    assert talk.rows("SELECT user_id FROM accounts WHERE user_id = %s", USER) == []
    notices = told(talk, "notice")
    assert [presses(each) for each in notices] == [["payments||", "admin||"]] * 2
    first, second = (each["text"] for each in notices)
    assert "Payments: 100 (5000 ⭐). Refunds: 0." in first
    assert "Payments: 5 (250 ⭐). Refunds: 1." in second


def test_a_payment_whose_update_may_still_come_is_left_for_the_next_look(
    talk: Conversation,
) -> None:
    _, payload = ordered(talk)
    books = Books()
    books.add("ch-1", payload, date=2**33)
    compare(talk, books)

    assert states(talk) == []


@pytest.mark.parametrize("entry", [None, 7, {}, {"source": 1}, {"source": {"user": {"id": 0}}}])
def test_an_entry_that_is_no_payment_is_passed_over(talk: Conversation, entry: Any) -> None:
    books = Books()
    books.listed.append(entry)
    compare(talk, books)

    assert states(talk) == []


def test_a_payment_that_cannot_be_booked_holds_no_other_up(
    talk: Conversation, connect: Any
) -> None:
    _, payload = ordered(talk)
    _, other = ordered(talk, user=8)
    books = Books()
    books.add("ch-1", payload)
    books.listed += [{**books.listed[0], "id": f"ch-{n}"} for n in range(2, 101)]
    books.add("of-8", other)
    books.listed[-1]["source"]["user"]["id"] = 8
    mine = "SELECT 1 FROM accounts WHERE user_id = 7 FOR UPDATE"
    with held(connect, mine):
        compare(talk, books)
        credited = dict(states(talk))
        assert credited == {"of-8": "credited"}
        assert talk.rows("SELECT compared FROM star_positions") in ([], [{"compared": 0}])

    compare(talk, books)
    assert dict(states(talk))["ch-1"] == "credited"
    assert len(states(talk)) == 101
    assert talk.rows("SELECT compared FROM star_positions") == [{"compared": 101}]


def test_one_that_the_database_refuses_leaves_the_others_of_its_page(
    talk: Conversation, connect: Any
) -> None:
    _, payload = ordered(talk)
    books = Books()
    for number in range(1, 5):
        books.add(f"ch-{number}", payload)
    with refused(connect, "payments", "22003", "NEW.charge_id = 'ch-2'"):
        compare(talk, books)
        assert [charge for charge, _ in states(talk)] == ["ch-1", "ch-3", "ch-4"]

    compare(talk, books)
    assert sorted(states(talk)) == [(f"ch-{number}", "credited") for number in range(1, 5)]
