"""Asks the rule of an answer, after the check that its sender may have it, and shapes effects.

A row of ``dialogues`` that this version cannot read (written by a newer one before a rollback, or
by hand) must not fail each update of its user: it counts as absent.
"""

from collections.abc import Callable, Container
from typing import Any

from loguru import logger

from handlers.dialogue import before
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effects, Home, Move, Say, Screen, Show, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import (
    Checkout,
    Command,
    Incoming,
    InlineQuery,
    Mention,
    Moved,
    Pressed,
    Text,
)
from handlers.dispatch.feature import Answer
from handlers.words.texts import Markup, plain, say
from supervisor.runtime.errors import BotError

#: Reads what an answer loads; the press is the button that was pressed.
Ask = Callable[[Answer, Press | None], Any]


def decided(
    answer: Answer, facts: Facts, what: object, ask: Ask, press: Press | None = None
) -> Effects | None:
    """The effects of the rule; None: it does not answer. An answer for operators loads and changes
    nothing if the sender is not, or no longer, an operator, or if the operator has not written the
    words: a forwarded number would set a price or book credits."""
    if answer.operators and not facts.admin:
        told = plain(facts.language, "toast_operators_only")
        # A text or a file: the dialogue leaves the step that only operators have.
        return (Toast(told, alert=True),) if isinstance(facts.incoming, Pressed) else (Home(),)
    if answer.operators and not answer.foreign and isinstance(what, Text) and not what.own:
        return (Again(say(facts.language, "foreign_words")),)
    if answer.load is None:
        return answer.rule(facts, what)
    return answer.rule(facts, what, ask(answer, press))


def readably(
    knows: Callable[[str], bool],
    decide: Callable[[Facts], Effects],
    facts: Facts,
    is_broken: Callable[[], bool] = lambda: False,
) -> tuple[Facts, Effects]:
    """The effects, and the facts by which they were decided: where this version cannot read the
    step that the user is in, those of the step before it, or of none. Raises what ``decide``
    raises when the dialogue is not the reason, or when the transaction ``is_broken`` by it."""
    failed: Exception | None = None
    for there in before.each(facts):
        try:
            if not knows(there.dialogue.step):
                raise LookupError("this version has no such step")
            effects = decide(there)
        except BotError:
            raise
        except Exception as error:
            if is_broken():
                raise
            failed = failed or error
            continue
        return (
            (there, effects) if failed is None else (there, _unread(facts, failed, there, effects))
        )
    raise failed or AssertionError("no step was tried")


def _unread(facts: Facts, error: Exception, there: Facts, effects: Effects) -> Effects:
    """The effects; the row is written anew, and its user is told."""
    told = logger.bind(user=facts.incoming.sender.user_id, step=facts.dialogue.step)
    told.opt(exception=error).warning("dialogue_unreadable")
    if not any(isinstance(each, Move) for each in effects):
        effects = (*effects, Move(there.dialogue.step, there.dialogue.answers, quiet=True))
    chat = facts.incoming.sender.private and not isinstance(facts.incoming, Checkout | InlineQuery)
    said = Say(Screen(say(facts.language, "begun_unreadable")), stays=True)
    return (said, *effects) if chat else effects


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
            return isinstance(incoming, Pressed | Moved)
