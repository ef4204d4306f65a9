"""Rich messages of Bot API 10.1, as pasted text with formatting and answers of other bots come."""

import re
from typing import Any

_BOLD = re.compile(r"\*\*(.+?)\*\*")


def blocks_of(text: str, photos: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Paragraphs (bold between ``**``), headings behind ``#``, lists behind ``-``, ``---`` as a
    divider; the pictures come last, several of them as a collage."""
    blocks: list[dict[str, Any]] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        if not part:
            continue
        lines = part.splitlines()
        if part == "---":
            blocks.append({"type": "divider"})
        elif part.startswith("#"):
            level = len(part) - len(part.lstrip("#"))
            said = rich_text(part.lstrip("# "))
            blocks.append({"type": "heading", "text": said, "size": min(level, 6)})
        elif all(line.startswith("- ") for line in lines):
            blocks.append({"type": "list", "items": [_item(line[2:]) for line in lines]})
        else:
            blocks.append({"type": "paragraph", "text": rich_text(part)})
    shown = [{"type": "photo", "photo": sizes} for sizes in photos]
    return blocks + ([{"type": "collage", "blocks": shown}] if len(shown) > 1 else shown)


def rich_text(text: str) -> Any:
    """A plain text, or a list of plain and bold ones."""
    pieces = _BOLD.split(text)
    found = [
        {"type": "bold", "text": piece} if number % 2 else piece
        for number, piece in enumerate(pieces)
        if piece
    ]
    return found[0] if len(found) == 1 and isinstance(found[0], str) else found


def _item(text: str) -> dict[str, Any]:
    return {"label": "•", "blocks": [{"type": "paragraph", "text": rich_text(text)}]}
