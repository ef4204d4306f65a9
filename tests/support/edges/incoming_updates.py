"""Updates in parts, for tests of how they are read."""

import json
from typing import Any

from handlers.dialogue import update_reader

USER = {"id": 7, "is_bot": False, "first_name": "Anna", "username": "anna", "language_code": "ru"}
CHAT = {"id": 7, "type": "private", "first_name": "Anna"}
PHOTO = {"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}
GROUP = {"id": -100, "type": "supergroup", "title": "Us"}


def message(**content: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1, "chat": CHAT, "from": USER, **content}


def press(**content: Any) -> dict[str, Any]:
    return {"id": "q", "from": USER, "chat_instance": "c", "data": "menu||", **content}


def read(content: dict[str, Any]) -> Any:
    return update_reader.read(json.dumps({"update_id": 1, **content}))
