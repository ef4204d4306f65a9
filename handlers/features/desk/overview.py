"""The operators' screen: the whole installation in one message of bounded length."""

from collections.abc import Sequence
from datetime import UTC, datetime

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Screen
from handlers.features.desk.overview_facts import Overview, RecentError
from handlers.features.desk.words import plain, say
from handlers.words.texts import Markup, shorten

NAME_SHOWN = 40  #: UTF-16 units of an instance's name
ERROR_SHOWN = 120  #: UTF-16 units of an error
MOST_SHOWN = 5  #: instances that wait, troubles
MOST_ERRORS = 9


def screen(overview: Overview, language: str) -> Screen:
    """State, queues, jobs, money, kie.ai and the last errors, with a button to refresh."""
    lines = [
        _active(overview, language),
        *_waiting(overview.waiting, language),
        _updates(overview, language),
        _jobs(overview, language),
        _outbox(overview, language),
        _money(overview, language),
        *_troubles(overview, language),
        *_recent_errors(overview.recent_errors, language),
        say(language, "admin_at", at=_clock(overview.money.get("at"))),
    ]
    again = Button(plain(language, "button_admin"), buttons.encode("admin"))
    return Screen(Markup("\n".join(lines)), ((again,),))


def _active(overview: Overview, language: str) -> Markup:
    active = overview.active
    if active is None:
        return say(language, "admin_nobody")
    return say(
        language,
        "admin_active",
        instance=shorten(active["instance"], NAME_SHOWN),
        epoch=active["epoch"],
        since=active["since"],
    )


def _waiting(names: Sequence[str], language: str) -> list[Markup]:
    shown = [say(language, "admin_waiting", name=shorten(each, NAME_SHOWN)) for each in names]
    return shown[:MOST_SHOWN]


def _updates(overview: Overview, language: str) -> Markup:
    queue = overview.queue
    return say(
        language,
        "admin_updates",
        n=queue.get("unprocessed_updates", 0),
        oldest=_age(queue.get("oldest_update_seconds"), language),
        dead=queue.get("dead_updates", 0),
    )


def _jobs(overview: Overview, language: str) -> Markup:
    counts = ", ".join(f"{state} {count}" for state, count in overview.jobs.items())
    return say(language, "admin_jobs", counts=counts or "—")


def _outbox(overview: Overview, language: str) -> Markup:
    queue = overview.queue
    oldest = _age(queue.get("oldest_result_seconds"), language)
    counts = {"n": queue.get("undelivered", 0), "held": queue.get("held", 0)}
    return say(language, "admin_outbox", oldest=oldest, **counts)


def _money(overview: Overview, language: str) -> Markup:
    words = ("topped_up", "granted", "paid", "refunded")
    return say(language, "admin_money", **{each: overview.money.get(each, 0) for each in words})


def _troubles(overview: Overview, language: str) -> list[Markup]:
    shown = [
        say(language, "admin_trouble", text=shorten(text, ERROR_SHOWN))
        for text in overview.troubles.values()
    ]
    if not any(part.startswith("kie") for part in overview.troubles):
        shown.insert(0, say(language, "admin_kie_works"))
    return shown[:MOST_SHOWN]


def _recent_errors(recent_errors: Sequence[RecentError], language: str) -> list[Markup]:
    lines = [
        say(
            language,
            f"admin_{each.kind}",
            at=f"{each.at.astimezone(UTC):%m-%d %H:%M}",
            number=each.number,
            error=shorten(each.error, ERROR_SHOWN),
        )
        for each in recent_errors[:MOST_ERRORS]
    ]
    return [say(language, "admin_recent_errors" if lines else "admin_no_errors"), *lines]


def _age(seconds: float | None, language: str) -> str:
    """``, oldest 3 s``; empty when nothing waits."""
    return "" if seconds is None else plain(language, "admin_oldest", n=round(seconds))


def _clock(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
