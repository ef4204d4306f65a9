"""Whether a user's orders and payments are taken at all."""

from handlers.shop.shop import Shop
from handlers.words import moments
from handlers.words.texts import plain


def refusal(shop: Shop, language: str, *, banned: bool) -> str:
    """The sentence that says why no order and no payment is taken; "": they are."""
    if banned:
        return plain(language, "refused_banned")
    if shop.maintenance is None:
        return ""
    until = shop.maintenance.until
    if until is None:
        return plain(language, "refused_maintenance")
    return plain(language, "refused_maintenance_until", until=moments.clock_time(language, until))
