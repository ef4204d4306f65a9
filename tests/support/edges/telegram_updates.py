"""Updates as Telegram sends them, as small as they may be."""

import itertools
import json
from typing import Any

_numbers = itertools.count(1000)


def message(user: int = 7, *, update_id: int | None = None, **content: Any) -> dict[str, Any]:
    """A message of ``user`` in private; ``content`` is ``text=``, ``photo=`` and so on."""
    return {
        "update_id": next(_numbers) if update_id is None else update_id,
        "message": {
            "message_id": next(_numbers),
            "date": 1,
            "chat": {"id": user, "type": "private", "first_name": "Anna"},
            "from": person(user),
            **content,
        },
    }


def press(
    data: str, user: int = 7, *, message_id: int = 50, text: str | None = "a screen"
) -> dict[str, Any]:
    """A press of a button under message ``message_id``; without ``text`` it is a picture."""
    number = next(_numbers)
    below: dict[str, Any] = {"text": text} if text is not None else {"photo": [], "caption": "x"}
    return {
        "update_id": number,
        "callback_query": {
            "id": f"q{number}",
            "from": person(user),
            "chat_instance": "1",
            "data": data,
            "message": {
                "message_id": message_id,
                "date": 1,
                "chat": {"id": user, "type": "private"},
                **below,
            },
        },
    }


def checkout(user: int = 7, *, language: str = "en") -> dict[str, Any]:
    """Somebody presses "Pay" under an invoice for Stars."""
    number = next(_numbers)
    return {
        "update_id": number,
        "pre_checkout_query": {
            "id": f"c{number}",
            "from": person(user, language),
            "currency": "XTR",
            "total_amount": 5,
            "invoice_payload": "order",
        },
    }


def person(user: int, language: str = "en") -> dict[str, Any]:
    return {"id": user, "is_bot": False, "first_name": "Anna", "language_code": language}


def raw(update: Any) -> bytes:
    return json.dumps(update).encode()
