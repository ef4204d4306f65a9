"""``/maintenance`` and its buttons: begin, change the end, end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import editing, saying
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Say, Screen, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Work
from handlers.features.maintenance.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup
from kie.catalogue.availability import Maintenance
from supervisor.runtime.wakeups import AVAILABILITY

PERIODS = (15, 60, 180)  #: minutes
MOST_MINUTES = 7 * 24 * 60
_MINUTES = re.compile(r"[+-]?[0-9]{1,18}")

_SQL = sql.load("maintenance")


@dataclass(frozen=True, slots=True)
class Begin(Effect):
    """Nothing new is taken from now on; of a maintenance that is on, the end changes."""

    minutes: int | None  #: None: until an operator ends it
    at: int | None = None  #: the message that shows it


@dataclass(frozen=True, slots=True)
class End(Effect):
    """Orders and payments are taken again."""

    at: int | None = None


# --------------------------------------------------------------------- rules --


def ask(facts: Facts, command: Command) -> Effects:
    """``/maintenance``, ``/maintenance 30``, ``/maintenance on``, ``/maintenance off``"""
    words = command.arguments.strip().lower()
    if not words:
        return (Say(_screen(facts, facts.shop.maintenance)),)
    if words in {"on", "вкл"}:
        return (Begin(None),)
    if words in {"off", "выкл"}:
        return (End(),)
    minutes = int(words) if _MINUTES.fullmatch(words) else None
    if minutes is None or not 1 <= minutes <= MOST_MINUTES:
        key = "maintenance_words" if minutes is None else "maintenance_minutes"
        text = say(facts.language, key, words=words[:40], most=MOST_MINUTES)
        return (Say(Screen(text, _keyboard(facts, facts.shop.maintenance))),)
    return (Begin(minutes),)


def press(facts: Facts, press: Press) -> Effects:
    """The state, and what can be done."""
    return (present(_screen(facts, facts.shop.maintenance), press.at),)


def press_begin(facts: Facts, press: Press) -> Effects:
    """For so many minutes; without a number until an operator ends it."""
    minutes = press.number
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        return (present(_screen(facts, facts.shop.maintenance), press.at),)
    return (Begin(minutes, press.at),)


def press_end(_facts: Facts, press: Press) -> Effects:
    return (End(press.at),)


# --------------------------------------------------------------- carrying out --


def begin(effect: Begin, work: Work) -> Sequence[Delivery]:
    """In force at every instance from the next update."""
    named = {"bot_id": work.installation.bot_id, "minutes": effect.minutes}
    admin = work.facts.incoming.sender.user_id
    held = work.tx.one(_SQL["lock_maintenance"], {**named, "admin": admin})
    before = Maintenance(held["until"]) if held is not None and held["lasts"] else None
    row = work.tx.one(_SQL["begin_maintenance"], {**named, "admin": admin})
    now = Maintenance(None if row is None else row["until"])
    if before is not None and _shown(before) == _shown(now):
        return [_answer(work, now, effect.at, "maintenance_on_before")]
    work.acted("maintenance", before=_shown(before), after=_shown(now))
    work.tx.wake(AVAILABILITY)
    return [_answer(work, now, effect.at)]


def end(effect: End, work: Work) -> Sequence[Delivery]:
    row = work.tx.one(_SQL["end_maintenance"], {"bot_id": work.installation.bot_id})
    if row is None:
        return [_answer(work, None, effect.at, "maintenance_off_before")]
    work.acted("maintenance", before=_shown(Maintenance(row["until"])), after="off")
    work.tx.wake(AVAILABILITY)
    return [_answer(work, None, effect.at)]


def _answer(work: Work, now: Maintenance | None, at: int | None, lead: str = "") -> Delivery:
    """``lead``: a sentence before the state, about a press that changed nothing."""
    screen = _screen(work.facts, now)
    if lead:
        said = say(work.facts.language, lead)
        screen = Screen(Markup(f"{said}\n\n{screen.text}"), screen.keyboard)
    return work.told("answer", saying(screen) if at is None else editing(at, screen, or_say=True))


def _shown(found: Maintenance | None) -> str:
    """As the log of acts tells it."""
    if found is None:
        return "off"
    return "on" if found.until is None else f"until {found.until.astimezone(UTC):%Y-%m-%d %H:%M}"


# ------------------------------------------------------------------- screens --


def _screen(facts: Facts, found: Maintenance | None) -> Screen:
    language = facts.language
    if found is None:
        state = say(language, "maintenance_off")
    elif found.until is None:
        state = say(language, "maintenance_on")
    else:
        state = say(language, "maintenance_until", until=moments.moment(language, found.until))
    text = Markup(f"{state}\n\n{say(language, 'maintenance_what')}")
    return Screen(text, _keyboard(facts, found))


def _keyboard(facts: Facts, found: Maintenance | None) -> tuple[tuple[Button, ...], ...]:
    language = facts.language
    periods = tuple(
        Button(plain(language, "button_minutes", n=each), encode("maintenance_on", each))
        for each in PERIODS
    )
    open_end = Button(plain(language, "button_open_end"), encode("maintenance_on"))
    off = Button(plain(language, "button_maintenance_off"), encode("maintenance_off"))
    rows = (periods, (open_end,)) if found is None else ((off,), periods)
    return (*rows, *facts.places.keyboard("operators", facts.spot()))
