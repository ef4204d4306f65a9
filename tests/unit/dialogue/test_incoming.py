"""Updates are read as PTB would read them, and what is not as the Bot API says is refused."""

import json
from typing import Any

import pytest
from telegram import Message, Update

from handlers.dialogue import incoming
from handlers.dialogue.incoming import Checkout, Command, Media, Membership, Other, Pressed, Text
from tests.support import telegram_updates as telegram

USER = {"id": 7, "is_bot": False, "first_name": "Anna", "username": "anna", "language_code": "ru"}
CHAT = {"id": 7, "type": "private", "first_name": "Anna"}
PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}
GROUP = {"id": -100, "type": "supergroup", "title": "Us"}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1, "chat": CHAT, "from": USER, **content}


def press(**content: Any) -> dict[str, Any]:
    return {"id": "q", "from": USER, "chat_instance": "c", "data": "menu||", **content}


@pytest.mark.parametrize(
    "update",
    [
        {"message": message(text="/start@Painter_Bot deep  link")},
        {"message": message(text="a <b> lighthouse")},
        {"message": message(text="/help", chat=GROUP)},
        {"message": message(photo=[PHOTO])},
        {"message": message(dice={"emoji": "🎲", "value": 3})},
        {"callback_query": press(message=message(text="shown"))},
        {"callback_query": press(message={"message_id": 5, "date": 0, "chat": CHAT})},
        {"callback_query": press(message=message(caption="a photo"))},
        {"callback_query": press()},
        {"callback_query": press(message=message(text="shown", chat=GROUP))},
    ],
)  # fmt: skip
def test_senders_texts_and_presses_are_what_ptb_makes_of_them(update: dict[str, Any]) -> None:
    theirs = Update.de_json({"update_id": 1, **update}, None)

    found = incoming.read(json.dumps({"update_id": 1, **update}))

    assert found is not None
    assert theirs.effective_user is not None
    assert found.sender.user_id == theirs.effective_user.id
    assert found.sender.username == theirs.effective_user.username
    assert found.sender.first_name == theirs.effective_user.first_name
    assert found.sender.language_code == theirs.effective_user.language_code
    chat = theirs.effective_chat
    assert found.sender.chat_id == (chat.id if chat else theirs.effective_user.id)
    assert found.sender.private == (chat is None or chat.type == "private")
    if isinstance(found, Pressed):
        assert theirs.callback_query is not None
        assert (found.query_id, found.data) == (
            theirs.callback_query.id,
            theirs.callback_query.data,
        )
        under = theirs.callback_query.message
        editable = isinstance(under, Message) and under.text is not None
        assert found.message_id == (5 if editable else None)


def test_the_kinds_of_updates_are_told_apart() -> None:
    def kind(**content: Any) -> type | None:
        found = incoming.read(json.dumps({"update_id": 1, **content}))
        return None if found is None else type(found)

    assert kind(message=message(text="/new")) is Command
    assert kind(message=message(text="new")) is Text
    assert kind(message=message(dice={"emoji": "🎲", "value": 3})) is Other
    assert kind(message=message(photo=[PHOTO])) is Media
    assert kind(callback_query=press()) is Pressed
    assert kind(pre_checkout_query={"id": "q", "from": USER}) is Checkout
    change = {"chat": CHAT, "from": USER, "new_chat_member": {"status": "kicked"}}
    assert kind(my_chat_member=change) is Membership
    assert kind(edited_message=message(text="x")) is None
    assert kind(message=message(text="x", sender_chat=GROUP)) is None
    assert kind(message=message(text="x", **{"from": {**USER, "is_bot": True}})) is None
    assert kind(message=message(new_chat_title="x")) is None
    assert kind(message=message(text="not a command", chat=GROUP)) is None
    assert kind(poll={"id": "1"}) is None


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "5",
        "{",
        '{"message": 5}',
        '{"message": {"chat": {"id": 7}, "message_id": "x"}}',
        json.dumps({"message": message(chat={"id": True, "type": "private"})}),
        json.dumps({"message": message(chat={"id": 2**63, "type": "private"})}),
        json.dumps({"message": message(chat={"id": 2**52, "type": "private"})}),
        json.dumps({"message": message(text="x", chat={"id": 0, "type": "private"})}),
        json.dumps({"message": message(text="x", **{"from": {**USER, "id": 0}})}),
        json.dumps({"message": message(text="x", **{"from": {**USER, "id": -7}})}),
        json.dumps({"message": message(text=5)}),
        json.dumps({"message": message(text="x", **{"from": {"id": "7"}})}),
        json.dumps({"message": message(text="x", **{"from": {**USER, "first_name": 5}})}),
        json.dumps({"callback_query": press(id=5)}),
        json.dumps({"callback_query": press(message=[])}),
        json.dumps({"pre_checkout_query": {"from": USER}}),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_not_as_the_bot_api_says_is_refused(body: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, RecursionError)):
        incoming.read(body)


def test_fields_that_nobody_knows_yet_disturb_nothing() -> None:
    update = telegram.message(text="/help")
    update["message"]["some_day"] = {"deep": [1, {"er": None}]}
    update["message"]["from"]["some_day"] = 5

    assert isinstance(incoming.read(json.dumps(update)), Command)
