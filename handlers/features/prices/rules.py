"""What ``/prices`` leads to: the list, or a change that is shown and confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from handlers.delivery.outbox import Delivery
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import (
    Again,
    Button,
    Effect,
    Effects,
    Home,
    Move,
    Say,
    Screen,
    present,
)
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Work
from handlers.features.prices import asked, margin
from handlers.features.prices.asked import Change, Wrong
from handlers.features.prices.words import plain, say
from handlers.shop.shop import Shop
from handlers.words.texts import Markup
from kie.money import tariffs
from kie.money.packs import Pack

PRICING = "pricing"


@dataclass(frozen=True, slots=True)
class SetPrice(Effect):
    """The change is in force from the next update."""

    change: Change


def prices(facts: Facts, command: Command) -> Effects:
    """``/prices``, alone or with a change."""
    if not command.arguments:
        return (Say(_list(facts), stays=True),)
    found = asked.read(command.arguments, facts.shop)
    if isinstance(found, Wrong):
        why, usage = plain(facts.language, f"why_{found.why}"), say(facts.language, "prices_usage")
        return (Say(facts.sentence(say(facts.language, "prices_bad", why=why, usage=usage))),)
    answers = asdict(found)
    screen = _confirm(facts.shop, answers, facts.language, facts.dialogue.version + 1)
    return (Move(PRICING, answers), Say(screen))


def confirmed(facts: Facts, press: Press) -> Effects:
    """The button under the change; below cost it takes another one."""
    if not facts.admin:
        return (Home(),)
    answers = dict(facts.dialogue.answers)
    sure = answers.pop("sure", False)
    change = Change(**answers)
    left = _margin(facts.shop, change)
    if left is not None and left < 0 and not sure:
        again = {**answers, "sure": True}
        screen = _confirm(facts.shop, again, facts.language, facts.dialogue.version + 1)
        return (Move(PRICING, again), present(screen, press.at))
    said = facts.sentence(say(facts.language, "prices_set"))
    return (SetPrice(change), Move(IDLE), present(said, press.at))


def left(facts: Facts, press: Press) -> Effects:
    return (Home(say(facts.language, "prices_left"), press.at),)


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The confirmation once more."""
    screen = _confirm(facts.shop, facts.dialogue.answers, language, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def words(_facts: Facts, _text: object) -> Effects:
    """Words are no answer to a confirmation."""
    return (Again(),)


def set_price(effect: SetPrice, work: Work) -> Sequence[Delivery]:
    """Recorded with who and when."""
    tx, bot_id, change = work.tx, work.installation.bot_id, effect.change
    who = work.facts.incoming.sender.user_id
    match change.kind:
        case "pack":
            pack = Pack(0, int(change.value), change.stars, change.money_text or None)
            tariffs.change_pack(tx, bot_id, who, pack, shown=True)
        case "hide":
            sold = [each for each in work.facts.shop.packs if each.credits == change.value]
            for pack in sold:
                tariffs.change_pack(tx, bot_id, who, pack, shown=False)
        case "reset":
            tariffs.reset(tx, bot_id, who, change.model)
        case kind:
            tariffs.change(tx, bot_id, who, kind, change.model, change.value)
    return ()


# ------------------------------------------------------------------- screens --


def _list(facts: Facts) -> Screen:
    language, shop = facts.language, facts.shop
    packs = [
        say(
            language,
            "prices_pack",
            n=each.credits,
            price=_price(each, language),
            margin=_percent(margin.of_pack(shop, each.credits, each.stars or 0)),
        )
        for each in shop.packs
    ]
    changed = [
        say(language, "prices_changed", model=model, what=_what(shop, model, language))
        for model in sorted({*shop.tariffs.prices, *shop.tariffs.free})
    ]
    text = say(
        language,
        "prices",
        markup=_old_markup(shop, language),
        packs=Markup("".join(packs) or say(language, "prices_no_packs")),
        changed=Markup("".join(changed) or say(language, "prices_nothing")),
        usage=say(language, "prices_usage"),
    )
    return Screen(text)


def _what(shop: Shop, model: str, language: str) -> str:
    price, free = shop.tariffs.prices.get(model), shop.tariffs.free.get(model)
    parts = [] if price is None else [plain(language, "prices_price", n=price)]
    parts += [] if free is None else [plain(language, "prices_free", n=free)]
    gone = model not in shop.offers and model not in shop.withdrawn
    return ", ".join(parts) + (plain(language, "prices_gone") if gone else "")


def _confirm(shop: Shop, answers: Mapping[str, Any], language: str, version: int) -> Screen:
    sure = bool(answers.get("sure"))
    change = Change(**{name: value for name, value in answers.items() if name != "sure"})
    old, new = _values(shop, change, language)
    key = "pack" if change.kind == "hide" else change.kind
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


def _values(shop: Shop, change: Change, language: str) -> tuple[str, str]:
    """Old and new, in words."""
    offer = shop.offers.get(change.model)
    file = plain(language, "value_file")
    match change.kind:
        case "markup":
            return _old_markup(shop, language), f"{change.value:g}"
        case "price":
            old = plain(language, "credits", n=offer.price) if offer is not None else file
            return old, plain(language, "credits", n=int(change.value))
        case "free":
            free = (offer.free_per_day or 0) if offer is not None else 0
            return str(free), f"{change.value:g}"
        case "reset":
            changed = _what(shop, change.model, language) or _old_markup(shop, language)
            return changed, file
        case _:
            return _pack_values(shop, change, language)


def _pack_values(shop: Shop, change: Change, language: str) -> tuple[str, str]:
    sold = next((each for each in shop.packs if each.credits == change.value), None)
    hidden = plain(language, "value_hidden")
    old = _price(sold, language) if sold is not None else hidden
    if change.kind == "hide":
        return old, hidden
    return old, _price(Pack(0, 0, change.stars, change.money_text or None), language)


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
