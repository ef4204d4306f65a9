"""Receipts on a real PostgreSQL: kept once, decided once, whoever presses."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from kie.money import receipts
from kie.money.receipts import MOST_OPEN, Sent
from tests.integration.money.test_money import balance
from tests.integration.money.test_stars import handled, known, told
from tests.support import telegram_updates as telegram
from tests.support.conversation import ADMIN, BOT_ID, Conversation

USER = 7
PHOTO = [{"file_id": "f1", "file_unique_id": "u1", "width": 9, "height": 9}]


def sent(talk: Conversation, unique: str = "u1", credits: int = 100) -> receipts.Kept | None:
    known(talk)
    with talk.database.transaction(talk.term) as tx:
        return receipts.keep(tx, BOT_ID, Sent(USER, credits, "99 ₽", "f1", unique))


def test_a_receipt_reaches_each_operator_and_its_approval_the_user(talk: Conversation) -> None:
    known(talk, ADMIN)
    handled(talk, telegram.press("by_hand||"))
    handled(talk, telegram.message(USER, photo=PHOTO))
    with talk.sending():
        talk.until(lambda: talk.telegram.sent("send_photo"), "brought to the operator")
        talk.until(
            lambda: talk.rows("SELECT 1 FROM deliveries WHERE kind = 'notice' AND state = 'sent'"),
            "recorded",
        )
    (shown,) = talk.telegram.sent("send_photo")
    assert (shown["chat_id"], shown["photo"]) == (ADMIN, "f1")

    handled(talk, telegram.press("receipt_amount||1", ADMIN))
    handled(talk, telegram.message(ADMIN, text="120"))
    handled(talk, telegram.press("receipt_yes||1", ADMIN))

    booked = talk.rows("SELECT balance FROM accounts WHERE user_id = %s", USER)
    assert booked == [{"balance": 120}]
    assert ["+120" in each["text"] for each in told(talk, "result")] == [True]
    changed = [each for each in told(talk, "notice") if each["do"] == "buttons"]
    assert len(changed) == 1


def test_two_operators_who_press_at_once_book_it_once(talk: Conversation) -> None:
    for number in range(1, 21):
        kept = sent(talk, f"u{number}")
        assert kept is not None
        barrier = threading.Barrier(2)

        def press(who: int, number: int = kept.id, barrier: Any = barrier) -> bool:
            barrier.wait(10)
            with talk.database.transaction(talk.term) as tx:
                if who % 2 and number % 3 == 0:
                    return receipts.refuse(tx, BOT_ID, number, who, "used")
                return receipts.approve(tx, BOT_ID, number, who, None) is not None

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(press, (1, 2))) == [False, True]
        talk.rows("UPDATE topups SET created_at = now() - interval '2 days' RETURNING id")

    approved = talk.rows("SELECT count(*)::int AS n FROM topups WHERE state = 'approved'")
    assert balance(talk) == 100 * approved[0]["n"]


def test_the_same_file_is_taken_and_marked_and_too_many_are_not(talk: Conversation) -> None:
    first, second = sent(talk), sent(talk)
    assert first is not None
    assert second is not None
    assert (first.seen_before, second.seen_before) == (None, first.id)
    for number in range(2, MOST_OPEN):
        assert sent(talk, f"more-{number}") is not None

    assert sent(talk, "one more") is None


def test_operators_are_reminded_once_and_users_told_at_last(talk: Conversation) -> None:
    kept = sent(talk)
    assert kept is not None
    with talk.database.transaction() as tx:
        assert receipts.waiting(tx, BOT_ID) == []
    talk.rows("UPDATE topups SET created_at = now() - interval '49 hours' RETURNING id")
    with talk.database.transaction() as tx:
        assert receipts.waiting(tx, BOT_ID) == [kept.id]
        assert receipts.waiting(tx, BOT_ID) == []
        assert receipts.expired(tx, BOT_ID) == []
    talk.rows("UPDATE topups SET created_at = now() - interval '8 days' RETURNING id")
    with talk.database.transaction() as tx:
        assert [row["id"] for row in receipts.expired(tx, BOT_ID)] == [kept.id]
        assert receipts.approve(tx, BOT_ID, kept.id, ADMIN, None) is None
    assert balance(talk) == 0
