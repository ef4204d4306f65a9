"""Keeps a number and its unit on one line, in every sentence of every language.

Telegram breaks a line at any blank, so "1 video" may end a line with its number. The tables are
written with plain blanks; the blank between a number and what it counts becomes a no-break
space. A number is a field at the beginning of a word form (``{n} credits``), or before a
sign or a unit.
"""

import re
from collections.abc import Mapping

NO_BREAK = "\u00a0"
#: The same in a text of ours that is complete: ``20 credits``, ``≈ 15 s``, ``ещё 20``.
_NUMBERS = re.compile(r"(?<=\d) (?=[^\W\d_]|[💎⭐₽])|(?<=≈) (?=\d)|(?<=ещё) (?=\d)")
#: ``{n} credits`` as a sentence of its own; ``{stars} ⭐``, ``{max} MB``; ``≈ {n}``.
_TIED = re.compile(
    r"(?<=^\{n\}) (?=\S)|(?<=^1) (?=\w)|(?<=^≈ \{n\}) (?=\S)"
    r"|(?<=\}) (?=[💎⭐%₽]|(?:МБ|MB|с|s|мин|min|ч|h|дн|d)\b)"
    r"|(?<=≈) (?=[{\d])|(?<=ещё) (?=\{n\})"
)


def unbroken(text: str) -> str:
    """A text without words of a user, such as a price, each number with its unit."""
    return _NUMBERS.sub(NO_BREAK, text)


def tied(table: Mapping[str, str]) -> dict[str, str]:
    """The sentences by key, each number with its unit."""
    return {key: _TIED.sub(NO_BREAK, sentence) for key, sentence in table.items()}
