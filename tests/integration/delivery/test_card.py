"""One card in a chat: the message with the buttons, and what becomes of the one before it."""

import asyncio
import threading
from typing import Any

import pytest

from handlers.delivery.chat_state import ChatState
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import as_card, editing, saying, showing
from handlers.dialogue.effects import Button, Screen
from handlers.words.texts import Markup
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.chats.deliveries import URL, put, settled
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.telegram_answers import refused
from tests.support.postgres.failing_rows import refused as refused_row

BUTTONS = ((Button("Create", "create|1|"),),)


def screen(text: str) -> Screen:
    return Screen(Markup(text), BUTTONS)


def card(text: str, *, at: int | None = None, chat: int = 7) -> Delivery:
    shown = screen(text)
    payload = saying(shown) if at is None else editing(at, shown, or_say=True)
    return Delivery(chat, "answer", as_card(payload, shown), f"{chat}:{text}")


def number(talk: Conversation, text: str, chat: int = 7) -> int:
    return int(settled(talk, f"{chat}:{text}", "sent")["message_id"])


def cards(talk: Conversation) -> list[int]:
    rows = talk.rows("SELECT message_id FROM cards WHERE live ORDER BY message_id")
    return [row["message_id"] for row in rows]


def removed(talk: Conversation) -> list[int]:
    return [each["message_id"] for each in talk.telegram.sent("delete_message")]


def test_a_new_card_removes_the_one_before_it_in_its_own_chat(
    talk: Conversation,
) -> None:
    put(talk, card("one"), card("other", chat=8), card("two"))

    with talk.sending():
        talk.until(lambda: removed(talk), "removed")

    assert removed(talk) == [number(talk, "one")]
    assert cards(talk) == sorted([number(talk, "two"), number(talk, "other", 8)])


def test_a_card_that_was_sent_before_a_restart_is_removed_after_it(
    talk: Conversation,
) -> None:
    put(talk, card("one"))
    with talk.sending():
        settled(talk, "7:one", "sent")
    talk.new_term()
    put(talk, card("two"))

    with talk.sending():
        talk.until(lambda: removed(talk), "removed")

    assert removed(talk) == [number(talk, "one")]


def test_a_card_that_cannot_be_deleted_loses_its_buttons(talk: Conversation) -> None:
    talk.telegram.script["delete_message"] = [
        refused(400, "Bad Request: message can't be deleted for everyone")
    ]
    put(talk, card("one"), card("two"))

    with talk.sending():
        talk.until(lambda: talk.telegram.sent("edit_message_reply_markup"), "bare")

    (bare,) = talk.telegram.sent("edit_message_reply_markup")
    assert bare == {
        "chat_id": 7,
        "message_id": number(talk, "one"),
        "reply_markup": None,
    }


def test_a_message_without_buttons_leaves_the_card_where_it_is(
    talk: Conversation,
) -> None:
    plain = Screen(Markup("words"))
    put(
        talk,
        card("one"),
        Delivery(7, "answer", as_card(saying(plain), plain), "7:words"),
    )

    with talk.sending():
        settled(talk, "7:words", "sent")

    assert cards(talk) == [number(talk, "one")]


def test_an_edited_message_becomes_the_card_and_the_other_one_goes(
    talk: Conversation,
) -> None:
    put(talk, card("one"), card("two"), card("back", at=9000))

    with talk.sending():
        talk.until(lambda: number(talk, "two") in removed(talk), "removed")

    assert number(talk, "one") == 9000
    assert cards(talk) == [9000]
    assert removed(talk) == [number(talk, "two")]  # what was about to be removed is shown again


def test_the_progress_of_a_job_stays_when_the_next_card_comes(
    talk: Conversation,
) -> None:
    put(talk, card("one"))
    with talk.sending():
        progress = number(talk, "one")
        with talk.database.transaction(talk.term) as tx:
            talk.outbox.leave_card(tx, 7, progress)
        put(talk, card("two"), card("three"))
        talk.until(lambda: removed(talk), "removed")

    assert removed(talk) == [number(talk, "two")]
    assert cards(talk) == [number(talk, "three")]


def test_a_card_left_before_telegram_told_its_number_stays(talk: Conversation) -> None:
    put(talk, card("one"))
    with talk.database.transaction(talk.term) as tx:
        talk.outbox.leave_card(tx, 7, 9000)

    with talk.sending():
        assert number(talk, "one") == 9000

    assert cards(talk) == []


class Upload:
    """What a call waits for until the test lets it go on."""

    def __init__(self) -> None:
        self.done = threading.Event()

    async def wait(self) -> None:
        await asyncio.to_thread(self.done.wait, 60)


