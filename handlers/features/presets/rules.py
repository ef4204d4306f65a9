"""What the list of presets and its buttons lead to."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Effects, Say, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.features.presets import screens
from handlers.features.presets.words import say
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.shop.terms import terms
from kie.catalogue.presets import PREFIX
from kie.money.ledger import Account

SAMPLES = 3  #: presets that a new user sees
MOST_FREE = 2  #: of them that cost nothing: what costs is shown, too


@dataclass(frozen=True, slots=True)
class ShowSample(Effect):
    """The picture of a preset, with the way to it."""

    offer: Offer


@dataclass(frozen=True, slots=True)
class ShowSamples(Effect):
    """The pictures of some presets as one message."""

    offers: Sequence[Offer]


def welcome(facts: Facts) -> Effects:
    """Samples for a new user; an album has at least two pictures."""
    offers = for_new_users(facts.shop)
    return (ShowSamples(offers),) if len(offers) > 1 else ()


def for_new_users(shop: Shop) -> Sequence[Offer]:
    """Those that a free model makes, and others that the catalogue names first."""
    free = [each for each in shop.presets if not terms(each, Account()).price][:MOST_FREE]
    others = [each for each in shop.presets if each not in free]
    return [*free, *others][:SAMPLES]


def ask(facts: Facts, _command: Command) -> Effects:
    """``/effects``"""
    return (Say(screens.listed(facts)),)


def press_list(facts: Facts, press: Press) -> Effects:
    """The list, in place of the message with the button."""
    return (present(screens.listed(facts), press.at),)


def press_show(facts: Facts, press: Press) -> Effects:
    """One preset with its picture."""
    offer = facts.shop.offers.get(f"{PREFIX}{press.argument}")
    if offer is None or not offer.preset_of:
        return (present(screens.listed(facts, say(facts.language, "preset_gone")), press.at),)
    return (ShowSample(offer),)
