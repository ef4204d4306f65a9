"""Subscriptions on a real PostgreSQL: bought, renewed, ended, and those of an earlier bot."""

import time
from typing import Any

import pytest

from handlers.dispatch.lanes import PAYERS
from kie.money import bans, orders, payments, subscriptions, tariffs
from kie.money.packs import Pack
from kie.money.subscriptions import PERIOD
from tests.support.chats.booked_jobs import balance
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.self_check import differences
from tests.support.chats.star_books import Books, compare
from tests.support.chats.star_payments import USER, handled, known, pays, states, told
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.telegram_answers import refused

MONTHLY = Pack(3, 500, 200, monthly=True)
NOW = int(time.time())


def sold(talk: Conversation) -> str:
    """The payload of a subscription that the user has asked for."""
    known(talk)
    talk.rows("UPDATE orders SET created_at = now() - interval '1 hour' RETURNING id")
    with talk.database.transaction(talk.term) as tx:
        order = orders.place(tx, BOT_ID, USER, MONTHLY)
    assert order is not None
    assert order.monthly
    return orders.payload(talk.installation.identity, order)


def month(payload: str, number: int, *, charge: str = "", stars: int = 200) -> dict[str, Any]:
    """The payment of a month, the first is number 1."""
    update = pays(payload, charge or f"m{number}", stars=stars)
    until = {"subscription_expiration_date": NOW + number * PERIOD, "is_recurring": True}
    first = {"is_first_recurring": True} if number == 1 else {}
    update["message"]["successful_payment"] |= {**until, **first}
    return update


def news(payload: str, state: str) -> dict[str, Any]:
    number = telegram.message()["update_id"]
    user = telegram.person(USER)
    content = {"user": user, "invoice_payload": payload, "state": state}
    return {"update_id": number, "subscription": content}


def state(talk: Conversation) -> list[str]:
    return [row["state"] for row in talk.rows("SELECT state FROM subscriptions ORDER BY id")]


def press_end(talk: Conversation) -> dict[str, Any]:
    (row,) = talk.rows("SELECT id FROM subscriptions ORDER BY id LIMIT 1")
    return telegram.press(f"end_monthly||{row['id']}")


def said(talk: Conversation) -> list[str]:
    return [each["text"] for each in told(talk, "result")]


@pytest.fixture(autouse=True)
def books_are_right(talk: Conversation) -> Any:
    yield
    assert differences(talk) == []


def test_a_monthly_pack_becomes_a_link_to_an_invoice_of_thirty_days(talk: Conversation) -> None:
    talk.sell(MONTHLY)
    handled(talk, telegram.press("buy||3"))
    with talk.sending():
        talk.until(lambda: talk.telegram.sent("send_message"), "the message with the link")

    (link,) = talk.telegram.sent("create_invoice_link")
    assert link["subscription_period"] == 2_592_000
    assert [price.amount for price in link["prices"]] == [200]
    (message,) = talk.telegram.sent("send_message")
    ((button,),) = message["reply_markup"].inline_keyboard
    assert button.url.startswith("https://t.me/$")
    assert "200 ⭐" in button.text


def test_each_month_is_credited_once_and_told(talk: Conversation) -> None:
    payload = sold(talk)

    handled(talk, month(payload, 1), month(payload, 1), month(payload, 2), month(payload, 2))

    assert balance(talk) == 1000
    assert state(talk) == ["active"]
    first, second = said(talk)
    assert "Next payment" in first
    assert "+500\u00a0credits" in second
    assert told(talk, "refund") == []


def test_the_price_of_a_pack_that_has_changed_since_changes_no_renewal(talk: Conversation) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1))
    with talk.database.transaction(talk.term) as tx:
        tariffs.change_pack(tx, BOT_ID, ADMIN, Pack(0, 500, 900, monthly=True))
        tariffs.hide_packs(tx, BOT_ID, ADMIN, 500, monthly=True)
    talk.rows("UPDATE orders SET expires_at = now() - interval '20 days' RETURNING id")

    handled(talk, month(payload, 2))

    assert balance(talk) == 1000


def test_a_second_subscription_is_refused_before_it_is_paid(talk: Conversation) -> None:
    talk.sell(MONTHLY)
    payload, other = sold(talk), sold(talk)
    handled(talk, month(payload, 1))
    asked = telegram.checkout(USER)
    asked["pre_checkout_query"] |= {"invoice_payload": other, "total_amount": 200}
    handled(talk, asked, span=PAYERS)
    handled(talk, telegram.press("buy||3"))

    refusal, press = told(talk, "toast")
    assert "subscription already" in refusal["refusal"]
    assert "subscription already" in press["text"]


