"""The answers beside the words of an order: what follows from them alone is found once.

Which words an order has does not matter to its other answers, as long as the words are accepted.
"""

from collections.abc import Mapping
from typing import Any

from handlers.shop.offers import Offer, per_offer
from kie.catalogue.input import InputType

#: Name, type and value of each: 1, 1.0 and True are not the same.
Chosen = tuple[tuple[str, type, Any], ...]

_PLAIN = frozenset({str, int, float, bool})


def chosen(offer: Offer, inputs: Mapping[str, Any]) -> Chosen | None:
    """The answers beside the words. None: there are files or other texts of its user."""
    found = []
    for name, value in inputs.items():
        asked = offer.input(name)
        if asked is None or type(value) not in _PLAIN:
            return None
        if asked.type is InputType.TEXT:
            if asked is not offer.prompt or type(value) is not str:
                return None
        else:
            found.append((name, type(value), value))
    return tuple(found)


@per_offer
def suffice(offer: Offer, beside: Chosen) -> bool:
    """Whether the model takes these, and needs nothing else than words."""
    if offer.prompt is None:
        return False
    inputs = {name: value for name, _, value in beside}
    inputs[offer.prompt.name] = "a" * max(offer.prompt.min_length, 1)
    complete = offer.open_question(inputs) is None and offer.accepted(inputs) == inputs
    return complete and not offer.check(inputs)
