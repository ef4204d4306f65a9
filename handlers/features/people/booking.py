"""Bookings of credits by an operator: shown with name and numbers, then confirmed.

``/topup <user> <credits>``, ``/grant <user> <credits> [note]``, ``/refund <request> [note]``, and
the same from a user's card. A grant may be negative, to take credits back. The confirmation belongs
to one step of the dialogue, so its button books once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sql
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import (
    Again,
    Button,
    Effects,
    Home,
    Move,
    Say,
    Screen,
    Toast,
    present,
)
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Reading
from handlers.features.people import arguments, card, finding
from handlers.features.people.arguments import MOST_CREDITS, Named, Wrong
from handlers.features.people.effects import Book
from handlers.features.people.words import plain, say
from handlers.words.texts import Markup, signed
from supervisor.database.transactions import Row

BOOKING = "booking"  #: the step
_SQL = sql.load("people")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom or what the command names."""

    row: Row | None = None
    #: Several users who have or had the name, or who only had it: it may be somebody else's now.
    rows: Sequence[Row] = ()


def named_target(reading: Reading) -> Target | None:
    """The user or the request that the command names."""
    command = reading.facts.incoming
    found = arguments.read(command) if isinstance(command, Command) else None
    if isinstance(found, Named):
        rows, _ = finding.named(reading.tx, reading.installation.bot_id, f"@{found.name}")
        sure = len({row["user_id"] for row in rows}) == 1 and not finding.only_former(rows)
        return Target(rows[0]) if sure else Target(rows=rows)
    if not isinstance(found, Book):
        return None
    if found.kind == "refund":
        return Target(_request(reading, found.target))
    return Target(person(reading, found.target))


def person(reading: Reading, user_id: int) -> Row | None:
    """A user of this bot."""
    named = {"bot_id": reading.installation.bot_id, "user_id": user_id}
    return reading.tx.one(_SQL["person"], named)


def pressed_request(reading: Reading) -> Row | None:
    """The request that the button names."""
    number = reading.press.number if reading.press is not None else None
    return None if number is None else _request(reading, number)


def _request(reading: Reading, job_id: int) -> Row | None:
    named = {"bot_id": reading.installation.bot_id, "job_id": job_id}
    return reading.tx.one(_SQL["request"], named)


# --------------------------------------------------------------------- rules --


def top_up(facts: Facts, command: Command, target: Target | None) -> Effects | None:
    """``/topup`` without arguments is the command of users."""
    return book(facts, command, target) if command.arguments else None


def book(facts: Facts, command: Command, target: Target | None) -> Effects:
    """Show the booking for confirmation, or why it is not possible."""
    language, found = facts.language, arguments.read(command)
    if isinstance(found, Wrong):
        wrong = say(language, f"wrong_{found.why}", given=found.given, most=MOST_CREDITS)
        return (Say(facts.at_desk(say(language, "wrong", why=wrong, line=found.line))),)
    there = target or Target()
    if there.rows:
        several = finding.Found(command.arguments.split()[0], rows=there.rows)
        return (Say(finding.screen(facts, several)),)
    booking = found
    if isinstance(booking, Named):
        if there.row is None:
            return (Say(facts.at_desk(say(language, "find_no_name", words=f"@{booking.name}"))),)
        booking = replace(booking.booking, target=there.row["user_id"])
    why = _refusal(booking, there.row, language)
    if why is not None or there.row is None:
        return (Say(facts.at_desk(why or Markup(""))),)
    moves = there.row["price"] if booking.kind == "refund" else booking.amount
    asked = question(facts, booking.kind, there.row, moves, booking.note)
    return confirming(facts, asked, None)


def press_refund(facts: Facts, press: Press, target: Row | None) -> Effects:
    """The button under a list of jobs."""
    booking = Book("refund", press.number or 0)
    why = _refusal(booking, target, facts.language)
    if why is not None or target is None:
        return (Say(facts.at_desk(why or Markup(""))),)
    asked = question(facts, "refund", target, target["price"], None)
    return confirming(facts, asked, press.at)


def question(
    facts: Facts, kind: str, target: Row, moves: int, note: str | None
) -> Mapping[str, Any]:
    """What is confirmed; ``plus`` is a top-up or a gift, as the button says."""
    return {
        "kind": kind,
        "target": target["id"] if kind == "refund" else target["user_id"],
        "amount": 0 if kind == "refund" else moves,
        "note": note,
        "name": card.name_of(target, facts.language),
        "user": target["user_id"],
        "balance": target["balance"],
        "moves": moves,
        "model": target.get("model", ""),
    }


def confirming(facts: Facts, asked: Mapping[str, Any], at: int | None) -> Effects:
    screen = _screen(asked, facts.language, facts.dialogue.version + 1)
    return (Move(BOOKING, asked), present(screen, at))


def confirmed(facts: Facts, press: Press) -> Effects:
    """The confirming button. It books once: after it the step is over."""
    answers = facts.dialogue.answers
    kind = answers["kind"]
    if kind == "plus":
        kind = press.argument
        if kind not in {"topup", "grant"}:
            return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    target, amount = answers["target"], answers["amount"]
    booking = Book(kind, target, amount, answers["note"], press.at or 0)
    return (booking, Move(IDLE))


def left(facts: Facts, press: Press) -> Effects:
    """Nothing is booked."""
    return (Home(say(facts.language, "left"), press.at),)


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The confirmation once more."""
    screen = _screen(facts.dialogue.answers, language, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def words(_facts: Facts, _text: object) -> Effects:
    """A text does not confirm: show the confirmation again."""
    return (Again(),)


def _refusal(booking: Book, target: Row | None, language: str) -> Markup | None:
    if booking.kind != "refund":
        if target is None:
            return say(language, "person_unknown", user=str(booking.target))
        if target["balance"] + booking.amount < 0:
            return say(
                language,
                "too_little",
                name=card.name_of(target, language),
                balance=target["balance"],
                amount=signed(booking.amount),
                user=str(booking.target),
                all=signed(-target["balance"]),
            )
        return None
    job = str(booking.target)
    if target is None:
        return say(language, "request_unknown", job=job)
    if target["refunded"]:
        return say(language, "request_refunded", job=job)
    if not target["price"]:
        return say(language, "request_free", job=job)
    return None if target["paid"] else say(language, "request_unpaid", job=job)


def _screen(shown: Mapping[str, Any], language: str, version: int) -> Screen:
    text = say(
        language,
        f"confirm_{shown['kind']}",
        name=shown["name"],
        user=str(shown["user"]),
        amount=signed(shown["moves"]),
        balance=shown["balance"],
        after=shown["balance"] + shown["moves"],
        job=str(shown["target"]),
        model=shown["model"],
    )
    if shown["kind"] == "plus":
        kinds = tuple(
            Button(plain(language, f"button_book_{kind}"), encode("book", kind, version=version))
            for kind in ("topup", "grant")
        )
    else:
        kinds = (Button(plain(language, "button_book"), encode("book", version=version)),)
    leave = Button(plain(language, "button_leave"), encode("book_leave", version=version))
    return Screen(text, (kinds, (leave,)) if shown["kind"] == "plus" else ((*kinds, leave),))