@pytest.mark.parametrize("same", [True, False])
def test_a_second_one_that_was_paid_all_the_same_is_credited_and_ended(
    talk: Conversation, same: bool
) -> None:
    payload = sold(talk)
    other = payload if same else sold(talk)
    handled(talk, month(payload, 1), month(other, 1, charge="second"))
    with talk.sending():
        talk.until(lambda: talk.telegram.sent("edit_user_star_subscription"), "ended")
        talk.until(lambda: "ending" not in state(talk), "recorded")

    assert balance(talk) == 1000
    (ended,) = talk.telegram.sent("edit_user_star_subscription")
    assert ended == {"user_id": USER, "charge_id": "second", "is_canceled": True}
    assert state(talk) == ["active"] if same else ["active", "ended"]
    assert "second one" in said(talk)[1]


def test_one_press_ends_it_and_its_user_is_told_when_telegram_has_ended_it(
    talk: Conversation,
) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1))
    press = press_end(talk)
    handled(talk, press, telegram.press(press["callback_query"]["data"]))
    assert state(talk) == ["ending"]
    with talk.sending():
        talk.until(lambda: state(talk) == ["ended"], "ended")

    (ended,) = talk.telegram.sent("edit_user_star_subscription")
    assert ended["charge_id"] == "m1"
    assert "has ended" in said(talk)[-1]
    assert balance(talk) == 500


def test_an_end_that_telegram_refuses_is_told_to_both_sides_and_can_be_asked_again(
    talk: Conversation,
) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1))
    handled(talk, press_end(talk))
    refusal = refused(400, "Bad Request: CHARGE_ID_INVALID")
    talk.telegram.script = {"edit_user_star_subscription": [refusal]}
    with talk.sending():
        talk.until(lambda: state(talk) == ["active"], "goes on")
        talk.until(lambda: told(talk, "notice"), "told")
    assert "Settings, My Stars" in said(talk)[-1]

    handled(talk, press_end(talk))
    with talk.sending():
        talk.until(lambda: state(talk) == ["ended"], "ended")


def test_an_end_that_a_killed_process_had_begun_is_asked_for_again(talk: Conversation) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1))
    handled(talk, press_end(talk))
    for _ in range(7):
        talk.rows("UPDATE deliveries SET state = 'sending' WHERE kind = 'refund' RETURNING id")
        talk.new_term()
        talk.recording.recover(talk.term)
    with talk.sending():
        talk.until(lambda: state(talk) == ["ended"], "ended")


@pytest.mark.parametrize("by_its_user", [True, False])
def test_one_that_is_begun_again_by_its_old_link_can_be_ended(
    talk: Conversation, by_its_user: bool
) -> None:
    """Its link lives for a day. Telegram knows a new subscription, by the charge of its own."""
    payload = sold(talk)
    handled(talk, month(payload, 1))
    handled(talk, news(payload, "canceled") if by_its_user else press_end(talk))
    with talk.sending():
        talk.until(lambda: state(talk) == ["ended"], "ended")
    handled(talk, month(payload, 1, charge="again"))
    assert state(talk) == ["active"]

    handled(talk, press_end(talk))
    with talk.sending():
        talk.until(lambda: state(talk) == ["ended"], "ended again")

    asked = [each["charge_id"] for each in talk.telegram.sent("edit_user_star_subscription")]
    assert asked == (["again"] if by_its_user else ["m1", "again"])
    assert balance(talk) == 1000


def test_somebody_elses_press_ends_nothing(talk: Conversation) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1))
    known(talk, 8)
    data = press_end(talk)["callback_query"]["data"]

    handled(talk, telegram.press(data, 8))

    assert state(talk) == ["active"]
    assert told(talk, "refund") == []


def test_what_its_user_does_in_telegram_is_noted_and_told_once(talk: Conversation) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1))
    for update in ("canceled", "canceled", "active", "failed", "something new"):
        handled(talk, news(payload, update))
    handled(talk, news("unknown here", "canceled"))

    assert state(talk) == ["failed"]
    assert [text.split()[1] for text in said(talk)[1:]] == ["You", "Your", "There"]
    handled(talk, month(payload, 2))
    assert state(talk) == ["active"]


def test_a_renewal_of_an_earlier_bot_goes_back_and_both_sides_are_told(
    talk: Conversation,
) -> None:
    known(talk)
    handled(talk, month("an earlier bot's", 2))
    with talk.sending():
        talk.until(lambda: states(talk) == [("m2", "returned")], "returned")

    assert balance(talk) == 0
    (text,) = said(talk)
    assert "go back to you" in text
    (notice,) = told(talk, "notice")
    assert "/prices renewals" in notice["text"]


def test_a_renewal_of_an_earlier_bot_is_credited_as_the_operator_has_set(
    talk: Conversation,
) -> None:
    known(talk)
    with talk.database.transaction(talk.term) as tx:
        tariffs.change(tx, BOT_ID, ADMIN, "renewals", "", 2.5)

    handled(talk, month("an earlier bot's", 2), month("an earlier bot's", 2))
    handled(talk, month("an earlier bot's", 3))

    assert balance(talk) == 1000
    assert told(talk, "refund") == []
    assert len(told(talk, "notice")) == 2
    handled(talk, telegram.message(USER, text="/balance"))
    shown = told(talk, "answer")[-1]
    assert "You can end it in Telegram" in shown["text"]
    # Only the bot that sold it could ask Telegram to end it.
    assert not any("end_monthly" in str(row) for row in shown["keyboard"])


