"""Answers that are claimed by the transaction that writes them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from handlers.delivery import in_flight, sender
from handlers.delivery.claimed import EarlyClaims, Receiver
from handlers.delivery.in_flight import SLOTS
from handlers.delivery.outbox import Delivery, Outbox
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.errors import OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import picture, put, settled, state_of, texts, word
from tests.support.edges.link_files import Files
from tests.support.machine.waiting import until_in_loop


@pytest.fixture
def early() -> EarlyClaims:
    return EarlyClaims()


@pytest.fixture
def talk(dsn: Secret, files: Files, early: EarlyClaims) -> Iterator[Conversation]:
    conversation = Conversation(dsn, files=files, early=early)
    with conversation.storing():
        yield conversation
    conversation.close()


def state_of_all(talk: Conversation, chats: range) -> set[str]:
    rows = talk.rows("SELECT state FROM deliveries WHERE chat_id = ANY (%s)", [*chats])
    return {row["state"] for row in rows}


@contextmanager
def counted(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The results of all looks after the first one, once answers may be claimed early."""
    monkeypatch.setattr(sender, "ROUND", 600.0)  # the look of an idle sender hides nothing
    looks: list[Any] = []
    claim = talk.claims.claim

    def counting(*given: Any, **named: Any) -> Any:
        looks.append(claim(*given, **named))
        return looks[-1]

    monkeypatch.setattr(talk.claims, "claim", counting)
    with talk.sending():
        talk.until(lambda: looks and talk.early is not None and talk.early.is_open, "it works")
        looks.clear()
        yield looks


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
