"""Lanes, retries and the fence, on a real PostgreSQL."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from handlers.dispatch import dispatcher as module
from handlers.dispatch.lanes import InboxRow, Lanes
from supervisor.runtime.errors import Contended, Unavailable
from supervisor.runtime.term import Term
from tests.support.chats.conversation import ADMIN, Conversation
from tests.support.chats.watched_handler import Watched
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.lines import captured
from tests.support.machine.waiting import within


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.dispatch.retries.RETRY_PAUSES", (0.05, 0.05, 0.05, 0.05))


def states(talk: Conversation) -> dict[str, int]:
    rows = talk.rows("SELECT state, count(*) AS n FROM telegram_updates GROUP BY state")
    return {row["state"]: row["n"] for row in rows}


def test_order_is_kept_in_every_chat_and_one_update_is_in_work_at_a_time(
    talk: Conversation,
) -> None:
    updates = [
        telegram.message(chat, update_id=number * 100 + chat, text="/help")
        for number in range(20)
        for chat in range(1, 21)
    ]
    watched = Watched(talk)
    with talk.dispatching(watched):
        for start in range(0, len(updates), 37):
            talk.put(*updates[start : start + 37])
        talk.until(lambda: states(talk) == {"done": 400}, "all done")

    for chat in range(1, 21):
        numbers = [number for lane, number in watched.order if lane == chat]
        assert numbers == sorted(numbers)
        assert len(numbers) == 20
    assert set(watched.most.values()) == {1}


def test_what_waited_before_the_start_is_handled(talk: Conversation) -> None:
    talk.put(*(telegram.message(chat, text="/help") for chat in range(1, 151)))

    with talk.dispatching():
        talk.until(lambda: states(talk) == {"done": 150}, "more lanes than one look takes")


def test_many_chats_share_transactions_and_one_that_fails_costs_the_others_nothing(
    talk: Conversation,
) -> None:
    watched = Watched(talk)
    talk.put(*(telegram.message(chat, update_id=chat, text="/help") for chat in range(1, 151)))
    watched.broken[50] = [RuntimeError("always")] * 99
    with talk.dispatching(watched):
        talk.until(lambda: states(talk).get("done") == 149, "all others are done")

    assert watched.together > 4
    assert talk.rows("SELECT update_id FROM telegram_updates WHERE state = 'new'") == [
        {"update_id": 50}
    ]
    assert len(talk.rows("SELECT 1 FROM deliveries")) == 149


class Held(Watched):
    """Its first transaction goes on until it is released."""

    def __init__(self, talk: Conversation) -> None:
        super().__init__(talk)
        self.batches: list[int] = []
        self.release = threading.Event()

    def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None:
        self.batches.append(len(rows))
        if len(self.batches) == 1:
            assert within(self.release.wait, 60)
        super().handle_all(term, rows)


def test_what_comes_while_a_transaction_is_under_way_shares_the_next_one(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOW", 60.0)
    held = Held(talk)
    with talk.dispatching(held):
        talk.put(telegram.message(1, text="/help"))
        talk.until(lambda: held.batches, "the first is under way")
        for chat in range(2, 12):
            talk.put(telegram.message(chat, text="/help"))
        held.release.set()
        talk.until(lambda: states(talk) == {"done": 11}, "all done")

    assert held.batches == [1, 10]


def test_a_transaction_that_takes_long_holds_up_nobody(talk: Conversation) -> None:
    held = Held(talk)
    with talk.dispatching(held):
        talk.put(telegram.message(1, text="/help"))
        talk.until(lambda: held.batches, "the first is under way")
        talk.put(*(telegram.message(chat, text="/help") for chat in range(2, 12)))
        talk.until(lambda: states(talk).get("done") == 10, "the others are done")
        held.release.set()
        talk.until(lambda: states(talk) == {"done": 11}, "all done")


def test_a_heap_of_chats_is_not_held_in_memory_as_a_whole(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LANES", 20)
    monkeypatch.setattr(module, "LANES_AT_ONCE", 10)
    monkeypatch.setattr(module, "FRESH_WITHIN", 0.0)  # look again whenever that is allowed
    held: list[int] = []

    class Recorded(Lanes):
        def load(self, *looked: Any, **named: Any) -> None:
            super().load(*looked, **named)
            held.append(self.runnable)

    monkeypatch.setattr(module, "Lanes", Recorded)
    talk.put(*(telegram.message(chat, text="/help") for chat in range(1, 301)))
    with talk.dispatching():
        talk.until(lambda: states(talk) == {"done": 300}, "all done")

    assert max(held) <= 20 + 10


def test_a_flooding_chat_does_not_hold_up_the_others(talk: Conversation) -> None:
    talk.put(*(telegram.message(1, update_id=n, text="/help") for n in range(600)))
    watched = Watched(talk)
    with talk.dispatching(watched):
        talk.until(lambda: len(watched.order) > 5, "the flood has begun")
        begun = len(watched.order)
        talk.put(telegram.message(2, update_id=5000, text="/help"))
        talk.until(lambda: (2, 5000) in watched.order, "the other chat")
        waited = watched.order.index((2, 5000)) - begun
        talk.until(lambda: states(talk) == {"done": 601}, "all done")

    assert waited < 200


@pytest.mark.usefixtures("impatient")
def test_an_update_whose_handler_crashed_is_tried_again_after_a_pause(talk: Conversation) -> None:
    watched = Watched(talk)
    watched.broken[5] = [RuntimeError("once"), RuntimeError("twice")]
    with talk.dispatching(watched):
        talk.put(telegram.message(update_id=5, text="/help"))
        talk.until(lambda: states(talk) == {"done": 1}, "done at the third try")

    (row,) = talk.rows("SELECT attempts, error FROM telegram_updates")
    assert row == {"attempts": 3, "error": None}


@pytest.mark.usefixtures("impatient")
def test_an_update_that_keeps_failing_is_set_aside_and_its_chat_goes_on(
    talk: Conversation,
) -> None:
    watched = Watched(talk)
    watched.broken[5] = [RuntimeError("always")] * 99
    with talk.dispatching(watched):
        talk.put(telegram.message(7, update_id=5, text="/help"))
        talk.put(telegram.message(7, update_id=6, text="/help"))
        talk.until(lambda: states(talk) == {"done": 1, "dead": 1}, "set aside")

    (row,) = talk.rows("SELECT attempts, error FROM telegram_updates WHERE state = 'dead'")
    assert row == {"attempts": 5, "error": "RuntimeError: always"}
    told = talk.rows("SELECT chat_id, kind FROM deliveries WHERE kind <> 'answer'")
    assert told == [{"chat_id": ADMIN, "kind": "notice"}]
    apology = talk.rows("SELECT payload FROM deliveries WHERE dedupe_key LIKE '%:broken'")
    assert "broke" in apology[0]["payload"]["text"]


def test_an_update_that_no_library_understands_is_set_aside_at_once(talk: Conversation) -> None:
    broken: dict[str, Any] = {"update_id": 5, "message": {"chat": {"id": 7}, "message_id": "x"}}
    with talk.dispatching():
        talk.put(broken, telegram.message(7, update_id=6, text="/help"))
        talk.until(lambda: states(talk) == {"done": 1, "dead": 1}, "set aside")


def test_a_database_that_is_away_costs_no_try_and_keeps_the_order(talk: Conversation) -> None:
    watched = Watched(talk)
    watched.broken[5] = [Unavailable("away"), Unavailable("away")]
    with talk.dispatching(watched):
        talk.put(*(telegram.message(7, update_id=number, text="/help") for number in (5, 6)))
        talk.until(lambda: states(talk) == {"done": 2}, "both done")

    assert [number for _, number in watched.order] == [5, 6]
    assert talk.rows("SELECT DISTINCT attempts FROM telegram_updates") == [{"attempts": 1}]


class HangsAndFails(Watched):
    """Its first transaction goes on until it is released, and finds the database away."""

    def __init__(self, talk: Conversation) -> None:
        super().__init__(talk)
        self.begun, self.release = threading.Event(), threading.Event()

    def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None:
        if not self.begun.is_set():
            self.begun.set()
            assert within(self.release.wait, 60)
            raise Unavailable("away")
        super().handle_all(term, rows)


def test_a_look_that_ends_after_an_outage_began_keeps_the_order(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs = HangsAndFails(talk)
    read_again, release = threading.Event(), threading.Event()
    real = talk.database.read

    def read(*asked: Any) -> Any:
        rows = real(*asked)
        if hangs.begun.is_set() and not read_again.is_set():
            read_again.set()
            assert within(release.wait, 60)
        return rows

    monkeypatch.setattr(talk.database, "read", read)
    with captured() as lines, talk.dispatching(hangs):
        talk.put(*(telegram.message(7, update_id=number, text="/help") for number in (5, 6)))
        talk.until(hangs.begun.is_set, "the first is under way")
        talk.put(telegram.message(8, update_id=7, text="/help"))
        talk.until(read_again.is_set, "the table was read once more")
        hangs.release.set()
        talk.until(lambda: lines.of("dispatcher_paused"), "the database is away")
        release.set()
        talk.until(lambda: states(talk) == {"done": 3}, "all done")

    assert [number for chat, number in hangs.order if chat == 7] == [5, 6]


def test_an_outage_that_lasts_is_told_at_once_and_then_seldom(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OUTAGE_PAUSE", 0.01)
    monkeypatch.setattr("supervisor.telemetry.log_throttle.EVERY", 1000.0)
    watched = Watched(talk)
    watched.broken[5] = [Unavailable("away")] * 4
    with captured() as lines, talk.dispatching(watched):
        talk.put(telegram.message(7, update_id=5, text="/help"))
        talk.until(lambda: states(talk) == {"done": 1}, "done")

    told = [line["level"].name for line in lines.of("dispatcher_paused")]
    assert told == ["WARNING", "DEBUG", "DEBUG", "DEBUG"]


def test_a_term_that_is_over_handles_nothing(talk: Conversation) -> None:
    old = talk.dispatcher()
    old.start(talk.term, talk.gate)
    talk.new_term()

    talk.put(telegram.message(text="/start"))
    talk.until(lambda: talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "stored")
    old.stop()

    assert within(old.join, 5)
    assert old.failure is None
    assert states(talk) == {"new": 1}
    assert not talk.rows("SELECT 1 FROM deliveries")


def test_a_successor_handles_what_the_predecessor_left(talk: Conversation) -> None:
    with talk.dispatching():
        talk.put(telegram.message(text="/start"))
        talk.until(lambda: states(talk) == {"done": 1}, "done")
    talk.put(telegram.message(text="/help"))

    talk.new_term()
    with talk.dispatching():
        talk.until(lambda: states(talk) == {"done": 2}, "done")


def test_a_service_can_be_stopped_and_started_many_times(talk: Conversation) -> None:
    dispatcher = talk.dispatcher()
    for number in range(20):
        dispatcher.stop()
        dispatcher.start(talk.term, talk.gate)
        talk.put(telegram.message(update_id=number, text="/help"))
        dispatcher.stop()
        assert within(dispatcher.join, 5)
    with talk.dispatching():
        talk.until(lambda: states(talk) == {"done": 20}, "nothing lost")


def test_an_idle_dispatcher_asks_nothing_of_the_database(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    real = talk.database.transaction

    def counted(term: Term | None = None, **how: bool) -> Any:
        looks.append(term)
        return real(term, **how)

    monkeypatch.setattr(talk.database, "transaction", counted)
    with talk.dispatching():
        talk.put(telegram.message(text="/help"))
        talk.until(lambda: states(talk) == {"done": 1}, "done")
        quiet = len(looks)
        threading.Event().wait(0.5)

    assert len(looks) - quiet <= 1


def test_an_update_that_was_read_twice_takes_effect_once(talk: Conversation) -> None:
    talk.put(telegram.message(text="/start"))
    (found,) = talk.rows("SELECT seq, lane, update_id, body, attempts FROM telegram_updates")

    for _ in range(2):
        talk.work.handle(talk.term, InboxRow(**found))

    assert talk.rows("SELECT version FROM dialogues") == [{"version": 1}]
    sent = talk.rows("SELECT payload->>'do' AS does FROM deliveries ORDER BY id")
    assert [row["does"] for row in sent] == ["album", "say"]


@pytest.mark.usefixtures("impatient")
def test_an_error_that_no_table_takes_sets_its_update_aside_and_nothing_else(
    talk: Conversation,
) -> None:
    watched = Watched(talk)
    watched.broken[5] = [RuntimeError("quotes \x00 and \ud800")] * 99
    with talk.dispatching(watched):
        talk.put(*(telegram.message(7, update_id=number, text="/help") for number in (5, 6)))
        talk.until(lambda: states(talk) == {"done": 1, "dead": 1}, "set aside")

    assert len(talk.rows("SELECT 1 FROM deliveries WHERE kind = 'notice'")) == 1
    counted = talk.counted()
    assert b"trt_updates_set_aside_total 1.0" in counted
    assert b"trt_updates_retried_total 4.0" in counted
    assert b"trt_updates_processed_total 1.0" in counted
    assert b"trt_update_handling_seconds_count 1.0" in counted
    assert b'trt_updates_received_total{outcome="stored"} 2.0' in counted


def test_a_deadlock_is_done_over_at_once_and_holds_up_nobody(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "OUTAGE_PAUSE", 1000.0)
    watched = Watched(talk)
    watched.broken[5] = [Contended("deadlock detected"), Contended("deadlock detected")]
    with talk.dispatching(watched):
        talk.put(*(telegram.message(7, update_id=number, text="/help") for number in (5, 6)))
        talk.until(lambda: states(talk) == {"done": 2}, "both done")

    assert [number for _, number in watched.order] == [5, 6]
    assert talk.rows("SELECT DISTINCT attempts FROM telegram_updates") == [{"attempts": 1}]
