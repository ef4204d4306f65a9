"""Days and times of day as people write them. Who reads Russian is told the time of Moscow."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone

_ZONES: Mapping[str, tuple[timezone, str]] = {
    "en": (timezone(timedelta(0)), "UTC"),
    "ru": (timezone(timedelta(hours=3)), "МСК"),
}
_MONTHS: Mapping[str, Sequence[str]] = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "ru": ("янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"),
}


def day(language: str, at: datetime) -> str:
    """``29 Nov``. ``at`` has a time zone."""
    local = at.astimezone(_ZONES[language][0])
    return f"{local.day} {_MONTHS[language][local.month - 1]}"


def clock_time(language: str, at: datetime) -> str:
    """``03:00 МСК``. ``at`` has a time zone."""
    zone, name = _ZONES[language]
    return f"{at.astimezone(zone):%H:%M} {name}"


def midnight(language: str) -> str:
    """When the day of the free uses (UTC) ends, as a time of day."""
    return clock_time(language, datetime(2000, 1, 1, tzinfo=_ZONES["en"][0]))
