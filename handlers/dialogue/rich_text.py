"""Text and pictures of a ``rich_message`` (Bot API 10.1), which is a tree of blocks.

Blocks are paragraphs, headings, lists, tables, pictures and groups. Their words are the text of the
message, their pictures its files. Unknown fields are skipped, so the known words of a new kind of
block are kept.
"""

from collections.abc import Iterator, Mapping
from typing import Any

#: Fields that hold more of the tree, in reading order.
_INSIDE = ("title", "label", "text", "blocks", "items", "rows", "cells", "summary", "caption")
_DEEPEST = 40  #: levels that are read; a real message has far fewer


def words(message: object) -> str:
    """The text, a line for each block that has any."""
    lines = [line.strip() for line in _lines(message, _DEEPEST)]
    return "\n".join(line for line in lines if line)


def pictures(message: object) -> Iterator[list[Any]]:
    """The sizes of each picture, in reading order."""
    yield from _pictures(message, _DEEPEST)


def _lines(node: object, depth: int) -> Iterator[str]:
    if depth == 0:
        return
    if isinstance(node, list):
        for each in node:
            yield from _lines(each, depth - 1)
    elif isinstance(node, Mapping):
        for name in _INSIDE:
            inside = node.get(name)
            if inside is None:
                continue
            if name in {"text", "title", "label", "summary"}:
                yield _plain(inside, depth - 1)
            else:
                yield from _lines(inside, depth - 1)


def _plain(text: object, depth: int) -> str:
    """Formatted text: a string, a list of formatted texts, or an object that contains one."""
    if depth == 0:
        return ""
    if isinstance(text, str):
        return text
    if isinstance(text, list):
        return "".join(_plain(each, depth - 1) for each in text)
    if isinstance(text, Mapping):
        for name in ("text", "alternative_text", "expression"):
            if text.get(name) is not None:
                return _plain(text[name], depth - 1)
    return ""


def _pictures(node: object, depth: int) -> Iterator[list[Any]]:
    if depth == 0:
        return
    if isinstance(node, list):
        for each in node:
            yield from _pictures(each, depth - 1)
    elif isinstance(node, Mapping):
        photo = node.get("photo")
        if isinstance(photo, list):
            yield photo
        for name in _INSIDE:
            if isinstance(node.get(name), list | Mapping):
                yield from _pictures(node[name], depth - 1)
