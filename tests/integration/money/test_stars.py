"""Stars on a real PostgreSQL: from the press on a pack to the credits."""

import pytest

from handlers.dispatch.lanes import PAYERS
from kie.money import orders
from tests.support.chats.booked_jobs import balance, entries
from tests.support.chats.conversation import Conversation
from tests.support.chats.star_payments import (
    PACK,
    USER,
    handled,
    known,
    ordered,
    pays,
    presses,
    states,
    told,
)
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.telegram_answers import refused


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
    assert "100\u00a0credits" in receipt["text"]


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


def test_the_order_follows_a_payment_in_stars_although_a_transfer_was_begun(
    talk: Conversation,
) -> None:
    _, payload = ordered(talk)
    handled(talk, telegram.message(USER, text="a red fox in the snow"))
    handled(talk, telegram.press("by_hand||"), pays(payload))

    card = told(talk, "answer")[-1]
    assert (card["card"], "a red fox in the snow" in card["text"]) == (True, True)
    (create,) = [each for each in presses(card) if each.startswith("create|")]
    handled(talk, telegram.press(create))
    assert talk.rows("SELECT status FROM generation_jobs") == [{"status": "queued"}]


def test_a_transfer_that_was_begun_for_no_order_is_over_with_a_payment_in_stars(
    talk: Conversation,
) -> None:
    _, payload = ordered(talk)
    handled(talk, telegram.press("by_hand||"), pays(payload))

    (receipt,) = told(talk, "result")
    assert "balance||" in presses(receipt)
    assert talk.rows("SELECT step FROM dialogues") == [{"step": "idle"}]


def test_a_receipt_waits_for_a_user_who_has_blocked_the_bot(talk: Conversation) -> None:
    _, payload = ordered(talk)
    handled(talk, pays(payload))
    blocked = refused(403, "Forbidden: bot was blocked by the user")
    talk.telegram.script = {"send_message": [blocked]}
    with talk.sending():
        talk.until(lambda: talk.rows("SELECT 1 FROM deliveries WHERE state = 'held'"), "held")

    assert balance(talk) == 100
