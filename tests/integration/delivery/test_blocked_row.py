"""One row is locked, or refused by the database: its delivery waits, and no other."""

from typing import Any

import pytest

from handlers.delivery import sender as sender_module
from handlers.delivery.claims import FIRST_LINE, Capacity
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import toasting
from handlers.dialogue.effects import Toast
from kie.api.outcome import Result
from kie.api.wire import Succeeded
from kie.jobs import job_table, settle
from kie.jobs.job import Job, NewJob
from kie.money import ledger
from supervisor.database import failed_rows
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import URL, picture, put, settled, state_of, word
from tests.support.edges.telegram_answers import refused as refused_call
from tests.support.postgres.failing_rows import held, refused

A = 7
OTHERS = range(101, 107)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outage would last until the end of the test."""
    monkeypatch.setattr(sender_module, "OUTAGE_PAUSE", 1000.0)


def paid_result(talk: Conversation) -> str:
    """A result for A that costs credits is in the outbox."""
    with talk.database.transaction(talk.term) as tx:
        named = {"bot": BOT_ID, "u": A}
        tx.run("SELECT ensure_user(%(u)s, 'a', 'A'), ensure_account(%(bot)s, %(u)s)", named)
        ledger.book(tx, BOT_ID, A, "topup", 5, note=None, key="top-up")
        new = NewJob(A, A, "en", "z-image", {"prompt": "a fox"}, 5, "press", None)
        number = job_table.create(tx, BOT_ID, new)
    (row,) = talk.rows("SELECT *, 0.0 AS seconds FROM generation_jobs WHERE id = %s", number)
    job: Job = job_table.from_row(row)
    with talk.database.transaction(talk.term) as tx:
        settle.succeed(tx, job, Succeeded(Result((URL,)), None), talk.news)
    return f"job:{job.id}:end"


def all_answers(talk: Conversation) -> None:
    put(talk, *(word("hello", chat=chat) for chat in OTHERS))


def all_sent(talk: Conversation) -> bool:
    rows = talk.rows(
        "SELECT chat_id FROM deliveries WHERE state = 'sent' AND kind = 'answer' AND chat_id > 100"
    )
    return {row["chat_id"] for row in rows} == set(OTHERS)


def test_the_money_of_a_locked_user_waits_alone_and_the_result_is_not_sent_twice(
    talk: Conversation, connect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failed_rows, "FAULT_PAUSES", (0.2,))
    key = paid_result(talk)
    captured = "SELECT 1 FROM ledger WHERE kind = 'capture'"
    with held(connect, f"SELECT 1 FROM users WHERE user_id = {A} FOR UPDATE"):
        with talk.sending():
            settled(talk, key, "sent")
            all_answers(talk)
            talk.until(lambda: all_sent(talk), "the others")
            assert not talk.rows(captured)
            assert state_of(talk, key)["owed"] == "sent"
        # A restart forgets nothing: what is owed stands in the table.
        talk.new_term()
    with talk.sending():
        talk.until(lambda: talk.rows(captured), "the price is paid")
        talk.until(lambda: state_of(talk, key)["owed"] is None, "nothing is owed")

    assert len(talk.telegram.sent("send_photo")) == 1


def test_a_locked_delivery_waits_alone(talk: Conversation, connect: Any) -> None:
    put(talk, word("hello", chat=A))
    with held(connect, f"SELECT 1 FROM deliveries WHERE chat_id = {A} FOR UPDATE"):
        all_answers(talk)
        with talk.sending():
            talk.until(lambda: all_sent(talk), "the others")
            put(talk, *(word("more", chat=chat) for chat in OTHERS))
            talk.until(lambda: len(talk.telegram.sent("send_message")) == 12, "and again")


def test_a_locked_answer_to_a_press_waits_alone(talk: Conversation, connect: Any) -> None:
    toasts = [
        Delivery(chat, "toast", toasting(f"q{chat}", Toast("ok")), f"{chat}:t") for chat in (A, 8)
    ]
    put(talk, *toasts)
    with (
        held(connect, f"SELECT 1 FROM deliveries WHERE chat_id = {A} FOR UPDATE"),
        talk.sending(),
    ):
        settled(talk, "8:t", "sent")


@pytest.mark.parametrize(
    "sqlstate", ["53100", "57014", "40001", "40P01", "55P03", "25006", "22003"]
)
@pytest.mark.parametrize("state", ["sending", "sent"])
def test_a_chat_whose_rows_the_database_refuses_waits_alone(
    sqlstate: str, state: str, talk: Conversation, connect: Any
) -> None:
    """``state``: neither the claim nor the outcome of one chat may hold up the others."""
    put(talk, word("hello", chat=A))
    all_answers(talk)
    with (
        refused(connect, "deliveries", sqlstate, f"NEW.chat_id = {A} AND NEW.state = '{state}'"),
        talk.sending(),
    ):
        talk.until(lambda: all_sent(talk), "the others")
        put(talk, *(word("more", chat=chat) for chat in OTHERS))
        talk.until(
            lambda: (
                len([1 for each in talk.telegram.sent("send_message") if each["text"] == "more"])
                == 6
            ),
            "and again",
        )


def test_what_was_cut_off_and_cannot_be_written_holds_up_nobody_at_the_start(
    talk: Conversation, connect: Any
) -> None:
    put(talk, word("hello", chat=A))
    talk.claims.claim(talk.term, busy=(), held=(), capacity=Capacity(1, 0, 1))
    talk.new_term()
    all_answers(talk)
    with (
        held(connect, f"SELECT 1 FROM deliveries WHERE chat_id = {A} FOR UPDATE"),
        talk.sending(),
    ):
        talk.until(lambda: all_sent(talk), "the others")

    assert state_of(talk, f"{A}:hello")["state"] == "sending"


def test_a_locked_chat_that_is_to_be_closed_waits_alone(talk: Conversation, connect: Any) -> None:
    talk.rows("INSERT INTO chats (bot_id, chat_id) VALUES (%s, %s)", BOT_ID, A)
    blocked = refused_call(403, "Forbidden: bot was blocked by the user")
    talk.telegram.script["send_message"] = [blocked]
    put(talk, word("hello", chat=A))
    with (
        held(connect, f"SELECT 1 FROM chats WHERE chat_id = {A} FOR UPDATE"),
        talk.sending(),
    ):
        settled(talk, f"{A}:hello", "failed")
        all_answers(talk)
        talk.until(lambda: all_sent(talk), "the others")


def test_held_results_are_no_part_of_the_senders_walk_and_return_with_their_users(
    talk: Conversation,
) -> None:
    put(talk, *(picture(URL, chat=chat) for chat in range(1000, 1300)))
    talk.rows("INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%s, 1000, FALSE)", BOT_ID)
    talk.rows("UPDATE deliveries SET state = 'held', not_before = now() + interval '1 hour'")
    put(talk, word("hello", chat=A))
    with talk.database.transaction(talk.term) as tx:
        walked = talk.claims._walk(tx, talk.term, FIRST_LINE, [], [], Capacity(5, 0, 5))
        assert [row["chat_id"] for row in walked] == [A]
        talk.outbox.resume(tx, 1000)

    assert state_of(talk, f"1000:{URL}")["state"] == "pending"


def test_a_hold_that_is_over_gives_the_result_up(talk: Conversation) -> None:
    put(talk, picture(URL, chat=A))
    talk.rows("INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%s, %s, FALSE)", BOT_ID, A)
    talk.rows(
        "UPDATE deliveries SET state = 'held', not_before = now(),"
        " created_at = now() - interval '21 hours'"
    )

    with talk.sending():
        settled(talk, f"{A}:{URL}", "failed")
