"""``/paysupport``: a user's question about a payment.

The step keeps the one before it (``dialogue/before.py``): whoever asks about a payment finds the
request as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.delivery.outbox import Delivery
from handlers.dialogue import before
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import (
    Again,
    Effect,
    Effects,
    Say,
    Screen,
)
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command, Text
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import MOST_QUESTIONS, Reading, Work
from handlers.features.paysupport import screens
from handlers.features.paysupport.words import say
from handlers.words.texts import Markup
from kie.money import payments
from kie.money.payments import Listed

ASKING = "paysupport"
SHOWN = 5  #: payments


@dataclass(frozen=True, slots=True)
class AskOperators(Effect):
    """A user's words go to the operators."""

    words: str


def latest(reading: Reading) -> Sequence[Listed]:
    user_id = reading.facts.incoming.sender.user_id
    return payments.latest(reading.tx, reading.installation.bot_id, user_id, SHOWN)


# --------------------------------------------------------------------- rules --


def ask(facts: Facts, _command: Command, found: Sequence[Listed]) -> Effects:
    """``/paysupport``"""
    move = before.enter(facts, ASKING, {})
    return (move, Say(screens.help_screen(facts, found, facts.dialogue.version + 1)))


def asked(facts: Facts, text: Text, enough: bool | None) -> Effects:
    """The words go to the operators, and the dialogue is where it was."""
    if enough:
        return before.back_with(facts, say(facts.language, "asked_enough", n=MOST_QUESTIONS))
    sent = say(facts.language, "help_sent")
    return (AskOperators(text.text), *before.back_with(facts, sent))


def wants_words(facts: Facts, _media: object) -> Effects:
    return (Again(say(facts.language, "help_wants_words")),)


def left(facts: Facts, press: Press) -> Effects:
    return before.back_with(facts, say(facts.language, "help_left"), press.at)


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The step once more."""
    screen = screens.help_screen(replace(facts, language=language), (), facts.dialogue.version)
    return screen if lead is None else Screen(lead, screen.keyboard)


# --------------------------------------------------------------- carrying out --


def tell_operators(effect: AskOperators, work: Work) -> Sequence[Delivery]:
    """To each operator, with the user's payments and what can be done."""
    bot_id, user_id = work.installation.bot_id, work.facts.incoming.sender.user_id
    asking = payments.person(work.tx, bot_id, user_id)
    if asking is None:
        return []
    found = payments.latest(work.tx, bot_id, user_id, SHOWN)

    def shown(language: str) -> Screen:
        spot = Spot(language, work.facts.shop, user_id=user_id)
        keyboard = work.places.keyboard("asked", spot)
        return screens.asked(asking, effect.words, found, language, keyboard)

    work.ask_operators(shown)
    work.count("paysupport", "questions")
    return []
