"""When the sender reads the table: whenever something may be due, and not in vain."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from handlers.delivery import in_flight, sender
from handlers.delivery.outbox import Delivery
from supervisor.runtime.errors import Unavailable
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import put, settled, texts, word
from tests.support.edges.telegram_answers import flooded

CLAIMED = "SELECT 1 FROM deliveries WHERE state = 'sending'"


@pytest.fixture(autouse=True)
def only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look of an idle sender would hide one that is missing."""
    monkeypatch.setattr(sender, "IDLE", 7200.0)


@contextmanager
def counted(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The results of all looks, once the first one has found nothing."""
    looks: list[Any] = []
    claim = talk.claims.claim

    def counting(*given: Any, **named: Any) -> Any:
        looks.append(claim(*given, **named))
        return looks[-1]

    monkeypatch.setattr(talk.claims, "claim", counting)
    with talk.sending():
        talk.until(lambda: looks, "the first look")
        looks.clear()
        yield looks


def test_an_answer_costs_one_look(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    with counted(talk, monkeypatch) as looks:
        for chat in range(1, 6):  # none of them is held back for its pace
            put(talk, word("answer", chat))
            settled(talk, f"{chat}:answer", "sent")

    assert [len(look.claimed) for look in looks] == [1, 1, 1, 1, 1]


def test_deliveries_behind_one_another_go_out_at_once(talk: Conversation) -> None:
    put(talk, *(word(f"{number}") for number in range(5)))
    with talk.sending():
        settled(talk, "7:4", "sent")

    assert texts(talk) == ["0", "1", "2", "3", "4"]


def test_deliveries_behind_a_free_slot_go_out_at_once(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "SLOTS", 2)
    monkeypatch.setattr(in_flight, "SLOTS", 2)
    put(talk, *(word("hello", chat=chat) for chat in range(1, 8)))
    with talk.sending():
        talk.until(lambda: len(texts(talk)) >= 7, "all")


def test_notices_behind_a_free_slot_go_out_at_once(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BACKGROUND_SLOTS", 1)
    monkeypatch.setattr(in_flight, "BACKGROUND_SLOTS", 1)
    put(talk, *(word("look", chat=chat, kind="notice") for chat in range(1, 5)))
    with talk.sending():
        talk.until(lambda: len(texts(talk)) >= 4, "all")


def test_messages_of_a_broadcast_behind_a_free_slot_go_out_at_once(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots = sender.RESERVED_SLOTS + 1
    monkeypatch.setattr(sender, "BACKGROUND_SLOTS", slots)
    monkeypatch.setattr(in_flight, "BACKGROUND_SLOTS", slots)
    put(talk, *(word("news", chat=chat, kind="news") for chat in range(1, 5)))
    with talk.sending():
        talk.until(lambda: len(texts(talk)) >= 4, "all")


def test_presses_behind_a_free_slot_are_answered_at_once(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "TOASTS", 2)
    answer = {"do": "toast", "text": "", "alert": False}
    put(
        talk,
        *(Delivery(7, "toast", {**answer, "query_id": str(n)}, f"toast:{n}") for n in range(7)),
    )
    with talk.sending():
        talk.until(lambda: len(talk.telegram.sent("answer_callback_query")) >= 7, "all")


def test_what_telegram_refused_for_a_second_goes_out_after_it(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [flooded(1)]
    put(talk, word("hello"))
    with talk.sending():
        settled(talk, "7:hello", "sent")


def test_what_was_claimed_before_the_look_failed_is_sent_all_the_same(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [Unavailable("no connection is free")]

    def book_owed(*_: Any) -> None:
        if talk.telegram.calls or not failures or not talk.rows(CLAIMED):
            return
        raise failures.pop()

    monkeypatch.setattr(talk.recording, "book_owed", book_owed)
    put(talk, word("answer"))
    with talk.sending():
        settled(talk, "7:answer", "sent")

    assert failures == []
    assert texts(talk) == ["answer"]


def test_what_waits_behind_a_call_that_ends_during_the_look_goes_out_at_once(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, hold = talk.claims.claim, threading.Event()
    sent = talk.metrics.deliveries.labels(kind="answer", outcome="sent")

    class Held:
        async def wait(self) -> None:
            await asyncio.to_thread(hold.wait, 20)

    def slow(*given: Any, **named: Any) -> Any:
        found = claim(*given, **named)
        if found.waiting and not hold.is_set():
            # It has seen that the second one waits for the first, which ends now.
            hold.set()
            talk.until(lambda: sent._value.get() == 1, "the first call has ended")
        return found

    talk.telegram.held["send_message"] = Held()
    put(talk, word("first"))
    monkeypatch.setattr(talk.claims, "claim", slow)
    with talk.sending():
        talk.until(lambda: talk.telegram.calls, "the first call")
        put(talk, word("second"))
        settled(talk, "7:second", "sent")

    assert texts(talk) == ["first", "second"]
