"""The whole state of the simulated Telegram: one bot and its chats."""

import itertools
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.telegram.state.events import Events
from sandbox.telegram.state.files import Files
from sandbox.telegram.state.payments import Invoice, Payment, Purse
from sandbox.telegram.state.people import Group, User
from sandbox.telegram.state.profile import Profile
from sandbox.telegram.state.queries import Checkout, InlineQuery, Press
from sandbox.telegram.state.updates import Updates

Message = dict[str, Any]

MOST_DELETED = 1000  #: deleted messages of a chat that are remembered


@dataclass
class State:
    """Used from one event loop."""

    token: str
    bot: dict[str, Any]
    time_scale: float = 1.0  #: factor of all pauses
    revoked: bool = False
    inline: bool = False  #: inline mode, as @BotFather switches it on
    inline_feedback: bool = False  #: whether chosen results are told
    privacy: bool = True  #: whether the bot sees in groups only what is meant for it
    users: dict[int, User] = field(default_factory=dict)
    groups: dict[int, Group] = field(default_factory=dict)
    #: By chat and number.
    messages: dict[int, dict[int, Message]] = field(default_factory=dict)
    #: The latest messages of each chat that were deleted.
    deleted: defaultdict[int, deque[Message]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST_DELETED))
    )
    files: Files = field(default_factory=Files)
    updates: Updates = field(default_factory=Updates)
    presses: dict[str, Press] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    inline_queries: dict[str, InlineQuery] = field(default_factory=dict)
    #: By (chat, message) or by link.
    invoices: dict[Any, Invoice] = field(default_factory=dict)
    purse: Purse = field(default_factory=Purse)
    profile: Profile = field(default_factory=Profile)
    calls: list[dict[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    events: Events = field(default_factory=Events)
    _message_ids: Any = field(default_factory=lambda: itertools.count(1))

    def add_user(self, first_name: str, language_code: str, *, crowd: bool = False) -> User:
        """A new user. The page does not show one of a crowd."""
        user = User(1000 + len(self.users) + 1, first_name, language_code)
        user.username = f"{first_name.lower()}_{user.id}" if first_name.isascii() else ""
        self.users[user.id] = user
        self.messages[user.id] = {}
        if crowd:
            self.events.hidden.add(user.id)
        else:
            self.events.tell({"type": "user", "user": user.as_api()})
        return user

    def add_group(self, title: str, members: set[int], admins: set[int], *, forum: bool) -> Group:
        group = Group(-1001000000000 - len(self.groups) - 1, title, members, admins, forum=forum)
        self.groups[group.id] = group
        self.messages[group.id] = {}
        self.events.tell({"type": "chats"})
        return group

    def topics(self, chat_id: int) -> dict[int, str]:
        """The topics of a chat. KeyError: there is no such chat."""
        group = self.groups.get(chat_id)
        return group.topics if group is not None else self.users[chat_id].topics

    def chat(self, chat_id: int) -> dict[str, Any]:
        """The Chat object. KeyError: there is no such chat."""
        group = self.groups.get(chat_id)
        return group.as_chat() if group is not None else self.users[chat_id].as_chat()

    def next_message_id(self) -> int:
        return int(next(self._message_ids))

    def new_message(self, chat_id: int, sender: Mapping[str, Any], **content: Any) -> Message:
        """Store a message and show it. Returns the stored object: copy before changing."""
        message = {
            "message_id": self.next_message_id(),
            "from": dict(sender),
            "chat": self.chat(chat_id),
            "date": int(time.time()),
            **{name: value for name, value in content.items() if value not in (None, [], "")},
        }
        self.messages[chat_id][message["message_id"]] = message
        self.events.tell({"type": "message", "chat_id": chat_id, "message": message})
        return message

    def tell_payment(self, payment: Payment) -> None:
        """The bot learns that Stars have arrived."""
        user = self.users[payment.user_id]
        message = self.new_message(user.id, user.as_api(), successful_payment=payment.as_api())
        self.updates.announce("message", message, f"chat:{user.id}", "message")

    def replied(self, chat_id: int, message_id: int) -> Message | None:
        """A message as ``reply_to_message`` shows it: without the one it replies to."""
        found = self.messages.get(chat_id, {}).get(message_id)
        if found is None:
            return None
        return {name: value for name, value in found.items() if name != "reply_to_message"}

    def changed(self, message: Message, changes: Mapping[str, Any]) -> Message:
        """Replace parts of a stored message (an empty value removes the part) and show it."""
        for name, value in changes.items():
            message.pop(name, None)
            if value:
                message[name] = value
        message["edit_date"] = int(time.time())
        self.events.tell({"type": "edit", "chat_id": message["chat"]["id"], "message": message})
        return message

    def delete(self, chat_id: int, message_id: int) -> bool:
        """Whether there was such a message."""
        message = self.messages[chat_id].pop(message_id, None)
        if message is None:
            return False
        self.deleted[chat_id].append(message)
        self.events.tell({"type": "delete", "chat_id": chat_id, "message_id": message_id})
        return True

    def new_group(self) -> str:
        """The ``media_group_id`` of an album."""
        return str(secrets.randbits(53))
