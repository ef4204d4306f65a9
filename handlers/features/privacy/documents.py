"""``/privacy`` and ``/terms``: our texts, or those of the operator.

``PRIVACY_TEXT`` and ``TERMS_TEXT`` replace them. How long rows are kept is read from the numbers
by which housekeeping deletes them.
"""

from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effects, Say, Screen, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.features.privacy.words import plain, say
from handlers.shop.shop import Shop
from handlers.words.spacing import unbroken
from handlers.words.texts import Markup
from kie.money.packs import Pack
from supervisor.values import retention


def privacy(facts: Facts, _command: Command) -> Effects:
    """``/privacy``"""
    return (Say(privacy_screen(facts)),)


def press_privacy(facts: Facts, press: Press) -> Effects:
    """The same in place of the message with the button."""
    return (present(privacy_screen(facts), press.at),)


def terms(facts: Facts, _command: Command) -> Effects:
    """``/terms``"""
    return (Say(facts.sentence(terms_text(facts.shop, facts.language))),)


def privacy_screen(facts: Facts) -> Screen:
    """What is kept, and the buttons to see it and to delete it."""
    language = facts.language
    keyboard = (
        (
            Button(plain(language, "button_data"), encode("my_data")),
            Button(plain(language, "button_forget_me"), encode("forget_me")),
        ),
        *facts.places.keyboard("home", facts.spot()),
    )
    return Screen(_privacy_text(facts.shop, language), keyboard)


def _privacy_text(shop: Shop, language: str) -> Markup:
    if shop.documents.privacy:
        return say(language, "privacy_own", text=shop.documents.privacy)
    return say(
        language,
        "privacy",
        bodies=retention.UPDATE_BODIES,
        told=retention.DELIVERIES,
        jobs=retention.JOBS,
        wishes=retention.GROUP_WISHES,
        whom=shop.support.contact or ("/support" if shop.support.shown else "/paysupport"),
    )


def terms_text(shop: Shop, language: str) -> Markup:
    """Prices, refunds, what is not allowed."""
    if shop.documents.terms:
        return say(language, "terms_own", text=shop.documents.terms)
    by_hand = shop.payment.shown
    packs = [
        say(
            language, "terms_monthly" if each.monthly else "terms_pack", n=each.credits, price=price
        )
        for each in shop.packs
        if (price := _price(each, by_hand=by_hand))
    ]
    prices = say(language, "terms_prices", packs=Markup(" · ".join(packs))) if packs else Markup("")
    return say(language, "terms", prices=prices)


def _price(pack: Pack, *, by_hand: bool) -> str:
    stars = f"{pack.stars} ⭐" if pack.stars else ""
    money = pack.money_text if by_hand else None
    return unbroken(" / ".join(each for each in (stars, money) if each))
