"""Bookings of credits by an operator: shown with name and numbers, then confirmed.

``/topup <user> <credits>``, ``/grant <user> <credits> [note]``, ``/refund <request> [note]``. A
grant may be negative, to take back a booking made by mistake. The confirmation belongs to one step
of the dialogue, so its button books once.
"""

import re
from collections.abc import Mapping
from typing import Any

import sql
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Again, Button, Effects, Home, Move, Say, Screen
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Reading
from handlers.features.desk.effects import Book
from handlers.features.desk.words import plain, say
from handlers.words.texts import Markup, signed
from supervisor.database.transactions import Row
from supervisor.values import telegram_id

BOOKING = "booking"  #: the step
NOTE_LENGTH = 200  #: characters of a note that are kept
#: Credits of one booking; more is probably a typo.
MOST_CREDITS = 1_000_000

_BOOKING = re.compile(r"([0-9]{1,16})\s+([+-]?[0-9]{1,9})(?:\s+(.+))?", re.DOTALL)
_REFUND = re.compile(r"([0-9]{1,18})(?:\s+(.+))?", re.DOTALL)
_SQL = sql.load("desk")


def asked(command: Command) -> Book | None:
    """The booking that the command asks for; None: its arguments are wrong."""
    if command.name == "refund":
        found = _REFUND.fullmatch(command.arguments)
        return None if found is None else Book("refund", int(found[1]), note=_note(found[2]))
    found = _BOOKING.fullmatch(command.arguments)
    if found is None:
        return None
    user_id, amount = int(found[1]), int(found[2])
    least = 1 if command.name == "topup" else -MOST_CREDITS
    if not telegram_id.is_user(user_id) or not least <= amount <= MOST_CREDITS or amount == 0:
        return None
    return Book(command.name, user_id, amount, _note(found[3]))


def named_target(reading: Reading) -> Row | None:
    """The user or the request that the command names."""
    command = reading.facts.incoming
    booking = asked(command) if isinstance(command, Command) else None
    if booking is None:
        return None
    if booking.kind == "refund":
        named = {"bot_id": reading.installation.bot_id, "job_id": booking.target}
        return reading.tx.one(_SQL["request"], named)
    named = {"bot_id": reading.installation.bot_id, "user_id": booking.target}
    return reading.tx.one(_SQL["person"], named)


def top_up(facts: Facts, command: Command, target: Row | None) -> Effects | None:
    """``/topup`` without arguments is the command of users."""
    return book(facts, command, target) if command.arguments else None


def book(facts: Facts, command: Command, target: Row | None) -> Effects:
    """Show the booking for confirmation, or why it is not possible."""
    booking = asked(command)
    if booking is None:
        text = say(facts.language, "booking_usage", most=MOST_CREDITS)
        return (Say(facts.sentence(text)),)
    why = _refusal(booking, target, facts.language)
    if why is not None or target is None:
        return (Say(facts.sentence(why or Markup(""))),)
    shown = {
        "kind": booking.kind,
        "target": booking.target,
        "amount": booking.amount,
        "note": booking.note,
        "name": _name(target, facts.language),
        "user": target["user_id"],
        "balance": target["balance"],
        "moves": target["price"] if booking.kind == "refund" else booking.amount,
        "model": target.get("model", ""),
    }
    screen = _screen(shown, facts.language, facts.dialogue.version + 1)
    return (Move(BOOKING, shown), Say(screen))


def confirmed(facts: Facts, press: Press) -> Effects:
    """The confirming button. It books once: after it the step is over."""
    answers = facts.dialogue.answers
    if not facts.admin:
        return (Home(),)
    kind, target, amount = answers["kind"], answers["target"], answers["amount"]
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
            return say(language, "person_unknown", user=booking.target)
        if target["balance"] + booking.amount < 0:
            return say(
                language,
                "too_little",
                name=_name(target, language),
                balance=target["balance"],
                amount=signed(booking.amount),
            )
        return None
    if target is None:
        return say(language, "request_unknown", job=booking.target)
    if target["refunded"]:
        return say(language, "request_refunded", job=booking.target)
    if not target["price"]:
        return say(language, "request_free", job=booking.target)
    return None if target["paid"] else say(language, "request_unpaid", job=booking.target)


def _screen(shown: Mapping[str, Any], language: str, version: int) -> Screen:
    text = say(
        language,
        f"confirm_{shown['kind']}",
        name=shown["name"],
        user=shown["user"],
        amount=signed(shown["moves"]),
        balance=shown["balance"],
        after=shown["balance"] + shown["moves"],
        job=shown["target"],
        model=shown["model"],
    )
    book_it = Button(plain(language, "button_book"), encode("book", version=version))
    leave = Button(plain(language, "button_leave"), encode("book_leave", version=version))
    return Screen(text, ((book_it, leave),))


def _name(person: Mapping[str, Any], language: str) -> str:
    if person["username"]:
        return f"@{person['username']}"
    return str(person["first_name"] or plain(language, "name_unknown"))


def _note(text: str | None) -> str | None:
    return text.strip()[:NOTE_LENGTH] if text else None
