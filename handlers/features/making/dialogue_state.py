"""Reads the answers of a dialogue: the model, its inputs, the open question, and what is kept.

``dialogues.answers`` has ``draft`` and ``files`` before a model is chosen and ``inputs`` after
that; ``aside`` are files that the chosen model does not take, ``files_at`` is when the latest file
came. ``from`` names the message that the words came from. ``resume`` is the card that was left for
the menu.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.dialogue.facts import Facts
from handlers.shop.offers import Offer
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile

#: What every step hands on to the next one.
_CARRIED = ("from", "words", "wish", "aside", "files_at")


def kept(facts: Facts) -> Mapping[str, Any]:
    """What stays when the dialogue goes back to its first screen."""
    answers = facts.dialogue.answers
    if answers.get("started") is not None:
        return {}
    names = ("draft", "files", "files_at", "resume", "from", "words")
    found: dict[str, Any] = {key: answers[key] for key in names if answers.get(key)}
    offer = offer_of(facts)
    if offer is None:
        return found
    inputs = inputs_of(facts)
    words = offer.words_of(inputs)
    if words:
        found["draft"] = words
    files = [file.as_json() for file in files_in(inputs)] or answers.get("aside")
    if files:
        found["files"] = files
    if words or files:
        found["resume"] = {"model": offer.model, "inputs": dict(inputs)}
    return found


def files_in(inputs: Mapping[str, Any]) -> Sequence[UserFile]:
    """The files among the answers, in their order."""
    given = [each for value in inputs.values() for each in _listed(value)]
    return [file for each in given if (file := UserFile.of(each)) is not None]


def files_of(state: Mapping[str, Any]) -> Sequence[UserFile]:
    """The files that are kept for a model that is still to be chosen."""
    return files_in({"files": list(state.get("files") or ())})


def source(facts: Facts) -> dict[str, Any]:
    """What the next step has to know of the ones before: which message the words came from,
    since its correction is meant for them, and the files that no model has taken yet."""
    answers = facts.dialogue.answers
    return {key: answers[key] for key in _CARRIED if answers.get(key)}


def wish(facts: Facts) -> int | None:
    """The user's message that a result of this answers; None: there is none."""
    answers = facts.dialogue.answers
    told = answers.get("from")
    found = told.get("id") if isinstance(told, dict) else answers.get("wish")
    return found if isinstance(found, int) and found > 0 else None


def offer_of(facts: Facts) -> Offer | None:
    """The model that was chosen, if it is still on sale."""
    return facts.shop.offers.get(str(facts.dialogue.answers.get("model")))


def asked_of(facts: Facts) -> Input | None:
    """The question that is open."""
    offer = offer_of(facts)
    return offer.input(str(facts.dialogue.answers.get("asking"))) if offer is not None else None


def inputs_of(facts: Facts) -> Mapping[str, Any]:
    """The answers that the chosen model has so far."""
    inputs = facts.dialogue.answers.get("inputs")
    return inputs if isinstance(inputs, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
