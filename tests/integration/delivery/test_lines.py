"""What has to wait in a chat holds up only what belongs to it."""

import asyncio
import threading
from dataclasses import replace

import pytest

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import editing, removing, showing
from handlers.dialogue.effects import Screen
from handlers.words.texts import Markup
from kie.http.transport import NotFound
from supervisor.runtime.errors import Unavailable
from tests.support.chats.conversation import Conversation
from tests.support.chats.deliveries import picture, put, settled, state_of, texts, word
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.link_files import Files
from tests.support.edges.telegram_answers import flooded

LATE = "http://x.example/r/late.png"


PLAIN = Screen(Markup("words"))
SHOWN = showing("photo", [LATE], PLAIN.text, (), link=PLAIN.text)
REFUND = {"do": "refund", "user_id": 7, "charge_id": "c"}


class Hanging:
    """What the calls of one method wait for."""

    def __init__(self) -> None:
        self.end = threading.Event()

    async def wait(self) -> None:
        await asyncio.to_thread(self.end.wait, 60)


@pytest.mark.parametrize(
    ("method", "delivery"),
    [
        ("send_photo", Delivery(7, "answer", SHOWN, "hangs")),
        ("send_photo", Delivery(7, "result", SHOWN, "hangs")),
        ("edit_message_text", Delivery(7, "status", editing(5, PLAIN, or_say=False), "hangs")),
        ("edit_message_text", Delivery(7, "notice", editing(5, PLAIN, or_say=True), "hangs")),
        ("delete_message", Delivery(7, "status", removing(5), "hangs")),
        ("refund_star_payment", Delivery(7, "refund", REFUND, "hangs")),
    ],
)
def test_a_call_without_an_end_holds_up_no_answer_of_the_same_chat(
    talk: Conversation, method: str, delivery: Delivery
) -> None:
    hanging = Hanging()
    talk.telegram.held[method] = hanging
    put(talk, delivery)
    with talk.sending():
        talk.until(lambda: talk.telegram.sent(method), "it hangs")
        put(talk, word("first"), word("second"))
        settled(talk, "7:second", "sent")
        assert state_of(talk, "hangs")["state"] == "sending"
        hanging.end.set()

    assert texts(talk) == ["first", "second"]


def test_a_result_whose_link_is_late_holds_up_no_answer(talk: Conversation, files: Files) -> None:
    files.file_infos[LATE] = None
    files.content[LATE] = NotFound("not there yet")
    put(talk, picture(LATE))
    with talk.dispatching(), talk.sending():
        talk.until(lambda: state_of(talk, f"7:{LATE}")["attempts"] == 1, "tried once")
        talk.put(telegram.message(7, text="/help"))
        talk.until(lambda: texts(talk), "the answer")
        assert state_of(talk, f"7:{LATE}")["state"] in {"pending", "sending"}


def test_a_flooded_result_holds_up_no_answer(talk: Conversation) -> None:
    talk.telegram.script["send_photo"] = [flooded(900)]
    put(talk, picture("http://x.example/a.png"))
    with talk.sending():
        talk.until(lambda: talk.telegram.sent("send_photo"), "refused")
        put(talk, word("help"))
        settled(talk, "7:help", "sent")

    assert state_of(talk, "7:http://x.example/a.png")["state"] == "pending"


def test_a_result_that_waits_holds_up_no_other_result_of_the_chat(
    talk: Conversation, files: Files
) -> None:
    files.file_infos[LATE] = None
    files.content[LATE] = Unavailable("not now")
    jobs = [
        row["id"]
        for row in talk.rows(
            "INSERT INTO generation_jobs (bot_id, user_id, chat_id, model, status, input_params)"
            " SELECT 123456, user_id, 7, 'z-image', 'success', '{}'"
            " FROM (SELECT ensure_user(7, 'a', 'A'), 7::bigint AS user_id) AS u,"
            " generate_series(1, 2) RETURNING id"
        )
    ]
    put(talk, replace(picture(LATE), job_id=jobs[0]))
    put(talk, replace(picture("http://x.example/b.png"), job_id=jobs[1]))
    with talk.sending():
        settled(talk, "7:http://x.example/b.png", "sent")


def test_the_parts_of_one_result_keep_their_order(talk: Conversation, files: Files) -> None:
    files.file_infos[LATE] = None
    files.content[LATE] = Unavailable("not now")
    put(talk, picture(LATE), picture("http://x.example/second.png"))
    with talk.sending():
        talk.until(lambda: state_of(talk, f"7:{LATE}")["attempts"] == 1, "tried once")
        put(talk, word("help"))
        settled(talk, "7:help", "sent")
        assert not talk.telegram.sent("send_photo")
        files.file_infos.pop(LATE)
        settled(talk, "7:http://x.example/second.png", "sent")

    assert [each["photo"] for each in talk.telegram.sent("send_photo")][0] == LATE
