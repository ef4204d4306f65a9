"""Outcomes of calls that nobody waits for are recorded together, a little later."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from handlers.delivery import in_flight, outcome
from handlers.delivery.claimed import EarlyClaims
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import removing
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import counted, put, settled, state_of, texts, word
from tests.support.edges.link_files import Files

LATE = 3600.0


@pytest.fixture
def talk(dsn: Secret, files: Files) -> Iterator[Conversation]:
    conversation = Conversation(dsn, files=files, early=EarlyClaims())
    with conversation.storing():
        yield conversation
    conversation.close()


@pytest.fixture
def recorded(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> Sequence[int]:
    """How many outcomes were recorded at a time."""
    sizes: list[int] = []
    record = talk.recording.record

    def counting(term: Any, outcomes: Sequence[Any], **named: Any) -> Any:
        sizes.append(len(outcomes))
        return record(term, outcomes, **named)

    monkeypatch.setattr(talk.recording, "record", counting)
    return sizes


def until_sent(talk: Conversation, count: int) -> None:
    sent = talk.metrics.deliveries.labels(kind="answer", outcome="sent")
    talk.until(lambda: sent._value.get() == count, f"{count} calls have ended")


def removal(number: int, chat: int = 7) -> Delivery:
    return Delivery(chat, "answer", removing(number), f"{chat}:removal:{number}")


def test_what_follows_a_recording_soon_is_recorded_together(
    talk: Conversation, recorded: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "RECORD_SOON", 0.0)
    with counted(talk, monkeypatch) as looks:
        put(talk, word("answer", 1))
        settled(talk, "1:answer", "sent")
        monkeypatch.setattr(in_flight, "RECORD_APART", LATE)
        for chat in range(2, 6):
            put(talk, word("answer", chat))
            until_sent(talk, chat)
        assert state_of(talk, "2:answer")["state"] == "sending"

    assert recorded == [1, 4]
    assert looks == []


def test_what_is_no_answer_is_recorded_soon_whatever_was_recorded_before(
    talk: Conversation, recorded: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted(talk, monkeypatch):
        put(talk, word("answer", 1))
        settled(talk, "1:answer", "sent")
        monkeypatch.setattr(in_flight, "RECORD_APART", LATE)
        put(talk, word("answer", 2))
        until_sent(talk, 2)
        put(talk, word("notice", 3, "notice"))
        settled(talk, "3:notice", "sent")

    assert sum(recorded) == 3


def test_the_removal_of_a_message_is_recorded_with_what_is_sent_next(
    talk: Conversation, recorded: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "RECORD_REMOVAL", LATE)
    monkeypatch.setattr(outcome, "RECORD_SOON", 0.0)
    with counted(talk, monkeypatch) as looks:
        put(talk, removal(5))
        until_sent(talk, 1)
        put(talk, word("answer", 8))
        settled(talk, "8:answer", "sent")
        assert state_of(talk, "7:removal:5")["state"] == "sent"

    assert recorded == [2]
    assert looks == []


def test_an_answer_does_not_wait_for_the_recording_of_a_removal_before_it(
    talk: Conversation, recorded: Sequence[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "RECORD_REMOVAL", LATE)
    with counted(talk, monkeypatch):
        put(talk, removal(5))
        until_sent(talk, 1)
        put(talk, word("answer"))
        settled(talk, "7:answer", "sent")

    assert texts(talk) == ["answer"]
    assert recorded == [1, 1]
