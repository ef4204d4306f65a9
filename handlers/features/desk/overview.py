"""The panel: the state of the installation in words, and buttons that lead to everything else.

Its buttons are offered by features for the place ``admin``. One of a feature that is not on the
list is not there.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from handlers.dialogue.effects import Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.features.desk.overview_facts import MOST_COUNTED, Overview, RecentError
from handlers.features.desk.words import say
from handlers.shop.shop import Shop
from handlers.words import moments, troubles
from handlers.words.texts import Markup, measured, shorten

NAME_SHOWN = 40  #: UTF-16 units of an instance's name
ERROR_SHOWN = 120  #: UTF-16 units of an error
MOST_SHOWN = 5  #: instances that wait, troubles
MOST_ERRORS = 9


def screen(overview: Overview, facts: Facts) -> Screen:
    """State, kie.ai, what waits, troubles, the last errors, and the buttons."""
    language, shop = facts.language, facts.shop
    lines = [
        *_active(overview, language),
        _kie(overview, language),
        *_maintenance(shop, language),
        _queue(overview, language),
        *_troubles(overview, language),
        *_recent_errors(overview.recent_errors, language),
        say(language, "admin_at", at=_clock(overview.at)),
    ]
    waiting = {name: overview.queue.get(name, 0) for name in ("receipts", "set_aside")}
    spot = Spot(language, shop, waiting=waiting)
    return Screen(Markup("\n".join(lines)), facts.places.keyboard("admin", spot))


def count(number: int) -> str:
    """A count that ends at ``MOST_COUNTED``."""
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)


def _active(overview: Overview, language: str) -> list[Markup]:
    active, names = overview.active, overview.waiting[:MOST_SHOWN]
    standby = say(language, "admin_standby", n=len(overview.waiting))
    if active is None:
        return [say(language, "admin_nobody", standby=standby)]
    seconds = measured(language, active["seconds"])
    named = [say(language, "admin_passive", name=shorten(each, NAME_SHOWN)) for each in names]
    return [
        say(language, "admin_works", time=seconds, standby=standby),
        say(
            language,
            "admin_instance",
            instance=shorten(active["instance"], NAME_SHOWN),
            epoch=active["epoch"],
            passive=Markup("".join(named)),
        ),
    ]


def _kie(overview: Overview, language: str) -> Markup:
    """A ✅ only if kie.ai's last answer was good; the age of that answer in any case."""
    found = overview.kie
    if found is None:
        return say(language, "admin_kie_unasked")
    days = Markup("")
    if found.days is not None:
        days = say(language, "admin_kie_days", time=measured(language, found.days * 86400))
    troubled = any(part.startswith("kie") for part in overview.troubles)
    key = "admin_kie_troubled" if troubled or found.credits <= 0 else "admin_kie_works"
    age = measured(language, found.age)
    return say(language, key, credits=round(found.credits), days=days, age=age)


def _maintenance(shop: Shop, language: str) -> list[Markup]:
    if shop.maintenance is None:
        return []
    until = shop.maintenance.until
    if until is None:
        return [say(language, "admin_maintenance")]
    return [say(language, "admin_maintenance_until", until=f"{until.astimezone(UTC):%H:%M}")]


def _queue(overview: Overview, language: str) -> Markup:
    queue = overview.queue
    names = ("updates", "jobs", "deliveries")
    counts = {name: count(queue.get(name, 0)) for name in names}
    if not any(queue.get(name, 0) for name in names):
        return say(language, "admin_queue_empty")
    return say(language, "admin_queue", **counts)


def _troubles(overview: Overview, language: str) -> list[Markup]:
    return [
        say(language, "admin_trouble", text=text)
        for text in troubles.all_of(overview.troubles, language)
    ][:MOST_SHOWN]


def _recent_errors(recent_errors: Sequence[RecentError], language: str) -> list[Markup]:
    lines = [
        say(
            language,
            f"admin_{each.kind}",
            at=moments.moment(language, each.at),
            number=each.number,
            error=shorten(each.error, ERROR_SHOWN),
        )
        for each in recent_errors[:MOST_ERRORS]
    ]
    return [say(language, "admin_recent_errors" if lines else "admin_no_errors"), *lines]


def _clock(at: datetime | None) -> str:
    return "—" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
