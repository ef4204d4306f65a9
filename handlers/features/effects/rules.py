"""What the list of effects and its buttons lead to."""

from dataclasses import dataclass

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Effects, Say, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.features.effects import screens
from handlers.features.effects.words import say
from handlers.shop.offers import Offer
from kie.catalogue.effects import PREFIX


@dataclass(frozen=True, slots=True)
class ShowSample(Effect):
    """The picture of an effect, with the way to it."""

    offer: Offer


def ask(facts: Facts, _command: Command) -> Effects:
    """``/effects``"""
    return (Say(screens.listed(facts)),)


def press_list(facts: Facts, press: Press) -> Effects:
    """The list, in place of the message with the button."""
    return (present(screens.listed(facts), press.at),)


def press_show(facts: Facts, press: Press) -> Effects:
    """One effect with its picture."""
    offer = facts.shop.offers.get(f"{PREFIX}{press.argument}")
    if offer is None or not offer.effect_of:
        return (present(screens.listed(facts, say(facts.language, "effect_gone")), press.at),)
    return (ShowSample(offer),)
