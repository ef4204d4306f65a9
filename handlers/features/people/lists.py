"""The entries and jobs of a user, in pages; a page begins after the last row of the one before."""

from collections.abc import Sequence
from dataclasses import dataclass

import sql
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effects, Keyboard, Screen, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dispatch.feature import Reading
from handlers.features.people import card
from handlers.features.people.effects import UNDONE
from handlers.features.people.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup, shorten, signed
from supervisor.database.transactions import Row

PER_PAGE = 8
NOTE_SHOWN = 60  #: UTF-16 units

_SQL = sql.load("people")


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one user, and whether there are more."""

    user_id: int
    rows: Sequence[Row]
    more: bool


def entries(reading: Reading) -> Page | None:
    return _page(reading, "entries")


def jobs(reading: Reading) -> Page | None:
    return _page(reading, "jobs")


def _page(reading: Reading, statement: str) -> Page | None:
    if reading.press is None:
        return None
    user, _, before = reading.press.argument.partition(":")
    if not (user.isascii() and user.isdecimal() and len(user) < 17):
        return None
    last = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    named = {"bot_id": reading.installation.bot_id, "user_id": int(user), "before": last}
    rows = reading.tx.all(_SQL[statement], {**named, "count": PER_PAGE + 1})
    return Page(int(user), rows[:PER_PAGE], len(rows) > PER_PAGE)


def press_entries(facts: Facts, press: Press, found: Page | None) -> Effects:
    """What was booked for this user."""
    if found is None:
        return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    lines = [_entry(row, facts.language) for row in found.rows]
    text = say(facts.language, "history", lines=_lines(lines, facts.language))
    return (present(Screen(text, _rows(facts, found, "person_history")), press.at),)


def press_jobs(facts: Facts, press: Press, found: Page | None) -> Effects:
    """What this user has ordered; paid results can be refunded."""
    if found is None:
        return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    language = facts.language
    lines = [_job(row, language) for row in found.rows]
    refunds = [
        Button(
            plain(language, "button_refund_job", job=str(row["id"]), price=row["price"]),
            encode("person_refund", row["id"]),
        )
        for row in found.rows
        if row["refundable"]
    ]
    pairs = tuple(tuple(refunds[start : start + 2]) for start in range(0, len(refunds), 2))
    text = say(language, "jobs", lines=_lines(lines, language))
    return (present(Screen(text, (*pairs, *_rows(facts, found, "person_jobs"))), press.at),)


def _rows(facts: Facts, found: Page, action: str) -> tuple[tuple[Button, ...], ...]:
    language = facts.language
    older: Keyboard = ()
    if found.more:
        argument = f"{found.user_id}:{found.rows[-1]['id']}"
        older = ((Button(plain(language, "button_older"), encode(action, argument)),),)
    return (*older, (card.back(language, found.user_id),))


def _lines(lines: Sequence[Markup], language: str) -> Markup:
    return Markup("".join(lines)) if lines else say(language, "nothing_yet")


def _entry(row: Row, language: str) -> Markup:
    job = "" if row["job_id"] is None else str(row["job_id"])
    what = plain(language, f"entry_{row['kind']}", job=job)
    if row["note"]:
        note = plain(language, "note_undone") if row["note"] == UNDONE else row["note"]
        what += f" ({shorten(note, NOTE_SHOWN)})"
    day = moments.moment(language, row["at"])
    return say(language, "history_line", at=day, what=what, amount=signed(row["amount"]))


def _job(row: Row, language: str) -> Markup:
    state = plain(language, f"job_state_{row['status']}")
    named = {
        "at": moments.moment(language, row["at"]),
        "job": str(row["id"]),
        "price": row["price"],
    }
    return say(language, "jobs_line", model=row["model"], state=state, **named)
