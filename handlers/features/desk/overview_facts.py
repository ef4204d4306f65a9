"""The facts of ``/admin``, read in the transaction of its update. Each count is bounded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sql
from handlers.dispatch.feature import Reading
from supervisor.database.transactions import Row
from supervisor.lock.protocol import session_name
from supervisor.values.foreign import printable

MOST_SHOWN = 3  #: errors of each kind
MOST_COUNTED = 100  #: of what waits; more is shown as "99+"
#: Of kie.ai's spending, the latest jobs are measured, within so many days.
PACE_JOBS, PACE_DAYS = 1000, 7
_SQL, _STATUS, _HOLDER = sql.load("desk"), sql.load("status"), sql.load("lock")["holder"]


@dataclass(frozen=True, slots=True)
class RecentError:
    """An update, delivery or job that has failed for good."""

    kind: str  #: ``update``, ``delivery`` or ``job``
    number: int
    error: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KieBalance:
    """What kie.ai has answered about our account."""

    credits: float
    age: float  #: seconds since the answer
    days: float | None = None  #: how long it lasts at this pace; None: nothing was spent


@dataclass(frozen=True, slots=True)
class Overview:
    """The state of the whole installation."""

    #: ``instance``, ``epoch``, ``seconds``; None: nobody is ACTIVE.
    active: Mapping[str, Any] | None = None
    waiting: Sequence[str] = ()  #: PASSIVE instances
    queue: Mapping[str, int] = field(default_factory=dict)
    kie: KieBalance | None = None  #: None: kie.ai has not answered yet
    troubles: Mapping[str, str] = field(default_factory=dict)  #: /health's, by part
    recent_errors: Sequence[RecentError] = ()
    at: datetime | None = None


def overview(reading: Reading) -> Overview:
    """Raises what the database does."""
    here, tx = reading.installation, reading.tx
    named = {"bot_id": here.bot_id}
    key = {"key": here.identity.lock_key}
    holder, term = tx.one(_HOLDER, key), tx.one(_STATUS["latest_term"], key)
    sessions = tx.all(_STATUS["sessions"], {"prefix": session_name(here.bot_id, "")})
    holding = None if holder is None else holder["pid"]
    queue = tx.one(_SQL["waiting"], {**named, "most": MOST_COUNTED, "seq": reading.update_seq})
    recent_errors = tx.all(_STATUS["recent_errors"], {**named, "limit": MOST_SHOWN})
    counted = queue or {}
    return Overview(
        active=_active(holder, term, counted.get("at")),
        waiting=[row["instance"] for row in sessions if row["pid"] != holding],
        queue={name: value for name, value in counted.items() if name != "at"},
        kie=_kie(reading),
        troubles={part: printable(here.clean(why)) for part, why in here.health.troubles().items()},
        recent_errors=[
            RecentError(row["kind"], row["number"], printable(here.clean(row["error"])), row["at"])
            for row in recent_errors
        ],
        at=counted.get("at"),
    )


def _active(holder: Row | None, term: Row | None, now: datetime | None) -> Mapping[str, Any] | None:
    """The open term of the session that holds the lock."""
    if holder is None or term is None or now is None or holder["epoch"] != term["epoch"]:
        return None
    seconds = (now - term["acquired_at"]).total_seconds()
    return {"instance": term["instance_id"], "epoch": term["epoch"], "seconds": seconds}


def _kie(reading: Reading) -> KieBalance | None:
    named = {"bot_id": reading.installation.bot_id, "jobs": PACE_JOBS, "days": PACE_DAYS}
    row = reading.tx.one(_SQL["kie_balance"], named)
    if row is None:
        return None
    pace = row["spent_per_day"] or 0.0
    return KieBalance(row["credits"], row["age"], row["credits"] / pace if pace > 0 else None)
