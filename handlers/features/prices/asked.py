"""What an operator asks for with ``/prices``, read and checked."""

import re
from dataclasses import dataclass

from handlers.shop.shop import Shop
from kie.money.packs import MOST_STARS
from supervisor.values.foreign import whole_text

MOST_CREDITS = 1_000_000  #: of a pack, and of the price of a model
MOST_TYPED = 9_999_999  #: a whole number, whose own bounds are checked later
MOST_MARKUP = 100.0
MOST_RENEWAL = 1000.0  #: credits for each Star of a renewal
WITHOUT_MODEL = ("markup", "budget", "renewals")  #: what concerns no single model
MONEY_LENGTH = 32  #: characters of a price for payments by hand


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a price."""

    kind: str  #: markup, price, free, budget, renewals, pack, hide, reset
    model: str = ""
    value: float = 0.0  #: of a pack its credits
    stars: int = 0
    money_text: str = ""
    monthly: bool = False  #: of a pack


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why it is no change."""

    why: str  #: the end of a key


def read(words: str, shop: Shop) -> Change | Wrong:
    """The change that these words ask for."""
    name, _, rest = words.strip().partition(" ")
    given = rest.split()
    match name:
        case "markup":
            return _number("markup", "", given, MOST_MARKUP)
        case "budget":
            return _budget(given)
        case "renewals":
            if given == ["0"]:
                return Change("renewals")
            return _number("renewals", "", given, MOST_RENEWAL)
        case "pack":
            return _pack(rest)
        case "monthly":
            return _pack(rest, monthly=True)
        case "hide":
            return _hide(given, shop)
        case "reset":
            return _reset(given[0] if given else "", shop)
        case _:
            return _model(name, given, shop)


def _hide(given: list[str], shop: Shop) -> Change | Wrong:
    monthly = given[:1] == ["monthly"]
    found = _whole(given[-1]) if given else None
    shown = any((each.credits, each.monthly) == (found, monthly) for each in shop.packs)
    return Change("hide", value=found or 0, monthly=monthly) if shown else Wrong("pack")


def _reset(name: str, shop: Shop) -> Change | Wrong:
    if name in WITHOUT_MODEL:
        return Change("reset", name)
    changed = {*shop.tariffs.prices, *shop.tariffs.free}
    known = name in shop.offers or name in shop.withdrawn or name in changed
    return Change("reset", name) if known and name else Wrong("model")


def _budget(given: list[str]) -> Change | Wrong:
    found = _whole(given[0]) if len(given) == 1 else None
    return Wrong("number") if found is None else Change("budget", value=found)


def _model(name: str, given: list[str], shop: Shop) -> Change | Wrong:
    if name not in shop.offers and name not in shop.withdrawn:
        return Wrong("model" if given else "unknown")
    if given and given[0] == "free":
        times = _whole(given[1]) if len(given) == 2 else None
        return Wrong("number") if times is None else Change("free", name, times)
    found = _number("price", name, given, MOST_CREDITS)
    whole = isinstance(found, Change) and found.value == int(found.value)
    return found if whole or isinstance(found, Wrong) else Wrong("number")


def _pack(rest: str, *, monthly: bool = False) -> Change | Wrong:
    """A monthly one has no price by hand: nobody collects that again."""
    parts = rest.split(maxsplit=2)
    numbers = [_whole(each) for each in parts[:2]]
    if len(numbers) < 2 or None in numbers or (monthly and len(parts) > 2):
        return Wrong("number")
    credits, stars = numbers[0] or 0, numbers[1] or 0
    if not 1 <= credits <= MOST_CREDITS:
        return Wrong("number")
    if not 1 <= stars <= MOST_STARS:
        return Wrong("stars")
    money = parts[2].strip()[:MONEY_LENGTH] if len(parts) == 3 else ""
    return Change("pack", "", credits, stars, money, monthly)


def _number(kind: str, model: str, given: list[str], most: float) -> Change | Wrong:
    text = given[0].replace(",", ".") if len(given) == 1 else ""
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,4})?", text, re.ASCII):
        return Wrong("number")
    value = float(text)
    return Change(kind, model, value) if 0 < value <= most else Wrong("number")


def _whole(text: str) -> int | None:
    return whole_text(text, 0, MOST_TYPED)
