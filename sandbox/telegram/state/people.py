"""The users of the simulated Telegram."""

from dataclasses import dataclass
from typing import Any


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

    def as_chat(self) -> dict[str, Any]:
        """The private chat with this user."""
        found = {"id": self.id, "type": "private", "first_name": self.first_name}
        return {**found, "username": self.username} if self.username else found
