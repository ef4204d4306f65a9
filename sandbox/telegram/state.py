"""Everything the simulated Telegram remembers: users, messages, files, updates."""

import asyncio
import itertools
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

MESSAGE_LIFE = 24 * 3600.0  #: seconds an update waits for the bot
PRESS_LIFE = 150.0


@dataclass(slots=True)
class User:
    id: int
    first_name: str
    language_code: str
    username: str = ""
    blocked: bool = False
    deactivated: bool = False

    def as_api(self) -> dict[str, Any]:
        found = {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": self.language_code,
        }
        return {**found, "username": self.username} if self.username else found


@dataclass(slots=True)
class Update:
    """One update on its way. ``queue`` keeps the order that Telegram keeps."""

    id: int
    kind: str
    body: str  #: JSON text, as it is sent
    queue: str
    expires_at: float


@dataclass(slots=True)
class Press:
    """A pressed button that waits for answerCallbackQuery."""

    id: str
    user_id: int
    message_id: int
    pressed_at: float
    answered: bool = False
    text: str | None = None
    alert: bool = False
    answered_after: float | None = None


@dataclass(slots=True)
class Checkout:
    """A payment that waits for answerPreCheckoutQuery."""

    id: str
    user_id: int
    asked_at: float
    ok: bool | None = None
    answered_after: float | None = None


@dataclass(slots=True)
class Webhook:
    url: str = ""
    secret: str = ""
    allowed: list[str] | None = None
    max_connections: int = 40
    set_at: float = float("-inf")
    last_error_date: int | None = None
    last_error_message: str = ""
    gone_since: float | None = None  #: since when it has answered nothing but 410


@dataclass(slots=True)
class StoredFile:
    file_id: str
    unique_id: str
    name: str
    mime: str
    content: bytes


@dataclass
class State:
    """One bot and its users. Used from one event loop."""

    token: str
    bot: dict[str, Any]
    revoked: bool = False
    users: dict[int, User] = field(default_factory=dict)
    messages: dict[int, dict[int, dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    webhook: Webhook = field(default_factory=Webhook)
    pending: deque[Update] = field(default_factory=deque)
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    failed_urls: dict[str, str] = field(default_factory=dict)
    #: Seconds that updates of each kind wait for the bot; tests shorten them.
    lives: dict[str, float] = field(
        default_factory=lambda: {"message": MESSAGE_LIFE, "press": PRESS_LIFE}
    )
    changed: Callable[[], None] = lambda: None
    _message_ids: Any = field(default_factory=lambda: itertools.count(1))
    _update_ids: Any = field(default_factory=lambda: itertools.count(secrets.randbelow(10**8) + 1))
    _listeners: set[asyncio.Queue[dict[str, Any]]] = field(default_factory=set)

    def add_user(self, first_name: str, language_code: str) -> User:
        user = User(1000 + len(self.users) + 1, first_name, language_code)
        user.username = f"{first_name.lower()}_{user.id}" if first_name.isascii() else ""
        self.users[user.id] = user
        self.messages[user.id] = {}
        self.tell({"type": "user", "user": user.as_api()})
        return user

    def chat(self, chat_id: int) -> dict[str, Any]:
        """The Chat object of a private chat. KeyError: there is none."""
        user = self.users[chat_id]
        return {
            "id": user.id,
            "type": "private",
            "first_name": user.first_name,
            **({"username": user.username} if user.username else {}),
        }

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
        self.tell({"type": "message", "chat_id": chat_id, "message": message})
        return message

    def store_file(self, content: bytes, name: str, mime: str) -> StoredFile:
        stored = StoredFile(
            f"AgAC{secrets.token_urlsafe(24)}",
            f"AQAD{secrets.token_urlsafe(8)}",
            name,
            mime,
            content,
        )
        self.files[stored.file_id] = stored
        return stored

    def new_group(self) -> str:
        """The ``media_group_id`` of an album."""
        return str(secrets.randbits(53))

    def next_update_id(self) -> int:
        return int(next(self._update_ids))

    def restart_update_ids(self, first: int) -> None:
        """As after a quiet week: the next numbers may be lower than the last ones."""
        self._update_ids = itertools.count(first)

    def push(self, update: Update) -> None:
        """Put an update on its way to the bot."""
        allowed = self.webhook.allowed
        if allowed and update.kind not in allowed:
            return
        self.pending.append(update)
        self.changed()

    def drop_expired(self) -> None:
        now = time.monotonic()
        if any(update.expires_at <= now for update in self.pending):
            kept = [update for update in self.pending if update.expires_at > now]
            self.pending.clear()
            self.pending.extend(kept)

    def remove(self, update: Update) -> None:
        if update in self.pending:
            self.pending.remove(update)

    # ------------------------------------------------------------ live page --

    def listen(self) -> asyncio.Queue[dict[str, Any]]:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1000)
        self._listeners.add(queue)
        return queue

    def forget(self, queue: asyncio.Queue[dict[str, Any]]) -> None:
        self._listeners.discard(queue)

    def tell(self, event: dict[str, Any]) -> None:
        for queue in tuple(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
            else:
                queue.put_nowait(event)
