"""Amounts as people write them: dollars, whole numbers, shares, days left."""

from handlers.features.report.words import plain
from handlers.words.languages import KNOWN

_NARROW = "\u202f"  #: a space that does not break


def dollars(language: str, value: float) -> str:
    """``$1,234.50``, ``1 234,50 $``; a cent is the least that is shown."""
    sign = "−" if round(value, 2) < 0 else ""
    text = f"{abs(value):,.2f}"
    if _comma(language):
        return f"{sign}{_with_comma(text)}{_NARROW}$"
    return f"{sign}${text}"


def number(language: str, value: float) -> str:
    """``1,234``, with a tenth below ten."""
    text = f"{abs(value):,.0f}" if abs(value) >= 10 or value == int(value) else f"{abs(value):,.1f}"
    sign = "−" if value < 0 and float(text.replace(",", "")) else ""
    return sign + (_with_comma(text) if _comma(language) else text)


def percent(language: str, share: float) -> str:
    """``63 %``, with a tenth below ten."""
    return f"{number(language, share * 100)} %"


def lasts(language: str, credits: float, a_day: float) -> str:
    """How long the credits last at so many a day, in words."""
    if a_day <= 0:
        return plain(language, "balance_unused")
    days = max(0.0, credits) / a_day
    if days < 2:
        return plain(language, "balance_lasts_hours", n=int(days * 24))
    return plain(language, "balance_lasts", n=int(days))


def _comma(language: str) -> bool:
    """Whether a comma stands before a fraction, as in Russian."""
    return KNOWN[language].point == ","


def _with_comma(text: str) -> str:
    return text.replace(",", _NARROW).replace(".", ",")
