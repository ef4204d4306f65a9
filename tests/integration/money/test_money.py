"""The ledger on a real PostgreSQL: what is booked, when, how often, and who may press at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.outcome import HOLD, MOST_INTERRUPTED
from kie.jobs import job_table
from kie.jobs.job import Job, NewJob
from kie.money import ledger
from tests.support.chats.booked_jobs import balance, entries, fail, order, succeed, top_up
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import put, settled, state_of
from tests.support.edges.telegram_answers import refused

USER = 7
BLOCKED = refused(403, "Forbidden: bot was blocked by the user")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run them at the same moment; what one raises is its result."""
    barrier = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        barrier.wait(10)
        try:
            return act()
        except Exception as error:  # noqa: BLE001 handed to the test
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_a_price_is_reserved_with_the_job_and_paid_when_telegram_has_the_result(
    talk: Conversation,
) -> None:
    top_up(talk, 12)
    job = order(talk)
    assert balance(talk) == 7
    key = succeed(talk, job)
    assert entries(talk) == [("topup", 12), ("reserve", -5)]

    with talk.sending():
        settled(talk, key, "sent")

    talk.until(lambda: ("capture", 0) in entries(talk), "the price is paid")
    assert balance(talk) == 7
    (row,) = talk.rows("SELECT note FROM ledger WHERE kind = 'capture'")
    assert row["note"] == "paid 5"
    assert talk.metrics.credits_out.labels("paid")._value.get() == 5


def test_a_failed_job_gives_its_price_back_once_and_its_message_costs_nothing(
    talk: Conversation,
) -> None:
    top_up(talk, 5)
    job = order(talk)
    fail(talk, job)
    fail(talk, job)

    with talk.sending():
        settled(talk, f"job:{job.id}:end", "sent")

    assert entries(talk) == [("topup", 5), ("reserve", -5), ("release", 5)]
    assert balance(talk) == 5


def test_a_result_that_telegram_refuses_in_every_form_costs_nothing(talk: Conversation) -> None:
    top_up(talk, 5)
    key = succeed(talk, order(talk))
    nothing = refused(400, "this chat takes nothing")
    talk.telegram.script = {"send_photo": [nothing], "send_message": [nothing]}

    with talk.sending():
        settled(talk, key, "failed")

    talk.until(lambda: balance(talk) == 5, "the price is back")
    assert entries(talk)[-1] == ("release", 5)


def test_a_result_for_a_user_who_blocked_the_bot_waits_and_is_paid_on_the_return(
    talk: Conversation,
) -> None:
    top_up(talk, 5)
    key = succeed(talk, order(talk))
    talk.telegram.script = {"send_photo": [BLOCKED]}

    with talk.sending():
        talk.until(lambda: talk.rows("SELECT 1 FROM chats WHERE NOT reachable"), "chat closed")
        assert state_of(talk, key)["state"] == "held"
        assert entries(talk) == [("topup", 5), ("reserve", -5)]
        with talk.database.transaction(talk.term) as tx:
            tx.run("UPDATE chats SET reachable = TRUE")
            talk.outbox.resume(tx, USER)
        settled(talk, key, "sent")

    talk.until(lambda: ("capture", 0) in entries(talk), "the price is paid")


def test_a_result_for_a_user_who_never_comes_back_costs_nothing(talk: Conversation) -> None:
    top_up(talk, 5)
    key = succeed(talk, order(talk))
    talk.rows("INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%s, 7, FALSE)", BOT_ID)
    age = f"{HOLD + 1:.0f} seconds"
    talk.rows("UPDATE deliveries SET created_at = now() - CAST(%s AS interval)", age)

    with talk.sending():
        settled(talk, key, "failed")

    talk.until(lambda: balance(talk) == 5, "the price is back")


def test_a_result_that_was_cut_off_too_often_costs_nothing(talk: Conversation) -> None:
    top_up(talk, 5)
    key = succeed(talk, order(talk))
    talk.rows("UPDATE deliveries SET state = 'sending', unknowns = %s", MOST_INTERRUPTED)

    talk.new_term()
    talk.recording.recover(talk.term)

    assert state_of(talk, key)["state"] == "failed"
    assert balance(talk) == 5


def test_a_result_after_the_release_is_a_gift(talk: Conversation) -> None:
    top_up(talk, 5)
    job = order(talk)
    fail(talk, job)
    talk.rows("UPDATE generation_jobs SET status = 'success'")
    put(talk, Delivery(USER, "result", {"do": "say", "text": "late", "keyboard": []}, "l", job.id))

    with talk.sending():
        settled(talk, "l", "sent")

    assert entries(talk) == [("topup", 5), ("reserve", -5), ("release", 5)]


def test_who_has_not_enough_gets_no_job(talk: Conversation) -> None:
    top_up(talk, 4)

    with pytest.raises(ledger.NotEnough):
        order(talk)

    assert talk.rows("SELECT 1 FROM generation_jobs") == []
    assert balance(talk) == 4


def test_many_orders_at_once_never_spend_more_than_there_is(talk: Conversation) -> None:
    top_up(talk, 12)

    found = at_once(*(lambda n=n: order(talk, key=f"press:{n}") for n in range(8)))

    assert sum(isinstance(each, Job) for each in found) == 2
    assert sum(isinstance(each, ledger.NotEnough) for each in found) == 6
    assert balance(talk) == 2


def test_the_same_request_at_once_is_one_job_and_one_reservation(talk: Conversation) -> None:
    top_up(talk, 50)

    found = at_once(*(lambda: order(talk) for _ in range(6)))

    assert len({job.id for job in found}) == 1
    assert balance(talk) == 45


