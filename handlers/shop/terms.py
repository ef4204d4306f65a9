"""The price of one more job of a model for this user now."""

from collections.abc import Mapping
from typing import Any

from handlers.shop.offers import Offer
from handlers.shop.shop import Shop
from handlers.words.texts import plain
from kie.money.ledger import Account
from supervisor.values.record import record


@record
class Terms:
    """The price of one more job of a model."""

    price: int  #: 0: free
    free_left: int | None  #: free jobs left today; None: there is no daily quota
    #: It would be free, but all users together have had the free ones of today.
    over_budget: bool = False

    @property
    def used_up(self) -> bool:
        """Not available any more today, not even for credits."""
        return self.free_left == 0 and self.price == 0


def terms(offer: Offer, account: Account, inputs: Mapping[str, Any] | None = None) -> Terms:
    """Free within the daily quota and the budget of all, then the price; without a quota always
    the price.

    Without inputs it is the lowest price.
    """
    price = offer.price if inputs is None else offer.price_of(inputs)
    if offer.free_per_day is None:
        return Terms(price, None)
    left = max(0, offer.free_per_day - account.free_used.get(offer.made_by, 0))
    if left and account.budget_spent:
        return Terms(price, 0, over_budget=True)
    return Terms(0 if left else price, left)


def running(shop: Shop, account: Account, kind: str) -> int:
    """Jobs without an end whose results are of this kind."""
    return sum(
        jobs
        for model, jobs in account.running.items()
        if model in shop.offers and shop.offers[model].kind == kind
    )


def price_text(found: Terms, language: str) -> str:
    """A price in words, short enough for a button."""
    if found.price and found.over_budget:
        return plain(language, "price_over_budget", n=found.price)
    if found.price:
        return plain(language, "credits", n=found.price)
    if found.free_left is None:
        return plain(language, "free")
    return plain(language, "free_left", n=found.free_left)
