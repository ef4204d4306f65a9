"""What credits are worth: a pack's price, what one credit costs, what a pack is enough for."""

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
    """The packs that are sold for Stars: the smallest that covers what is missing first."""
    sold = [each for each in shop.packs if each.stars is not None]
    enough = [each for each in sold if each.credits >= missing > 0]
    first = min(enough, key=lambda each: each.credits, default=None)
    return sold if first is None else [first, *(each for each in sold if each != first)]


def by_hand(shop: Shop) -> Sequence[Pack]:
    """The packs that are sold for money, paid to the operator by hand."""
    return [each for each in shop.packs if each.money_text]


def stars_per_credit(shop: Shop) -> float | None:
    """What one credit costs in the smallest pack, where it costs most; None: none is sold."""
    sold = for_stars(shop)
    smallest = min(sold, key=lambda each: each.credits, default=None)
    if smallest is None or smallest.stars is None:
        return None
    return smallest.stars / smallest.credits


def enough(shop: Shop, credits: int) -> Enough:
    """By the model of each category whose price is in the middle."""

    def of(kind: str) -> int:
        priced = [each for each in shop.offers.values() if each.price and each.category == kind]
        return credits // median_low(each.price for each in priced) if priced else 0

    return Enough(of("image"), of("video"))
