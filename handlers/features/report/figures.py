"""What a report is made of, read in the update's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import sql
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Reading
from handlers.shop.shop import Shop
from handlers.shop.worth import STAR, dollars_per_credit
from kie.jobs import job_table
from kie.money import days, spending
from kie.money.days import Balance, ModelSums, Sums
from supervisor.database.transactions import Tx

PERIODS = (1, 7, 30)  #: days that can be asked for
PACE = 7  #: days that say how fast kie.ai's credits are spent

_SQL = sql.load("report")


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of the last days, and kie.ai's balance."""

    count: int  #: days that the report is about
    by_day: Mapping[date, Sums]  #: at least the last week, in order
    balance: Balance | None

    @property
    def total(self) -> Sums:
        return days.total(self.last(self.count))

    @property
    def a_day(self) -> float:
        """Credits of kie.ai that a day has cost lately."""
        return days.total(self.last(PACE)).kie_credits / PACE

    def last(self, count: int) -> Sequence[Sums]:
        return list(self.by_day.values())[-count:]


@dataclass(frozen=True, slots=True)
class Money:
    """What ``/money`` needs."""

    figures: Figures | None  #: None: the command does not say of which days
    limit: float | None = None  #: of kie.ai's balance, below which operators are told


@dataclass(frozen=True, slots=True)
class Usage:
    """What ``/stats`` tells beside the sums."""

    figures: Figures
    users: int
    active: int
    in_work: Mapping[tuple[str, str], int]  #: (state, model) → jobs


def asked(text: str) -> int | None:
    """The days that a command asks for; None: they cannot be asked for."""
    if not text:
        return 1
    return next((each for each in PERIODS if text == str(each)), None)


def money(reading: Reading) -> Money:
    """The figures, or the limit for a command that is about no days."""
    count, tx, bot_id = _count(reading), reading.tx, reading.installation.bot_id
    if count is None:
        return Money(None, spending.limit(tx, bot_id))
    return Money(figures(tx, bot_id, count))


def usage(reading: Reading) -> Usage | None:
    """None: the update does not say of which days."""
    count = _count(reading)
    return None if count is None else usage_of(reading.tx, reading.installation.bot_id, count)


def figures(tx: Tx, bot_id: int, count: int) -> Figures:
    """The report of so many days until now."""
    today = datetime.now(UTC).date()
    found = days.last_days(tx, bot_id, today, max(count, PACE))
    return Figures(count, found, days.balance(tx, bot_id))


def usage_of(tx: Tx, bot_id: int, count: int) -> Usage:
    today = datetime.combine(datetime.now(UTC).date(), time(), UTC)
    named = {"bot_id": bot_id, "since": today - timedelta(days=count - 1)}
    people = tx.one(_SQL["people"], named) or {"users": 0, "active": 0}
    in_work = job_table.in_work(tx, bot_id)
    return Usage(figures(tx, bot_id, count), people["users"], people["active"], in_work)


# --------------------------------------------------------------------- worth --


def income(sums: Sums, shop: Shop) -> float:
    """In dollars: Stars that stayed, and credits by hand at the price of a pack."""
    return (sums.stars - sums.stars_back) * STAR + sums.by_hand * (dollars_per_credit(shop) or 0.0)


def left(sums: Sums, shop: Shop) -> float:
    """What is left of the income, in dollars."""
    return income(sums, shop) - sums.kie_dollars


def margin(sums: ModelSums, shop: Shop) -> float:
    """What is left of what users paid for the results of a model, in dollars."""
    paid = (sums.paid - sums.refunded) * (dollars_per_credit(shop) or 0.0)
    return paid - sums.kie * days.DOLLARS


def _count(reading: Reading) -> int | None:
    incoming = reading.facts.incoming
    if reading.press is None and isinstance(incoming, Command):
        return asked(incoming.arguments.strip())
    return asked(reading.press.argument if reading.press is not None else "")
