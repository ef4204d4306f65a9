"""Days and times of day as people write them, in the zone that their language names."""

from datetime import UTC, datetime, timedelta, timezone

from handlers.words.languages import KNOWN


def day(language: str, at: datetime) -> str:
    """``29 Nov``. ``at`` has a time zone."""
    local = at.astimezone(_zone(language))
    return f"{local.day} {KNOWN[language].months[local.month - 1]}"


def date(language: str, at: datetime) -> str:
    """``29 Nov 2026``. ``at`` has a time zone."""
    return f"{day(language, at)} {at.astimezone(_zone(language)).year}"


def moment(language: str, at: datetime) -> str:
    """``29 Nov 03:00`` in UTC, for lists whose title names that zone. ``at`` has a time zone."""
    there = at.astimezone(UTC)
    return f"{there.day} {KNOWN[language].months[there.month - 1]} {there:%H:%M}"


def clock_time(language: str, at: datetime) -> str:
    """``03:00 МСК``. ``at`` has a time zone."""
    return f"{at.astimezone(_zone(language)):%H:%M} {KNOWN[language].zone[1]}"


def midnight(language: str) -> str:
    """When the day of the free uses (UTC) ends, as a time of day."""
    return clock_time(language, datetime(2000, 1, 1, tzinfo=UTC))


def fraction(language: str, value: float) -> str:
    """``1.95``, ``2``; in Russian ``1,95``."""
    shown = f"{value:.2f}".rstrip("0").rstrip(".")
    return shown.replace(".", KNOWN[language].point)


def _zone(language: str) -> timezone:
    return timezone(timedelta(hours=KNOWN[language].zone[0]))
