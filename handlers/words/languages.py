"""The languages of the bot.

English and Russian stand in tables beside the code that uses them. Every other language is one file
in ``more/``: all sentences by key (keys are unique over all rooms), and the names of the catalogue
by their English ones. A sentence that the file lacks is sent in English.
"""

import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module

from handlers.words import more

_SPOKEN = re.compile(r"[A-Za-z]*")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Language:
    """A language: its codes, plural forms and sentences."""

    code: str
    name: str  #: what it calls itself
    apps: tuple[str, ...]  #: codes of Telegram's apps whose users read it
    forms: tuple[str, ...]  #: of a word that follows a number; the last one is for most numbers
    form: Callable[[int], str]  #: which of them goes with a number from 0 on
    sentences: Mapping[str, str] = field(default_factory=dict)
    #: Titles and descriptions of models, settings and values, by their English words.
    catalogue: Mapping[str, str] = field(default_factory=dict)
    months: Sequence[str] = _MONTHS  #: twelve, as they follow a day
    letters: str = ""  #: letters of this language only, as a character class of a pattern
    point: str = "."  #: before the fraction of a number
    #: The time that its users are told: hours east of UTC, and its name.
    zone: tuple[int, str] = (0, "UTC")


_RUSSIAN_MONTHS = (
    *("янв", "фев", "мар", "апр", "мая", "июн"),
    *("июл", "авг", "сен", "окт", "ноя", "дек"),
)


def _english(number: int) -> str:
    return "one" if number == 1 else "many"


def _russian(number: int) -> str:
    if number % 10 == 1 and number % 100 != 11:
        return "one"
    return "few" if 2 <= number % 10 <= 4 and not 12 <= number % 100 <= 14 else "many"


def _found() -> Mapping[str, Language]:
    """All languages, English first. Raises ``ValueError`` for a file that is none."""
    own = (
        Language("en", "English", (), ("one", "many"), _english),
        # Ukrainian, Belarusian and Kazakh apps: their users mostly read Russian.
        Language(
            "ru",
            "Русский",
            ("ru", "uk", "be", "kk"),
            ("one", "few", "many"),
            _russian,
            months=_RUSSIAN_MONTHS,
            letters="а-яё",
            point=",",
            zone=(3, "МСК"),
        ),
    )
    found = {each.code: each for each in own}
    for module in pkgutil.iter_modules(more.__path__):
        language = getattr(import_module(f"{more.__name__}.{module.name}"), "LANGUAGE", None)
        if not isinstance(language, Language) or language.code != module.name:
            raise ValueError(f"handlers/words/more/{module.name}.py holds no LANGUAGE of that code")
        found[language.code] = language
    return found


KNOWN = _found()


@lru_cache(maxsize=256)
def of_app(code: str | None) -> str | None:
    """The language for users of an app in that one; None: none of ours.

    What counts is the language itself: the letters before a region, a script or an encoding, in
    whatever case and form (``ru``, ``RU``, ``ru-RU``, ``ru_RU.UTF-8``, ``kk-Cyrl-KZ``).
    """
    found = _SPOKEN.match(code or "")
    spoken = found[0].lower() if found else ""
    return next((each.code for each in KNOWN.values() if spoken in each.apps), None)


def of_words(text: str) -> str | None:
    """The language whose letters are in the text; None: they say nothing."""
    found = (each for each in KNOWN.values() if each.letters)
    return next(
        (each.code for each in found if re.search(f"[{each.letters}]", text, re.IGNORECASE)), None
    )


def following(language: str) -> str:
    """The next one of the list, for the button that changes it."""
    codes = list(KNOWN)
    return codes[(codes.index(language) + 1) % len(codes)]


def named(titles: Mapping[str, str], language: str) -> str:
    """A title of the catalogue in that language."""
    if language in titles:
        return titles[language]
    english = titles.get("en", "")
    known = KNOWN.get(language)
    return known.catalogue.get(english, english) if known is not None else english
