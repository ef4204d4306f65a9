"""Packs of credits: what users can buy, at which price.

The table ``packs`` decides. The catalogue's file gives the packs of a bot that has none yet; what
the operator has changed or hidden since stays so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

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


def shown(tx: Tx, bot_id: int, first: Sequence[Pack]) -> tuple[Pack, ...]:
    """The packs on sale. ``first`` are those of a bot that never had any."""
    named = {"bot_id": bot_id}
    if first:
        columns = {"credits": [each.credits for each in first]}
        stars = {"stars": [each.stars for each in first]}
        tx.run(_SQL["seed_packs"], {**named, **columns, **stars})
    return tuple(Pack(**row) for row in tx.all(_SQL["shown_packs"], named))
