"""Prices that the operator has changed. They take precedence over the catalogue's files.

The table ``tariffs`` is append-only and says who changed what, and when.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sql
from kie.money.packs import Pack
from supervisor.database.transactions import Tx
from supervisor.runtime.wakeups import AVAILABILITY

_SQL = sql.load("money_tariffs")


@dataclass(frozen=True, slots=True)
class Tariffs:
    """The changes that count. Models that are gone may be among them."""

    markup: float | None = None
    prices: Mapping[str, int] = field(default_factory=dict)  #: the least price of a model
    free: Mapping[str, int] = field(default_factory=dict)  #: free uses a day; 0: none


def read(tx: Tx, bot_id: int) -> Tariffs:
    """What is in force."""
    markup, prices, free = None, {}, {}
    for row in tx.all(_SQL["tariffs"], {"bot_id": bot_id}):
        if row["value"] is None:
            continue
        if row["kind"] == "markup":
            markup = float(row["value"])
        elif row["kind"] == "price":
            prices[row["model"]] = int(row["value"])
        else:
            free[row["model"]] = int(row["value"])
    return Tariffs(markup, prices, free)


def change(tx: Tx, bot_id: int, who: int, kind: str, model: str, value: float) -> None:
    """In force from the next update, at every instance."""
    named = {"bot_id": bot_id, "who": who, "kind": kind, "model": model, "value": value}
    tx.run(_SQL["set_tariff"], named)
    tx.wake(AVAILABILITY)


def reset(tx: Tx, bot_id: int, who: int, model: str) -> None:
    """The model (``""``: the markup) is as the catalogue's file says."""
    tx.run(_SQL["reset_tariffs"], {"bot_id": bot_id, "who": who, "model": model})
    tx.wake(AVAILABILITY)


def change_pack(tx: Tx, bot_id: int, who: int, pack: Pack, *, shown: bool) -> None:
    """The pack of so many credits is sold at this price, or hidden."""
    named: dict[str, Any] = {"bot_id": bot_id, "who": who, "shown": shown}
    named |= {"credits": pack.credits, "stars": pack.stars, "money_text": pack.money_text}
    tx.run(_SQL["change_pack"], named)
    tx.run(_SQL["note_pack"], named)
    tx.wake(AVAILABILITY)
