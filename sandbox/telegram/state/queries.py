"""Questions that wait for an answer of the bot: pressed buttons, payments, inline queries."""

import time
from dataclasses import dataclass, field
from typing import Any

CHECKOUT_SECONDS = 10.0  #: https://core.telegram.org/bots/api#answerprecheckoutquery


@dataclass(slots=True)
class Press:
    """A pressed button that waits for answerCallbackQuery."""

    id: str
    user_id: int
    chat_id: int
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
    monthly: bool = False  #: it would begin a subscription
    ok: bool | None = None
    answered_after: float | None = None

    @property
    def open(self) -> bool:
        """Whether an answer still counts."""
        return self.ok is None and time.monotonic() - self.asked_at <= CHECKOUT_SECONDS


@dataclass(slots=True)
class InlineQuery:
    """What a user types after the bot's name, and waits for answerInlineQuery."""

    id: str
    user_id: int
    text: str
    asked_at: float
    answered_after: float | None = None
    results: list[dict[str, Any]] = field(default_factory=list)
    button: dict[str, Any] | None = None
    next_offset: str = ""
