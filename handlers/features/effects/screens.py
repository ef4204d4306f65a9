"""The list of effects, and one of them with its picture."""

from handlers.delivery.link_reader import OWN
from handlers.delivery.outbox import Payload, as_card, showing
from handlers.dialogue.buttons import MODEL, encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import fitting, rows
from handlers.features.effects.words import plain, say
from handlers.shop.offers import Offer
from handlers.shop.terms import price_text, terms
from handlers.words.languages import named
from handlers.words.texts import Markup
from kie.catalogue.effects import PREFIX

LIST, SHOW = "fx", "fxs"  #: actions of this feature's buttons


def listed(facts: Facts, lead: Markup | None = None) -> Screen:
    """All effects, two in a row where they fit."""
    language, offers = facts.language, facts.shop.effects
    if not offers:
        return facts.sentence(say(language, "effects_none"))
    labels = [each.title(language) for each in offers]
    buttons = [
        Button(label, encode(SHOW, offer.model.removeprefix(PREFIX)))
        for label, offer in zip(labels, offers, strict=True)
    ]
    home = facts.places.keyboard("effects", facts.spot())
    return Screen(lead or say(language, "effects"), (*rows(buttons, fitting(labels)), *home))


def caption(facts: Facts, offer: Offer) -> Markup:
    """What the effect does and costs."""
    price = price_text(terms(offer, facts.account), facts.language)
    return say(
        facts.language,
        "effect",
        title=offer.title(facts.language),
        about=named(offer.summaries, facts.language),
        price=price,
    )


def keyboard(facts: Facts, offer: Offer) -> Keyboard:
    """The way to the effect, and back to the list."""
    language = facts.language
    price = terms(offer, facts.account).price
    text = plain(language, "button_try" if price else "button_try_free", n=price)
    return (
        (Button(text, encode(MODEL, offer.model)),),
        (Button(plain(language, "button_effects_all"), encode(LIST)),),
    )


def shown(facts: Facts, offer: Offer) -> Payload:
    """The picture with its caption and buttons, as the card of the chat."""
    text, buttons = caption(facts, offer), keyboard(facts, offer)
    picture = f"{OWN}{offer.model.removeprefix(PREFIX)}"
    payload = showing("photo", [picture], text, buttons, link=text)
    return as_card(payload, Screen(text, buttons))
