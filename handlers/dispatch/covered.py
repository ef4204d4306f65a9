"""Notes in the dialogue whether its user sees the screen of the current step.

``/help`` at a card takes the card's place in the chat, and the dialogue stays where it is. A word
that orders what is on the card must not order it then: the card is shown first.
"""

from dataclasses import replace

from handlers.dialogue.effects import (
    Again,
    Compose,
    Effect,
    Effects,
    Home,
    Move,
    Say,
    Show,
)
from handlers.dialogue.facts import COVERED, IDLE, Facts


def noted(facts: Facts, returned: Effects, effects: Effects) -> Effects:
    """The same ``effects``; the dialogue knows what stands in place of its step. ``returned`` is
    what the rule returned, before ``Again`` and its like became screens."""
    if facts.dialogue.step == IDLE or not facts.incoming.sender.private:
        return effects
    moves = [each for each in effects if isinstance(each, Move)]
    if not all([each.quiet for each in moves]):
        covers = any([COVERED in each.answers for each in moves])
        return tuple(_without(each) for each in effects) if covers else effects
    if any(isinstance(each, Again | Home | Compose) for each in returned):
        return _set(facts, effects, covered=False)
    if any(_is_card(each) for each in returned):
        return _set(facts, effects, covered=True)
    return effects


def _set(facts: Facts, effects: Effects, *, covered: bool) -> Effects:
    if covered == facts.covered:
        return effects
    known = [each for each in effects if isinstance(each, Move)]
    move = known[-1] if known else Move(facts.dialogue.step, facts.dialogue.answers, quiet=True)
    answers = {name: value for name, value in move.answers.items() if name != COVERED}
    noted = replace(move, answers={**answers, COVERED: True} if covered else answers)
    return (*(each for each in effects if each is not move), noted)


def _without(effect: Effect) -> Effect:
    """A step that begins shows its own screen."""
    if not isinstance(effect, Move) or COVERED not in effect.answers:
        return effect
    answers = {name: value for name, value in effect.answers.items() if name != COVERED}
    return replace(effect, answers=answers)


def _is_card(effect: Effect) -> bool:
    """Whether it becomes the card of the chat."""
    if not isinstance(effect, Say | Show) or effect.stays:
        return False
    return any(button.press for row in effect.screen.keyboard for button in row)
