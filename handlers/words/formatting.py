"""Telegram's formatting of a message (``entities``) as Telegram HTML.

Offsets count UTF-16 units. Marks that a bot cannot send, or whose place is outside of the text, are
left out; their text stays.
"""

from collections.abc import Mapping, Sequence
from html import escape as escape_all
from typing import Any

from handlers.words.texts import Markup, escape

MOST_MARKS = 100  #: Telegram's limit for one message
_TAGS = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "spoiler": "tg-spoiler",
    "blockquote": "blockquote",
    "code": "code",
    "pre": "pre",
}

#: Where a mark begins and ends, and its tags.
_Mark = tuple[int, int, str, str]


def as_html(text: str, marks: Sequence[Any]) -> Markup:
    """The text with its marks. Marks that overlap are closed and opened again."""
    units = text.encode("utf-16-le", "surrogatepass")
    found = sorted(_read(marks, len(units) // 2), key=lambda mark: (mark[0], -mark[1]))
    places = sorted({0, len(units) // 2, *(at for mark in found for at in mark[:2])})
    made: list[str] = []
    open_ones: list[_Mark] = []
    for start, end in zip(places, [*places[1:], None], strict=True):
        wanted = [mark for mark in found if mark[0] <= start < mark[1]]
        same = 0
        while same < min(len(open_ones), len(wanted)) and open_ones[same] == wanted[same]:
            same += 1
        made += [mark[3] for mark in reversed(open_ones[same:])]
        made += [mark[2] for mark in wanted[same:]]
        open_ones = wanted
        if end is not None:
            part = units[start * 2 : end * 2].decode("utf-16-le", "replace")
            made.append(escape(part))
    return Markup("".join(made))


def _read(marks: Sequence[Any], length: int) -> list[_Mark]:
    found: list[_Mark] = []
    for mark in marks[:MOST_MARKS]:
        tags = _tags(mark) if isinstance(mark, Mapping) else None
        if tags is None:
            continue
        start, units = mark.get("offset"), mark.get("length")
        if type(start) is int and type(units) is int and 0 <= start < start + units <= length:
            found.append((start, start + units, *tags))
    return found


def _tags(mark: Mapping[str, Any]) -> tuple[str, str] | None:
    """The opening and the closing tag; None: a bot cannot send it."""
    kind, url = mark.get("type"), mark.get("url")
    if kind == "text_link" and isinstance(url, str):
        return f'<a href="{escape_all(url)}">', "</a>"
    if kind == "expandable_blockquote":
        return "<blockquote expandable>", "</blockquote>"
    tag = _TAGS.get(kind) if isinstance(kind, str) else None
    return None if tag is None else (f"<{tag}>", f"</{tag}>")
