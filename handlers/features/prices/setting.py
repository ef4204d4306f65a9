"""A confirmed change of a price: once, by whoever comes first."""

from collections.abc import Sequence
from typing import Any

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import editing, saying
from handlers.dialogue.effects import Screen
from handlers.dispatch.feature import Work
from handlers.features.prices import asked
from handlers.features.prices.asked import Change
from handlers.features.prices.rules import SetPrice, values
from handlers.features.prices.words import say
from handlers.words.texts import DEFAULT
from kie.money import packs, tariffs
from kie.money.packs import Pack
from kie.money.tariffs import Tariffs


def set_price(effect: SetPrice, work: Work) -> Sequence[Delivery]:
    """Recorded with who and when; unless it is not what was shown any more, since another operator
    has changed it at the same moment."""
    tx, bot_id, shop = work.tx, work.installation.bot_id, work.facts.shop
    tariffs.hold(tx, bot_id)
    now = _in_force(effect.change, tariffs.read(tx, bot_id), packs.shown(tx, bot_id))
    if now != _in_force(effect.change, shop.tariffs, shop.packs):
        return [_answer(effect, work, "prices_set_before")]
    _change(effect.change, work)
    return [_answer(effect, work, "prices_set")]


def _in_force(change: Change, known: Tariffs, sold: Sequence[Pack]) -> Any:
    """What the change replaces."""
    match change.kind:
        case "pack" | "hide":
            named = int(change.value), change.monthly
            found = next((each for each in sold if (each.credits, each.monthly) == named), None)
            return None if found is None else (found.stars, found.money_text)
        case "price":
            return known.prices.get(change.model)
        case "free":
            return known.free.get(change.model)
        case "reset" if change.model not in asked.WITHOUT_MODEL:
            return known.prices.get(change.model), known.free.get(change.model)
        case kind:
            return getattr(known, change.model if kind == "reset" else kind)


def _change(change: Change, work: Work) -> None:
    tx, bot_id = work.tx, work.installation.bot_id
    who = work.facts.incoming.sender.user_id
    match change.kind:
        case "pack":
            money = change.money_text or None
            pack = Pack(0, int(change.value), change.stars, money, change.monthly)
            tariffs.change_pack(tx, bot_id, who, pack)
        case "hide":
            tariffs.hide_packs(tx, bot_id, who, int(change.value), monthly=change.monthly)
        case "reset":
            alone = change.model in asked.WITHOUT_MODEL
            model, of = ("", change.model) if alone else (change.model, "")
            tariffs.reset(tx, bot_id, who, model, of)
        case kind:
            tariffs.change(tx, bot_id, who, kind, change.model, change.value)
    old, new = values(work.facts.shop, change, DEFAULT)
    target = change.model or (f"{change.value:g}" if change.kind in {"pack", "hide"} else "")
    work.acted(f"price_{change.kind}", target, before=old, after=new)


def _answer(effect: SetPrice, work: Work, key: str) -> Delivery:
    """In place of the question."""
    screen: Screen = work.facts.at_desk(say(work.facts.language, key))
    shown = editing(effect.at, screen, or_say=True) if effect.at else saying(screen)
    return work.told("answer", shown)
