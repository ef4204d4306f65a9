"""Reads the answers of a dialogue: the model, its inputs, the open question, and what is kept.

``dialogues.answers`` has ``draft`` and ``files`` before a model is chosen and ``inputs`` after
that; ``from`` names the message that the words came from.
"""

from collections.abc import Mapping
from typing import Any

from handlers.dialogue.facts import Facts
from handlers.shop.offers import Offer
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile


def kept(facts: Facts) -> Mapping[str, Any]:
    """What stays when the dialogue goes back to its first screen."""
    answers = facts.dialogue.answers
    offer = offer_of(facts)
    found: dict[str, Any] = {key: answers[key] for key in ("draft", "files") if answers.get(key)}
    if offer is None or answers.get("started") is not None:
        return found if answers.get("started") is None else {}
    inputs = inputs_of(facts)
    words = offer.words_of(inputs)
    if words:
        found["draft"] = words
    given = [each for value in inputs.values() for each in _listed(value)]
    files = [file.as_json() for each in given if (file := UserFile.of(each)) is not None]
    if files:
        found["files"] = files
    return found


def source(facts: Facts) -> dict[str, Any]:
    """Which message the words came from: its correction is meant for them."""
    answers = facts.dialogue.answers
    return {key: answers[key] for key in ("from", "words", "wish") if key in answers}


def wish(facts: Facts) -> int | None:
    """The user's message that a result of this answers; None: there is none."""
    answers = facts.dialogue.answers
    told = answers.get("from")
    found = told.get("id") if isinstance(told, dict) else answers.get("wish")
    return found if isinstance(found, int) and found > 0 else None


def offer_of(facts: Facts) -> Offer | None:
    return facts.shop.offers.get(str(facts.dialogue.answers.get("model")))


def asked_of(facts: Facts) -> Input | None:
    """The question that is open."""
    offer = offer_of(facts)
    return offer.input(str(facts.dialogue.answers.get("asking"))) if offer is not None else None


def inputs_of(facts: Facts) -> Mapping[str, Any]:
    inputs = facts.dialogue.answers.get("inputs")
    return inputs if isinstance(inputs, dict) else {}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
