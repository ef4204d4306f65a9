"""Credits from the card: suggested or a typed amount, then the same confirmation as by command."""

import re
from collections.abc import Mapping
from typing import Any

from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Again, Button, Effects, Keyboard, Move, Screen, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Text
from handlers.dispatch.feature import Reading
from handlers.features.people import booking, card
from handlers.features.people.arguments import MOST_CREDITS, NOTE_LENGTH
from handlers.features.people.words import plain, say
from handlers.words.texts import Markup
from supervisor.database.transactions import Row

AMOUNT = "person_amount"  #: the step
SUGGESTED = (10, 50, 100, 500, 1000)
_TYPED = re.compile(r"([0-9]{1,18})(?:\s+(.+))?", re.DOTALL)


def person(reading: Reading) -> Row | None:
    """The user of the button, or of the step."""
    user_id = reading.facts.dialogue.answers.get("user")
    if reading.press is not None and reading.press.version is None:
        user_id = reading.press.number
    return None if user_id is None else booking.person(reading, int(user_id))


def plus(facts: Facts, press: Press, found: Row | None) -> Effects:
    return _ask(facts, press, found, 1)


def minus(facts: Facts, press: Press, found: Row | None) -> Effects:
    return _ask(facts, press, found, -1)


def suggested(facts: Facts, press: Press, found: Row | None) -> Effects:
    number = press.number
    if found is None or number is None:
        return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    return _confirm(facts, found, number, None, press.at)


def typed(facts: Facts, text: Text, found: Row | None) -> Effects:
    """``100``, or ``100`` and a note."""
    given = _TYPED.fullmatch(text.text.strip())
    if given is None or found is None:
        return (Again(say(facts.language, "amount_no_number", words=text.text.strip()[:40])),)
    note = given[2].strip()[:NOTE_LENGTH] if given[2] else None
    return _confirm(facts, found, int(given[1]), note, None)


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    answers = facts.dialogue.answers
    screen = _screen(language, answers, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def _ask(facts: Facts, press: Press, found: Row | None, sign: int) -> Effects:
    if found is None:
        return (Toast(plain(facts.language, "toast_nobody"), alert=True),)
    answers = {
        "user": found["user_id"],
        "name": card.name_of(found, facts.language),
        "balance": found["balance"],
        "sign": sign,
    }
    screen = _screen(facts.language, answers, facts.dialogue.version + 1)
    return (Move(AMOUNT, answers), present(screen, press.at))


def _confirm(facts: Facts, found: Row, number: int, note: str | None, at: int | None) -> Effects:
    sign = int(facts.dialogue.answers.get("sign", 1))
    if not 1 <= number <= MOST_CREDITS:
        return (Again(say(facts.language, "amount_range", n=number, most=MOST_CREDITS), at),)
    if found["balance"] + sign * number < 0:
        named = {"balance": found["balance"], "n": number}
        return (Again(say(facts.language, "amount_too_much", **named), at),)
    kind = "plus" if sign > 0 else "grant"
    return booking.confirming(facts, booking.question(facts, kind, found, sign * number, note), at)


def _screen(language: str, answers: Mapping[str, Any], version: int) -> Screen:
    key = "amount_plus" if answers["sign"] > 0 else "amount_minus"
    text = say(language, key, name=answers["name"], balance=answers["balance"])
    mark = "+" if answers["sign"] > 0 else "−"
    suggestions = [
        Button(f"{mark}{each}", encode("person_suggested", each, version=version))
        for each in SUGGESTED
        if answers["sign"] > 0 or each <= answers["balance"]
    ]
    everything: Keyboard = ()
    if answers["sign"] < 0 and answers["balance"] > 0:
        label = plain(language, "button_everything", n=answers["balance"])
        data = encode("person_suggested", answers["balance"], version=version)
        everything = ((Button(label, data),),)
    rows = (tuple(suggestions),) if suggestions else ()
    return Screen(text, (*rows, *everything, (card.back(language, answers["user"]),)))
