"""Packs of credits: what users can buy, at which price.

The table ``packs`` decides. The catalogue's file gives the packs of a bot that has none yet; what
the operator has changed or hidden since stays so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sql
from supervisor.database.transactions import Tx

MOST_STARS = 10_000  #: of one invoice

_SQL = sql.load("money_packs")


@dataclass(frozen=True, slots=True)
class Pack:
    """Credits at a price. Without ``stars`` it is sold by hand only."""

    id: int
    credits: int
    stars: int | None
    money_text: str | None = None  #: the price of a payment by hand; None: not sold by hand
    monthly: bool = False  #: Telegram collects the Stars each month, and the credits come again


def seed(tx: Tx, bot_id: int, first: Sequence[Pack]) -> None:
    """``first`` are the packs of a bot that never had any."""
    columns: dict[str, Any] = {
        name: [getattr(each, name) for each in first] for name in ("credits", "stars", "monthly")
    }
    tx.run(_SQL["seed_packs"], {"bot_id": bot_id, **columns})


def shown(tx: Tx, bot_id: int) -> tuple[Pack, ...]:
    """The packs on sale."""
    return tuple(Pack(**row) for row in tx.all(_SQL["shown_packs"], {"bot_id": bot_id}))
