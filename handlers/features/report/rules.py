"""What ``/money``, ``/stats`` and ``/export`` answer: a screen, and a picture or a file later."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sql
from handlers.delivery.outbox import Delivery
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Say, Screen, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Reading, Work
from handlers.features.report import exports, limits, money_screen, stats_screen
from handlers.features.report.figures import Money, Usage
from handlers.features.report.words import plain, say
from handlers.words.texts import shorten
from supervisor.runtime.wakeups import REPORTS

MONTHS = 6  #: that have buttons
GIVEN = 40  #: UTF-16 units of a wrong argument that are quoted

_SQL = sql.load("report")


@dataclass(frozen=True, slots=True)
class Ask(Effect):
    """A picture of so many days, or an export of a month, is made and sent here."""

    kind: str
    language: str
    days: int | None = None
    month: date | None = None


def today(_reading: Reading) -> date:
    """The date in UTC."""
    return datetime.now(UTC).date()


def money(facts: Facts, command: Command, found: Money) -> Effects:
    """``/money``, with the number of days, or with the limit of kie.ai's balance."""
    if found.figures is not None:
        screen = money_screen.screen(found.figures, facts.shop, facts.language)
        return (Say(screen), Ask("money", facts.language, found.figures.count))
    word, _, written = command.arguments.strip().partition(" ")
    if word == "limit":
        return limits.limit(facts, written.strip(), found.limit)
    return (_wrong(facts, "money_usage", command),)


def money_pressed(facts: Facts, press: Press, found: Money) -> Effects | None:
    if found.figures is None:
        return None
    screen = money_screen.screen(found.figures, facts.shop, facts.language)
    return (present(screen, press.at), Ask("money", facts.language, found.figures.count))


def stats(facts: Facts, command: Command, found: Usage | None) -> Effects:
    """``/stats``, or with the number of days."""
    if found is None:
        return (_wrong(facts, "stats_usage", command),)
    screen = stats_screen.screen(found, facts.shop, facts.language)
    return (Say(screen), Ask("stats", facts.language, found.figures.count))


def stats_pressed(facts: Facts, press: Press, found: Usage | None) -> Effects | None:
    if found is None:
        return None
    screen = stats_screen.screen(found, facts.shop, facts.language)
    return (present(screen, press.at), Ask("stats", facts.language, found.figures.count))


def export(facts: Facts, command: Command, now: date) -> Effects:
    """``/export``, or with a kind, or with a kind and a month."""
    kind, _, written = command.arguments.strip().partition(" ")
    if not kind:
        return (Say(_exports(now.replace(day=1), now, facts.language)),)
    month = _month(written.strip()) if written.strip() else now.replace(day=1)
    if kind not in exports.KINDS or month is None:
        known = kind if kind in exports.KINDS else exports.KINDS[0]
        code = f"{now:%Y-%m}"
        return (_wrong(facts, "export_usage", command, kind=known, code=code),)
    if month > now:
        text = say(
            facts.language,
            "export_future",
            month=month_name(facts.language, month),
            kind=kind,
            code=f"{now:%Y-%m}",
        )
        return (Say(facts.at_desk(text)),)
    return (*_begun(facts, kind, month),)


def export_pressed(facts: Facts, press: Press, now: date) -> Effects | None:
    """Without an argument the current month, with a month that one, with a kind the export."""
    written, _, kind = press.argument.partition(":")
    month = _month(written) if written else now.replace(day=1)
    if month is None or month > now or kind not in {"", *exports.KINDS}:
        return None
    if kind:
        return _begun(facts, kind, month)
    return (present(_exports(month, now, facts.language), press.at),)


def ask(effect: Ask, work: Work) -> Sequence[Delivery]:
    """Once per update; the service makes it."""
    named = {
        **{"bot_id": work.installation.bot_id, "chat_id": work.chat_id, "request_key": work.key},
        **{"kind": effect.kind, "language": effect.language},
        **{"days": effect.days, "month": effect.month},
    }
    if work.tx.one(_SQL["ask"], named) is not None:
        work.tx.wake(REPORTS)
    return ()


def month_name(_language: str, month: date) -> str:
    """``11.2026``: the same in every language."""
    return f"{month:%m.%Y}"


def _begun(facts: Facts, kind: str, month: date) -> Effects:
    text = say(
        facts.language,
        "export_begun",
        what=plain(facts.language, f"export_{kind}"),
        month=month_name(facts.language, month),
    )
    return (Say(Screen(text)), Ask(kind, facts.language, month=month))


def _exports(month: date, now: date, language: str) -> Screen:
    kinds = tuple(
        (
            Button(
                plain(language, f"button_export_{kind}"), encode("export", f"{month:%Y-%m}:{kind}")
            ),
        )
        for kind in exports.KINDS
    )
    listed = [each for each in exports.months(now, MONTHS) if each != month]
    buttons = [
        Button(month_name(language, each), encode("export", f"{each:%Y-%m}")) for each in listed
    ]
    half = (len(buttons) + 1) // 2
    text = say(language, "export", month=month_name(language, month), code=f"{month:%Y-%m}")
    return Screen(text, (*kinds, tuple(buttons[:half]), tuple(buttons[half:])))


def _month(written: str) -> date | None:
    if not re.fullmatch(r"20[0-9]{2}-[0-9]{2}", written, re.ASCII):
        return None
    year, month = map(int, written.split("-"))
    return date(year, month, 1) if 1 <= month <= 12 else None


def _wrong(facts: Facts, key: str, command: Command, **fields: str) -> Say:
    given = shorten(command.arguments.strip(), GIVEN)
    return Say(facts.at_desk(say(facts.language, key, given=given, **fields)))
