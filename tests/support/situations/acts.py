"""A row of the test of situations, and what can be done in one."""

from dataclasses import dataclass, field
from typing import Any

from kie.money.ledger import Account
from tests.support.edges import telegram_updates as telegram


@dataclass(frozen=True)
class Pressed:
    """The button of the last screen whose data begins so."""

    data: str


@dataclass(frozen=True)
class Situation:
    """``says`` is in the answer, a screen or a toast; ``shows`` are actions of its buttons."""

    name: str
    acts: tuple[Any, ...]
    says: tuple[str, str]
    shows: tuple[str, ...] = ()
    home: bool = False
    orders: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


def press(data: str) -> Pressed:
    return Pressed(data)


def written(text: str, number: int, date: int = 100, **more: Any) -> dict[str, Any]:
    update = telegram.message(text=text, **more)
    update["message"] |= {"message_id": number, "date": date}
    return update


def corrected(text: str, number: int) -> dict[str, Any]:
    update = written(text, number)
    return {"update_id": update["update_id"], "edited_message": update["message"]}


def photo(caption: str | None = None, date: int = 100, **more: Any) -> dict[str, Any]:
    size = {"file_id": "p", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
    content = more if caption is None else {**more, "caption": caption}
    update = telegram.message(photo=[size], **content)
    update["message"]["date"] = date
    return update


def document(mime: str, name: str, size: int = 900) -> dict[str, Any]:
    sent = {"file_id": "d", "file_unique_id": "u", "mime_type": mime, "file_name": name}
    return telegram.message(document={**sent, "file_size": size})


def voice(seconds: int) -> dict[str, Any]:
    sent = {"file_id": "v", "file_unique_id": "u", "duration": seconds, "file_size": 900}
    return telegram.message(voice={**sent, "mime_type": "audio/ogg"})


def model(name: str) -> dict[str, Any]:
    return telegram.press(f"model||{name}")


def replying(words: str, **to: Any) -> dict[str, Any]:
    replied = {**telegram.message(**to)["message"]}
    return telegram.message(text=words, reply_to_message=replied)


WISH = "a red fox"
CARD = ("“a red fox”", "«a red fox»")
RICH = {"account": Account(balance=10_000)}
DONE = ("Description updated", "Описание обновлено")
WHAT = ("What shall I do", "Что сделать?")
ALBUM: dict[str, Any] = {"media_group_id": "g"}
SMALL = {"file_id": "s", "file_unique_id": "u", "width": 1, "height": 1}
STICKER = {**SMALL, "type": "regular", "is_animated": False, "is_video": False}
PLACE = {"longitude": 1.0, "latitude": 1.0}
POLL = {"id": "1", "question": "?", "options": [], "total_voter_count": 0}

CONTENTS: dict[str, dict[str, Any]] = {
    "a sticker": {"sticker": STICKER},
    "a contact": {"contact": {"phone_number": "1", "first_name": "A"}},
    "a location": {"location": PLACE},
    "a poll": {"poll": POLL},
}
CLIP = {**SMALL, "duration": 3, "file_size": 900}
NOTE = {"file_id": "n", "file_unique_id": "n", "length": 9, "duration": 3, "file_size": 900}
#: Clips of every kind.
CLIPS: dict[str, dict[str, Any]] = {
    "a video": {"video": CLIP},
    "a video note": {"video_note": NOTE},
    "a GIF": {"animation": CLIP, "document": {"file_id": "s", "file_unique_id": "u"}},
}
