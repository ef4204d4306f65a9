"""Orders from a group and its switch, from the inbox to Telegram."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from handlers.dialogue.senders import ANONYMOUS_ADMIN
from handlers.features.groups.switching import Switching
from kie.money import ledger
from supervisor.runtime.errors import Rejected, Unavailable
from tests.support.chats.conversation import Conversation
from tests.support.edges import telegram_updates as telegram

GROUP: dict[str, Any] = {"id": -100, "type": "supergroup", "title": "Us", "is_forum": True}
TOPIC, USER = 77, 7


@pytest.fixture
def talk(talk: Conversation) -> Iterator[Conversation]:
    talk.current_shop.learn("Painter", "painter_bot")
    with talk.dispatching(), talk.sending():
        yield talk


def in_group(text: str, **more: Any) -> dict[str, Any]:
    marks = [{"type": "mention", "offset": 0, "length": 12}] if text.startswith("@") else []
    place: dict[str, Any] = {"chat": GROUP, "message_thread_id": TOPIC, "is_topic_message": True}
    return telegram.message(text=text, entities=marks, **place, **more)


def said(talk: Conversation, chat: int, count: int = 1) -> list[dict[str, Any]]:
    def found() -> list[dict[str, Any]]:
        return [each for each in talk.telegram.sent("send_message") if each["chat_id"] == chat]

    talk.until(lambda: len(found()) >= count, f"{count} messages in chat {chat}")
    return found()


def button(message: dict[str, Any], action: str) -> str:
    """The data of the button of that message whose action it is."""
    rows = message["reply_markup"].inline_keyboard
    found = [each.callback_data or "" for row in rows for each in row]
    return next(each for each in found if each.startswith(f"{action}|"))


@contextmanager
def switching(talk: Conversation) -> Iterator[None]:
    """The service that asks Telegram, in a loop of its own."""
    loop, ended = asyncio.new_event_loop(), list[None]()
    stop = asyncio.Event()
    service = Switching(talk.installation, talk.database, talk.telegram, talk.wakeups, talk.clock)

    def body() -> None:
        asyncio.set_event_loop(loop)
        ended.append(loop.run_until_complete(service.run(talk.term, talk.gate, stop)))

    thread = threading.Thread(target=body)
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(15)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    assert ended == [None]


def test_a_stranger_is_led_to_the_private_chat_by_a_link_that_shows_the_order(
    talk: Conversation,
) -> None:
    talk.put(in_group("@painter_bot a fox"))

    (line,) = said(talk, GROUP["id"])
    assert line["message_thread_id"] == TOPIC
    link = line["reply_markup"].inline_keyboard[0][0].url
    start = link.partition("?start=")[2]
    talk.put(telegram.message(text=f"/start {start}"))

    (order,) = said(talk, USER)
    assert "a fox" in order["text"]
    assert order["reply_markup"].inline_keyboard[0][0].callback_data.startswith("gwish||")


def test_who_has_a_private_chat_confirms_there_and_the_result_goes_to_the_topic(
    talk: Conversation,
) -> None:
    talk.put(telegram.message(text="/start"))
    said(talk, USER)
    wish = in_group("@painter_bot a fox")
    talk.put(wish)
    (line,) = said(talk, GROUP["id"])
    order = said(talk, USER, 2)[-1]
    assert "private chat" in line["text"]
    press = order["reply_markup"].inline_keyboard[0][0].callback_data

    talk.put(telegram.press(press), telegram.press(press))

    (job,) = talk.until(lambda: talk.rows("SELECT * FROM generation_jobs"), "the job")
    assert (job["user_id"], job["chat_id"], job["thread"]) == (USER, GROUP["id"], TOPIC)
    assert job["input_params"]["prompt"] == "a fox"
    talk.until(
        lambda: not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "both presses"
    )
    assert len(talk.rows("SELECT 1 FROM generation_jobs")) == 1
    progress = said(talk, GROUP["id"], 2)[-1]
    assert progress["message_thread_id"] == TOPIC
    assert progress["reply_parameters"].message_id == wish["message"]["message_id"]
    (changed,) = talk.until(lambda: talk.telegram.sent("edit_message_text"), "the wish's message")
    assert "comes to the group" in changed["text"]
    assert changed["reply_markup"] is None


def test_a_wish_that_could_not_be_paid_is_ordered_for_the_group_after_the_top_up(
    talk: Conversation,
) -> None:
    talk.put(telegram.message(text="/start"))
    said(talk, USER)
    talk.put(in_group("/video@painter_bot waves"))
    order = said(talk, USER, 2)[-1]
    press = button(order, "gwish")
    assert "short" in order["text"]

    talk.put(telegram.press(press))
    (again,) = talk.until(lambda: talk.telegram.sent("edit_message_text"), "the wish again")
    assert "short" in again["text"]
    assert talk.rows("SELECT 1 FROM generation_jobs") == []
    with talk.database.transaction(talk.term) as tx:
        ledger.book(tx, talk.installation.bot_id, USER, "topup", 1000, note=None, key="t")
    talk.put(telegram.press(button(again, "gwish")), telegram.press(button(again, "gwish")))

    (job,) = talk.until(lambda: talk.rows("SELECT * FROM generation_jobs"), "the job")
    assert (job["user_id"], job["chat_id"], job["thread"]) == (USER, GROUP["id"], TOPIC)
    talk.until(
        lambda: not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "both presses"
    )
    assert len(talk.rows("SELECT 1 FROM generation_jobs")) == 1


def test_a_wish_that_is_not_wanted_is_gone(talk: Conversation) -> None:
    talk.put(telegram.message(text="/start"))
    said(talk, USER)
    talk.put(in_group("@painter_bot a fox"))
    order = said(talk, USER, 2)[-1]

    talk.put(telegram.press(button(order, "gno")))

    (told,) = talk.until(lambda: talk.telegram.sent("edit_message_text"), "the answer")
    assert "Cancelled" in told["text"]
    assert talk.rows("SELECT 1 FROM group_wishes") == []


def test_nobody_else_can_confirm_a_wish(talk: Conversation) -> None:
    talk.put(in_group("@painter_bot a fox"))
    said(talk, GROUP["id"])
    (wish,) = talk.rows("SELECT id FROM group_wishes")

    talk.put(telegram.press(f"gwish||{wish['id']}:0", user=8))

    (answer,) = talk.until(lambda: talk.telegram.sent("edit_message_text"), "the answer")
    assert "gone" in answer["text"]
    assert talk.rows("SELECT 1 FROM generation_jobs") == []


@pytest.mark.parametrize(
    ("member", "silent"),
    [
        ({"status": "creator"}, True),
        ({"status": "administrator"}, True),
        ({"status": "member"}, False),
        (Rejected("no such chat"), False),
    ],
)
def test_only_administrators_switch_the_bot_off(
    talk: Conversation, member: Any, silent: bool
) -> None:
    refused = isinstance(member, Exception)
    talk.telegram.script["get_chat_member"] = [member if refused else None]
    talk.telegram.members = [] if refused else [member]
    with switching(talk):
        talk.put(in_group("/group off"))
        (answer,) = said(talk, GROUP["id"])

    assert ("Switched off" in answer["text"]) == silent
    assert ("Only the admins" in answer["text"]) == (not silent)
    assert answer["message_thread_id"] == TOPIC
    assert [row["silent"] for row in talk.rows("SELECT silent FROM groups")] == [True] * silent
    assert talk.rows("SELECT 1 FROM group_switches") == []
    talk.put(in_group("@painter_bot a fox"))
    assert ("switched me off" in said(talk, GROUP["id"], 2)[-1]["text"]) == silent


@pytest.mark.parametrize(("user", "silent"), [(7, True), (8, False)])
def test_a_bot_that_is_no_administrator_is_told_who_they_are(
    talk: Conversation, user: int, silent: bool
) -> None:
    talk.telegram.script["get_chat_member"] = [Rejected("CHAT_ADMIN_REQUIRED")]
    talk.telegram.administrators = [None, {"status": "creator"}]
    talk.telegram.administrators += [{"status": "administrator", "user": {"id": user}}]
    with switching(talk):
        talk.put(in_group("/group off"))
        (answer,) = said(talk, GROUP["id"])

    assert ("Switched off" in answer["text"]) == silent
    assert ("Only the admins" in answer["text"]) == (not silent)


def test_a_switch_waits_while_telegram_does_not_answer(talk: Conversation) -> None:
    talk.telegram.script["get_chat_member"] = [Unavailable("away")]
    talk.telegram.members = [{"status": "creator"}]
    with switching(talk):
        talk.put(in_group("/group off"))
        # The first look may read the row before its wake comes, which then asks once more.
        talk.until(lambda: talk.telegram.sent("get_chat_member"), "the question")
        talk.wakeups.signal("groups")
        talk.until(lambda: talk.rows("SELECT 1 FROM groups WHERE silent"), "the switch")
    assert len(talk.telegram.sent("get_chat_member")) >= 2


def test_a_group_that_becomes_a_supergroup_stays_switched_off(talk: Conversation) -> None:
    old, new = -5, -1005
    moves = [("migrate_to_chat_id", old, new), ("migrate_from_chat_id", new, old)]
    talk.rows(
        "INSERT INTO groups (bot_id, chat_id, silent, changed_by) VALUES (%s, %s, TRUE, 9)"
        " RETURNING chat_id",
        *(talk.installation.bot_id, old),
    )
    talk.put(telegram.message(text="/start"))
    said(talk, USER)
    for key, chat, other in moves:
        place = {"id": chat, "type": "group" if chat == old else "supergroup", "title": "Us"}
        talk.put(telegram.message(9, chat=place, **{key: other}))
    # Made last: the order of the updates in a chat is that of their numbers.
    place = {"id": new, "type": "supergroup"}
    talk.put(telegram.message(text="/image@painter_bot a fox", chat=place))

    assert "switched me off" in said(talk, new)[-1]["text"]
    assert [row["chat_id"] for row in talk.rows("SELECT chat_id FROM groups")] == [new]
    assert talk.rows("SELECT 1 FROM users WHERE user_id = 9") == []  # who has only tidied up


@pytest.mark.parametrize(("words", "answer"), [("/group", "/group off"), ("/help", "mention me")])
def test_a_group_whose_language_a_newer_version_has_noted_is_answered(
    talk: Conversation, words: str, answer: str
) -> None:
    """By one who stays anonymous: the language of the group is all that is known."""
    talk.rows(
        "INSERT INTO group_languages (bot_id, chat_id, language) VALUES (%s, %s, 'tlh')"
        " RETURNING chat_id",
        *(talk.installation.bot_id, GROUP["id"]),
    )
    nobody = {"id": ANONYMOUS_ADMIN, "is_bot": True, "first_name": "Group"}
    talk.put(in_group(f"{words}@painter_bot", sender_chat=GROUP, **{"from": nobody}))

    assert answer in said(talk, GROUP["id"])[0]["text"]


def test_what_was_asked_for_in_a_group_comes_to_the_supergroup_that_it_became(
    talk: Conversation,
) -> None:
    old, new = -5, -1005
    place = {"id": old, "type": "group", "title": "Us"}
    talk.put(telegram.message(text="/start"))
    said(talk, USER)
    talk.put(telegram.message(text="/image@painter_bot a fox", chat=place))
    said(talk, old)
    press = button(said(talk, USER, 2)[-1], "gwish")
    talk.put(telegram.message(9, chat=place, migrate_to_chat_id=new), telegram.press(press))

    (job,) = talk.until(lambda: talk.rows("SELECT * FROM generation_jobs"), "the job")
    assert (job["chat_id"], job["wish_message_id"]) == (new, None)
    assert said(talk, new)  # its progress


def test_the_link_under_a_result_of_a_group_leads_everybody_else_to_the_same_wish(
    talk: Conversation,
) -> None:
    with talk.database.transaction(talk.term) as tx:
        tx.one(
            "SELECT ensure_user(8), ensure_account(%(bot)s, 8)", {"bot": talk.installation.bot_id}
        )
        made = "INSERT INTO generation_jobs (bot_id, user_id, chat_id, model, status, input_params)"
        values = " VALUES (%(bot)s, 8, %(chat)s, 'z-image', 'success', %(inputs)s) RETURNING id"
        inputs = '{"prompt": "a red fox", "aspect_ratio": "9:16"}'
        named = {"bot": talk.installation.bot_id, "inputs": inputs}
        shown = tx.one(made + values, {**named, "chat": GROUP["id"]})
        own = tx.one(made + values, {**named, "chat": 8})
    assert shown is not None
    assert own is not None
    code = talk.installation.identity.wish_code
    wrong = code(shown["id"])[:-1] + "x"
    talk.put(telegram.message(text=f"/start w_{shown['id']}_{wrong}"))
    talk.put(telegram.message(text=f"/start w_{own['id']}_{code(own['id'])}"))
    assert not any("a red fox" in each["text"] for each in said(talk, USER, 2))

    talk.put(telegram.message(text=f"/start w_{shown['id']}_{code(shown['id'])}"))
    assert "a red fox" in said(talk, USER, 3)[-1]["text"]
