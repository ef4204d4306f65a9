"""Deliveries and what tests look at afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from handlers.delivery import sender
from handlers.delivery.claims import ClaimResult
from handlers.delivery.in_flight import InFlight
from handlers.delivery.outbox import Delivery, Told
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


def state_of_all(talk: Conversation, chats: range) -> set[str]:
    rows = talk.rows("SELECT state FROM deliveries WHERE chat_id = ANY (%s)", [*chats])
    return {row["state"] for row in rows}


@contextmanager
def counted(talk: Conversation, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ClaimResult]]:
    """The results of all looks after the first one, which is over when the block begins; answers
    may be claimed early then."""
    monkeypatch.setattr(sender, "IDLE", 7200.0)  # the look of an idle sender hides nothing
    looks: list[ClaimResult] = []
    look = InFlight.look

    async def counting(*given: Any) -> ClaimResult:
        looks.append(await look(*given))
        return looks[-1]

    monkeypatch.setattr(InFlight, "look", counting)
    with talk.sending():
        talk.until(lambda: looks and talk.early is not None and talk.early.is_open, "it works")
        looks.clear()
        yield looks


def said(text: str) -> Told:
    """The same in every language."""
    return lambda _: text


URL = "http://x.example/r/pic.png?sign=1"