def test_end_and_delivery_at_once_are_one_end_of_the_reservation(talk: Conversation) -> None:
    top_up(talk, 50)
    for number in range(5):
        job = order(talk, key=f"press:{number}")
        talk.rows("UPDATE generation_jobs SET status = 'success' WHERE id = %s", job.id)

        def capture(job: Job = job) -> int:
            with talk.database.transaction(talk.term) as tx:
                return ledger.capture(tx, [job.id])

        def release(job: Job = job) -> None:
            with talk.database.transaction(talk.term) as tx:
                ledger.release(tx, [job.id])

        at_once(capture, release, capture, release)

        kinds = talk.rows("SELECT kind FROM ledger WHERE job_id = %s AND amount >= 0", job.id)
        assert len(kinds) == 1
    balance(talk)


def test_a_booking_by_hand_is_booked_once_per_update(talk: Conversation) -> None:
    first, second = top_up(talk, 10), top_up(talk, 10)

    assert first == ledger.Booked(USER, 10, 10, None)
    assert second is None
    assert balance(talk) == 10


def test_nothing_is_booked_for_strangers_or_below_zero(talk: Conversation) -> None:
    top_up(talk, 10)
    with talk.database.transaction(talk.term) as tx:
        assert ledger.book(tx, BOT_ID, USER, "grant", -11, note="oops", key="a") is None
        assert ledger.book(tx, BOT_ID, 404, "grant", 5, note=None, key="b") is None
        assert ledger.book(tx, BOT_ID, USER, "grant", -10, note="oops", key="c") is not None

    assert entries(talk) == [("topup", 10), ("grant", -10)]


def test_only_what_was_paid_can_be_refunded_and_once(talk: Conversation) -> None:
    top_up(talk, 5)
    job = order(talk)
    with talk.database.transaction(talk.term) as tx:
        assert ledger.refund(tx, BOT_ID, job.id, "not yet paid") is None
    key = succeed(talk, job)
    with talk.sending():
        settled(talk, key, "sent")
        talk.until(lambda: ("capture", 0) in entries(talk), "the price is paid")

    with talk.database.transaction(talk.term) as tx:
        refunds = [ledger.refund(tx, BOT_ID, job.id, "ugly") for _ in range(2)]

    assert refunds == [ledger.Booked(USER, 5, 5, None), None]
    assert balance(talk) == 5


def test_two_bots_on_one_database_share_no_purse(talk: Conversation) -> None:
    other = BOT_ID + 1
    top_up(talk, 20)
    with talk.database.transaction() as tx:
        tx.one("SELECT ensure_account(%(bot)s, 7)", {"bot": other})
        assert ledger.accounts(tx, other, [USER])[USER].balance == 0
        assert ledger.book(tx, other, USER, "grant", -1, note=None, key="a") is None
        named = {"bot_id": other, "user_id": USER, "count": 5}
        assert tx.all(sql.load("paying")["booked"], named) == []
    with talk.database.transaction() as tx, pytest.raises(ledger.NotEnough):
        new = NewJob(USER, USER, "en", "z-image", {"prompt": "a fox"}, 5, "press", None)
        job_table.create(tx, other, new)
    with talk.database.transaction() as tx:
        assert ledger.book(tx, other, USER, "grant", 7, note=None, key="b") is not None
        assert ledger.accounts(tx, BOT_ID, [USER])[USER].balance == 20
        assert ledger.accounts(tx, other, [USER])[USER].balance == 7


# --------------------------------------------------- results that nobody fetched --


def leave_unfetched(talk: Conversation, key: str) -> None:
    """Order, block the bot, and stay away until the result is given up."""
    job = order(talk, key=key)
    succeed(talk, job)
    with talk.database.transaction() as tx:
        tx.run(
            "INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%(bot)s, %(chat)s, FALSE)"
            " ON CONFLICT (bot_id, chat_id) DO UPDATE SET reachable = FALSE",
            {"bot": BOT_ID, "chat": USER},
        )
        ledger.release(tx, [job.id])


def unfetched(talk: Conversation) -> int:
    with talk.database.transaction() as tx:
        return ledger.accounts(tx, BOT_ID, [USER])[USER].unfetched


def test_results_that_were_made_and_not_fetched_are_counted(talk: Conversation) -> None:
    top_up(talk, 20)
    for key in ("a", "b"):
        leave_unfetched(talk, key)

    assert unfetched(talk) == 2
    assert balance(talk) == 20


def test_a_failed_job_of_somebody_who_blocked_the_bot_does_not_count(talk: Conversation) -> None:
    top_up(talk, 20)
    leave_unfetched(talk, "a")
    fail(talk, order(talk, key="b"))

    assert unfetched(talk) == 1


@pytest.mark.parametrize("kind", ["topup", "grant"])
def test_whoever_pays_again_may_order_again(talk: Conversation, kind: str) -> None:
    top_up(talk, 20)
    for key in ("a", "b", "c"):
        leave_unfetched(talk, key)
    assert unfetched(talk) == ledger.MOST_UNFETCHED

    with talk.database.transaction() as tx:
        ledger.book(tx, BOT_ID, USER, kind, 5, note=None, key="again")

    assert unfetched(talk) == 0


def test_what_was_left_long_ago_is_forgotten(talk: Conversation) -> None:
    top_up(talk, 20)
    leave_unfetched(talk, "a")
    talk.rows("UPDATE ledger SET created_at = now() - interval '31 days' RETURNING id")

    assert unfetched(talk) == 0
