"""What only operators may say: moving credits by hand. ``decide`` asks who they are."""

import re

from handlers.dialogue.effects import Book, Effect, Say
from handlers.dialogue.facts import Facts
from handlers.dialogue.screens import sentence
from handlers.incoming import Command
from handlers.texts import say

NOTE_LENGTH = 200  #: characters of a note that are kept
#: More than anybody pays at once: a typo, most likely.
MOST_CREDITS = 1_000_000

_BOOKING = re.compile(r"(\d{1,19})\s+([+-]?\d{1,9})(?:\s+(.+))?", re.DOTALL)
_REFUND = re.compile(r"(\d{1,18})(?:\s+(.+))?", re.DOTALL)


def book(facts: Facts, command: Command) -> tuple[Effect, ...]:
    """``/topup <user> <credits>``, ``/grant <user> <credits> [note]``, ``/refund <job> [note]``.

    A grant may be negative: it takes back what was booked by mistake.
    """
    if command.name == "refund":
        found = _REFUND.fullmatch(command.arguments)
        if found is not None:
            return (Book("refund", int(found[1]), note=_note(found[2])),)
        return _usage(facts)
    found = _BOOKING.fullmatch(command.arguments)
    if found is None:
        return _usage(facts)
    user_id, amount = int(found[1]), int(found[2])
    least = 1 if command.name == "topup" else -MOST_CREDITS
    if not 0 < user_id < 2**63 or not least <= amount <= MOST_CREDITS or amount == 0:
        return _usage(facts)
    return (Book(command.name, user_id, amount, _note(found[3])),)


def _note(text: str | None) -> str | None:
    return text.strip()[:NOTE_LENGTH] if text else None


def _usage(facts: Facts) -> tuple[Effect, ...]:
    text = say(facts.language, "booking_usage", most=MOST_CREDITS)
    return (Say(sentence(text, facts.language)),)
