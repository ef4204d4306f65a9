"""Asks the rule of an answer, after the check that its sender may have it, and shapes effects."""

from collections.abc import Callable, Container
from typing import Any

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effects, Home, Say, Screen, Show, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Command, Incoming, Mention, Pressed
from handlers.dispatch.feature import Answer
from handlers.words.texts import Markup, plain

#: Reads what an answer loads; the press is the button that was pressed.
Ask = Callable[[Answer, Press | None], Any]


def decided(
    answer: Answer, facts: Facts, what: object, ask: Ask, press: Press | None = None
) -> Effects | None:
    """The effects of the rule; None: it does not answer. For whoever is no operator, or not any
    more, an answer for operators loads and changes nothing."""
    if answer.operators and not facts.admin:
        told = plain(facts.language, "toast_operators_only")
        # A text or a file: the dialogue leaves the step that only operators have.
        return (Toast(told, alert=True),) if isinstance(facts.incoming, Pressed) else (Home(),)
    if answer.load is None:
        return answer.rule(facts, what)
    return answer.rule(facts, what, ask(answer, press))


def beside(facts: Facts, line: Markup) -> Effects:
    """One line about what was sent. An open step moves down under it; nothing else is shown."""
    return (Say(Screen(line)),) if facts.dialogue.step == IDLE else (Again(line),)


def below(effects: Effects) -> Effects:
    """The same effects, with new messages in place of edited ones."""
    return tuple(
        Say(each.screen) if isinstance(each, Show) and not each.stays else each for each in effects
    )


def is_for(incoming: Incoming, bot_username: str, commands: Container[str]) -> bool:
    """Whether an update of a group is for this bot. A command without a name may be another
    bot's, so only ``commands`` are."""
    match incoming:
        case Command(bot=None):
            return incoming.name in commands
        case Command():
            return not bot_username or str(incoming.bot).lower() == bot_username.lower()
        case Mention():
            return not bot_username or bot_username.lower() in {*incoming.names, incoming.answers}
        case _:
            return isinstance(incoming, Pressed)
