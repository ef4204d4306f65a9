"""``/paysupport``: a user's question about a payment, and the operator's answer.

The step keeps the step before it: whoever asks about a payment finds the request as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.delivery.outbox import Delivery, saying
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import (
    Again,
    Button,
    Effect,
    Effects,
    Move,
    Say,
    Screen,
    Toast,
    present,
)
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command, Text
from handlers.dispatch.feature import Reading, Work
from handlers.features.paysupport import screens
from handlers.features.paysupport.words import plain, say
from handlers.words.texts import Markup, language_of, quoted
from kie.money import payments
from kie.money.payments import Listed
from supervisor.database.transactions import Row

ASKING, ANSWERING = "paysupport", "pay_answer"
SHOWN = 5  #: payments
_BEFORE = "before"  #: the step before this one, in the answers


@dataclass(frozen=True, slots=True)
class AskOperators(Effect):
    """A user's words go to the operators."""

    words: str


@dataclass(frozen=True, slots=True)
class AnswerUser(Effect):
    """An operator's words go to the user."""

    user_id: int
    words: str


def latest(reading: Reading) -> Sequence[Listed]:
    user_id = reading.facts.incoming.sender.user_id
    return payments.latest(reading.tx, reading.installation.bot_id, user_id, SHOWN)


def person(reading: Reading) -> Row | None:
    """Whom the operator's button names."""
    number = reading.press.number if reading.press is not None else None
    if number is None or not reading.facts.admin:
        return None
    return payments.person(reading.tx, reading.installation.bot_id, number)


# --------------------------------------------------------------------- rules --


def ask(facts: Facts, _command: Command, found: Sequence[Listed]) -> Effects:
    """``/paysupport``"""
    move = _move(facts, ASKING, {})
    return (move, Say(screens.help_screen(facts, found, facts.dialogue.version + 1)))


def terms(facts: Facts, _command: Command) -> Effects:
    """``/terms``"""
    return (Say(facts.sentence(say(facts.language, "terms"))),)


def asked(facts: Facts, text: Text) -> Effects:
    """The words go to the operators, and the dialogue is where it was."""
    sent = Say(facts.sentence(say(facts.language, "help_sent")), stays=True)
    return (AskOperators(text.text), _back(facts), sent)


def wants_words(facts: Facts, _media: object) -> Effects:
    return (Again(say(facts.language, "help_wants_words")),)


def left(facts: Facts, press: Press) -> Effects:
    said = say(facts.language, "help_left" if facts.dialogue.step == ASKING else "answer_left")
    return (_back(facts), present(facts.sentence(said), press.at))


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The step once more."""
    if facts.dialogue.step == ANSWERING:
        return _answering(facts, language, facts.dialogue.version)
    screen = screens.help_screen(facts, (), facts.dialogue.version)
    return screen if lead is None else Screen(lead, screen.keyboard)


def press_answer(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """An operator wants to answer."""
    if not facts.admin:
        return (Toast(plain(facts.language, "not_for_you"), alert=True),)
    if found is None:
        return (Toast(plain(facts.language, "return_unknown"), alert=True),)
    to = {"user": found["user_id"], "name": screens.name_of(found)}
    text = say(facts.language, "answering", name=to["name"])
    keyboard = _answering(facts, facts.language, facts.dialogue.version + 1).keyboard
    return (_move(facts, ANSWERING, to), Say(Screen(text, keyboard)))


def answered(facts: Facts, text: Text) -> Effects:
    if not facts.admin:
        return (_back(facts), Say(facts.sentence(say(facts.language, "answer_left"))))
    answer = AnswerUser(int(facts.dialogue.answers["user"]), text.text)
    sent = Say(facts.sentence(say(facts.language, "answer_sent")), stays=True)
    return (answer, _back(facts), sent)


def _answering(facts: Facts, language: str, version: int) -> Screen:
    text = say(language, "answering", name=str(facts.dialogue.answers.get("name", "")))
    leave = Button(plain(language, "button_leave_help"), encode("answer_leave", version=version))
    return Screen(text, ((leave,),))


def _move(facts: Facts, step: str, answers: Mapping[str, Any]) -> Move:
    """Into a step of ours; a question within a question keeps the step before both."""
    here = facts.dialogue
    if here.step in {ASKING, ANSWERING}:
        before = here.answers.get(_BEFORE, {})
    else:
        before = {"step": here.step, "answers": dict(here.answers)}
    return Move(step, {**answers, _BEFORE: before})


def _back(facts: Facts) -> Move:
    """To the step before this one."""
    before = facts.dialogue.answers.get(_BEFORE) or {"step": "idle", "answers": {}}
    return Move(before["step"], before["answers"])


# --------------------------------------------------------------- carrying out --


def tell_operators(effect: AskOperators, work: Work) -> Sequence[Delivery]:
    """To each operator, with the user's payments and what can be done."""
    bot_id, user_id = work.installation.bot_id, work.facts.incoming.sender.user_id
    asking = payments.person(work.tx, bot_id, user_id)
    if asking is None:
        return []
    found = payments.latest(work.tx, bot_id, user_id, SHOWN)
    work.installation.outbox.ask_operators(
        work.tx, work.key, lambda language: screens.asked(asking, effect.words, found, language)
    )
    work.count("paysupport", "questions")
    return []


def tell_user(effect: AnswerUser, work: Work) -> Sequence[Delivery]:
    """In the user's own language, in the private chat."""
    found = payments.person(work.tx, work.installation.bot_id, effect.user_id)
    if found is None:
        return []
    language = language_of(found["language"], found["last_language_code"])
    text = say(language, "answer", words=Markup(quoted(effect.words, screens.WORDS_SHOWN).strip()))
    return [Delivery(effect.user_id, "result", saying(Screen(text)), work.key)]
