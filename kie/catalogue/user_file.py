"""A file that a user sent, as an input names it until it is given to kie.ai.

It holds Telegram's file id and never a URL: Telegram's file URLs contain the bot's token.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

#: What bots may download from Telegram (getFile).
TELEGRAM_LIMIT = 20 * 1024 * 1024
#: The type of a picture of which nobody has said what it is; its first bytes will.
UNTOLD = "image/*"


@dataclass(frozen=True, slots=True)
class UserFile:
    """A picture, recording or clip that a user has sent."""

    file_id: str
    kind: str  #: image, audio or video
    size: int  #: bytes; 0: Telegram did not say
    name: str
    mime: str
    seconds: float | None = None  #: how long it plays; None: Telegram did not say

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, value: object) -> Self | None:
        """The reference in ``value``; None: it is none."""
        if not isinstance(value, Mapping) or set(value) != _KEYS:
            return None
        seconds = value["seconds"]
        texts = all(isinstance(value[key], str) for key in ("file_id", "kind", "name", "mime"))
        numbers = type(value["size"]) is int and (seconds is None or type(seconds) in {int, float})
        return cls(**value) if texts and numbers and value["file_id"] else None


_KEYS = frozenset({"file_id", "kind", "size", "name", "mime", "seconds"})
