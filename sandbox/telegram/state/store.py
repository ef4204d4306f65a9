"""The whole state of the simulated Telegram: one bot and its chats."""

import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.state.events import Events
from sandbox.telegram.state.files import Files
from sandbox.telegram.state.payments import Invoice, Purse
from sandbox.telegram.state.people import User
from sandbox.telegram.state.queries import Checkout, Press
from sandbox.telegram.state.updates import Updates


@dataclass
class State:
    """Used from one event loop."""

    token: str
    bot: dict[str, Any]
    time_scale: float = 1.0  #: factor of all pauses
    revoked: bool = False
    users: dict[int, User] = field(default_factory=dict)
    messages: dict[int, dict[int, dict[str, Any]]] = field(default_factory=dict)
    files: Files = field(default_factory=Files)
    updates: Updates = field(default_factory=Updates)
    presses: dict[str, Press] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    #: By (chat, message) or by link.
    invoices: dict[Any, Invoice] = field(default_factory=dict)
    purse: Purse = field(default_factory=Purse)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    events: Events = field(default_factory=Events)
    _message_ids: Any = field(default_factory=lambda: itertools.count(1))

    def add_user(self, first_name: str, language_code: str) -> User:
        user = User(1000 + len(self.users) + 1, first_name, language_code)
        user.username = f"{first_name.lower()}_{user.id}" if first_name.isascii() else ""
        self.users[user.id] = user
        self.messages[user.id] = {}
        self.events.tell({"type": "user", "user": user.as_api()})
        return user

    def chat(self, chat_id: int) -> dict[str, Any]:
        """The Chat object. KeyError: there is no such chat."""
        return self.users[chat_id].as_chat()

    def new_message(self, chat_id: int, sender: dict[str, Any], **content: Any) -> dict[str, Any]:
        """Store a message and show it. Returns the stored object: copy before changing."""
        message = {
            "message_id": next(self._message_ids),
            "from": sender,
            "chat": self.chat(chat_id),
            "date": int(time.time()),
            **{name: value for name, value in content.items() if value not in (None, [], "")},
        }
        self.messages[chat_id][message["message_id"]] = message
        self.events.tell({"type": "message", "chat_id": chat_id, "message": message})
        return message

    def new_group(self) -> str:
        """The ``media_group_id`` of an album."""
        return str(secrets.randbits(53))
