"""``/balance``: what there is, what is free today, what is being made, what was booked lately."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sql
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effects, Keyboard, Say, Screen, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Reading
from handlers.features.paying import subscribing
from handlers.features.paying.screens import brief_packs, discount, packs_worth
from handlers.features.paying.words import WORDS, plain, say
from handlers.shop.offers import as_ordered
from handlers.shop.shop import Shop
from handlers.shop.terms import terms
from handlers.words import moments
from handlers.words.texts import Markup, measured, shorten, signed
from kie.money.subscriptions import Subscription
from supervisor.database.transactions import Row

_SQL = sql.load("paying")

ENTRIES_SHOWN = 5  #: of the ledger
RUNNING_SHOWN = 6  #: jobs without an end
WORDS_SHOWN = 24  #: UTF-16 units of the user's words that say which job it was
NOTE_SHOWN = 60  #: UTF-16 units of a note in a line
_RECEIPT = re.compile("receipt ([0-9]{1,18})", re.ASCII)  #: the note of an approved receipt
#: Entries whose note is a person's own words, or names the receipt.
_NOTED = frozenset({"topup", "grant", "refund", "promo"})


@dataclass(frozen=True, slots=True)
class Running:
    """A job without an end."""

    job_id: int
    model: str
    inputs: Mapping[str, Any]
    queued: bool  #: it can still be taken back
    seconds: float  #: since its task began, or since it was ordered


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry of the ledger, and the job that it is about."""

    kind: str
    amount: int
    note: str | None
    at: datetime
    model: str | None = None
    inputs: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Books:
    """What of the tables the screen shows."""

    running: Sequence[Running] = ()
    booked: Sequence[Booked] = ()
    subscriptions: Sequence[Subscription] = ()


def books(reading: Reading) -> Books:
    """What is being made and what was booked, of this user."""
    tx, named = reading.tx, reading.named
    running = tx.all(_SQL["jobs_in_work"], {**named, "count": RUNNING_SHOWN})
    booked = tx.all(_SQL["booked"], {**named, "count": ENTRIES_SHOWN})
    theirs = subscribing.theirs(reading)
    return Books([_running(row) for row in running], [Booked(**row) for row in booked], theirs)


def ask(facts: Facts, _command: Command, found: Books | None) -> Effects:
    """``/balance``"""
    return (Say(screen(facts, found or Books())),)


def press(facts: Facts, pressed: Press, found: Books | None) -> Effects:
    """The same in place of the message with the button."""
    return (present(screen(facts, found or Books()), pressed.at),)


def screen(facts: Facts, found: Books) -> Screen:
    """All of it, with a way to take back what has not begun. It fits a phone, so what the other
    packs are enough for, only the top-up says."""
    language = facts.language
    parts = [
        say(language, "balance", n=facts.account.balance),
        *subscribing.lines(language, found.subscriptions),
        _free(facts),
        _listed("balance_running", language, [_line(each, facts) for each in found.running]),
        _listed("balance_entries", language, [_entry(each, facts) for each in found.booked]),
    ]
    if facts.shop.packs:
        parts += [packs_worth(facts.shop, language, most=1), *discount(facts)]
    text = Markup("\n\n".join(part for part in parts if part))
    keys = facts.places.keyboard("balance", facts.spot())
    ends = subscribing.ends(language, found.subscriptions)
    stops = _stops(facts, found.running)
    return Screen(text, (*stops, *ends, *brief_packs(facts.spot()), *keys))


# ---------------------------------------------------------------- internal --


def _running(row: Row) -> Running:
    inputs = row["inputs"] or {}
    return Running(row["id"], row["model"], inputs, row["status"] == "queued", row["seconds"])


def _free(facts: Facts) -> Markup:
    language = facts.language
    lines = [
        say(
            language,
            "balance_free",
            title=offer.title(language),
            n=terms(offer, facts.account).free_left or 0,
            most=offer.free_per_day,
        )
        for offer in facts.shop.offers.values()
        if offer.free_per_day is not None and not offer.preset_of
    ]
    if lines:
        lines.append(say(language, "balance_renewed", time=moments.midnight(language)))
    return _listed("balance_free_title", language, lines)


def _listed(title: str, language: str, lines: Sequence[Markup]) -> Markup:
    return Markup("\n".join((say(language, title), *lines))) if lines else Markup("")


def _line(job: Running, facts: Facts) -> Markup:
    language = facts.language
    key = "running_queued" if job.queued else "running_made"
    name = _name(job.model, job.inputs, facts.shop, language)
    return say(language, key, name=name, time=measured(language, job.seconds))


def _entry(entry: Booked, facts: Facts) -> Markup:
    language = facts.language
    name = _name(entry.model, entry.inputs or {}, facts.shop, language) if entry.model else ""
    key = f"booked_{entry.kind}"
    if entry.kind == "grant" and entry.amount < 0:
        key = "booked_taken"
    if key in WORDS.all(language):
        what = plain(language, key, name=name)
    else:
        what = plain(language, f"entry_{entry.kind}", job=name)
    if entry.note and entry.kind in _NOTED:
        what += f" ({_note(entry.note, language)})"
    day = moments.day(language, entry.at)
    return say(language, "balance_entry", day=day, what=what, amount=signed(entry.amount))


def _note(note: str, language: str) -> str:
    """What an operator has written, or the receipt that was approved."""
    receipt = _RECEIPT.fullmatch(note)
    if receipt is not None:
        return plain(language, "note_receipt", n=receipt[1])
    return shorten(note, NOTE_SHOWN)


def _name(model: str, inputs: Mapping[str, Any], shop: Shop, language: str) -> str:
    """The model and the first words of what was asked for."""
    offer, answers = as_ordered(shop.offers, model, inputs)
    title = offer.title(language) if offer is not None else model
    words = offer.words_of(answers) if offer is not None else str(inputs.get("prompt", ""))
    brief = " ".join(words.split())
    if not brief:
        return title
    return plain(language, "job_name", title=title, words=shorten(brief, WORDS_SHOWN))


def _stops(facts: Facts, running: Sequence[Running]) -> Keyboard:
    """A button for each job that can still be taken back, which another feature answers."""
    language = facts.language
    rows = []
    for job in running:
        if not job.queued:
            continue
        spot = Spot(language, facts.shop, job.job_id)
        text = shorten(f"✖️ {_name(job.model, job.inputs, facts.shop, language)}", WORDS_SHOWN)
        rows += [
            tuple(replace(button, text=text) for button in row)
            for row in facts.places.keyboard("waiting", spot)
        ]
    return tuple(rows)
