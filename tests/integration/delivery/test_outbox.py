"""Deliveries: claimed, paced, sent, judged; on a real PostgreSQL with a scripted Telegram."""

import pytest

from handlers.delivery import outcome, pacing
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import editing, toasting
from handlers.dialogue.effects import Screen, Toast
from handlers.words.texts import Markup
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import (
    URL,
    picture,
    put,
    settled,
    state_of,
    texts,
    word,
)
from tests.support.edges.telegram_answers import flooded, not_reached, refused, unanswered
from tests.support.machine.lines import captured


def test_a_chat_gets_its_messages_in_order_and_paced(talk: Conversation) -> None:
    put(talk, *(word(str(number)) for number in range(5)))

    started = talk.clock.now()
    with talk.sending():
        settled(talk, "7:4", "sent")

    assert texts(talk) == ["0", "1", "2", "3", "4"]
    assert talk.clock.now() - started >= 1.8


def test_the_same_delivery_enqueued_twice_is_sent_once(talk: Conversation) -> None:
    put(talk, word("hello"))
    put(talk, word("hello"))

    with talk.sending():
        settled(talk, "7:hello", "sent")

    assert texts(talk) == ["hello"]


def test_what_telegram_does_not_take_is_told_at_once_and_then_seldom(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "PAUSES", (0.01,))
    monkeypatch.setattr("supervisor.telemetry.log_throttle.EVERY", 1000.0)
    talk.telegram.script["send_message"] = [not_reached()] * 3
    put(talk, word("hello"))

    with captured() as lines, talk.sending():
        settled(talk, "7:hello", "sent")

    told = lines.of("delivery_later")
    assert [line["level"].name for line in told] == ["WARNING", "DEBUG", "DEBUG"]
    assert told[0]["extra"]["error"] == "Telegram: not reached"


def test_a_user_who_blocks_the_bot_is_no_error(talk: Conversation) -> None:
    blocked = refused(403, "Forbidden: bot was blocked by the user")
    talk.telegram.script["send_message"] = [blocked, refused(400, "Message is too long")]
    put(talk, word("to nobody"), word("too long", chat=8))

    with captured() as lines, talk.sending():
        settled(talk, "7:to nobody", "failed")
        settled(talk, "8:too long", "failed")

    levels = {line["extra"]["error"]: line["level"].name for line in lines.of("delivery_failed")}
    assert levels == {
        "Forbidden: bot was blocked by the user": "INFO",
        "Message is too long": "ERROR",
    }


def test_what_is_enqueued_while_the_sender_is_idle_goes_out_at_once(talk: Conversation) -> None:
    with talk.sending():
        put(talk, word("first"))
        settled(talk, "7:first", "sent")
        put(talk, word("second"))
        settled(talk, "7:second", "sent")


