"""Readers for fields of Telegram's JSON: a missing required field raises, an optional one is None.

An explicit null counts as absent. Raised are ``LookupError``, ``TypeError`` and ``ValueError``.
"""

from collections.abc import Mapping
from typing import Any

from supervisor.values import telegram_id
from supervisor.values.foreign import storable

Part = Mapping[str, Any]


def part(holder: Part, name: str) -> Part | None:
    """The object of that name; None: absent, or an explicit null."""
    found = holder.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise TypeError(f"{name} is not an object")
    return found


def needed(holder: Part, name: str) -> Part:
    found = part(holder, name)
    if found is None:
        raise LookupError(f"{name} is missing")
    return found


def id_of_user(user: Part) -> int:
    found = whole_number(user, "id")
    if not telegram_id.is_user(found):
        raise ValueError("id is not that of a user")
    return found


def id_of_chat(chat: Part) -> int:
    found = whole_number(chat, "id")
    if not telegram_id.is_chat(found):
        raise ValueError("id is not that of a chat")
    return found


def whole_number(holder: Part, name: str) -> int:
    found = holder[name]
    # bool is a subclass of int; JSON's true is no number.
    if type(found) is not int or not -(2**63) <= found < 2**63:
        raise TypeError(f"{name} is not a whole number that fits")
    return found


def word(holder: Part, name: str) -> str:
    found = holder[name]
    if not isinstance(found, str):
        raise TypeError(f"{name} is not a text")
    return found


def text(holder: Part, name: str, most: int) -> str:
    found = holder.get(name)
    return storable(found, most) if isinstance(found, str) else ""
