"""Patterns that find a user's number and names in stored JSON, for PostgreSQL's ``~`` and ``~*``.

Bodies of updates are stored as they came, so a name may stand there as characters or as ``\\u``
escapes; in messages of the bot it stands as Telegram HTML inside of JSON.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence

#: What may stand before a name: the end of an escape of JSON counts as no letter.
_BEFORE = r"(^|[^[:alnum:]]|\\[nrt])"
_AFTER = r"($|[^[:alnum:]])"


def numbered(user_id: int) -> str:
    """The number by itself, not as a part of a longer one."""
    return rf"(^|[^0-9]){user_id}($|[^0-9])"


def named_as(names: Sequence[str]) -> str | None:
    """Any of the names as a whole word; None: there are none, and nothing matches."""
    written = dict.fromkeys(form for name in names for form in _forms(name))
    if not written:
        return None
    return f"{_BEFORE}({'|'.join(map(_escaped, written))}){_AFTER}"


def _forms(name: str) -> Iterator[str]:
    for text in (name, html.escape(name, quote=False)):
        yield text
        for ascii_only in (False, True):
            yield json.dumps(text, ensure_ascii=ascii_only)[1:-1]


def _escaped(text: str) -> str:
    """The text as a literal of PostgreSQL's regular expressions."""
    return re.sub(r"([^\w\s])", r"\\\1", text, flags=re.ASCII) if text.isascii() else _mixed(text)


def _mixed(text: str) -> str:
    return "".join(_escaped(each) if each.isascii() else each for each in text)
