"""Sending across terms: crashes, fences, gates, stops, idleness."""

import asyncio
import threading
from typing import Any

import pytest

from handlers.delivery import sender
from handlers.delivery.claims import Capacity
from handlers.delivery.outbox import Delivery
from handlers.delivery.outcome import MOST_INTERRUPTED
from handlers.delivery.payloads import editing
from handlers.dialogue.effects import Screen
from handlers.words.texts import Markup
from supervisor.runtime.errors import Fenced, Misconfigured, Unavailable
from supervisor.runtime.wakeups import OUTBOX
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import (
    picture,
    put,
    settled,
    state_of,
    word,
)
from tests.support.edges.telegram_answers import dead_token, flooded
from tests.support.machine.lines import captured


def counting(monkeypatch: pytest.MonkeyPatch, holder: Any, name: str) -> list[str]:
    """One entry for each call of that function that has ended."""
    ended, real = [], getattr(holder, name)

    def counted(*given: Any, **named: Any) -> Any:
        try:
            return real(*given, **named)
        finally:
            ended.append(name)

    monkeypatch.setattr(holder, name, counted)
    return ended


# -------------------------------------------------------------- terms, crashes --


def test_what_a_dead_term_had_begun_is_judged_as_unanswered(talk: Conversation) -> None:
    put(
        talk,
        word("answer", chat=1),
        picture("http://x.example/2.png", chat=2),
        Delivery(3, "status", editing(5, Screen(Markup("s")), or_say=False), "status"),
    )
    turn = talk.claims.claim(talk.term, busy=[], held=[], capacity=Capacity(10, 10, 10))
    assert len(turn.claimed) == 3

    talk.new_term()
    with talk.sending():
        settled(talk, "1:answer", "sent")

    assert state_of(talk, "2:http://x.example/2.png")["state"] == "unknown"
    assert state_of(talk, "status")["state"] == "dropped"
    talk.rows("UPDATE deliveries SET not_before = now() WHERE state = 'unknown'")
    with talk.sending():
        settled(talk, "2:http://x.example/2.png", "sent")


