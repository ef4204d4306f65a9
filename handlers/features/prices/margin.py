"""What is left of a sale at kie.ai's cost.

One Star brings the seller about 0.013 dollars, one credit of kie.ai costs 0.005: both are rounded
and public, and serve to warn of a sale at a loss.
"""

from statistics import median

from handlers.shop.shop import Shop
from handlers.shop.worth import STAR, dollars_per_credit
from kie.money.days import DOLLARS


def of_pack(shop: Shop, credits: float, stars: float) -> float | None:
    """The share of the price that is left; None: nothing on sale has a cost."""
    cost = _cost_of_credit(shop)
    return None if cost is None or not stars else 1 - credits * cost / (stars * STAR)


def of_price(shop: Shop, price: float, kie_credits: float) -> float | None:
    """Of one task, paid with the cheapest credits that are sold; None: none are."""
    brings = dollars_per_credit(shop)
    return None if brings is None or not price else 1 - kie_credits * DOLLARS / (price * brings)


def of_markup(shop: Shop, markup: float) -> float | None:
    """Of any task whose price the markup makes."""
    return of_price(shop, markup, 1.0)


def _cost_of_credit(shop: Shop) -> float | None:
    """What one credit of a user costs at kie.ai, by the model in the middle."""
    costs = [each.least_cost / each.price for each in shop.offers.values() if each.price]
    return median(costs) * DOLLARS if costs else None
