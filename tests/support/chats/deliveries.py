"""Deliveries and what tests look at afterwards."""

from typing import Any

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying, showing
from handlers.dialogue.effects import Button, Screen
from handlers.words.texts import Markup
from tests.support.chats.conversation import Conversation

KEYBOARD = ((Button("Again", "again||1"), Button("Link", url="https://t.me/x")),)


def put(talk: Conversation, *deliveries: Delivery) -> None:
    with talk.database.transaction(talk.term) as tx:
        talk.outbox.enqueue(tx, deliveries)


def word(text: str, chat: int = 7, kind: str = "answer", key: str = "") -> Delivery:
    return Delivery(chat, kind, saying(Screen(Markup(text), KEYBOARD)), key or f"{chat}:{text}")


def picture(url: str, chat: int = 7) -> Delivery:
    payload = showing("photo", [url], Markup("a fox"), KEYBOARD, link=Markup(f"see {url}"))
    return Delivery(chat, "result", payload, f"{chat}:{url}")


def state_of(talk: Conversation, key: str) -> dict[str, Any]:
    (row,) = talk.rows("SELECT * FROM deliveries WHERE dedupe_key = %s", key)
    return row


def settled(talk: Conversation, key: str, state: str) -> dict[str, Any]:
    talk.until(lambda: state_of(talk, key)["state"] == state, f"{key} {state}", 12)
    return state_of(talk, key)


def texts(talk: Conversation, method: str = "send_message") -> list[str]:
    return [details["text"] for details in talk.telegram.sent(method)]


URL = "http://x.example/r/pic.png?sign=1"
