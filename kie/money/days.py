"""The sums of days: income, credits, kie.ai's cost, results, and how long they took.

The sums of a day (UTC) that is over are kept in ``money_days``, by the nightly self-check. Sums of
other days are read from ledger, payments and jobs with the same statement. So a report says the
same of a day before and after housekeeping has removed its jobs.
"""

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sql
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.wakeups import ALARMS

DOLLARS = 0.005  #: of one credit of kie.ai

_SQL = sql.load("money_days")


@dataclass(frozen=True, slots=True)
class ModelSums:
    """One model: numbers of jobs, credits of users, credits of kie.ai."""

    made: int = 0
    failed: int = 0
    free: int = 0  #: of those made, without a price
    paid: int = 0
    refunded: int = 0
    kie: float = 0.0

    def __add__(self, other: "ModelSums") -> "ModelSums":
        return ModelSums(*(getattr(self, n.name) + getattr(other, n.name) for n in fields(self)))


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of a day, or of several."""

    stars: int = 0
    star_payments: int = 0
    stars_back: int = 0
    by_hand: int = 0  #: credits
    paid: int = 0
    gifts: int = 0
    refunds: int = 0
    kie_credits: float = 0.0
    free_jobs: int = 0
    free_kie: float = 0.0
    newcomers: int = 0
    people: int = 0  #: users for whom a job ended; of several days: of each day
    hand_prices: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, ModelSums] = field(default_factory=dict)
    durations: Mapping[int, int] = field(default_factory=dict)

    @property
    def kie_dollars(self) -> float:
        return self.kie_credits * DOLLARS

    def __add__(self, other: "Sums") -> "Sums":
        plain = {
            each.name: getattr(self, each.name) + getattr(other, each.name)
            for each in fields(self)
            if each.name not in {"hand_prices", "models", "durations"}
        }
        models = {
            model: self.models.get(model, ModelSums()) + other.models.get(model, ModelSums())
            for model in {**self.models, **other.models}
        }
        prices = Counter(self.hand_prices) + Counter(other.hand_prices)
        durations = Counter(self.durations) + Counter(other.durations)
        return Sums(**plain, hand_prices=prices, models=models, durations=durations)

    def duration(self, share: float) -> float | None:
        """Within how many seconds that share of the results was there; None: there was none.
        Exact to a tenth."""
        total = sum(self.durations.values())
        seen = 0
        for tenth in sorted(self.durations):
            seen += self.durations[tenth]
            if seen >= share * total:
                return math.exp((tenth + 0.5) / 10)
        return None


@dataclass(frozen=True, slots=True)
class Balance:
    """What kie.ai said last of our credits there."""

    credits: float
    seconds: float  #: since then


def last_days(tx: Tx, bot_id: int, today: date, count: int) -> Mapping[date, Sums]:
    """The sums of the last ``count`` days, today among them."""
    first = today - timedelta(days=count - 1)
    rows = tx.all(_SQL["written_days"], {"bot_id": bot_id, "since": first})
    kept = {row["day"]: _sums(row) for row in rows}
    return {
        day: kept[day] if day in kept else sums_of(tx, bot_id, day) for day in _days(first, count)
    }


def sums_of(tx: Tx, bot_id: int, day: date) -> Sums:
    """From ledger, payments and jobs."""
    return _sums(_row(tx, bot_id, day))


def first_unwritten(tx: Tx, bot_id: int) -> date | None:
    """The first day whose sums are not kept; None: nothing has happened yet."""
    row = tx.one(_SQL["first_unwritten"], {"bot_id": bot_id})
    found: date | None = None if row is None else row["day"]
    return found


def write(tx: Tx, bot_id: int, day: date) -> bool:
    """Keep the sums of a day that is over. False: they are kept already."""
    row = {
        name: json.dumps(value) if isinstance(value, dict) else value
        for name, value in _row(tx, bot_id, day).items()
    }
    tx.wake(ALARMS)
    return tx.one(_SQL["write_day"], {"bot_id": bot_id, "day": day, **row}) is not None


def note_balance(tx: Tx, bot_id: int, credits: float) -> None:
    """kie.ai has said how many credits are left."""
    tx.run(_SQL["note_balance"], {"bot_id": bot_id, "credits": credits})
    tx.wake(ALARMS)


def balance(tx: Tx, bot_id: int) -> Balance | None:
    """None: kie.ai has not been asked yet."""
    row = tx.one(_SQL["balance"], {"bot_id": bot_id})
    return None if row is None else Balance(row["credits"], row["seconds"])


def total(days: Sequence[Sums]) -> Sums:
    return sum(days, Sums())


def _row(tx: Tx, bot_id: int, day: date) -> Row:
    since = datetime.combine(day, time(), UTC)
    named: dict[str, Any] = {"bot_id": bot_id, "since": since, "until": since + timedelta(days=1)}
    row = tx.one(_SQL["day_sums"], named)
    if row is None:
        raise LookupError("day_sums has no row")
    return row


def _sums(row: Row) -> Sums:
    known = {each.name for each in fields(Sums)}
    plain = {name: value for name, value in row.items() if name in known}
    plain["kie_credits"], plain["free_kie"] = float(row["kie_credits"]), float(row["free_kie"])
    plain["models"] = {name: ModelSums(**found) for name, found in row["models"].items()}
    plain["durations"] = {int(tenth): count for tenth, count in row["durations"].items()}
    return Sums(**plain)


def _days(first: date, count: int) -> Iterator[date]:
    for number in range(count):
        yield first + timedelta(days=number)
