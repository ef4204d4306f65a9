"""Reads the outer form of kie.ai's answers and callbacks: JSON and its envelope.

The result can be stored and shown: characters that PostgreSQL rejects, or that would forge a log
line, are replaced.
"""

import re
from dataclasses import dataclass
from typing import Any

from kie.http.answer import Answer
from supervisor.values.foreign import Printable, from_json, printable, whole, whole_text

_TASK_ID = re.compile(r"[!-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Envelope:
    code: int
    message: Printable
    data: Any


def envelope(answer: Answer) -> Envelope | None:
    """The body's ``{code, msg, data}``; None: the body is something else (HTML, text)."""
    raw = parsed(answer.body)
    code = _code(raw.get("code")) if isinstance(raw, dict) else None
    if code is None:
        return None
    # Some pages of the documentation say "message"; real answers have "msg".
    text = raw.get("msg", raw.get("message"))
    words = printable(text) if isinstance(text, str) else printable("")
    return Envelope(code, words, raw.get("data"))


def _code(value: object) -> int | None:
    """The wire says a number. A text or 200.0 is one, too: no paid task is doubted for that."""
    return whole_text(value, 0) if isinstance(value, str) else whole(value, 0)


def parsed(body: bytes) -> Any:
    """The JSON value of ``body``; None: it is not JSON."""
    try:
        return from_json(body)
    except ValueError:
        return None


def is_task_id(value: Any) -> bool:
    # Anybody may have sent it. kie.ai's own ids have 32 characters.
    return isinstance(value, str) and _TASK_ID.fullmatch(value) is not None
