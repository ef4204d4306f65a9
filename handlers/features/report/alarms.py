"""What operators are alerted to about money: kie.ai's balance, unusual spending, wrong costs."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from handlers.dispatch.alert import Alert
from handlers.dispatch.feature import Installation
from handlers.features.report.amounts import dollars, lasts, number
from handlers.features.report.words import plain
from kie.money import spending
from kie.money.days import DOLLARS
from kie.money.spending import CostRun, Spending
from supervisor.database.transactions import Tx


def alerts(tx: Tx, *, installation: Installation) -> Sequence[Alert]:
    """The states that are there now."""
    bot_id = installation.bot_id
    return found(spending.spending(tx, bot_id), spending.cost_runs(tx, bot_id))


def found(seen: Spending, runs: Sequence[CostRun]) -> Sequence[Alert]:
    """As a pure function of what was read."""
    alarms: list[Alert] = []
    if seen.below_a_day or seen.below_limit:
        alarms.append(Alert("kie-low", partial(_low, seen), "over_kie_low", "alarm_kie"))
    if seen.unusual:
        alarms.append(Alert("spending", partial(_unusual, seen), "over_spending", "alarm_money"))
    if seen.free_spent:
        alarms.append(Alert("free-budget", partial(_free, seen), "over_free", "alarm_cost"))
    alarms += [
        Alert(f"cost-run:{run.model}", partial(_cost, run), "over_cost", "alarm_cost")
        for run in runs
    ]
    return alarms


def _low(seen: Spending, language: str) -> str:
    balance, name = seen.balance or 0.0, "alarm_low_limit" if seen.below_limit else "alarm_low_day"
    fields: dict[str, Any] = {"credits": number(language, balance)}
    fields["limit"] = number(language, seen.least or 0.0)
    fields["lasts"] = lasts(language, balance, seen.a_day or 0.0)
    return plain(language, name, **fields)


def _unusual(seen: Spending, language: str) -> str:
    return plain(
        language,
        "alarm_spending",
        credits=number(language, seen.last_hour),
        dollars=dollars(language, seen.last_hour * DOLLARS),
        usual=number(language, seen.usual_hour or 0.0),
    )


def _free(seen: Spending, language: str) -> str:
    return plain(language, "alarm_free", n=seen.free_budget or 0)


def _cost(run: CostRun, language: str) -> str:
    return plain(
        language,
        "alarm_cost",
        model=run.model,
        n=run.jobs,
        taken=number(language, run.taken),
        expected=number(language, run.expected),
    )