def test_a_first_month_that_no_order_knows_goes_back_and_is_not_collected_again(
    talk: Conversation,
) -> None:
    known(talk)
    handled(talk, month("nothing of ours", 1))
    with talk.sending():
        talk.until(lambda: states(talk) == [("m1", "returned")], "returned")
        talk.until(lambda: talk.telegram.sent("edit_user_star_subscription"), "ended")


def test_a_renewal_of_a_closed_account_goes_back_and_is_the_last(talk: Conversation) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1))
    with talk.database.transaction(talk.term) as tx:
        bans.set_banned(tx, BOT_ID, USER, banned=True)

    handled(talk, month(payload, 2))
    with talk.sending():
        talk.until(lambda: dict(states(talk))["m2"] == "returned", "returned")
        talk.until(lambda: state(talk) == ["ended"], "ended")

    assert balance(talk) == 500


@pytest.mark.parametrize("by", ["operator", "chargeback"])
def test_whoever_gets_the_current_month_back_is_not_asked_for_the_next(
    talk: Conversation, by: str
) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1))
    if by == "operator":
        known(talk, ADMIN)
        (row,) = talk.rows("SELECT number FROM payments")
        handled(talk, telegram.press(f"pay_return||{row['number']}", ADMIN))
        assert "is being ended" in told(talk, "answer")[-1]["text"]
    else:
        update = telegram.message(USER)
        content = {"currency": "XTR", "total_amount": 200, "invoice_payload": payload}
        refund = {**content, "telegram_payment_charge_id": "m1"}
        update["message"]["refunded_payment"] = refund
        handled(talk, update)
    with talk.sending():
        talk.until(lambda: state(talk) == ["ended"], "ended")

    (row,) = talk.rows("SELECT balance FROM accounts WHERE user_id = %s", USER)
    assert row["balance"] == 0


def test_the_refund_of_a_renewal_takes_the_credits_of_its_month_alone(talk: Conversation) -> None:
    payload = sold(talk)
    handled(talk, month(payload, 1), month(payload, 2))
    with talk.database.transaction(talk.term) as tx:
        back = payments.begin_return(tx, BOT_ID, "m2")
        assert back is not None
        payments.end_return(tx, BOT_ID, "m2", done=True)

    assert balance(talk) == 500
    assert states(talk) == [("m1", "credited"), ("m2", "returned")]
    with talk.database.transaction(talk.term) as tx:
        assert subscriptions.end(tx, BOT_ID, "m1", done=True) is not None


def test_a_renewal_that_only_telegrams_list_tells_of_is_credited(talk: Conversation) -> None:
    payload = sold(talk)
    books = Books()
    for charge in ("m1", "m2"):
        books.add(charge, payload, date=NOW - 3600)
        partner = books.listed[-1]["source"]
        books.listed[-1] |= {"amount": 200, "source": {**partner, "subscription_period": PERIOD}}
    compare(talk, books)
    handled(talk, month(payload, 1), month(payload, 2))

    assert balance(talk) == 1000
    assert len(said(talk)) == 2
    assert "Next payment" in said(talk)[-1]
    handled(talk, press_end(talk))  # the first payment is known without its update
    with talk.sending():
        talk.until(lambda: state(talk) == ["ended"], "ended")
    assert talk.telegram.sent("edit_user_star_subscription")[0]["charge_id"] == "m1"


def test_the_end_of_a_month_that_nobody_can_believe_is_not_believed(talk: Conversation) -> None:
    update = month(sold(talk), 1)
    update["message"]["successful_payment"]["subscription_expiration_date"] = 2**52

    handled(talk, update)

    (row,) = talk.rows("SELECT paid_until < now() + interval '61 days' AS soon FROM subscriptions")
    assert row["soon"]


def test_the_balance_shows_it_with_its_end(talk: Conversation) -> None:
    talk.sell(MONTHLY)
    payload = sold(talk)
    handled(talk, telegram.message(USER, text="/topup"))
    before = told(talk, "answer")[-1]
    assert any("500 credits a month · 200 ⭐" in str(row) for row in before["keyboard"])
    handled(talk, month(payload, 1))
    for command in ("/balance", "/topup"):
        handled(talk, telegram.message(USER, text=command))
        shown = told(talk, "answer")[-1]
        assert "500\u00a0credits a month for 200\u00a0⭐. Next payment" in shown["text"]
        assert any("end_monthly" in str(row) for row in shown["keyboard"])
        assert not any("a month ·" in str(row) for row in shown["keyboard"])