def test_a_term_that_is_over_claims_nothing(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(talk, word("hello"))
    old_term, old_gate = talk.term, talk.gate
    talk.new_term()
    new_term, new_gate = talk.term, talk.gate
    talk.term, talk.gate = old_term, old_gate
    begun = counting(monkeypatch, talk.recording, "recover")

    with talk.sending():
        talk.until(lambda: begun, "it has begun, in vain")

    assert talk.telegram.calls == []
    talk.term, talk.gate = new_term, new_gate
    assert state_of(talk, "7:hello")["state"] == "pending"


def test_a_shut_gate_lets_nothing_out(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    put(talk, word("hello"))
    talk.gate.shut()
    looked = counting(monkeypatch, sender, "until_open")

    with talk.sending():
        talk.until(lambda: len(looked) > 2, "it has looked at the gate")

    assert talk.telegram.calls == []
    assert state_of(talk, "7:hello")["state"] == "pending"


def test_an_answer_that_was_cut_off_again_and_again_still_arrives_and_not_for_ever(
    talk: Conversation,
) -> None:
    put(talk, word("hello", chat=1), word("poison", chat=2))
    for _ in range(MOST_INTERRUPTED):
        turn = talk.claims.claim(talk.term, busy=[], held=[], capacity=Capacity(10, 10, 10))
        assert len(turn.claimed) == 2
        talk.new_term()
        talk.recording.recover(talk.term)
    assert state_of(talk, "1:hello")["unknowns"] == MOST_INTERRUPTED
    talk.rows("UPDATE deliveries SET state = 'sending' WHERE chat_id = 2")
    talk.new_term()
    with talk.sending():
        settled(talk, "1:hello", "sent")

    assert state_of(talk, "2:poison")["state"] == "failed"


class Held:
    """Telegram answers when ``released`` is set."""

    def __init__(self, released: threading.Event) -> None:
        self._released = released

    async def wait(self) -> None:
        await asyncio.to_thread(self._released.wait, 10)


def test_what_a_lost_term_heard_itself_is_recorded_by_a_later_one(talk: Conversation) -> None:
    released = threading.Event()
    talk.telegram.held["send_message"] = Held(released)
    put(talk, word("hello"))
    made = talk.sender()

    async def two_terms() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(made.run(talk.term, talk.gate, stop))
        await asyncio.to_thread(talk.until, lambda: talk.telegram.calls, "the call began")
        talk.gate.shut()
        talk.new_term()
        stop.set()
        for _ in range(10):
            await asyncio.sleep(0)  # the sender hears of the stop first
        released.set()
        await running
        # A term that ends before it has looked at anything must not lose it.
        talk.new_term()
        talk.gate.shut()
        await made.run(talk.term, talk.gate, stop)
        talk.new_term()
        stop.clear()
        running = asyncio.create_task(made.run(talk.term, talk.gate, stop))
        await asyncio.to_thread(settled, talk, "7:hello", "sent")
        stop.set()
        await running

    asyncio.run(two_terms())

    assert state_of(talk, "7:hello")["unknowns"] == 0
    assert len(talk.telegram.calls) == 1


def test_a_clean_stop_waits_for_the_call_under_way_and_records_it(talk: Conversation) -> None:
    put(talk, word("hello"))
    talk.telegram.script["send_message"] = [None]
    with talk.sending():
        talk.until(lambda: talk.telegram.calls, "the call began")

    assert state_of(talk, "7:hello")["state"] == "sent"


def test_a_clean_stop_of_an_idle_loop_waits_for_the_call_under_way(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    talk.telegram.held["send_message"] = Held(released)
    looks = counting(monkeypatch, talk.claims, "claim")
    put(talk, word("hello"))
    with talk.sending():
        talk.until(lambda: talk.telegram.calls, "the call began")
        talk.wakeups.signal(OUTBOX)
        talk.until(lambda: len(looks) > 1, "it waits during the call")
        threading.Timer(0.3, released.set).start()

    sent = state_of(talk, "7:hello")
    assert (sent["state"], sent["unknowns"]) == ("sent", 0)


def test_a_refused_token_ends_the_service_with_a_clear_sentence(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [dead_token()]
    put(talk, word("hello"))

    def send() -> None:
        with talk.sending() as over:
            talk.until(over.is_set, "it ends by itself")

    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        send()


def test_several_chats_flooded_at_once_silence_everything(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [flooded(1), flooded(1), flooded(1)]
    put(talk, *(word("x", chat=chat) for chat in (1, 2, 3)))
    with talk.sending():
        talk.until(lambda: len(talk.telegram.calls) >= 3, "three refusals")
        talk.until(lambda: len(talk.rows("SELECT 1 FROM chats")) == 3, "parked")
        put(talk, word("later", chat=4))
        before = talk.clock.now()
        settled(talk, "4:later", "sent")

    assert talk.clock.now() - before > 0.5


def test_an_idle_sender_asks_nothing_of_the_database(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    real = talk.database.transaction

    def counted(term: Any = None, **how: bool) -> Any:
        looks.append(term)
        return real(term, **how)

    with talk.sending():
        put(talk, word("hello"))
        settled(talk, "7:hello", "sent")
        monkeypatch.setattr(talk.database, "transaction", counted)
        asyncio.run(asyncio.sleep(0.6))

    assert len(looks) <= 2


def test_a_lost_term_is_left_at_once_even_when_the_database_does_not_answer(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, answers, answered = threading.Event(), threading.Event(), threading.Event()

    def hang(*_: Any, **__: Any) -> Any:
        hangs.set()
        answers.wait(60)
        answered.set()
        raise Unavailable("gone")

    monkeypatch.setattr(talk.claims, "claim", hang)
    put(talk, word("hello"))

    async def lose_the_term() -> bool:
        stop = asyncio.Event()
        running = asyncio.create_task(talk.sender().run(talk.term, talk.gate, stop))
        await asyncio.to_thread(hangs.wait, 30)
        talk.gate.shut()
        stop.set()
        await running
        waited = answered.is_set()
        answers.set()
        return waited

    assert asyncio.run(lose_the_term()) is False
    assert talk.telegram.calls == []


def test_an_outage_that_lasts_is_told_at_once_and_then_seldom(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.delivery.sender.OUTAGE_PAUSE", 0.01)
    monkeypatch.setattr("supervisor.telemetry.log_throttle.EVERY", 1000.0)
    away = iter([Unavailable("away")] * 4)
    real = talk.claims.claim

    def turn(*arguments: Any, **options: Any) -> Any:
        for error in away:
            raise error
        return real(*arguments, **options)

    monkeypatch.setattr(talk.claims, "claim", turn)
    put(talk, word("hello"))
    with captured() as lines, talk.sending():
        settled(talk, "7:hello", "sent")

    told = [line["level"].name for line in lines.of("sender_paused")]
    assert told == ["WARNING", "DEBUG", "DEBUG", "DEBUG"]


def test_a_claim_under_a_term_that_is_over_is_refused(talk: Conversation) -> None:
    put(talk, word("hello"))
    old = talk.term
    talk.new_term()

    with pytest.raises(Fenced):
        talk.claims.claim(old, busy=[], held=[], capacity=Capacity(10, 10, 10))

    assert state_of(talk, "7:hello")["state"] == "pending"


def test_a_result_that_a_killed_process_had_begun_counts_as_a_possible_duplicate(
    talk: Conversation,
) -> None:
    url = "http://x.example/r/pic.png"
    put(talk, picture(url))
    talk.claims.claim(talk.term, busy=(), held=(), capacity=Capacity(1, 0, 1))
    talk.new_term()
    with talk.sending():
        settled(talk, f"7:{url}", "unknown")
        talk.rows("UPDATE deliveries SET not_before = now()")
        talk.wakeups.signal("outbox")
        settled(talk, f"7:{url}", "sent")

    assert b'trt_possible_duplicates_total{kind="result"} 1.0' in talk.counted()
