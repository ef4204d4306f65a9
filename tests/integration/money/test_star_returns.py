"""Stars that go back: refunds by operators, chargebacks, questions about payments."""

import json

import pytest

from handlers.delivery.outcome import REFUND_PAUSE
from handlers.features.privacy.eraser import Eraser
from kie.money import ledger, payments
from tests.support.chats.booked_jobs import balance, entries
from tests.support.chats.conversation import ADMIN, BOT_ID, Conversation
from tests.support.chats.self_check import differences
from tests.support.chats.star_payments import (
    USER,
    goes_back,
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
    (notice,) = told(talk, "notice")
    assert "CHARGE" not in notice["text"]
    assert presses(notice) == [f"person||{USER}", "admin||"]
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


def forgotten(talk: Conversation) -> None:
    """The user of the payment is forgotten."""
    done = (
        "UPDATE deliveries SET state = 'sent' WHERE kind <> 'refund' AND state <> 'held'"
        " RETURNING id"
    )
    talk.rows(
        "INSERT INTO forgettings (bot_id, user_id, language) VALUES (%s, %s, 'en') RETURNING id",
        *(BOT_ID, USER),
    )
    eraser = Eraser(talk.parts())

    def told() -> bool:
        talk.rows(done)
        return all([eraser.go_on(talk.term, each) for each in eraser.asked()])

    talk.until(told, "forgotten")
    assert talk.rows("SELECT 1 FROM accounts WHERE user_id = %s", USER) == []


def test_stars_of_a_user_who_was_forgotten_go_back_anyway_for_no_credits(
    talk: Conversation,
) -> None:
    handled(talk, pays(ordered(talk)[1]))
    forgotten(talk)
    with pytest.raises(payments.Spent):
        begin(talk)

    assert begin(talk, anyway=True) is not None

    assert talk.rows("SELECT taken, spent FROM payments") == [{"taken": 0, "spent": 100}]
    with talk.database.transaction(talk.term) as tx:
        assert payments.end_return(tx, BOT_ID, "ch-1", done=False) is not None
    assert states(talk) == [("ch-1", "credited")]
    assert differences(talk) == []


def test_whoever_paid_and_blocked_the_bot_is_forgotten_with_the_receipt_that_waits(
    talk: Conversation,
) -> None:
    handled(talk, pays(ordered(talk)[1]))
    talk.rows("UPDATE deliveries SET state = 'held' WHERE kind = 'result' RETURNING id")

    forgotten(talk)

    assert told(talk, "result") == []
    assert differences(talk) == []


def test_an_operator_finds_a_payment_whose_user_was_forgotten_and_returns_it_by_two_presses(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    handled(talk, pays(ordered(talk)[1]))
    forgotten(talk)
    handled(talk, telegram.message(ADMIN, text="/payment 1"))
    card = told(talk, "answer")[-1]
    assert "pay_refund||1" in presses(card)

    handled(talk, telegram.press("pay_refund||1", ADMIN))
    assert presses(told(talk, "answer")[-1])[0] == "pay_return_anyway||1"
    handled(talk, telegram.press("pay_return_anyway||1", ADMIN))
    with talk.sending():
        talk.until(lambda: states(talk) == [("ch-1", "returned")], "returned")

    assert len(talk.telegram.sent("refund_star_payment")) == 1
    assert differences(talk) == []


def test_credits_that_come_back_after_their_user_was_forgotten_are_not_lost(
    talk: Conversation,
) -> None:
    handled(talk, pays(ordered(talk)[1]))
    begin(talk)
    # The refund began while the rows of the user were being erased.
    talk.rows("DELETE FROM accounts WHERE user_id = %s RETURNING user_id", USER)
    with talk.database.transaction(talk.term) as tx:
        assert payments.end_return(tx, BOT_ID, "ch-1", done=False) is not None

    assert balance(talk) == 100
    assert differences(talk) == []


def test_a_chargeback_takes_the_credits_back_once_and_both_sides_are_told(
    talk: Conversation,
) -> None:
    handled(talk, pays(ordered(talk)[1]))

    handled(talk, goes_back(), goes_back())

    assert balance(talk) == 0
    assert entries(talk) == [("stars", 100), ("stars_refund", -100)]
    assert len(told(talk, "notice")) == 1


def test_an_operator_is_told_of_a_payment_in_their_language_not_in_the_payers(
    talk: Conversation,
) -> None:
    known(talk, ADMIN)
    talk.rows("UPDATE accounts SET language = 'ru' WHERE user_id = %s", ADMIN)

    handled(talk, pays("x", charge="ch-9"), pays(ordered(talk)[1]), goes_back())

    notices = [each["text"] for each in told(talk, "notice")]
    assert len(notices) == 2
    assert all("Номер платежа: ch-" in each for each in notices)
    buttons = [each["keyboard"][0][0][1] for each in told(talk, "notice")]
    assert buttons == [f"person||{USER}"] * 2
    assert "went back to you" in told(talk, "result")[-1]["text"]


def test_a_chargeback_that_comes_before_its_payment_credits_nothing(talk: Conversation) -> None:
    _, payload = ordered(talk)

    handled(talk, goes_back())
    handled(talk, pays(payload))

    assert entries(talk) == []
    assert states(talk) == [("ch-1", "returned")]


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
        "letter",
    ]
