"""Packs of credits as users see them: price, price of a credit, results that a pack pays for."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from handlers.shop.shop import Shop
from kie.money.packs import Pack


@dataclass(frozen=True, slots=True)
class Enough:
    """How many results a number of credits pays for; 0: not one."""

    images: int
    videos: int


def for_stars(shop: Shop, missing: int = 0) -> Sequence[Pack]:
    """The packs for Stars. The smallest one that covers ``missing`` credits comes first."""
    sold = [each for each in shop.packs if each.stars is not None]
    enough = [each for each in sold if each.credits >= missing > 0]
    first = min(enough, key=lambda each: each.credits, default=None)
    return sold if first is None else [first, *(each for each in sold if each != first)]


def by_hand(shop: Shop) -> Sequence[Pack]:
    """The packs that are sold for money, paid to the operator by hand."""
    return [each for each in shop.packs if each.money_text]


def stars_per_credit(shop: Shop) -> float | None:
    """The price of a credit in the smallest pack, the highest one; None: no pack is for sale."""
    sold = for_stars(shop)
    smallest = min(sold, key=lambda each: each.credits, default=None)
    if smallest is None or smallest.stars is None:
        return None
    return smallest.stars / smallest.credits


def enough(shop: Shop, credits: int) -> Enough:
    """By the median price of the models of each category."""

    def of(kind: str) -> int:
        priced = [each for each in shop.offers.values() if each.price and each.category == kind]
        return credits // median_low(each.price for each in priced) if priced else 0

    return Enough(of("image"), of("video"))
