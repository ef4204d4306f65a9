"""Lists in pages; a page begins after the last row of the one before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sql
from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard
from handlers.dispatch.feature import Reading
from handlers.features.desk.words import plain

_SQL = sql.load("desk")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and whether there are more."""

    rows: Sequence[Mapping[str, Any]] = ()
    more: bool = False


def page(reading: Reading, statement: str, size: int) -> Page:
    """The page after the row that the button names; without one the first."""
    before = reading.press.number if reading.press is not None else None
    named = {"bot_id": reading.installation.bot_id, "before": before, "count": size + 1}
    rows = reading.tx.all(_SQL[statement], named)
    return Page(rows[:size], more=len(rows) > size)


def older(found: Page, action: str, language: str) -> Keyboard:
    """The button for the next page, if there is one."""
    if not found.more:
        return ()
    return ((Button(plain(language, "button_more"), encode(action, found.rows[-1]["id"])),),)
