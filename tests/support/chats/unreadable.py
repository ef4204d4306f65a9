"""Rows of ``dialogues`` that this version cannot read, and what their user may do next."""

from typing import Any

from tests.support.edges import telegram_updates as telegram

CARD: dict[str, Any] = {"model": "z-image", "inputs": {"prompt": "a red fox"}, "price": 0}
PHOTO = [{"file_id": "f1", "file_unique_id": "u1", "width": 9, "height": 9}]
ROWS: dict[str, tuple[str, int, Any]] = {
    "a step of a newer version": ("step_of_tomorrow", 3, {"lists": [1]}),
    "answers that are a list": ("confirm", 3, [1, 2]),
    "answers that are null": ("confirm", 3, None),
    "answers that lack a field": ("receipt", 3, {}),
    "an answer of another type": ("receipt", 3, {"credits": "many", "money": 1}),
    "no file": ("receipt_doubted", 3, {"files": [], "credits": 0, "money": "", "album": None}),
    "a step before of another shape": ("receipt", 3, {"before": {"step": 7}}),
    "a version that cannot grow": ("confirm", 2**31 - 1, CARD),
    "inputs of another shape": ("confirm", 3, {**CARD, "inputs": {"prompt": {"text": "a fox"}}}),
    "a model of another shape": ("ask", 3, {"model": ["z-image"], "asking": {}}),
    "a booking without numbers": ("booking", 3, {"kind": "plus"}),
    "a card without a file in its list": ("idle", 3, {"files": 5, "draft": {"a": 1}}),
}


def updates(user: int = 7) -> list[dict[str, Any]]:
    """What the user may do next."""
    return [
        telegram.message(user, text="a cat"),
        telegram.press("create|3|", user),
        telegram.press("menu||", user),
        telegram.message(user, text="/start"),
        telegram.message(user, photo=PHOTO, caption="make it blue"),
        telegram.press("doubt_yes|3|", user),
        telegram.press("doubt_no|3|", user),
        telegram.press("receipt_leave|3|", user),
        telegram.press("book|3|topup", user),
        telegram.press("resume||", user),
        telegram.message(user, text="/cancel"),
        telegram.message(user, text="/balance"),
    ]
