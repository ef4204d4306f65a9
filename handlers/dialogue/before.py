"""Steps that interrupt the dialogue for a moment: a receipt, a question to operators.

Such a step keeps the one before it in its answers and goes back there, so whoever pays or asks
finds the request as it was. A step within a step keeps both. The same step again keeps what was
before the first one, so the chain is never longer than the number of such steps. A step that waits
for credits is over when they have come, however they were paid.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue.effects import Again, Effects, Move, present
from handlers.dialogue.facts import IDLE, Dialogue, Facts
from handlers.words.texts import Markup

_BEFORE = "before"  #: the step before this one, in the answers
_PAYS = "pays"  #: this step waits for credits, in the answers


def enter(facts: Facts, step: str, answers: Mapping[str, Any], *, pays: bool = False) -> Move:
    """Into the step; what was there before stays. ``pays``: it waits for credits."""
    here = facts.dialogue
    before: Mapping[str, Any] = {"step": here.step, "answers": dict(here.answers)}
    below: Mapping[str, Any] | None = before
    while below is not None:
        if below["step"] == step:
            before = _before(below["answers"]) or _nothing()
            break
        below = _before(below["answers"])
    waits = {_PAYS: True} if pays else {}
    return Move(step, {**answers, **waits, _BEFORE: before})


def again(facts: Facts, answers: Mapping[str, Any]) -> Move:
    """The same step with other answers."""
    before = _before(facts.dialogue.answers) or _nothing()
    return Move(facts.dialogue.step, {**answers, _BEFORE: before})


def back(facts: Facts) -> Move:
    """To the step before this one."""
    before = _before(facts.dialogue.answers) or _nothing()
    return Move(before["step"], before["answers"])


def back_with(facts: Facts, said: Markup, at: int | None = None) -> Effects:
    """To the step before this one, and a sentence: above what was interrupted, or alone where that
    is the first screen. ``at``: the message that becomes it."""
    move = back(facts)
    if move.step == IDLE:
        return (move, present(facts.sentence(said), at))
    return (Again(said, at, move=move),)


def waits_for_credits(answers: object) -> bool:
    """Whether the answers are those of a step that is over when credits have come."""
    return isinstance(answers, Mapping) and bool(answers.get(_PAYS))


def credited(dialogue: Dialogue) -> Dialogue:
    """The dialogue after credits have come: the same, or the step before those that waited."""
    found = dialogue
    while found.answers.get(_PAYS):
        before = _before(found.answers) or _nothing()
        found = Dialogue(before["step"], dialogue.version + 1, before["answers"])
    return found


def outside(facts: Facts) -> Facts:
    """The facts in the step before this one."""
    before = _before(facts.dialogue.answers) or _nothing()
    there = Dialogue(before["step"], facts.dialogue.version, before["answers"])
    return replace(facts, dialogue=there)


def left(facts: Facts, brief: Callable[[str], bool]) -> Facts:
    """The facts in the newest step that is not ``brief``: a command ends those that are."""
    while brief(facts.dialogue.step):
        facts = outside(facts)
    return facts


def each(facts: Facts) -> Iterator[Facts]:
    """The facts as they are, in each step that this one has interrupted, and with nothing begun."""
    yield facts
    while _before(facts.dialogue.answers) is not None:
        facts = outside(facts)
        yield facts
    yield replace(facts, dialogue=Dialogue(IDLE, facts.dialogue.version, {}))


def interrupted(facts: Facts) -> Facts:
    """The facts in the step that all these steps have interrupted."""
    found = facts.dialogue
    while (before := _before(found.answers)) is not None:
        found = Dialogue(before["step"], found.version, before["answers"])
    return replace(facts, dialogue=found)


def _before(answers: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """None: the answers are of a step that interrupts nothing."""
    found = answers.get(_BEFORE)
    if not isinstance(found, Mapping) or not isinstance(found.get("step"), str):
        return None
    return found if isinstance(found.get("answers"), Mapping) else None


def _nothing() -> Mapping[str, Any]:
    return {"step": IDLE, "answers": {}}