def test_a_picture_that_comes_after_the_next_card_does_not_stay_beside_it(
    talk: Conversation,
) -> None:
    shown = screen("effect")
    payload = showing("photo", [URL], shown.text, BUTTONS, link=shown.text)
    upload = Upload()
    talk.telegram.held["send_photo"] = upload
    put(talk, Delivery(7, "answer", as_card(payload, shown), "7:effect"), card("two"))

    with talk.sending():
        talk.until(lambda: cards(talk) == [number(talk, "two")], "the card of the other line")
        upload.done.set()
        talk.until(lambda: removed(talk), "removed")

    assert removed(talk) == [number(talk, "effect")]
    assert cards(talk) == [number(talk, "two")]


def noted(number: int, message_id: int, *, live: bool = True) -> dict[str, Any]:
    """A row as ``record_outcomes`` returns it."""
    told = {"id": number, "chat_id": 7, "message_id": message_id, "card": live}
    return {**told, "progress": None, "job_id": None}


@pytest.mark.parametrize(
    "batches",
    [
        [[(1, 11), (2, 12)]],
        [[(2, 12), (1, 11)]],
        [[(2, 12)], [(1, 11)]],
        [[(1, 11)], [(2, 12)]],
        [[(1, 11), (2, 12), (0, 10)]],
        [[(0, 10)], [(2, 12), (1, 11)]],
    ],
)
def test_the_newest_delivery_makes_the_card_in_whatever_order_outcomes_come(
    talk: Conversation, batches: list[list[tuple[int, int]]]
) -> None:
    state = ChatState(BOT_ID, talk.outbox)
    for batch in batches:
        with talk.database.transaction(talk.term) as tx:
            state.note(tx, [], [noted(*each) for each in batch])

    assert cards(talk) == [12]
    gone = talk.rows("SELECT payload ->> 'message_id' AS number FROM deliveries ORDER BY 1")
    before = {message_id for batch in batches for _, message_id in batch} - {12}
    assert [int(row["number"]) for row in gone] == sorted(before)


def test_of_what_one_batch_says_of_a_message_the_last_word_counts(talk: Conversation) -> None:
    state = ChatState(BOT_ID, talk.outbox)
    with talk.database.transaction(talk.term) as tx:
        state.note(tx, [], [noted(1, 11), noted(2, 12), noted(3, 12, live=False)])

    assert cards(talk) == [11]
    assert not talk.rows("SELECT 1 FROM deliveries")


def test_a_message_that_was_never_a_card_leaves_no_row(talk: Conversation) -> None:
    plain = Screen(Markup("words"))
    put(talk, Delivery(7, "answer", as_card(saying(plain), plain), "7:words"))

    with talk.sending():
        settled(talk, "7:words", "sent")

    assert not talk.rows("SELECT 1 FROM cards")


@pytest.mark.parametrize("sqlstate", ["53100", "22003"])
def test_a_card_that_cannot_be_noted_is_sent_once(
    talk: Conversation, connect: Any, sqlstate: str
) -> None:
    put(talk, card("one"), card("other", chat=8))

    with refused_row(connect, "cards", sqlstate, "NEW.chat_id = 7"), talk.sending():
        settled(talk, "7:one", "sent")
        settled(talk, "8:other", "sent")
        put(talk, card("more"))
        settled(talk, "7:more", "sent")

    assert len(talk.telegram.sent("send_message")) == 3


def test_words_move_the_card_down_and_create_turns_it_into_progress(
    talk: Conversation,
) -> None:
    with talk.dispatching(), talk.sending():
        talk.put(telegram.message(text="a red fox"))
        talk.until(lambda: cards(talk) == [9000], "card")
        talk.put(telegram.message(text="a blue fox"))
        talk.until(lambda: cards(talk) == [9001] and removed(talk) == [9000], "moved")
        keyboard = talk.telegram.sent("send_message")[-1]["reply_markup"].inline_keyboard
        talk.put(telegram.press(keyboard[0][0].callback_data, message_id=9001))
        talk.until(lambda: talk.rows("SELECT 1 FROM generation_jobs"), "job")
        talk.put(telegram.message(text="a green fox"))
        talk.until(lambda: cards(talk) == [9002], "next card")

    assert removed(talk) == [9000]


def test_an_album_is_answered_once_after_the_last_of_it(talk: Conversation) -> None:
    size = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
    album = [telegram.message(photo=[size], media_group_id="g") for _ in range(3)]

    talk.put(*album)
    with talk.dispatching():
        talk.until(
            lambda: talk.rows(
                "SELECT 1 FROM telegram_updates WHERE state = 'done' HAVING count(*) = 3"
            ),
            "all handled",
        )
    with talk.sending():
        talk.until(lambda: cards(talk), "card")

    (sent,) = talk.telegram.sent("send_message")
    assert "3 photos" in sent["text"]
