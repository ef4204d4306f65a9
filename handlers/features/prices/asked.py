"""What an operator asks for with ``/prices``, read and checked."""

import re
from dataclasses import dataclass

from handlers.shop.shop import Shop
from kie.money.packs import MOST_STARS

MOST_CREDITS = 1_000_000  #: of a pack, and of the price of a model
MOST_MARKUP = 100.0
MONEY_LENGTH = 32  #: characters of a price for payments by hand


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a price."""

    kind: str  #: markup, price, free, pack, hide, reset
    model: str = ""
    value: float = 0.0  #: of a pack its credits
    stars: int = 0
    money_text: str = ""


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
        case "pack":
            return _pack(rest)
        case "hide":
            found = _whole(given[0]) if given else None
            shown = any(each.credits == found for each in shop.packs)
            return Change("hide", value=found or 0) if shown else Wrong("pack")
        case "reset":
            return _reset(given[0] if given else "", shop)
        case _:
            return _model(name, given, shop)


def _reset(name: str, shop: Shop) -> Change | Wrong:
    if name == "markup":
        return Change("reset")
    changed = {*shop.tariffs.prices, *shop.tariffs.free}
    known = name in shop.offers or name in shop.withdrawn or name in changed
    return Change("reset", name) if known and name else Wrong("model")


def _model(name: str, given: list[str], shop: Shop) -> Change | Wrong:
    if name not in shop.offers and name not in shop.withdrawn:
        return Wrong("model" if given else "unknown")
    if given and given[0] == "free":
        times = _whole(given[1]) if len(given) == 2 else None
        return Wrong("number") if times is None else Change("free", name, times)
    found = _number("price", name, given, MOST_CREDITS)
    whole = isinstance(found, Change) and found.value == int(found.value)
    return found if whole or isinstance(found, Wrong) else Wrong("number")


def _pack(rest: str) -> Change | Wrong:
    parts = rest.split(maxsplit=2)
    numbers = [_whole(each) for each in parts[:2]]
    if len(numbers) < 2 or None in numbers:
        return Wrong("number")
    credits, stars = numbers[0] or 0, numbers[1] or 0
    if not 1 <= credits <= MOST_CREDITS:
        return Wrong("number")
    if not 1 <= stars <= MOST_STARS:
        return Wrong("stars")
    money = parts[2].strip()[:MONEY_LENGTH] if len(parts) == 3 else ""
    return Change("pack", "", credits, stars, money)


def _number(kind: str, model: str, given: list[str], most: float) -> Change | Wrong:
    text = given[0].replace(",", ".") if len(given) == 1 else ""
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,4})?", text, re.ASCII):
        return Wrong("number")
    value = float(text)
    return Change(kind, model, value) if 0 < value <= most else Wrong("number")


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 7 else None
