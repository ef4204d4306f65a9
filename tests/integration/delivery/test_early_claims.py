"""Answers that are claimed by the transaction that writes them: which ones, and their order."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from handlers.delivery import sender
from handlers.delivery.claimed import EarlyClaims
from handlers.delivery.in_flight import SLOTS
from handlers.delivery.outbox import Delivery
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import (
    counted,
    picture,
    put,
    settled,
    state_of,
    state_of_all,
    texts,
    word,
)
from tests.support.edges.link_files import Files
from tests.support.machine.waiting import until_in_loop


@pytest.fixture
def talk(dsn: Secret, files: Files) -> Iterator[Conversation]:
    conversation = Conversation(dsn, files=files, early=EarlyClaims())
    with conversation.storing():
        yield conversation
    conversation.close()


def test_an_answer_goes_out_without_a_look_at_the_table(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted(talk, monkeypatch) as looks:
        for chat in range(1, 6):
            put(talk, word("answer", chat))
            assert settled(talk, f"{chat}:answer", "sent")["attempts"] == 1

    assert looks == []
    assert texts(talk) == ["answer"] * 5


def test_what_was_claimed_is_committed_before_the_call(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []
    with counted(talk, monkeypatch):
        called = talk.telegram._called

        async def looking(method: str, **details: Any) -> None:
            seen.extend(talk.rows("SELECT state, claim_token FROM deliveries"))
            await called(method, **details)

        monkeypatch.setattr(talk.telegram, "_called", looking)
        put(talk, word("answer"))
        settled(talk, "7:answer", "sent")

    assert seen == [{"state": "sending", "claim_token": str(talk.term.token)}]


def test_messages_of_one_transaction_keep_their_order(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted(talk, monkeypatch):
        put(talk, *(word(str(number)) for number in range(3)))
        settled(talk, "7:2", "sent")

    assert texts(talk) == ["0", "1", "2"]


def test_an_answer_waits_for_an_open_one_of_its_chat(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.telegram.script["send_message"] = [Unavailable("Telegram is away")]
    with counted(talk, monkeypatch):
        put(talk, word("first"))
        talk.until(lambda: state_of(talk, "7:first")["state"] == "pending", "it was refused")
        put(talk, word("second"))
        settled(talk, "7:second", "sent")

    assert texts(talk) == ["first", "first", "second"]


@pytest.mark.parametrize(
    "known",
    [
        "INSERT INTO chats (bot_id, chat_id, parked_until) VALUES (123456, 7, now() + '1 hour')",
        "INSERT INTO chats (bot_id, chat_id, reachable) VALUES (123456, 7, FALSE)",
    ],
    ids=["parked", "unreachable"],
)
def test_a_chat_that_cannot_be_written_to_is_not_written_to(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch, known: str
) -> None:
    talk.rows(known + " RETURNING 1")
    with counted(talk, monkeypatch) as looks:
        put(talk, word("answer"))
        talk.until(lambda: looks, "the look that finds it")

    assert texts(talk) == []
    assert state_of(talk, "7:answer")["state"] in {"pending", "failed"}


def test_pace_and_slots_hold_for_early_claims(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "EARLY_SLOTS", 0)
    with counted(talk, monkeypatch) as looks:
        put(talk, word("answer"))
        settled(talk, "7:answer", "sent")

    assert [len(look.claimed) for look in looks] == [1]


def test_claims_of_a_look_and_early_ones_share_the_slots(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats, beside = range(1, 2 * SLOTS), range(100, 100 + sender.EARLY_SLOTS)
    claim, under_way, full = talk.claims.claim, [0, 0], threading.Event()

    class Held:
        async def wait(self) -> None:
            under_way[0] += 1
            under_way[1] = max(under_way)
            await until_in_loop(full.is_set, 30, "all slots are used")
            under_way[0] -= 1

    def looking(*given: Any, **named: Any) -> Any:
        found = claim(*given, **named)
        if not full.is_set() and not state_of_all(talk, beside):
            for chat in beside:
                put(talk, word("early", chat))
        return found

    talk.telegram.held["send_message"] = Held()
    put(talk, *(word("waits", chat) for chat in chats))
    monkeypatch.setattr(talk.claims, "claim", looking)
    with talk.sending():
        talk.until(lambda: under_way[0] >= SLOTS, "all slots are used")
        assert state_of_all(talk, beside) == {"sending"}
        full.set()
        for chat in chats:
            settled(talk, f"{chat}:waits", "sent")

    assert under_way[1] == SLOTS


def test_only_answers_are_claimed_early(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Delivery(9, "answer", word("later").payload, "later", delay=3600.0)
    with counted(talk, monkeypatch) as looks:
        put(talk, picture("http://x.example/1.png", 5), word("note", 6, "notice"), later)
        settled(talk, "6:note", "sent")
        talk.until(lambda: looks, "a look")

    assert state_of(talk, "later")["state"] == "pending"


def test_the_card_before_is_removed_without_a_look_at_the_table(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def card(text: str) -> Delivery:
        told = word(text)
        return Delivery(told.chat_id, told.kind, {**told.payload, "card": True}, told.key)

    with counted(talk, monkeypatch) as looks:
        put(talk, card("first"))
        first = settled(talk, "7:first", "sent")
        put(talk, card("second"))
        talk.until(lambda: talk.telegram.sent("delete_message"), "the removal")
        (gone,) = talk.telegram.sent("delete_message")

    assert gone["message_id"] == first["message_id"]
    assert looks == []
