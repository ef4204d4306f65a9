"""The ways to more credits."""

from collections.abc import Sequence

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.dialogue.keyboards import rows
from handlers.dialogue.places import Spot
from handlers.features.paying import subscribing
from handlers.features.paying.words import plain, say
from handlers.shop import worth
from handlers.shop.shop import Shop
from handlers.words import moments
from handlers.words.texts import Markup
from kie.money import orders
from kie.money.packs import Pack
from kie.money.subscriptions import Subscription


def top_up(facts: Facts, found: Sequence[Subscription] = ()) -> Screen:
    """The packs, the subscriptions, and where to pay by hand; only what the operator has set."""
    language, spot = facts.language, facts.spot()
    keyboard = (*subscribing.ends(language, found), *facts.places.keyboard("topup", spot))
    buttons = (*pack_buttons(spot), *subscribing.offers(spot, found))
    if not facts.shop.by_hand and not buttons:
        return Screen(say(language, "topup_hidden"), keyboard)
    lines = [say(language, "topup_title", n=facts.account.balance)]
    if buttons:
        lines += [packs_worth(facts.shop, language), *lowest(facts.shop, language)]
        lines += discount(facts)
    lines += subscribing.lines(language, found)
    return Screen(Markup("\n\n".join(lines)), (*buttons, *keyboard))


def discount(facts: Facts) -> list[Markup]:
    """That the next pack is cheaper; nothing when it is not."""
    percent = facts.account.discount
    return [say(facts.language, "discount", percent=percent)] if percent else []


def pack_buttons(spot: Spot) -> Keyboard:
    """A row for each pack that is sold for Stars; the one that is enough stands first."""
    return tuple((_pack(each, spot),) for each in worth.for_stars(spot.shop, spot.missing))


def brief_packs(spot: Spot) -> Keyboard:
    """The same, two in a row, for a screen that shows more than packs."""
    packs = worth.for_stars(spot.shop, spot.missing)
    return rows([_pack(each, spot, "button_pack_brief") for each in packs], 2)


def smallest_pack(spot: Spot) -> Button | None:
    """The smallest pack that covers what is missing; None: none does."""
    packs = worth.for_stars(spot.shop, spot.missing)
    if not packs or packs[0].credits < spot.missing:
        return None
    return _pack(packs[0], spot)


def all_packs(spot: Spot) -> Button | None:
    """The way to every pack, beside the one that is enough; None: there is nothing else."""
    packs = worth.for_stars(spot.shop, spot.missing)
    if smallest_pack(spot) is None or (len(packs) < 2 and not spot.shop.by_hand):
        return None
    return Button(plain(spot.language, "button_all_packs"), encode("topup"))


def _pack(pack: Pack, spot: Spot, key: str = "button_pack") -> Button:
    """With the price that will be paid."""
    stars = orders.reduced(pack.stars or 0, spot.discount)
    text = plain(spot.language, key, n=pack.credits, stars=stars)
    return Button(text, encode("buy", pack.id))


def packs_worth(shop: Shop, language: str, most: int | None = None) -> Markup:
    """What one credit costs, and what each pack is enough for, or the first ``most`` of them."""
    price = worth.stars_per_credit(shop)
    lines = []
    if price is not None:
        lines.append(say(language, "credit_price", price=moments.fraction(language, price)))
    for pack in worth.for_stars(shop)[:most]:
        enough = worth.enough(shop, pack.credits)
        key = "pack_worth" if enough.images and enough.videos else "pack_worth_images"
        if enough.images:
            lines.append(
                say(language, key, n=pack.credits, images=enough.images, videos=enough.videos)
            )
    return Markup("\n".join(lines))


def lowest(shop: Shop, language: str) -> list[Markup]:
    """The prices by which it is counted, which the cards say; nothing without both."""
    found = worth.prices(shop)
    if found.image is None or found.video is None:
        return []
    return [say(language, "packs_counted", image=found.image, video=found.video)]
