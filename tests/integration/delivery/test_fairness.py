"""Who waits for whom in the outbox: rates over all chats, uploads, silence, closed chats."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest

from handlers.delivery import pacing as pacing_module
from handlers.delivery.claims import ClaimResult
from handlers.delivery.pacing import BACKGROUND_BURST, BACKGROUND_RATE
from kie.files.link_reader import URL_LIMIT
from kie.http.transport import FileInfo
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import URL, picture, put, settled, texts, word
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.link_files import Files
from tests.support.edges.telegram_answers import flooded, refused, unanswered


def notices(talk: Conversation, number: int) -> None:
    put(talk, *(word("notice", chat=100 + n, kind="notice") for n in range(number)))


def test_what_is_not_an_answer_keeps_to_its_rate_over_all_chats(talk: Conversation) -> None:
    notices(talk, 70)
    put(talk, *(word("answer", chat=chat) for chat in range(1, 11)))
    begun = talk.clock.now()
    with talk.sending():
        talk.until(lambda: len(texts(talk)) == 80, "everything")
    took = talk.clock.now() - begun

    # A slow machine takes longer; none may be faster.
    assert took >= (70 - BACKGROUND_BURST) / BACKGROUND_RATE - 0.1
    assert "answer" not in texts(talk)[30:]


def test_uploads_that_hang_leave_room_for_answers(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The rate over all chats must not be what keeps them few.
    monkeypatch.setattr(pacing_module, "BACKGROUND_BURST", 100.0)

    async def story() -> None:
        talk.telegram.held["send_photo"] = asyncio.Event()

    asyncio.run(story())
    put(talk, *(picture(f"http://x.example/{chat}.png", chat=chat) for chat in range(100, 140)))
    with talk.sending():
        talk.until(lambda: len(talk.telegram.sent("send_photo")) >= 14, "many uploads hang")
        for chat in range(1, 11):
            put(talk, word("answer", chat=chat))
            settled(talk, f"{chat}:answer", "sent")
        assert len(talk.telegram.sent("send_photo")) == 14
        talk.gate.shut()


def test_answers_that_wait_for_their_upload_leave_room_for_answers_of_words(
    talk: Conversation, files: Files
) -> None:
    async def story() -> None:
        talk.telegram.held["send_photo"] = asyncio.Event()

    asyncio.run(story())
    for chat in range(100, 140):
        url = f"http://x.example/{chat}.png"
        files.file_infos[url], files.content[url] = FileInfo(URL_LIMIT + 1, "image/png"), b"png"
        put(talk, replace(picture(url, chat=chat), kind="answer"))
    with talk.sending():
        talk.until(lambda: len(talk.telegram.sent("send_photo")) == 2, "two uploads hang")
        for chat in range(1, 11):
            put(talk, word("answer", chat=chat))
            settled(talk, f"{chat}:answer", "sent")
        talk.gate.shut()


def test_results_go_before_progress_and_notices_when_there_is_not_room_for_all(
    talk: Conversation,
) -> None:
    notices(talk, 40)
    put(talk, picture(URL, chat=5000))
    with talk.sending():
        talk.until(lambda: talk.telegram.sent("send_photo"), "the result")

    order = [name for name, _ in talk.telegram.calls]
    assert order.index("send_photo") <= 6


def test_silence_for_all_outlives_the_term(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [flooded(3), flooded(3), flooded(3)]
    put(talk, *(word("x", chat=chat) for chat in (1, 2, 3)))
    everywhere = "SELECT 1 FROM silences WHERE until > now()"
    with talk.sending():
        talk.until(lambda: talk.rows(everywhere), "silence in all chats")
    talk.new_term()
    calls = len(talk.telegram.calls)
    put(talk, word("later", chat=4))
    with talk.sending():
        settled(talk, "4:later", "sent")
        silent = not talk.rows(everywhere)

    assert silent
    assert len(talk.telegram.calls) > calls
    assert b"trt_telegram_429_total 3.0" in talk.counted()


@pytest.mark.parametrize("chat", [0, -1])
def test_a_chat_that_cannot_be_is_refused_and_means_nothing_else(
    talk: Conversation, chat: int
) -> None:
    talk.telegram.script["send_message"] = [refused(403, "bot was blocked by the user")]
    put(talk, word("hello", chat=chat))
    with talk.sending():
        settled(talk, f"{chat}:hello", "failed")
    talk.new_term()
    put(talk, word("later", chat=8))

    with talk.sending():
        settled(talk, "8:later", "sent")


def test_a_blocked_chat_is_not_tried_again(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [refused(403, "bot was blocked by the user")]
    put(talk, word("hello", chat=7))
    with talk.sending():
        settled(talk, "7:hello", "failed")
        calls = len(talk.telegram.calls)
        put(talk, word("more", chat=7))
        settled(talk, "7:more", "failed")

    assert len(talk.telegram.calls) == calls


def test_a_send_that_is_repeated_after_silence_counts_as_a_possible_duplicate(
    talk: Conversation,
) -> None:
    talk.telegram.script["send_message"] = [unanswered()]
    put(talk, word("hello"), word("other", chat=8))
    with talk.sending():
        settled(talk, "7:hello", "sent")
        settled(talk, "8:other", "sent")

    counted = talk.counted()
    assert b'trt_possible_duplicates_total{kind="answer"} 1.0' in counted
    assert b'trt_deliveries_total{kind="answer",outcome="sent"} 2.0' in counted
    assert b'trt_deliveries_total{kind="answer",outcome="pending"} 1.0' in counted


def test_a_chat_of_a_group_is_reachable_again_when_somebody_asks_there(talk: Conversation) -> None:
    talk.rows("INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%s, -5, FALSE)", BOT_ID)
    update = telegram.message(7, text="/help")
    update["message"]["chat"] = {"id": -5, "type": "supergroup", "title": "Friends"}
    with talk.dispatching(), talk.sending():
        talk.put(update)
        talk.until(lambda: talk.telegram.sent("send_message"), "the group is told")


def test_what_comes_due_during_a_slow_look_at_the_table_is_not_forgotten(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would wake the sender then: no call is under way, and nobody writes."""
    monkeypatch.setattr(pacing_module, "PRIVATE_RATE", 10.0)
    real = talk.claims.claim

    def slow(*given: Any, **named: Any) -> ClaimResult:
        turn = real(*given, **named)
        if not turn.claimed:
            time.sleep(0.2)  # longer than a chat or the ration has to wait
        return turn

    monkeypatch.setattr(talk.claims, "claim", slow)
    notices(talk, 12)
    put(talk, *(word(str(number)) for number in range(6)))
    with talk.sending():
        talk.until(lambda: len(texts(talk)) == 18, "everything")
