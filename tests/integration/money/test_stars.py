"""Stars on a real PostgreSQL: from the press on a pack to the credits, and all the way back."""

import asyncio
import json
from typing import Any

import pytest

from handlers.bot_api.calls import keep_result
from handlers.delivery.outcome import REFUND_PAUSE
from handlers.dispatch.lanes import CHATS, PAYERS
from handlers.features.paying.reconciliation import Reconciliation
from kie.money import ledger, orders, payments
from kie.money.orders import Order
from kie.money.packs import Pack
from tests.integration.money.test_money import balance, entries
from tests.support import telegram_updates as telegram
from tests.support.conversation import ADMIN, BOT_ID, Conversation
from tests.support.telegram_answers import refused

PACK = Pack(1, 100, 50)
USER = 7


def handled(talk: Conversation, *updates: dict[str, Any], span: Any = CHATS) -> None:
    talk.put(*updates)
    with talk.dispatching(lane_range=span):
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "handled"
        )


def known(talk: Conversation, user: int = USER) -> None:
    with talk.database.transaction(talk.term) as tx:
        named = {"bot": BOT_ID, "user": user}
        tx.one("SELECT ensure_user(%(user)s), ensure_account(%(bot)s, %(user)s)", named)


def ordered(talk: Conversation, user: int = USER) -> tuple[Order, str]:
    known(talk, user)
    with talk.database.transaction(talk.term) as tx:
        order = orders.place(tx, BOT_ID, user, PACK)
    assert order is not None
    return order, orders.payload(talk.installation.identity, order)


def pays(
    payload: str, charge: str = "ch-1", *, user: int = USER, stars: int = 50
) -> dict[str, Any]:
    return _payment("successful_payment", payload, charge, user, stars)


def goes_back(charge: str = "ch-1", *, user: int = USER) -> dict[str, Any]:
    return _payment("refunded_payment", "", charge, user, 50)


def _payment(kind: str, payload: str, charge: str, user: int, stars: int) -> dict[str, Any]:
    update = telegram.message(user)
    update["message"][kind] = {
        "currency": "XTR",
        "total_amount": stars,
        "invoice_payload": payload,
        "telegram_payment_charge_id": charge,
    }
    return update


def states(talk: Conversation) -> list[tuple[str, str]]:
    rows = talk.rows("SELECT charge_id, state FROM payments ORDER BY number")
    return [(row["charge_id"], row["state"]) for row in rows]


def told(talk: Conversation, kind: str) -> list[dict[str, Any]]:
    rows = talk.rows("SELECT payload FROM deliveries WHERE kind = %s ORDER BY id", kind)
    return [row["payload"] for row in rows]


def test_a_pack_becomes_an_invoice_and_a_second_press_none(talk: Conversation) -> None:
    talk.sell(PACK)
    handled(talk, telegram.press("buy||1"), telegram.press("buy||1"))
    with talk.sending():
        talk.until(lambda: len(talk.telegram.calls) >= 4, "two toasts, an invoice, a sentence")

    (invoice,) = talk.telegram.sent("send_invoice")
    assert [price.amount for price in invoice["prices"]] == [50]
    assert (invoice["currency"], invoice["provider_token"]) == ("XTR", "")
    assert invoice["start_parameter"]
    with talk.database.transaction() as tx:
        named = orders.named_by(tx, talk.installation.identity, invoice["payload"])
    assert named.signed
    assert named.order is not None
    assert (named.order.user_id, named.order.credits) == (USER, 100)


def test_the_question_before_a_payment_is_answered_by_the_order(talk: Conversation) -> None:
    order, payload = ordered(talk)
    good, changed = telegram.checkout(USER), telegram.checkout(USER)
    foreign, forged = telegram.checkout(8), telegram.checkout(USER)
    for update, text, stars in (
        (good, payload, 50),
        (changed, payload, 49),
        (foreign, payload, 50),
        (forged, f"o:{order.id}.{'0' * 22}", 50),
    ):
        update["pre_checkout_query"] |= {"invoice_payload": text, "total_amount": stars}
    handled(talk, good, changed, foreign, forged, span=PAYERS)

    by_query = {each["query_id"]: each["refusal"] for each in told(talk, "toast")}
    queries = [each["pre_checkout_query"]["id"] for each in (good, changed, foreign, forged)]
    assert [by_query[each] == "" for each in queries] == [True, False, False, False]