def test_flood_control_delays_the_chat_it_names_and_no_other(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [flooded(1)]
    put(talk, word("one", chat=7))
    with talk.sending():
        talk.until(lambda: talk.rows("SELECT 1 FROM chats WHERE parked_until > now()"), "parked")
        put(talk, word("two", chat=8))
        settled(talk, "8:two", "sent")
        assert state_of(talk, "7:one")["state"] == "pending"
        row = settled(talk, "7:one", "sent")

    assert texts(talk) == ["one", "two", "one"]
    assert row["attempts"] == 1


def test_a_parked_chat_stays_parked_for_the_next_term(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [flooded(3)]
    put(talk, word("one"))
    with talk.sending():
        talk.until(lambda: talk.rows("SELECT 1 FROM chats WHERE parked_until > now()"), "parked")
    talk.new_term()
    before = len(talk.telegram.calls)
    with talk.sending():
        put(talk, word("other", chat=8))
        settled(talk, "8:other", "sent")

    assert texts(talk)[before:] == ["other"]


def test_a_button_press_is_answered_even_in_a_parked_chat(talk: Conversation) -> None:
    talk.rows(
        "INSERT INTO chats (bot_id, chat_id, parked_until)"
        " VALUES (%s, 7, now() + interval '1 hour')",
        BOT_ID,
    )
    put(talk, word("waits"), Delivery(7, "toast", toasting("q1", Toast("hi", alert=True)), "t"))
    with talk.sending():
        settled(talk, "t", "sent")

    assert talk.telegram.calls == [
        ("answer_callback_query", {"query_id": "q1", "text": "hi", "show_alert": True})
    ]


def test_a_press_that_nobody_waits_for_any_more_is_dropped(talk: Conversation) -> None:
    put(talk, Delivery(7, "toast", toasting("q1", Toast()), "t"))
    talk.rows("UPDATE deliveries SET created_at = now() - interval '16 seconds'")
    with talk.sending():
        settled(talk, "t", "dropped")

    assert talk.telegram.calls == []


@pytest.mark.parametrize("failure", [unanswered(), not_reached()])
def test_what_ends_a_spinner_is_tried_again_at_once(talk: Conversation, failure: Exception) -> None:
    refusal = {"do": "checkout", "query_id": "q2", "refusal": "no"}
    talk.telegram.script["answer_callback_query"] = [failure, failure]
    talk.telegram.script["answer_pre_checkout_query"] = [failure]
    put(
        talk, Delivery(7, "toast", toasting("q1", Toast()), "t"), Delivery(7, "toast", refusal, "r")
    )

    with talk.sending():
        settled(talk, "t", "sent")
        settled(talk, "r", "sent")

    assert len(talk.telegram.sent("answer_callback_query")) == 3
    assert len(talk.telegram.sent("answer_pre_checkout_query")) == 2


def test_a_spinner_that_cannot_be_ended_does_not_keep_its_slot(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.delivery.calls.AGAIN_WITHIN", 0.1)
    monkeypatch.setattr("handlers.delivery.calls.AGAIN_PAUSE", 0.05)
    talk.telegram.script["answer_callback_query"] = [unanswered() for _ in range(50)]
    put(talk, Delivery(7, "toast", toasting("q1", Toast()), "t"))

    with talk.sending():
        settled(talk, "t", "dropped")


def test_an_expired_press_counts_as_answered(talk: Conversation) -> None:
    talk.telegram.script["answer_callback_query"] = [refused(400, "Query is too old and ...")]
    put(talk, Delivery(7, "toast", toasting("q1", Toast()), "t"))
    with talk.sending():
        settled(talk, "t", "sent")


def test_an_unanswered_answer_is_sent_once_more(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [unanswered(), unanswered()]
    put(talk, word("hello"))
    with talk.sending():
        row = settled(talk, "7:hello", "failed")

    assert len(talk.telegram.calls) == 2
    assert row["unknowns"] == 2


def test_an_unanswered_result_is_sent_once_more_after_a_pause(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "RESULT_PAUSE", 0.3)
    talk.telegram.script["send_photo"] = [unanswered()]
    put(talk, picture("http://x.example/1.png"))
    with talk.sending():
        row = settled(talk, "7:http://x.example/1.png", "sent")

    assert len(talk.telegram.calls) == 2
    assert (row["unknowns"], row["file_id"]) == (1, "photo-file-id")


def test_an_unanswered_status_is_dropped(talk: Conversation) -> None:
    talk.telegram.script["edit_message_text"] = [unanswered()]
    screen = Screen(Markup("working"))
    put(talk, Delivery(7, "status", editing(5, screen, or_say=False), "s"))
    with talk.sending():
        settled(talk, "s", "dropped")


def test_a_message_refused_by_telegram_is_not_tried_again(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [refused(400, "message text is empty")]
    put(talk, word("one"), word("two"))
    with talk.sending():
        settled(talk, "7:one", "failed")
        settled(talk, "7:two", "sent")

    assert texts(talk) == ["one", "two"]


def test_while_telegram_is_away_messages_wait_in_order(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [not_reached()]
    put(talk, word("one"), word("two"))
    with talk.sending():
        settled(talk, "7:two", "sent")

    assert texts(talk) == ["one", "one", "two"]


def test_a_text_with_broken_markup_is_sent_plain(talk: Conversation) -> None:
    talk.telegram.script["send_message"] = [refused(400, "Can't parse entities: x")]
    put(talk, word("<b>a &lt; b</b"))
    with talk.sending():
        settled(talk, "7:<b>a &lt; b</b", "sent")

    first, second = talk.telegram.sent("send_message")
    assert first["parse_mode"] == "HTML"
    assert (second["text"], second["parse_mode"]) == ("a < b", None)


def test_a_message_that_cannot_be_edited_any_more_becomes_a_new_one(talk: Conversation) -> None:
    talk.telegram.script["edit_message_text"] = [refused(400, "Message to edit not found")]
    screen = Screen(Markup("step"))
    put(talk, Delivery(7, "answer", editing(5, screen, or_say=True), "e"))
    with talk.sending():
        row = settled(talk, "e", "sent")

    assert texts(talk) == ["step"]
    assert row["message_id"] >= 9000


def test_only_the_newest_status_is_sent_and_none_after_the_result(talk: Conversation) -> None:
    job = talk.rows("INSERT INTO users (user_id) VALUES (7)") or talk.rows(
        "INSERT INTO generation_jobs (user_id, model) VALUES (7, 'm') RETURNING id"
    )
    job_id = job[0]["id"]

    def status(text: str) -> None:
        with talk.database.transaction(talk.term) as tx:
            talk.outbox.supersede_statuses(tx, job_id)
            payload = editing(5, Screen(Markup(text)), or_say=False)
            talk.outbox.enqueue(tx, [Delivery(7, "status", payload, text, job_id)])

    for text in ("accepted", "started", "done"):
        status(text)
    with talk.sending():
        settled(talk, "done", "sent")

    assert texts(talk, "edit_message_text") == ["done"]
    assert state_of(talk, "accepted")["state"] == state_of(talk, "started")["state"] == "dropped"


def test_a_result_is_not_held_back_by_pacing(
    talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next word of a chat that has had its burst is an hour away here."""
    monkeypatch.setattr(pacing, "PRIVATE_RATE", 1 / 3600)
    with talk.sending():
        put(talk, *(word(str(number)) for number in range(3)))
        settled(talk, "7:2", "sent")
        put(talk, picture(URL))
        settled(talk, f"7:{URL}", "sent")
        put(talk, word("more", chat=7), word("more", chat=8))
        settled(talk, "8:more", "sent")

    assert state_of(talk, "7:more")["state"] == "pending"


def test_the_progress_gets_its_last_words_before_the_result(talk: Conversation) -> None:
    last_words = editing(5, Screen(Markup("done")), or_say=False)
    payload = {**picture(URL).payload, "first": last_words}
    talk.telegram.script["edit_message_text"] = [refused(400, "Message to edit not found")]
    put(talk, Delivery(7, "result", payload, "r"))
    with talk.sending():
        settled(talk, "r", "sent")

    assert [name for name, _ in talk.telegram.calls] == ["edit_message_text", "send_photo"]
