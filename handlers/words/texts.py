"""Looks up sentences by key and language, and fills in their fields as Telegram HTML.

Each feature has a table per language (``texts_en.py``, ``texts_ru.py``), joined in its
``words.py``; the tables of this room are shared. A test compares keys, fields and plural forms.
Fields are escaped here unless they are ``Markup``: a user's text reaches Telegram in no other way.

A number with a word: ``{n:credits}`` becomes the form of ``credits`` for that number, which stands
in the table as ``credits_one``, ``credits_few`` and ``credits_many``. No line is broken between a
number and its word (``spacing.py``).
"""

import html
from collections.abc import Mapping

from handlers.words import kie_notices, notices, trouble_texts
from handlers.words.languages import KNOWN, of_app
from handlers.words.shared_texts_en import EN
from handlers.words.shared_texts_ru import RU
from handlers.words.spacing import tied, unbroken

#: Those whose tables stand beside the code; other languages have a file each.
WRITTEN = ("en", "ru")
LANGUAGES = tuple(KNOWN)
DEFAULT = "en"

Table = Mapping[str, str]


class Markup(str):
    """Text that is safe to send as Telegram HTML."""

    __slots__ = ()


def escape(text: str) -> Markup:
    """A text of a user or of a foreign service, as Telegram HTML that shows it unchanged."""
    return Markup(html.escape(text, quote=False))


class Words:
    """The sentences of one room; other keys are looked up in ``shared``."""

    def __init__(self, tables: Mapping[str, Table], shared: "Words | None" = None) -> None:
        """``tables``: language → key → sentence. Raises ``ValueError`` for a missing language."""
        if set(tables) != set(WRITTEN):
            raise ValueError(f"there are sentences in {sorted(tables)}, wanted {WRITTEN}")
        english = tables[DEFAULT]
        more = {
            code: {**english, **_known(language.sentences, english)}
            for code, language in KNOWN.items()
            if code not in tables
        }
        self.own = tables
        self._all = {
            language: {**(shared.all(language) if shared else {}), **table}
            for language, table in {**tables, **more}.items()
        }
        self._tied = {language: tied(table) for language, table in self._all.items()}

    def all(self, language: str) -> Table:
        """All sentences in that language, by key."""
        return self._all[language]

    def say(self, language: str, key: str, **fields: object) -> Markup:
        """The sentence ``key`` with its fields; strings that are no ``Markup`` are escaped."""
        table = self._tied[language]
        safe = {
            name: (
                value
                if isinstance(value, Markup)
                else _Number(value, language, table)
                if type(value) is int
                else escape(str(value))
            )
            for name, value in fields.items()
        }
        return Markup(table[key].format(**safe))

    def plain(self, language: str, key: str, **fields: object) -> str:
        """The sentence ``key`` where Telegram takes no HTML: buttons, toasts, commands."""
        table = self._all[language]
        known = {
            name: _Number(value, language, table) if type(value) is int else value
            for name, value in fields.items()
        }
        return table[key].format(**known)


def _known(sentences: Table, english: Table) -> Table:
    """Those of a language that this room says: its keys, and every form of its words."""
    words = {key.removesuffix("_many") for key in english if key.endswith("_many")}
    return {
        key: sentence
        for key, sentence in sentences.items()
        if key in english or key.rpartition("_")[0] in words
    }


class _Number:
    """A whole number in a sentence: by itself, or with its word in the right form."""

    __slots__ = ("_language", "_table", "_value")

    def __init__(self, value: int, language: str, table: Table) -> None:
        self._value = value
        self._language = language
        self._table = table

    def __format__(self, word: str) -> str:
        if not word or f"{word}_many" not in self._table:
            return format(self._value, word)
        form = KNOWN[self._language].form(abs(self._value))
        sentence = self._table.get(f"{word}_{form}", self._table[f"{word}_many"])
        return sentence.format(n=self._value)


SHARED = Words(
    {
        "en": EN | notices.EN | kie_notices.EN | trouble_texts.EN,
        "ru": RU | notices.RU | kie_notices.RU | trouble_texts.RU,
    }
)
say, plain = SHARED.say, SHARED.plain


def language_of(chosen: str | None, code: str | None) -> str:
    """The language that the user chose, else that of the app, else English."""
    if chosen in LANGUAGES:
        return str(chosen)
    return of_app(code) or DEFAULT


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` UTF-16 units, as Telegram counts; a shortened text ends in ``…``."""
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
    if text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def duration(language: str, seconds: float) -> str:
    """An estimate: ``≈ 12 s``, ``≈ 3 min``."""
    if seconds < 100:
        return unbroken(plain(language, "seconds", n=max(1, round(seconds))))
    return unbroken(plain(language, "minutes", n=round(seconds / 60)))


def measured(language: str, seconds: float) -> str:
    """A duration that was measured: ``12 s``, ``3 min``, ``5 h``, ``3 d``."""
    if seconds < 100:
        return unbroken(plain(language, "exact_seconds", n=max(1, round(seconds))))
    if seconds < 100 * 60:
        return unbroken(plain(language, "exact_minutes", n=round(seconds / 60)))
    if seconds < 48 * 3600:
        return unbroken(plain(language, "exact_hours", n=round(seconds / 3600)))
    return unbroken(plain(language, "exact_days", n=round(seconds / 86400)))


def quoted(words: str, limit: int) -> Markup:
    """The user's words as a quotation of at most ``limit`` UTF-16 units; empty for no words."""
    if not words:
        return Markup("")
    return Markup(f"\n\n<blockquote>{escape(shorten(words, limit))}</blockquote>")


def without_markup(text: str) -> str:
    """The sentence as plain text, for a second try."""
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


def signed(amount: int) -> str:
    """A change of a balance: ``+5``, ``−5``."""
    return f"{amount:+d}".replace("-", "−")
