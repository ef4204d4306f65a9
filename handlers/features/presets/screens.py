"""The list of presets, one of them with its picture, and samples for new users."""

from collections.abc import Sequence

from handlers.delivery.payloads import Payload, as_card, showing, showing_album
from handlers.dialogue.buttons import MODEL, encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import fitting, rows
from handlers.dialogue.places import Spot
from handlers.features.presets.words import plain, say
from handlers.shop.offers import Offer
from handlers.shop.terms import price_text, terms
from handlers.words.languages import named
from handlers.words.texts import Markup
from kie.catalogue.presets import PREFIX
from kie.files.link_reader import OWN
from kie.money.ledger import Account

LIST, SHOW = "fx", "fxs"  #: actions of this feature's buttons


def listed(facts: Facts, lead: Markup | None = None) -> Screen:
    """All presets, two in a row where they fit."""
    language, offers = facts.language, facts.shop.presets
    if not offers:
        return facts.sentence(say(language, "presets_none"))
    labels = [each.title(language) for each in offers]
    buttons = [
        Button(label, encode(SHOW, offer.model.removeprefix(PREFIX)))
        for label, offer in zip(labels, offers, strict=True)
    ]
    home = facts.places.keyboard("presets", facts.spot())
    return Screen(lead or say(language, "presets"), (*rows(buttons, fitting(labels)), *home))


def caption(facts: Facts, offer: Offer) -> Markup:
    """What the preset does and costs."""
    price = price_text(terms(offer, facts.account), facts.language)
    return say(
        facts.language,
        "preset",
        title=offer.title(facts.language),
        about=named(offer.summaries, facts.language),
        price=price,
    )


def keyboard(facts: Facts, offer: Offer) -> Keyboard:
    """The way to the preset, and back to the list."""
    language = facts.language
    price = terms(offer, facts.account).price
    text = plain(language, "button_try" if price else "button_try_free", n=price)
    return (
        (Button(text, encode(MODEL, offer.model)),),
        (Button(plain(language, "button_presets_all"), encode(LIST)),),
    )


def shown(facts: Facts, offer: Offer) -> Payload:
    """The picture with its caption and buttons, as the card of the chat."""
    text, buttons = caption(facts, offer), keyboard(facts, offer)
    payload = showing("photo", [_picture(offer)], text, buttons, link=text)
    return as_card(payload, Screen(text, buttons))


def samples(language: str, offers: Sequence[Offer]) -> Payload:
    """The pictures of these presets; the menu below them has their buttons (``trying``)."""
    names = ", ".join(each.title(language) for each in offers)
    text = say(language, "samples", names=names)
    return showing_album([("photo", _picture(each)) for each in offers], text, link=text, lost=text)


def trying(offer: Offer, spot: Spot) -> Button:
    """The way from its sample to the preset, for somebody who has just come."""
    price = terms(offer, Account()).price
    key = "button_sample" if price else "button_sample_free"
    text = plain(spot.language, key, title=offer.title(spot.language), n=price)
    return Button(text, encode(MODEL, offer.model))


def _picture(offer: Offer) -> str:
    return f"{OWN}{offer.model.removeprefix(PREFIX)}"
