"""One card in a chat: the message with the buttons, and what becomes of the one before it."""

from handlers.delivery.outbox import Delivery, as_card, editing, saying
from handlers.dialogue.effects import Button, Screen
from handlers.words.texts import Markup
from tests.support import telegram_updates as telegram
from tests.support.conversation import Conversation
from tests.support.deliveries import put, settled
from tests.support.telegram_answers import refused

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
