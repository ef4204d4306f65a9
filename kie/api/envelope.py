"""The outer form of what kie.ai sends: JSON, its envelope, and what in it can be used.

Whatever is read here may be stored and shown: what a database cannot hold, and what would forge
a line of the log, stops at this door.
"""

import re
from dataclasses import dataclass
from typing import Any

from kie.http.answer import Answer
from supervisor.values.foreign import Printable, from_json, printable

_TASK_ID = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Envelope:
    code: int
    message: Printable
    data: Any


def envelope(answer: Answer) -> Envelope | None:
    """The body's ``{code, msg, data}``, or None when it is something else (HTML, text)."""
    raw = parsed(answer.body)
    if not isinstance(raw, dict) or type(raw.get("code")) is not int:
        return None
    # Some pages of the documentation write "message"; the wire says "msg".
    text = raw.get("msg", raw.get("message"))
    words = printable(text) if isinstance(text, str) else printable("")
    return Envelope(raw["code"], words, raw.get("data"))


def parsed(body: bytes) -> Any:
    """The JSON value of ``body``; None: it is none."""
    try:
        return from_json(body)
    except ValueError:
        return None


def is_task_id(value: Any) -> bool:
    # Anybody may have written it; kie.ai's own have 32 characters.
    return isinstance(value, str) and _TASK_ID.fullmatch(value) is not None
