"""The facts of ``/admin``, read in the transaction of its update."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sql
from handlers.dispatch.feature import Reading
from handlers.operator import status
from supervisor.values.foreign import printable

MOST_SHOWN = 3  #: errors of each kind
_SQL = sql.load("status")


@dataclass(frozen=True, slots=True)
class RecentError:
    """An update, delivery or job that has failed for good."""

    kind: str  #: ``update``, ``delivery`` or ``job``
    number: int
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the whole installation; its keys are those of ``operator/status.py``."""

    active: Mapping[str, Any] | None = None
    waiting: Sequence[str] = ()
    queue: Mapping[str, Any] = field(default_factory=dict)
    jobs: Mapping[str, int] = field(default_factory=dict)  #: by state
    money: Mapping[str, Any] = field(default_factory=dict)  #: of today, and ``at``: now
    troubles: Mapping[str, str] = field(default_factory=dict)  #: /health's, by part
    recent_errors: Sequence[RecentError] = ()


def overview(reading: Reading) -> Overview:
    """Raises what the database does."""
    here, tx = reading.installation, reading.tx
    named = {"bot_id": here.bot_id}
    found = status.gather(tx, here.identity)
    money = tx.one(_SQL["money_today"], named) or {}
    recent_errors = tx.all(_SQL["recent_errors"], {**named, "limit": MOST_SHOWN})
    return Overview(
        active=found["active"],
        waiting=found["waiting"],
        queue=found["queue"],
        jobs=found["jobs"],
        money=money,
        troubles={part: printable(here.clean(why)) for part, why in here.health.troubles().items()},
        recent_errors=[
            RecentError(row["kind"], row["number"], printable(here.clean(row["error"])), row["at"])
            for row in recent_errors
        ],
    )


def overview_for_operators(reading: Reading) -> Overview | None:
    """The overview; None: the user who pressed the button is no operator."""
    return overview(reading) if reading.facts.admin else None
