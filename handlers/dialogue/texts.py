"""Every sentence a person reads, by key and language, as Telegram HTML.

The sentences stand in the other modules ``texts_*.py``; a test compares their keys and
fields. Whatever is put into a sentence is escaped here, unless it is ``Markup`` already:
that is the only way to get a user's own words to Telegram.
"""

import html
from collections.abc import Mapping

from handlers.dialogue import texts_catalogue, texts_money, texts_operator
from handlers.dialogue.texts_en import EN
from handlers.dialogue.texts_ru import RU

LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "en": EN | texts_catalogue.EN | texts_money.EN | texts_operator.EN,
    "ru": RU | texts_catalogue.RU | texts_money.RU | texts_operator.RU,
}
DEFAULT = "en"
#: Telegram language codes whose speakers mostly read Russian.
_RUSSIAN = ("ru", "uk", "be", "kk")


class Markup(str):
    """Text that is safe to send as Telegram HTML."""

    __slots__ = ()


def escape(text: str) -> Markup:
    """A user's or a foreign text, as Telegram HTML that shows exactly it."""
    return Markup(html.escape(text, quote=False))


def say(language: str, key: str, **fields: object) -> Markup:
    """The sentence ``key`` with its fields; strings that are no ``Markup`` are escaped."""
    safe = {
        name: value if isinstance(value, Markup | int) else escape(str(value))
        for name, value in fields.items()
    }
    return Markup(LANGUAGES[language][key].format(**safe))


def plain(language: str, key: str, **fields: object) -> str:
    """The sentence ``key`` where Telegram takes no HTML: buttons, toasts, commands."""
    return LANGUAGES[language][key].format(**fields)


def language_of(chosen: str | None, code: str | None) -> str:
    """The user's own choice, else what the app speaks, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    if code and code.partition("-")[0].lower() in _RUSSIAN:
        return "ru"
    return DEFAULT


def other_language(language: str) -> str:
    return "ru" if language == "en" else "en"


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` UTF-16 units, which is how Telegram counts; cut ends in ``…``."""
    if units(text) <= limit:
        return text
    kept: list[str] = []
    left = limit - 1
    for character in text:
        left -= units(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def units(text: str) -> int:
    """The length of ``text`` as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def duration(language: str, seconds: float) -> str:
    """A rounded duration: ``12 s``, ``3 min``."""
    if seconds < 100:
        return plain(language, "seconds", n=max(1, round(seconds)))
    return plain(language, "minutes", n=round(seconds / 60))


def without_markup(text: str) -> str:
    """The same sentence for a second try as plain text."""
    kept: list[str] = []
    inside = False
    for character in text:
        if character == "<":
            inside = True
        elif character == ">" and inside:
            inside = False
        elif not inside:
            kept.append(character)
    return html.unescape("".join(kept))
