"""What the tests of generated conversations send, and what they look at."""

from typing import Any

from kie.money.ledger import Account
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram

RICH = Account(balance=10_000)


def photo(file_id: str = "p", size: int = 900, **more: Any) -> dict[str, Any]:
    found = {"file_id": file_id, "file_unique_id": "u", "width": 9, "height": 9}
    small = {**found, "file_id": "small", "width": 1, "height": 1}
    return telegram.message(photo=[small, {**found, "file_size": size}], **more)


def voice(seconds: int = 4) -> dict[str, Any]:
    sent = {"file_id": "v", "file_unique_id": "u", "duration": seconds, "file_size": 900}
    return telegram.message(voice={**sent, "mime_type": "audio/ogg"})


def document(mime: str, name: str = "a.bin", **more: Any) -> dict[str, Any]:
    sent = {"file_id": "d", "file_unique_id": "u", "mime_type": mime, "file_name": name}
    return telegram.message(document={**sent, "file_size": 900, **more})


def chosen(model: str) -> Talk:
    return Talk(account=RICH).hear(telegram.press(f"model||{model}"))


def inputs(talk: Talk) -> dict[str, Any]:
    return dict(talk.dialogue.answers["inputs"])


def labels(talk: Talk) -> list[str]:
    return [each.text for each in talk.buttons]
