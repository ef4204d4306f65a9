"""What operators see on ``/admin``: read in the transaction that answers them."""

from collections.abc import Callable, Mapping
from typing import Any

import sql
from handlers.dialogue.facts import Mishap, Overview
from handlers.operator import status
from supervisor.database.transactions import Tx
from supervisor.health.health import Health
from supervisor.settings.identity import Identity

MOST_SHOWN = 3  #: of each kind of mishap
_SQL = sql.load("status")


class Lookout:
    """Thread-safe. ``clean`` takes the secrets out of errors, as out of the log."""

    def __init__(self, identity: Identity, health: Health, clean: Callable[[str], str]) -> None:
        self._identity = identity
        self._health = health
        self._clean = clean

    def __call__(self, tx: Tx) -> Overview:
        """Raises what the database does."""
        named = {"bot_id": self._identity.bot_id}
        found = status.gather(tx, self._identity)
        money = tx.one(_SQL["money_today"], named) or {}
        mishaps = tx.all(_SQL["mishaps"], {**named, "limit": MOST_SHOWN})
        return Overview(
            active=found["active"],
            waiting=found["waiting"],
            queue=found["queue"],
            jobs=found["jobs"],
            money=money,
            troubles={part: self._clean(why) for part, why in self._health.troubles().items()},
            mishaps=[self._mishap(row) for row in mishaps],
        )

    def _mishap(self, row: Mapping[str, Any]) -> Mishap:
        return Mishap(row["kind"], row["number"], self._clean(row["error"]), row["at"])