def test_a_payment_is_credited_once_however_often_it_is_told(talk: Conversation) -> None:
    _, payload = ordered(talk)

    handled(talk, pays(payload), pays(payload), pays(payload))

    assert balance(talk) == 100
    assert entries(talk) == [("stars", 100)]
    (receipt,) = told(talk, "result")
    assert "100 credits" in receipt["text"]


def test_the_same_invoice_paid_twice_is_credited_twice(talk: Conversation) -> None:
    _, payload = ordered(talk)

    handled(talk, pays(payload, "a"), pays(payload, "b"))

    assert balance(talk) == 200
    assert len(told(talk, "result")) == 2


@pytest.mark.parametrize("wrong", ["payload", "amount", "payer"])
def test_stars_that_fit_no_order_go_back_and_both_sides_are_told(
    talk: Conversation, wrong: str
) -> None:
    _, payload = ordered(talk)
    known(talk, 8)
    update = pays(
        "nothing of ours" if wrong == "payload" else payload,
        stars=49 if wrong == "amount" else 50,
        user=8 if wrong == "payer" else USER,
    )

    handled(talk, update)
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "returned")], "returned")

    (call,) = talk.telegram.sent("refund_star_payment")
    assert call == {"user_id": 8 if wrong == "payer" else USER, "charge_id": "ch-1"}
    assert entries(talk) == []
    assert len(told(talk, "notice")) == 1
    assert len(told(talk, "result")) == 1


def test_an_order_is_credited_even_if_its_signature_is_of_another_token(
    talk: Conversation,
) -> None:
    order, _ = ordered(talk)

    handled(talk, pays(f"o:{order.id}.{'0' * 22}"))

    assert balance(talk) == 100
    assert len(told(talk, "notice")) == 1


def begin(talk: Conversation, *, anyway: bool = False) -> payments.Return | None:
    """What an operator's button does."""
    with talk.database.transaction(talk.term) as tx:
        back = payments.begin_return(tx, BOT_ID, "ch-1", anyway=anyway)
        if back is not None:
            refund = {"do": "refund", "user_id": back.user_id, "charge_id": back.charge_id}
            tx.run(
                "INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, line)"
                " VALUES (%(bot)s, 7, 'refund', %(payload)s, %(key)s, -4)",
                {"bot": BOT_ID, "payload": json.dumps(refund), "key": back.key},
            )
    return back


def test_a_refund_takes_the_credits_first_and_is_recorded_when_telegram_has_made_it(
    talk: Conversation,
) -> None:
    handled(talk, pays(ordered(talk)[1]))

    assert begin(talk) is not None
    assert begin(talk) is None  # pressed twice
    assert balance(talk) == 0
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "returned")], "returned")

    assert entries(talk) == [("stars", 100), ("stars_refund", -100)]
    assert len(talk.telegram.sent("refund_star_payment")) == 1


def test_a_refund_that_telegram_refuses_gives_the_credits_back(talk: Conversation) -> None:
    handled(talk, pays(ordered(talk)[1]))
    begin(talk)
    talk.telegram.script = {"refund_star_payment": [refused(400, "Bad Request: CHARGE_NOT_FOUND")]}
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "credited")], "credited again")

    assert balance(talk) == 100
    assert "CHARGE" not in told(talk, "notice")[0]["text"]
    assert begin(talk) is not None  # it may be tried again


def test_a_refund_that_was_made_before_is_a_success(talk: Conversation) -> None:
    handled(talk, pays(ordered(talk)[1]))
    begin(talk)
    already = refused(400, "Bad Request: CHARGE_ALREADY_REFUNDED")
    talk.telegram.script = {"refund_star_payment": [already]}
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "returned")], "returned")

    assert balance(talk) == 0


def test_a_refund_that_a_killed_process_had_begun_is_asked_for_again(talk: Conversation) -> None:
    handled(talk, pays(ordered(talk)[1]))
    begin(talk)
    for _ in range(7):
        talk.rows("UPDATE deliveries SET state = 'sending' WHERE kind = 'refund' RETURNING id")
        talk.new_term()
        talk.recording.recover(talk.term)
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "returned")], "returned")

    assert REFUND_PAUSE > 0
    assert entries(talk) == [("stars", 100), ("stars_refund", -100)]


