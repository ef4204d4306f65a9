"""What ``/prices`` leads to: the list, or a change that is shown and confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from handlers.dialogue import before
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import (
    Again,
    Button,
    Effect,
    Effects,
    Say,
    Screen,
    present,
)
from handlers.dialogue.facts import Facts
from handlers.features.prices import asked, margin
from handlers.features.prices.asked import Change, Wrong
from handlers.features.prices.words import plain, say
from handlers.shop.shop import Shop
from handlers.words.texts import DEFAULT, Markup
from kie.money.packs import Pack

PRICING = "pricing"
CHANGED_SHOWN = 20  #: models with a price of their own that one message names
_FIELDS = tuple(each.name for each in fields(Change))


@dataclass(frozen=True, slots=True)
class SetPrice(Effect):
    """The change is in force from the next update."""

    change: Change
    at: int = 0  #: the message with the button


def asked_for(facts: Facts, words: str) -> Effects:
    """``/prices`` with a change behind it."""
    found = asked.read(words, facts.shop)
    if isinstance(found, Wrong):
        why, usage = plain(facts.language, f"why_{found.why}"), say(facts.language, "prices_usage")
        return (Say(facts.at_desk(say(facts.language, "prices_bad", why=why, usage=usage))),)
    return propose(facts, found)


def propose(facts: Facts, change: Change) -> Effects:
    """The change is shown, old and new, and waits for its button."""
    answers = {**asdict(change), "old": values(facts.shop, change, DEFAULT)[0]}
    screen = _confirm(facts.shop, answers, facts.language, facts.dialogue.version + 1)
    return (before.enter(facts, PRICING, answers), Say(screen))


def confirmed(facts: Facts, press: Press) -> Effects:
    """The button under the change; below cost it takes another one."""
    if not facts.admin:
        return (before.back(facts), Say(facts.sentence(say(facts.language, "prices_left"))))
    answers = _change_of(facts.dialogue.answers)
    sure = answers.pop("sure", False)
    change = Change(**answers)
    old = values(facts.shop, change, DEFAULT)[0]
    if facts.dialogue.answers.get("old", old) != old:
        # Another operator has changed it since: the new values are shown first.
        return propose(facts, change)
    left = _margin(facts.shop, change)
    if left is not None and left < 0 and not sure:
        again = {**answers, "sure": True, "old": old}
        screen = _confirm(facts.shop, again, facts.language, facts.dialogue.version + 1)
        return (before.again(facts, again), present(screen, press.at))
    return (SetPrice(change, press.at or 0), before.back(facts))


def left(facts: Facts, press: Press) -> Effects:
    said = facts.at_desk(say(facts.language, "prices_left"))
    return (before.back(facts), present(said, press.at))


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The confirmation once more."""
    screen = _confirm(facts.shop, facts.dialogue.answers, language, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def words(_facts: Facts, _text: object) -> Effects:
    """Words are no answer to a confirmation."""
    return (Again(),)


# ------------------------------------------------------------------- screens --


def changed_models(shop: Shop) -> Sequence[str]:
    """Those whose price or free uses are not those of the file."""
    return sorted({*shop.tariffs.prices, *shop.tariffs.free})


def of_page(models: Sequence[str], page: int) -> Sequence[str]:
    """Those on that page."""
    return models[page * CHANGED_SHOWN : (page + 1) * CHANGED_SHOWN]


def in_words(facts: Facts, page: int) -> Markup:
    """What is in force, with the changed models of that page."""
    language, shop = facts.language, facts.shop
    packs = [
        say(
            language,
            "prices_monthly" if each.monthly else "prices_pack",
            n=each.credits,
            price=_price(each, language),
            margin=_percent(margin.of_pack(shop, each.credits, each.stars or 0)),
        )
        for each in shop.packs
    ]
    changed = [
        say(language, "prices_changed", model=model, what=_what(shop, model, language))
        for model in of_page(changed_models(shop), page)
    ]
    return say(
        language,
        "prices",
        markup=_old_markup(shop, language),
        budget=_budget(shop, language),
        renewals=_renewals(shop.tariffs.renewals, language),
        packs=Markup("".join(packs) or say(language, "prices_no_packs")),
        changed=Markup("".join(changed) or say(language, "prices_nothing")),
        usage=say(language, "prices_usage"),
    )


def _what(shop: Shop, model: str, language: str) -> str:
    price, free = shop.tariffs.prices.get(model), shop.tariffs.free.get(model)
    parts = [] if price is None else [plain(language, "prices_price", n=price)]
    parts += [] if free is None else [plain(language, "prices_free", n=free)]
    gone = model not in shop.offers and model not in shop.withdrawn
    return ", ".join(parts) + (plain(language, "prices_gone") if gone else "")


def _confirm(shop: Shop, answers: Mapping[str, Any], language: str, version: int) -> Screen:
    sure = bool(answers.get("sure"))
    change = Change(
        **{name: value for name, value in _change_of(answers).items() if name != "sure"}
    )
    old, new = values(shop, change, language)
    key = "pack" if change.kind == "hide" else change.kind
    if change.monthly:
        key = "monthly"
    what = plain(language, f"what_{key}", model=change.model or "markup", n=int(change.value))
    found = _percent(_margin(shop, change))
    shown = say(language, "prices_confirm", what=what, old=old, new=new, margin=found)
    text = say(language, "prices_below", shown=shown) if sure else shown
    set_it = plain(language, "button_set_below" if sure else "button_set")
    leave = plain(language, "button_prices_leave")
    return Screen(
        text,
        (
            (Button(set_it, encode("price_set", version=version)),),
            (Button(leave, encode("price_leave", version=version)),),
        ),
    )


def _change_of(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the change, and ``sure``."""
    return {name: answers[name] for name in (*_FIELDS, "sure") if name in answers}


def values(shop: Shop, change: Change, language: str) -> tuple[str, str]:
    """Old and new, in words."""
    offer = shop.offers.get(change.model)
    file = plain(language, "value_file")
    match change.kind:
        case "markup":
            return _old_markup(shop, language), f"{change.value:g}"
        case "budget":
            return _budget(shop, language), f"{change.value:g}"
        case "renewals":
            old_rate = _renewals(shop.tariffs.renewals, language)
            return old_rate, _renewals(change.value, language)
        case "price":
            old = plain(language, "credits", n=offer.price) if offer is not None else file
            return old, plain(language, "credits", n=int(change.value))
        case "free":
            free = (offer.free_per_day or 0) if offer is not None else 0
            return str(free), f"{change.value:g}"
        case "reset":
            if change.model == "renewals":
                return _renewals(shop.tariffs.renewals, language), _renewals(None, language)
            if change.model == "budget":
                return _budget(shop, language), plain(language, "value_no_budget")
            if change.model == "markup":
                return _old_markup(shop, language), file
            return _what(shop, change.model, language) or file, file
        case _:
            return _pack_values(shop, change, language)


def _pack_values(shop: Shop, change: Change, language: str) -> tuple[str, str]:
    named = int(change.value), change.monthly
    sold = next((each for each in shop.packs if (each.credits, each.monthly) == named), None)
    hidden = plain(language, "value_hidden")
    old = _price(sold, language) if sold is not None else hidden
    if change.kind == "hide":
        return old, hidden
    return old, _price(Pack(0, 0, change.stars, change.money_text or None), language)


def _budget(shop: Shop, language: str) -> str:
    found = shop.tariffs.budget
    return plain(language, "value_no_budget") if found is None else str(found)


def _renewals(rate: float | None, language: str) -> str:
    return (
        plain(language, "value_renewals", rate=f"{rate:g}")
        if rate
        else plain(language, "value_returned")
    )


def _old_markup(shop: Shop, language: str) -> str:
    found = shop.tariffs.markup
    return plain(language, "value_file") if found is None else f"{found:g}"


def _price(pack: Pack, language: str) -> str:
    stars = plain(language, "value_stars", stars=pack.stars) if pack.stars else ""
    return " · ".join(each for each in (stars, pack.money_text) if each)


def _margin(shop: Shop, change: Change) -> float | None:
    match change.kind:
        case "pack":
            return margin.of_pack(shop, change.value, change.stars)
        case "markup":
            return margin.of_markup(shop, change.value)
        case "price" if change.model in shop.offers:
            return margin.of_price(shop, change.value, shop.offers[change.model].least_cost)
        case _:
            return None


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share * 100:.0f} %".replace("-", "−")
