"""Early claims of a transaction that fails, is not answered, or outlives its look or its term."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from handlers.delivery import in_flight
from handlers.delivery.claimed import EarlyClaims, Receiver
from handlers.delivery.outbox import Delivery, Outbox
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.errors import OutcomeUnknown, Rejected
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import (
    counted,
    put,
    settled,
    state_of,
    state_of_all,
    texts,
    word,
)
from tests.support.edges.link_files import Files


@pytest.fixture
def talk(dsn: Secret, files: Files) -> Iterator[Conversation]:
    conversation = Conversation(dsn, files=files, early=EarlyClaims())
    with conversation.storing():
        yield conversation
    conversation.close()


def test_a_transaction_that_fails_sends_nothing_and_blocks_nothing(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counted(talk, monkeypatch):
        with pytest.raises(ZeroDivisionError), talk.database.transaction(talk.term) as tx:
            talk.outbox.enqueue(tx, [word("never")])
            raise ZeroDivisionError
        put(talk, word("answer"))
        settled(talk, "7:answer", "sent")

    assert texts(talk) == ["answer"]


@pytest.mark.parametrize("wrong", [object(), "\x00"], ids=["no JSON", "not storable"])
def test_a_payload_that_cannot_be_written_blocks_nothing(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch, wrong: object
) -> None:
    broken = word("broken")
    with counted(talk, monkeypatch):
        with pytest.raises((TypeError, Rejected)):
            put(talk, Delivery(7, "answer", {**broken.payload, "text": wrong}, "broken"))
        put(talk, word("answer"))
        settled(talk, "7:answer", "sent")

    assert texts(talk) == ["answer"]


def test_after_a_commit_without_an_answer_it_is_sent_once(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Database._commit

    def unanswered(database: Database, tx: Tx) -> None:
        commit(database, tx)
        monkeypatch.setattr(Database, "_commit", commit)
        raise OutcomeUnknown("no answer to the commit")

    with counted(talk, monkeypatch):
        monkeypatch.setattr(Database, "_commit", unanswered)
        with pytest.raises(OutcomeUnknown):
            put(talk, word("answer"))
        row = settled(talk, "7:answer", "sent")

    assert (row["attempts"], row["unknowns"]) == (1, 0)
    assert texts(talk) == ["answer"]


def test_a_doubt_undoes_no_claim_of_a_transaction_that_is_under_way(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert talk.early is not None
    committed, go_on = threading.Event(), threading.Event()
    hand_over = talk.early.hand_over

    def held(*given: Any) -> None:
        committed.set()
        assert go_on.wait(20)
        hand_over(*given)

    with counted(talk, monkeypatch) as looks:
        monkeypatch.setattr(talk.early, "hand_over", held)
        slow = threading.Thread(target=put, args=(talk, word("slow", 1)))
        slow.start()
        assert committed.wait(20)
        monkeypatch.setattr(talk.early, "hand_over", hand_over)
        # Another transaction fails: from now on there may be claims that nobody knows.
        with pytest.raises(ZeroDivisionError), talk.database.transaction(talk.term) as tx:
            talk.outbox.enqueue(tx, [word("never", 2)])
            raise ZeroDivisionError
        talk.until(lambda: looks, "the look in doubt")
        assert state_of(talk, "1:slow")["state"] == "sending"
        go_on.set()
        settled(talk, "1:slow", "sent")
        slow.join()
        talk.until(lambda: talk.early is not None and talk.early.is_open, "the doubt is over")

    assert texts(talk) == ["slow"]


def test_a_claim_whose_commit_is_made_after_it_was_taken_for_lost_is_undone(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = EarlyClaims()
    lost.open(Receiver(talk.term, lambda *_: True, lambda _: None, lambda _: None))
    with counted(talk, monkeypatch):
        with talk.database.transaction(talk.term) as tx:
            Outbox(BOT_ID, (), early=lost).enqueue(tx, [word("late")])
        assert state_of(talk, "7:late")["state"] == "sending"
        put(talk, word("behind"))
        settled(talk, "7:behind", "sent")

    assert texts(talk) == ["late", "behind"]
    row = state_of(talk, "7:late")
    assert (row["attempts"], row["unknowns"]) == (1, 0)


@pytest.mark.parametrize("begins", ["after the look", "during the look"])
def test_a_claim_that_a_look_sees_before_its_delivery_begins_is_no_lost_one(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch, begins: str
) -> None:
    assert talk.early is not None
    claim, hand_over, unclaim = talk.claims.claim, talk.early.hand_over, talk.claims.unclaim
    seen, go_on = threading.Event(), threading.Event()
    undone: list[Any] = []

    def held(*given: Any) -> None:
        if begins == "after the look":
            assert go_on.wait(20)
        hand_over(*given)

    def looking(*given: Any, **named: Any) -> Any:
        if not seen.is_set():
            seen.set()
            monkeypatch.setattr(talk.early, "hand_over", held)
            writing.start()
            talk.until(lambda: state_of_all(talk, range(8, 9)) == {"sending"}, "its commit")
            if begins == "during the look":
                writing.join()
                talk.until(lambda: texts(talk) == ["claimed"], "its call")
        return claim(*given, **named)

    def undoing(*given: Any) -> None:
        undone.append(given)
        unclaim(*given)

    writing = threading.Thread(target=put, args=(talk, word("claimed", 8)))
    with counted(talk, monkeypatch):
        monkeypatch.setattr(talk.claims, "claim", looking)
        monkeypatch.setattr(talk.claims, "unclaim", undoing)
        put(talk, word("note", 9, "notice"))
        settled(talk, "9:note", "sent")
        go_on.set()
        settled(talk, "8:claimed", "sent")
    writing.join()

    assert seen.is_set()
    assert undone == []


def test_at_the_end_of_a_term_an_answer_under_way_is_given_back_untried(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert talk.early is not None
    committed, go_on = threading.Event(), threading.Event()
    hand_over, close = talk.early.hand_over, talk.early.close

    def held(*given: Any) -> None:
        committed.set()
        assert go_on.wait(20)
        hand_over(*given)

    def closed(*given: Any) -> None:
        close(*given)
        go_on.set()

    monkeypatch.setattr(talk.early, "hand_over", held)
    monkeypatch.setattr(talk.early, "close", closed)
    with counted(talk, monkeypatch):
        slow = threading.Thread(target=put, args=(talk, word("slow")))
        slow.start()
        assert committed.wait(20)
    slow.join()

    assert texts(talk) == []
    row = state_of(talk, "7:slow")
    assert (row["state"], row["attempts"], row["unknowns"]) == ("pending", 0, 0)

    talk.new_term()
    with talk.sending():
        settled(talk, "7:slow", "sent")
    assert texts(talk) == ["slow"]


def test_a_claim_that_comes_after_its_sender_is_left_to_the_next_term(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert talk.early is not None
    monkeypatch.setattr(in_flight, "EARLY_WITHIN", 0.0)
    committed, go_on = threading.Event(), threading.Event()
    hand_over = talk.early.hand_over

    def held(*given: Any) -> None:
        committed.set()
        assert go_on.wait(20)
        hand_over(*given)

    monkeypatch.setattr(talk.early, "hand_over", held)
    with counted(talk, monkeypatch):
        slow = threading.Thread(target=put, args=(talk, word("slow")))
        slow.start()
        assert committed.wait(20)
    go_on.set()
    slow.join()
    assert texts(talk) == []

    talk.new_term()
    with talk.sending():
        settled(talk, "7:slow", "sent")
    assert texts(talk) == ["slow"]
