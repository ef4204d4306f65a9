"""Updates on their way to the bot, and the webhook that may fetch them."""

import itertools
import json
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from sandbox.telegram.state.nulls import with_nulls

#: What comes only when it was asked for by name.
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}
#: Seconds that an update waits for the bot. A press is also the query of a payment.
LIVES = {"message": 24 * 3600.0, "press": 150.0, "inline": 30.0, "chosen": 600.0}


@dataclass(slots=True)
class Update:
    """One update on its way. ``queue`` keeps the order that Telegram keeps."""

    id: int
    kind: str
    body: str  #: JSON text, as it is sent
    queue: str
    expires_at: float


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


@dataclass
class Updates:
    """``pending`` waits for the bot, oldest first."""

    pending: deque[Update] = field(default_factory=deque)
    #: The last updates, so that a test can have one delivered again.
    history: deque[Update] = field(default_factory=lambda: deque(maxlen=500))
    webhook: Webhook = field(default_factory=Webhook)
    #: Seconds that updates of each kind wait for the bot; tests shorten them.
    lives: dict[str, float] = field(default_factory=LIVES.copy)
    nulls: bool = False  #: whether fields that are not there are sent as null
    changed: Callable[[], None] = lambda: None
    _ids: Any = field(default_factory=lambda: itertools.count(secrets.randbelow(10**8) + 1))

    def next_id(self) -> int:
        return int(next(self._ids))

    def restart_ids(self, first: int) -> None:
        """As after a quiet week: the next numbers may be lower than the last ones."""
        self._ids = itertools.count(first)

    def announce(self, kind: str, content: dict[str, Any], queue: str, life: str) -> int:
        """Put an update of this content on its way; returns its number."""
        number = self.next_id()
        update = {"update_id": number, kind: content}
        body = json.dumps(with_nulls(update) if self.nulls else update)
        self.push(Update(number, kind, body, queue, time.monotonic() + self.lives[life]))
        return number

    def push(self, update: Update) -> None:
        """Put an update on its way to the bot, if its kind is asked for."""
        allowed = self.webhook.allowed
        if update.kind not in allowed if allowed else update.kind in UNASKED:
            return
        self.pending.append(update)
        self.history.append(update)
        self.changed()

    def deliver_again(self, update_id: int) -> None:
        """The same update once more, as after an answer that got lost. KeyError: too old."""
        for update in self.history:
            if update.id == update_id:
                ends = time.monotonic() + self.lives["message"]
                self.pending.append(replace(update, expires_at=ends))
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
