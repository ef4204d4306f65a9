"""Somebody asks to be told when a model, or the whole service, works again."""

from dataclasses import dataclass

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effect, Effects, Toast
from handlers.dialogue.facts import Facts
from handlers.features.waitlist.words import plain
from handlers.shop.shop import Shop

GO_ON = "waited"  #: action of the button under the message that it works


@dataclass(frozen=True, slots=True)
class Wait(Effect):
    """The user waits for this model; empty: for the service."""

    model: str


def press(facts: Facts, pressed: Press) -> Effects | None:
    """The button "tell me when it works". None: nobody can say whether that model comes back."""
    model, shop = pressed.argument, facts.shop
    if works(shop, model):
        return (Toast(plain(facts.language, "toast_works")), Again(at=pressed.at))
    if model and model not in shop.withdrawn and model not in shop.offers:
        return None
    return (Toast(plain(facts.language, "toast_will_tell")), Wait(model))


def go_on(_facts: Facts, pressed: Press) -> Effects:
    """The button under the message that the service works: what was begun, in its place."""
    return (Again(at=pressed.at),)


def works(shop: Shop, model: str) -> bool:
    """Whether an order of this model, or of any, would be taken now."""
    taken = shop.closed is None and shop.maintenance is None
    return taken and (not model or model in shop.offers)