def test_spent_credits_are_refunded_only_anyway_and_never_below_zero(talk: Conversation) -> None:
    handled(talk, pays(ordered(talk)[1]))
    with talk.database.transaction() as tx:
        ledger.book(tx, BOT_ID, USER, "grant", -60, note=None, key="spent")
    with pytest.raises(payments.Spent):
        begin(talk)
    assert balance(talk) == 40

    assert begin(talk, anyway=True) is not None

    assert balance(talk) == 0
    assert talk.rows("SELECT taken, spent FROM payments") == [{"taken": 40, "spent": 60}]


def test_a_chargeback_takes_the_credits_back_once_and_both_sides_are_told(
    talk: Conversation,
) -> None:
    handled(talk, pays(ordered(talk)[1]))

    handled(talk, goes_back(), goes_back())

    assert balance(talk) == 0
    assert entries(talk) == [("stars", 100), ("stars_refund", -100)]
    assert len(told(talk, "notice")) == 1


def test_a_chargeback_that_comes_before_its_payment_credits_nothing(talk: Conversation) -> None:
    _, payload = ordered(talk)

    handled(talk, goes_back())
    handled(talk, pays(payload))

    assert entries(talk) == []
    assert states(talk) == [("ch-1", "returned")]


def test_a_receipt_waits_for_a_user_who_has_blocked_the_bot(talk: Conversation) -> None:
    _, payload = ordered(talk)
    handled(talk, pays(payload))
    blocked = refused(403, "Forbidden: bot was blocked by the user")
    talk.telegram.script = {"send_message": [blocked]}
    with talk.sending():
        talk.until(lambda: talk.rows("SELECT 1 FROM deliveries WHERE state = 'held'"), "held")

    assert balance(talk) == 100


# ------------------------------------------------------- Telegram's transactions --


class Books:
    """Telegram's list of transactions."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self.asked: list[int] = []

    def add(self, charge: str, payload: str, *, refund: bool = False, date: int = 1) -> None:
        user = {"id": USER, "is_bot": False, "first_name": "Anna"}
        partner = {"type": "user", "transaction_type": "invoice_payment", "user": user}
        side = {"receiver" if refund else "source": {**partner, "invoice_payload": payload}}
        self.listed.append({"id": charge, "amount": 50, "date": date, **side})

    async def get_star_transactions(
        self, offset: int | None = None, limit: int | None = None
    ) -> object:
        first = offset or 0
        self.asked.append(first)
        keep_result({"transactions": self.listed[first : first + (limit or 100)]})
        return None

    async def get_my_star_balance(self) -> object:
        keep_result({"amount": 50})
        return None


def compare(talk: Conversation, books: Books) -> None:
    asyncio.run(Reconciliation(talk.parts(stars=books)).compare(talk.term))


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


def test_a_foreign_payment_of_the_list_goes_back(talk: Conversation) -> None:
    known(talk)
    books = Books()
    books.add("ch-1", "of an earlier bot")
    compare(talk, books)
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "returned")], "returned")

    assert talk.telegram.sent("refund_star_payment") == [{"user_id": USER, "charge_id": "ch-1"}]


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


def test_an_operators_double_press_returns_once(talk: Conversation) -> None:
    handled(talk, pays(ordered(talk)[1]))
    (row,) = talk.rows("SELECT number FROM payments")
    known(talk, ADMIN)
    press = f"pay_return||{row['number']}"

    handled(talk, telegram.press(press, ADMIN), telegram.press(press, ADMIN))
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "returned")], "returned")

    assert len(talk.telegram.sent("refund_star_payment")) == 1
    assert entries(talk) == [("stars", 100), ("stars_refund", -100)]


def test_a_question_reaches_each_operator_with_its_buttons(talk: Conversation) -> None:
    handled(talk, pays(ordered(talk)[1]))
    handled(talk, telegram.message(USER, text="/paysupport"))
    handled(talk, telegram.message(USER, text="give it back"))

    (asked,) = told(talk, "notice")
    assert "give it back" in asked["text"]
    assert [row[0][1].partition("|")[0] for row in asked["keyboard"]] == [
        "pay_refund",
        "pay_answer",
    ]
