"""What a group sees of the bot, and what an order from there looks like in private."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.features.groups.words import plain, say
from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.shop.terms import price_text, terms
from handlers.words.texts import Markup, duration, escape, shorten

WISH, NO = "gwish", "gno"  #: actions of the buttons in private
LINK = "g"  #: the name of the link to a wish
SAME = "w"  #: the name of the link to the wish of a result, for everybody else
WORDS_SHOWN = 700  #: UTF-16 units of a wish


def sentence(shop: Shop, language: str, key: str, link: str = "") -> Screen:
    """A line in the group, with the way to the private chat."""
    text = say(language, key, name=shop.bot_username or "bot")
    return Screen(text, _to_private(shop, language, link))


def wish(
    facts: Facts, offer: Offer, inputs: Mapping[str, Any], wish_id: int, language: str
) -> Screen:
    """In private: what was asked for in the group, its price, and the button that makes it."""
    found = terms(offer, facts.account, inputs)
    said = offer.words_of(inputs)
    quoted = f"<blockquote>{escape(shorten(said, WORDS_SHOWN))}</blockquote>\n" if said else ""
    price = price_text(found, language)
    text = say(
        language,
        "wish_from_group",
        title=offer.title(language),
        words=Markup(quoted),
        time=duration(language, offer.seconds),
        price=price,
    )
    missing = found.price - facts.account.balance
    ways: Keyboard = ()
    if missing > 0:
        balance = facts.account.balance
        short = say(language, "not_enough", price=found.price, balance=balance, n=missing)
        text = Markup(f"{text}\n\n{short}")
        spot = replace(facts.spot(language), missing=missing)
        ways = facts.places.keyboard("not_enough", spot)
    create = plain(language, "button_wish" if found.price else "button_wish_free", n=found.price)
    return Screen(
        text,
        (
            *ways,
            (Button(create, encode(WISH, f"{wish_id}:{found.price}")),),
            (Button(plain(language, "button_wish_no"), encode(NO, wish_id)),),
        ),
    )


def link_to(shop: Shop, start: str) -> str:
    """A link that opens the private chat, with something to begin with."""
    return f"https://t.me/{shop.bot_username}" + (f"?start={start}" if start else "")


def _to_private(shop: Shop, language: str, start: str) -> Keyboard:
    if not shop.bot_username:
        return ()
    return ((Button(plain(language, "button_open_private"), url=link_to(shop, start)),),)
