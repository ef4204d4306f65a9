"""What kie.ai takes from our account, and what is unusual about it.

The balance is what kie.ai said last. A day costs the average of the last seven days that are over.
Jobs of a model that cost something else than the catalogue says are counted in a row; a job that
costs what it should ends the row.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sql
from supervisor.database.transactions import Tx
from supervisor.runtime.wakeups import ALARMS

UNUSUAL = 3.0  #: times the usual hour
LEAST_HOUR = 200.0  #: credits of kie.ai, a dollar; an hour that costs less is never unusual
RUN = 3  #: jobs in a row whose cost differs
#: Tolerance for rounding: a share of the expected cost, and credits.
SHARE, CREDITS = 0.02, 0.05

_SQL = sql.load("money_spending")


@dataclass(frozen=True, slots=True)
class Spending:
    """Credits of kie.ai, and the free results of today."""

    balance: float | None = None  #: None: not known yet
    least: float | None = None  #: the operator's limit; None: none is set
    a_day: float | None = None  #: None: no day is over yet
    last_hour: float = 0.0
    free_budget: int | None = None  #: free results a day for all users; None: no limit
    free_used: int = 0  #: of them today (UTC)

    @property
    def lasts(self) -> float | None:
        """Days; None: unknown, or nothing is spent."""
        return None if self.balance is None or not self.a_day else self.balance / self.a_day

    @property
    def below_a_day(self) -> bool:
        return self.lasts is not None and self.lasts < 1

    @property
    def below_limit(self) -> bool:
        return self.balance is not None and self.least is not None and self.balance < self.least

    @property
    def free_spent(self) -> bool:
        """Whether all users together have had today's free results."""
        return self.free_budget is not None and self.free_used >= self.free_budget > 0

    @property
    def usual_hour(self) -> float | None:
        return None if self.a_day is None else self.a_day / 24

    @property
    def unusual(self) -> bool:
        """Whether the last hour has cost much more than an hour usually does."""
        usual = self.usual_hour
        return usual is not None and self.last_hour > max(UNUSUAL * usual, LEAST_HOUR)


@dataclass(frozen=True, slots=True)
class CostRun:
    """The latest jobs of a model cost something else than the catalogue says."""

    model: str
    jobs: int
    expected: float  #: of the last one
    taken: float


def spending(tx: Tx, bot_id: int) -> Spending:
    row = tx.one(_SQL["spending"], {"bot_id": bot_id})
    return Spending() if row is None else Spending(**row)


def cost_runs(tx: Tx, bot_id: int) -> Sequence[CostRun]:
    """The models with ``RUN`` or more such jobs."""
    return [CostRun(**row) for row in tx.all(_SQL["cost_runs"], {"bot_id": bot_id, "jobs": RUN})]


def note_cost(tx: Tx, bot_id: int, model: str, expected: float, taken: float) -> None:
    """A job of the model has cost that."""
    named = {"bot_id": bot_id, "model": model, "expected": expected, "taken": taken}
    if abs(taken - expected) > expected * SHARE + CREDITS:
        tx.run(_SQL["cost_differs"], named)
    else:
        tx.run(_SQL["cost_agrees"], named)


def limit(tx: Tx, bot_id: int) -> float | None:
    """The operator's limit of the balance; None: none is set."""
    row = tx.one(_SQL["kie_limit"], {"bot_id": bot_id})
    return None if row is None else float(row["kie_credits"])


def set_limit(tx: Tx, bot_id: int, who: int, kie_credits: float | None) -> bool:
    """None: there is no limit any more. False: it was so before."""
    named = {"bot_id": bot_id, "who": who, "kie_credits": kie_credits}
    tx.wake(ALARMS)
    return tx.run(_SQL["drop_limit" if kie_credits is None else "set_limit"], named) > 0
