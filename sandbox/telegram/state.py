"""Everything the simulated Telegram remembers: users, messages, files, updates."""

import asyncio
import itertools
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from sandbox.files.picture import paint, picture_of
from sandbox.telegram.payments import Invoice, Purse

#: What comes only when it was asked for by name.
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}
#: Seconds an update waits for the bot; a press is also a payment's query.
LIVES = {"message": 24 * 3600.0, "press": 150.0, "inline": 30.0, "chosen": 600.0}
PATH_SECONDS = 3600.0  #: a path from getFile works at least so long


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
    payload: str = ""
    stars: int = 0
    settles: bool = False  #: whether a good answer moves the Stars
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
    #: By (chat, message) or by link.
    invoices: dict[Any, Invoice] = field(default_factory=dict)
    purse: Purse = field(default_factory=Purse)
    webhook: Webhook = field(default_factory=Webhook)
    pending: deque[Update] = field(default_factory=deque)
    #: The last updates, so that a test can have one delivered again.
    history: deque[Update] = field(default_factory=lambda: deque(maxlen=500))
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    failed_urls: dict[str, str] = field(default_factory=dict)
    fetched_urls: dict[str, StoredFile] = field(default_factory=dict)
    #: Paths that getFile gave out: file, and until when they work.
    paths: dict[str, tuple[StoredFile, float]] = field(default_factory=dict)
    #: Seconds that updates of each kind wait for the bot; tests shorten them.
    lives: dict[str, float] = field(default_factory=LIVES.copy)
    changed: Callable[[], None] = lambda: None
    _message_ids: Any = field(default_factory=lambda: itertools.count(1))
    _update_ids: Any = field(default_factory=lambda: itertools.count(secrets.randbelow(10**8) + 1))
    _thumbnail: StoredFile | None = None
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

    def thumbnail(self) -> StoredFile:
        """The small size of a photo: a file of its own, which nobody should take."""
        if self._thumbnail is None:
            picture = picture_of(paint("", 90, 90), 90, 90)
            self._thumbnail = self.store_file(picture, "thumbnail.png", "image/png")
        return self._thumbnail

    def new_path(self, stored: StoredFile) -> str:
        """A path to download from, good for an hour."""
        folder = f"{stored.mime.partition('/')[0]}s"
        path = f"{folder}/file_{len(self.paths)}{PurePosixPath(stored.name).suffix}"
        self.paths[path] = stored, time.monotonic() + PATH_SECONDS
        return path

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
        if update.kind not in allowed if allowed else update.kind in UNASKED:
            return
        self.pending.append(update)
        self.history.append(update)
        self.changed()

    def announce(self, kind: str, content: dict[str, Any], queue: str, life: str) -> int:
        """Put an update of this content on its way; returns its number."""
        number = self.next_update_id()
        body = json.dumps({"update_id": number, kind: content}, ensure_ascii=False)
        self.push(Update(number, kind, body, queue, time.monotonic() + self.lives[life]))
        return number

    def deliver_again(self, update_id: int) -> None:
        """The same update once more, as after an answer that got lost. KeyError: too old."""
        for update in self.history:
            if update.id == update_id:
                self.pending.append(
                    replace(update, expires_at=time.monotonic() + self.lives["message"])
                )
                self.changed()
                return
        raise KeyError(update_id)

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
