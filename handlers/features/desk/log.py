"""The log of acts: who did what, when, and what it changed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effects, Screen, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Reading
from handlers.features.desk.pages import Page, older, page
from handlers.features.desk.words import WORDS, plain, say
from handlers.words import moments
from handlers.words.texts import Markup, shorten

PER_PAGE = 10
VALUE_SHOWN = 60  #: UTF-16 units
#: As the maintenance records its end.
_UNTIL = re.compile(r"until (\d{4}-\d\d-\d\d \d\d:\d\d)")


def read(reading: Reading) -> Page:
    return page(reading, "acts_page", PER_PAGE)


def press(facts: Facts, press: Press, found: Page) -> Effects:
    """The newest acts, or those before the last one of a page."""
    language = facts.language
    lines = [_line(row, language) for row in found.rows]
    text = say(language, "log", lines=Markup("".join(lines))) if lines else None
    panel = facts.places.keyboard("operators", facts.spot())
    keyboard = (*older(found, "log", language), *panel)
    return (present(Screen(text or say(language, "log_empty"), keyboard), press.at),)


def button(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_log"), encode("log"))


def _line(row: Mapping[str, Any], language: str) -> Markup:
    name = f"act_{row['act']}"
    # A feature that this panel does not know may record acts, too.
    act = plain(language, name) if name in WORDS.own["en"] else row["act"]
    who = f"@{row['username']}" if row["username"] else row["first_name"] or str(row["admin"])
    change = ""
    if row["before"] is not None or row["after"] is not None:
        before, after = (_value(row[each], language) for each in ("before", "after"))
        change = f" · {before} → {after}"
    at = moments.moment(language, row["at"])
    about = say(language, "log_target", target=row["target"]) if row["target"] else ""
    return say(language, "log_line", at=at, who=who, act=act, target=about, change=change)


def _value(value: Any, language: str) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, Mapping):
        value = ", ".join(_word(str(each), language) for each in value.values() if each)
    return shorten(_word(str(value), language), VALUE_SHOWN)


def _word(value: str, language: str) -> str:
    """What a feature has recorded, as this language says it."""
    key = f"value_{value}".replace(" ", "_")
    if key in WORDS.own["en"]:
        return plain(language, key)
    until = _UNTIL.fullmatch(value)
    if until is None:
        return value
    at = datetime.fromisoformat(until[1]).replace(tzinfo=UTC)
    return plain(language, "value_until", at=moments.moment(language, at))
