"""Telegram's HTML subset: text with tags in, plain text and entities out.

Offsets and lengths count UTF-16 code units, as the Bot API does. Any other parse_mode is refused.
"""

import html
import re
from typing import Any

from sandbox.telegram.errors import bad_request

_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
_TOKEN = re.compile(r"<(/?)([a-zA-Z][\w-]*)([^<>]*)>|&(#x?[0-9a-fA-F]+|\w+);|<|&")
_HREF = re.compile(r"""\s+href\s*=\s*["']([^"']*)["']\s*""")
_COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w+)?")
_MENTION = re.compile(r"(?<![\w@/])@[A-Za-z][A-Za-z0-9_]{3,31}")


def utf16(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def parse(text: str, parse_mode: str | None) -> tuple[str, list[dict[str, Any]]]:
    """Plain text and entities. Raises the Bot API's "can't parse entities"."""
    if not parse_mode:
        return text, []
    if parse_mode.lower() != "html":
        raise bad_request(f"unsupported parse_mode {parse_mode}: this simulator reads HTML only")
    plain = ""
    entities: list[dict[str, Any]] = []
    open_tags: list[tuple[str, int, dict[str, Any]]] = []
    position = 0
    for token in _TOKEN.finditer(text):
        plain += text[position : token.start()]
        position = token.end()
        closing, tag, rest, reference = token.groups()
        at = len(text[: token.start()].encode())
        if reference is not None:
            plain += _character(reference, token.group(0))
        elif tag is None:
            if token.group(0) == "<":
                raise bad_request(f"can't parse entities: Unclosed start tag at byte offset {at}")
            plain += "&"
        elif closing:
            _close(tag.lower(), open_tags, entities, plain, at)
        else:
            open_tags.append(_open(tag.lower(), rest, plain, at))
    plain += text[position:]
    if open_tags:
        at = len(text.encode())
        raise bad_request(
            "can't parse entities: Can't find end tag corresponding to start tag"
            f" {open_tags[-1][0]} at byte offset {at}"
        )
    entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
    return plain, entities


def utf16_slice(text: str, offset: int, length: int) -> str:
    """The part of a text that an entity marks."""
    units = text.encode("utf-16-le")[2 * offset : 2 * (offset + length)]
    return units.decode("utf-16-le", "replace")


def marked(text: str) -> list[dict[str, Any]]:
    """The commands and mentions in a user's own text."""
    found = [
        {"type": kind, "offset": utf16(text[: hit.start()]), "length": utf16(hit.group(0))}
        for kind, pattern in (("bot_command", _COMMAND), ("mention", _MENTION))
        for hit in pattern.finditer(text)
    ]
    return sorted(found, key=lambda entity: int(str(entity["offset"])))


def _open(tag: str, rest: str, plain: str, at: int) -> tuple[str, int, dict[str, Any]]:
    if tag not in _TAGS:
        raise bad_request(
            f'can\'t parse entities: Unsupported start tag "{tag}" at byte offset {at}'
        )
    extra: dict[str, Any] = {}
    if tag == "a":
        href = _HREF.fullmatch(rest)
        if href is not None:
            extra["url"] = html.unescape(href.group(1))
    return tag, utf16(plain), extra


def _close(
    tag: str,
    open_tags: list[tuple[str, int, dict[str, Any]]],
    entities: list[dict[str, Any]],
    plain: str,
    at: int,
) -> None:
    if not open_tags:
        raise bad_request(f"can't parse entities: Unexpected end tag at byte offset {at}")
    name, offset, extra = open_tags.pop()
    if name != tag:
        raise bad_request(
            f'can\'t parse entities: Unmatched end tag at byte offset {at}, expected "</{name}>",'
            f' found "</{tag}>"'
        )
    length = utf16(plain) - offset
    if length > 0:
        entities.append({"type": _TAGS[name], "offset": offset, "length": length, **extra})


def _character(reference: str, whole: str) -> str:
    if reference.startswith("#"):
        digits = reference[1:]
        base = 16 if digits[:1] in "xX" else 10
        return chr(int(digits.lstrip("xX"), base))
    # Telegram knows these four names only; anything else stays as it was written.
    known = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
    return known.get(reference, whole)
