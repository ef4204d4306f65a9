"""The chips of a card: answers that are changed on the card itself, and what was chosen by them on
cards of other models."""

from collections.abc import Mapping
from typing import Any

from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from kie.catalogue.input import Input, same

#: Settings that stand on the card beside the questions, with the sign of their chip.
SIGNS = {
    "aspect_ratio": "◻️",
    "image_size": "◻️",
    "ratio": "◻️",
    "duration": "⏱",
    "num_images": "🔢",
    "max_images": "🔢",
    "n": "🔢",
}


def chips(offer: Offer) -> list[Input]:
    """The answers that are changed on the card itself."""
    asked = [each for each in offer.questions if each is not offer.prompt and not each.is_file]
    return [*asked, *(each for each in offer.settings if each.name in SIGNS)]


def meaning(chip: Input) -> str:
    """The same for chips that mean the same to different models."""
    sign = SIGNS.get(chip.name)
    return next((name for name in SIGNS if SIGNS[name] == sign), chip.name)


def chosen_before(shop: Shop, before: Mapping[str, Any]) -> dict[str, Any]:
    """What was chosen by chips on this card and the ones before it, by what the chips mean. What
    its model would have done anyway is no choice."""
    left, chosen = before.get("resume"), dict(before.get("chips") or {})
    old = shop.offers.get(str(left.get("model"))) if isinstance(left, dict) else None
    if old is None or not isinstance(left, dict):
        return chosen
    for asked in chips(old):
        usual = old.defaults.get(asked.name, asked.default)
        value, key = left["inputs"].get(asked.name, usual), meaning(asked)
        if same(value, usual) and not same(value, chosen.get(key)):
            chosen.pop(key, None)
        else:
            chosen[key] = value
    return chosen
