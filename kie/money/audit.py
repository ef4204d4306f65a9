"""The nightly self-check of the money: all that is booked against the ledger.

A difference is reported and never repaired: it is caused by a bug, which a person has to
understand first. The check reads small batches, each in one snapshot, so that a large ledger
delays neither users nor the end of the term. Each snapshot is consistent, because job, entry and
balance change in one transaction. The sums of days that are over are kept as well (``days.py``).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Protocol

from loguru import logger

import sql
from kie.api.notice import Notice
from kie.money import days
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.telemetry.metrics import Metrics

HOUR = 3  #: UTC
FIRST_AFTER = 300.0  #: seconds from the beginning of a term to the first check
AGAIN = 600.0  #: seconds until the next try when the database does not answer
BATCH = 1000  #: users or jobs per statement
TOLD = 10  #: differences that are listed in the notice

_SQL = {**sql.load("money"), **sql.load("money_checks")}
#: What a difference is about → the statement that finds it.
CHECKS = {
    "job": "wrong_jobs",
    "receipt": "wrong_payments",
    "entry": "wrong_star_entries",
    "payment by hand": "wrong_receipts",
    "code": "wrong_codes",
    "invitation of": "wrong_invites",
    "subscription": "wrong_subscriptions",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """``str()`` is its form in the log; ``notice`` is its line in the notice."""

    text: str
    notice: Notice

    def __str__(self) -> str:
        return self.text


class Timer(Protocol):
    """The part of the scheduler that the self-check needs."""

    def call_later(self, name: str, seconds: float, fn: Callable[[], None]) -> None: ...

    def cancel(self, name: str) -> None: ...


class Alerts(Protocol):
    """Where the operator is told something."""

    def alert(self, tx: Tx, key: str, notice: Notice) -> None:
        """``notice``, within the transaction; the same ``key`` once an hour at most."""
        ...


class Audit:
    """The body of a ``ServiceThread``."""

    def __init__(
        self,
        *,
        database: Database,
        alerts: Alerts,
        metrics: Metrics,
        timer: Timer,
        clock: Clock,
        bot_id: int,
    ) -> None:
        self._database = database
        self._alerts = alerts
        self._metrics = metrics
        self._timer = timer
        self._clock = clock
        self._bot_id = bot_id

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        """Until ``stop``: soon after the term's begin, then each night."""
        due = Event()
        wake_on_stop(stop, due)
        self._timer.call_later("ledger_check", FIRST_AFTER, due.set)
        try:
            while wait_for_wake_up(self._clock, stop, due, None):
                due.clear()
                self._timer.call_later("ledger_check", self._look(term, stop), due.set)
        finally:
            self._timer.cancel("ledger_check")

    def check(self, term: Term, stop: Event) -> list[str] | None:
        """Find and report the differences, as sentences. None: it was stopped before the end.
        Raises what ``Database`` raises."""
        differences: list[Difference] = []
        differences += self._balances(stop)
        for what, statement in CHECKS.items():
            differences += self._problems(what, statement, stop)
        self.keep_days(term, stop)
        if stop.is_set():
            return None
        self._metrics.ledger_differences.set(len(differences))
        for each in differences:
            logger.bind(difference=str(each)).error("ledger_difference")
        if differences:
            with self._database.transaction(term) as tx:
                self._alerts.alert(tx, "ledger", _notice(differences))
        else:
            logger.info("ledger_checked")
        return [str(each) for each in differences]

    def keep_days(self, term: Term, stop: Event) -> int:
        """Keep the sums of every day that is over, a day per transaction. Returns how many.
        Raises what ``Database`` raises."""
        with self._database.transaction() as tx:
            day = days.first_unwritten(tx, self._bot_id)
        written = 0
        while day is not None and day < datetime.now(UTC).date() and not stop.is_set():
            with self._database.transaction(term) as tx:
                written += days.write(tx, self._bot_id, day)
            day += timedelta(days=1)
        return written

    # --------------------------------------------------------------- internal --

    def _look(self, term: Term, stop: Event) -> float:
        """One check. Returns the seconds until the next."""
        try:
            self.check(term, stop)
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("ledger_check_failed")
            return AGAIN
        return until_night(datetime.now(UTC))

    def _balances(self, stop: Event) -> Iterator[Difference]:
        for user, balance, entries in self._batches("wrong_balances", -(2**63), stop):
            told = Notice(
                "wrong_balance",
                {"user": str(user), "balance": str(balance), "entries": str(entries)},
            )
            yield Difference(f"user {user}: balance {balance}, ledger {entries}", told)

    def _problems(self, what: str, statement: str, stop: Event) -> Iterator[Difference]:
        for number, problem in self._batches(statement, 0, stop):
            cause = Notice(problem_name(str(problem)))
            told = Notice(statement, {"id": str(number), "problem": cause})
            yield Difference(f"{what} {number}: {problem}", told)

    def _batches(self, statement: str, after: int, stop: Event) -> Iterator[list[object]]:
        while not stop.is_set():
            named = {"bot_id": self._bot_id, "after": after, "count": BATCH}
            with self._database.transaction() as tx:
                row = tx.one(_SQL[statement], named)
            if row is None or row["next"] is None:
                return
            yield from row["found"]
            after = row["next"]


def until_night(now: datetime) -> float:
    """Seconds from ``now`` until the next night's check."""
    next_one = now.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if next_one <= now:
        next_one += timedelta(days=1)
    return (next_one - now).total_seconds()


def problem_name(problem: str) -> str:
    """The name of the sentence for a problem that a statement of the checks returns."""
    return "books_" + problem.replace(" ", "_")


def _notice(differences: Sequence[Difference]) -> Notice:
    lines = tuple(each.notice for each in differences[:TOLD])
    return Notice("ledger", {"n": len(differences), "lines": lines})
