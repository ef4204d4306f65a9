"""The outer form of what kie.ai sends: JSON, its envelope, and what in it can be used.

Whatever is read here may be stored: what a database cannot hold stops at this door.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

_TASK_ID = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer as it came."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    code: int
    message: str
    data: Any


def envelope(answer: Answer) -> Envelope | None:
    """The body's ``{code, msg, data}``, or None when it is something else (HTML, text)."""
    raw = parsed(answer.body)
    if not isinstance(raw, dict) or type(raw.get("code")) is not int:
        return None
    # Some pages of the documentation write "message"; the wire says "msg".
    text = raw.get("msg", raw.get("message"))
    return Envelope(raw["code"], storable(text) if isinstance(text, str) else "", raw.get("data"))


def storable(text: str) -> str:
    """``text`` without what PostgreSQL cannot hold: NUL and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def parsed(body: bytes) -> Any:
    """The JSON value of ``body``; None: it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def is_link(value: Any) -> bool:
    # isprintable: whatever a database or a header line could not hold is no link.
    return (
        isinstance(value, str)
        and value.startswith(("https://", "http://"))
        and value.isprintable()
        and len(value) <= 4096
    )


def is_task_id(value: Any) -> bool:
    # Anybody may have written it; kie.ai's own have 32 characters.
    return isinstance(value, str) and _TASK_ID.fullmatch(value) is not None
