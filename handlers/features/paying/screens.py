"""The ways to more credits."""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.places import Spot
from handlers.features.paying.words import plain, say
from handlers.shop import worth
from handlers.shop.shop import Shop
from handlers.words.texts import Markup
from kie.money.packs import Pack


def top_up(facts: Facts) -> Screen:
    """The packs, and where to pay by hand; only what the operator has set."""
    language, found = facts.language, facts.shop.payment
    keyboard = facts.places.keyboard("topup", facts.spot())
    buttons = pack_buttons(facts.spot())
    if not found.shown and not buttons:
        return Screen(say(language, "topup_hidden"), keyboard)
    lines = [say(language, "topup_title", n=facts.account.balance)]
    if buttons:
        lines.append(packs_worth(facts.shop, language))
    return Screen(Markup("\n\n".join(lines)), (*buttons, *keyboard))


def pack_buttons(spot: Spot) -> Keyboard:
    """A row for each pack that is sold for Stars; the one that is enough stands first."""
    return tuple((_pack(each, spot.language),) for each in worth.for_stars(spot.shop, spot.missing))


def smallest_pack(spot: Spot) -> Button | None:
    """The smallest pack that covers what is missing; None: none does."""
    packs = worth.for_stars(spot.shop, spot.missing)
    if not packs or packs[0].credits < spot.missing:
        return None
    return _pack(packs[0], spot.language)


def _pack(pack: Pack, language: str) -> Button:
    text = plain(language, "button_pack", n=pack.credits, stars=pack.stars)
    return Button(text, encode("buy", pack.id))


def packs_worth(shop: Shop, language: str) -> Markup:
    """What one credit costs, and what each pack is enough for."""
    price = worth.stars_per_credit(shop)
    lines = []
    if price is not None:
        shown = f"{price:.2f}".rstrip("0").rstrip(".")
        if language == "ru":
            shown = shown.replace(".", ",")
        lines.append(say(language, "credit_price", price=shown))
    for pack in worth.for_stars(shop):
        enough = worth.enough(shop, pack.credits)
        key = "pack_worth" if enough.images and enough.videos else "pack_worth_images"
        if enough.images:
            lines.append(
                say(language, key, n=pack.credits, images=enough.images, videos=enough.videos)
            )
    return Markup("\n".join(lines))
