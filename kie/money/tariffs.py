"""Prices that the operator has changed. They take precedence over the catalogue's files.

The table ``tariffs`` is append-only and says who changed what, and when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sql
from kie.money.packs import Pack
from supervisor.database.transactions import Tx
from supervisor.runtime.errors import Contended
from supervisor.runtime.wakeups import AVAILABILITY

_SQL = sql.load("money_tariffs")


@dataclass(frozen=True, slots=True)
class Tariffs:
    """The changes that count. Models that are gone may be among them."""

    markup: float | None = None
    prices: Mapping[str, int] = field(default_factory=dict)  #: the least price of a model
    free: Mapping[str, int] = field(default_factory=dict)  #: free uses a day; 0: none
    budget: int | None = None  #: free results a day for all users together; None: no limit
    #: Credits for each Star of a renewal that fits no order; None or 0: it goes back.
    renewals: float | None = None


def read(tx: Tx, bot_id: int) -> Tariffs:
    """What is in force."""
    alone: dict[str, float] = {}
    prices, free = {}, {}
    for row in tx.all(_SQL["tariffs"], {"bot_id": bot_id}):
        if row["value"] is None:
            continue
        if row["kind"] == "price":
            prices[row["model"]] = int(row["value"])
        elif row["kind"] == "free":
            free[row["model"]] = int(row["value"])
        else:
            alone[row["kind"]] = float(row["value"])
    budget = int(alone["budget"]) if "budget" in alone else None
    return Tariffs(alone.get("markup"), prices, free, budget, alone.get("renewals"))


def hold(tx: Tx, bot_id: int) -> None:
    """Until the commit nobody else changes a price; what is read after this stays in force."""
    tx.one(_SQL["hold_prices"], {"bot_id": bot_id})


def change(tx: Tx, bot_id: int, who: int, kind: str, model: str, value: float) -> None:
    """In force from the next update, at every instance."""
    named = {"bot_id": bot_id, "who": who, "kind": kind, "model": model, "value": value}
    tx.run(_SQL["set_tariff"], named)
    tx.wake(AVAILABILITY)


def reset(tx: Tx, bot_id: int, who: int, model: str, kind: str = "") -> None:
    """The model, or the markup or the budget (``kind``), is as the catalogue's file says."""
    kinds = [kind] if kind else ["price", "free"]
    named = {"bot_id": bot_id, "who": who, "model": model, "kinds": kinds}
    tx.run(_SQL["reset_tariffs"], named)
    tx.wake(AVAILABILITY)


def change_pack(tx: Tx, bot_id: int, who: int, pack: Pack) -> None:
    """The pack of so many credits, monthly or not, is sold at this price. Raises ``Contended`` when
    another operator adds a pack at this moment."""
    named: dict[str, Any] = {"bot_id": bot_id, "who": who, "credits": pack.credits}
    named |= {"stars": pack.stars, "money_text": pack.money_text, "monthly": pack.monthly}
    if tx.one(_SQL["change_pack"], named) is None:
        raise Contended("another operator adds a pack")
    tx.run(_SQL["note_pack"], {**named, "stars": pack.stars or 0})
    tx.wake(AVAILABILITY)


def hide_packs(tx: Tx, bot_id: int, who: int, credits: int, *, monthly: bool = False) -> None:
    """Packs of so many credits, monthly or not, are not sold any more. Subscriptions go on."""
    named = {"bot_id": bot_id, "credits": credits, "monthly": monthly}
    tx.run(_SQL["hide_packs"], named)
    tx.run(_SQL["note_pack"], {**named, "who": who, "stars": None})
    tx.wake(AVAILABILITY)
