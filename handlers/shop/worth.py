"""Packs of credits as users see them: price, price of a credit, results that a pack pays for.

One Star brings the seller about 0.013 dollars: rounded and public, for reports and warnings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.shop import tasks
from handlers.shop.shop import Shop
from kie.money.packs import Pack

STAR = 0.013  #: dollars


@dataclass(frozen=True, slots=True)
class Enough:
    """How many results a number of credits pays for; 0: not one."""

    images: int
    videos: int


@dataclass(frozen=True, slots=True)
class Prices:
    """What one result costs; None: none is for sale."""

    image: int | None
    video: int | None


def for_stars(shop: Shop, missing: int = 0) -> Sequence[Pack]:
    """The packs for Stars. The smallest one that covers ``missing`` credits comes first."""
    sold = [each for each in shop.packs if each.stars is not None and not each.monthly]
    enough = [each for each in sold if each.credits >= missing > 0]
    first = min(enough, key=lambda each: each.credits, default=None)
    return sold if first is None else [first, *(each for each in sold if each != first)]


def monthly(shop: Shop) -> Sequence[Pack]:
    """The packs that Telegram collects the Stars for each month."""
    return [each for each in shop.packs if each.stars is not None and each.monthly]


def by_hand(shop: Shop) -> Sequence[Pack]:
    """The packs that are sold for money, paid to the operator by hand."""
    return [each for each in shop.packs if each.money_text and not each.monthly]


def stars_per_credit(shop: Shop) -> float | None:
    """The price of a credit in the smallest pack, the highest one; None: no pack is for sale."""
    sold = for_stars(shop)
    smallest = min(sold, key=lambda each: each.credits, default=None)
    if smallest is None or smallest.stars is None:
        return None
    return smallest.stars / smallest.credits


def dollars_per_credit(shop: Shop) -> float | None:
    """What a credit of a user brings in the pack where it is cheapest; None: none is for sale."""
    sold = [each.stars / each.credits for each in shop.packs if each.stars]
    return min(sold) * STAR if sold else None


def prices(shop: Shop) -> Prices:
    """The lowest ones, as the cards of a picture and of a video say them."""
    return Prices(tasks.usual_price(shop, tasks.DRAW), tasks.usual_price(shop, tasks.FILM))


def enough(shop: Shop, credits: int) -> Enough:
    """At the lowest prices: those of the cards that words lead to."""
    found = prices(shop)
    return Enough(
        credits // found.image if found.image else 0, credits // found.video if found.video else 0
    )
