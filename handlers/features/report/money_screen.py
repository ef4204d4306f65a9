"""``/money`` as a message."""

from collections.abc import Sequence

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.features.report.amounts import dollars, lasts, number, percent
from handlers.features.report.figures import PERIODS, Figures, income, left, margin
from handlers.features.report.words import plain, say
from handlers.shop.shop import Shop
from handlers.shop.worth import STAR, dollars_per_credit
from handlers.words.texts import Markup, measured, shorten
from kie.money.days import DOLLARS, Sums

MOST_MODELS = 5  #: among the best, and among the worst
MOST_PRICES = 4  #: prices of receipts that are listed
TITLE = 40  #: UTF-16 units of a model's name
PRICE = 24


def screen(found: Figures, shop: Shop, language: str) -> Screen:
    """The report of its days, with buttons for other days."""
    sums = found.total
    rest, came = left(sums, shop), income(sums, shop)
    share = say(language, "money_share", share=percent(language, rest / came)) if came > 0 else ""
    text = say(
        language,
        "money",
        period=period(language, found.count),
        stars=_stars(sums, language),
        hand=_by_hand(sums, shop, language),
        paid=number(language, sums.paid),
        gifts=number(language, sums.gifts),
        refunds=number(language, sums.refunds),
        kie=number(language, sums.kie_credits),
        kie_dollars=dollars(language, sums.kie_dollars),
        free=sums.free_jobs,
        free_dollars=dollars(language, sums.free_kie * DOLLARS),
        balance=_balance(found, language),
        left=dollars(language, rest),
        share=share,
        models=_models(sums, shop, language),
    )
    unsold = dollars_per_credit(shop) is None
    rough = say(language, "money_rough_unsold" if unsold else "money_rough")
    return Screen(Markup(text + rough), keyboard("money", "stats", language))


def period(language: str, count: int) -> str:
    return plain(language, "period_today") if count == 1 else plain(language, "period", n=count)


def keyboard(action: str, other: str, language: str) -> Keyboard:
    """Other days, the other report, the export."""
    names = ("button_today", "button_week", "button_month")
    periods = tuple(
        Button(plain(language, name), encode(action, count))
        for name, count in zip(names, PERIODS, strict=True)
    )
    more = (
        Button(plain(language, f"button_{other}"), encode(other, 7)),
        Button(plain(language, "button_export"), encode("export")),
    )
    return (periods, more)


def _stars(sums: Sums, language: str) -> Markup:
    came = say(
        language,
        "money_stars",
        stars=number(language, sums.stars),
        dollars=dollars(language, sums.stars * STAR),
        n=sums.star_payments,
    )
    if not sums.stars_back:
        return came
    back = say(language, "money_stars_back", stars=number(language, sums.stars_back))
    return Markup(came + back)


def _by_hand(sums: Sums, shop: Shop, language: str) -> Markup:
    parts = [say(language, "money_hand", credits=number(language, sums.by_hand))]
    worth = dollars_per_credit(shop)
    if worth is not None and sums.by_hand:
        parts.append(
            say(language, "money_hand_worth", dollars=dollars(language, sums.by_hand * worth))
        )
    most = sorted(sums.hand_prices.items(), key=lambda each: -each[1])[:MOST_PRICES]
    if most:
        prices = " + ".join(f"{count} × {shorten(price, PRICE)}" for price, count in most)
        parts.append(say(language, "money_hand_prices", prices=prices))
    return Markup("".join(parts))


def _balance(found: Figures, language: str) -> Markup:
    balance = found.balance
    if balance is None:
        return say(language, "money_balance_unknown")
    return say(
        language,
        "money_balance",
        credits=number(language, balance.credits),
        days=lasts(language, balance.credits, found.a_day),
        age=measured(language, balance.seconds),
    )


def _models(sums: Sums, shop: Shop, language: str) -> Markup:
    ranked = sorted(
        ((margin(each, shop), model) for model, each in sums.models.items() if each.made),
        reverse=True,
    )

    def rows(part: Sequence[tuple[float, str]]) -> Markup:
        return Markup(
            "".join(
                say(
                    language,
                    "money_model",
                    title=title(shop, model, language),
                    left=dollars(language, rest),
                    n=sums.models[model].made,
                )
                for rest, model in part
            )
        )

    if not ranked:
        return Markup("")
    if len(ranked) <= MOST_MODELS:
        return say(language, "money_models", rows=rows(ranked))
    best, worst = ranked[:MOST_MODELS], ranked[MOST_MODELS:][-MOST_MODELS:]
    shown = say(language, "money_best", rows=rows(best))
    return Markup(shown + say(language, "money_worst", rows=rows(worst[::-1])))


def title(shop: Shop, model: str, language: str) -> str:
    """The name that users read; of a model that is gone its id."""
    offer = shop.offers.get(model)
    return shorten(model if offer is None else offer.title(language), TITLE)
