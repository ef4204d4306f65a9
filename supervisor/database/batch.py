"""Work on many rows: all of them in one transaction, and one by one when that fails.

A shared transaction is cheap, but one row can make it fail: another session holds the row's
lock, a trigger refuses it, a value is out of range. PostgreSQL reports this with the same
errors as an outage. ``BatchRunner`` tells the two apart and keeps the row from stopping the
others. Use it wherever a service handles several rows; one runner per service and kind of
work, kept for as long as the service lives, because it remembers which rows failed::

    self._settling = BatchRunner(database, clock, "settle", key=lambda job: job.id)
    ...
    outcome = self._settling.run(term, jobs, self._settle)   # def _settle(self, tx, jobs): ...
    for fault in outcome.faults:                             # counts as a try of that row
        ...

Rules

1. All rows share one transaction. If it fails while the database answers, each row gets a
   transaction of its own. So ``work`` may run several times for the same row, and must depend
   on nothing but the database and its arguments: what else is to happen goes into
   ``tx.afterwards``.
2. An outage is when nothing gets through. If no row was committed, ``run`` raises the error as
   an outage. If some row was committed, here or meanwhile in another thread, the failed rows
   are at fault: ``run`` returns them, and they wait between two tries, longer each time
   (``FAULT_PAUSES``). Rows that PostgreSQL rejects (``GIVE_UP``) or that break ``work`` (any other
   exception) are at fault in any case.
3. A row that has failed is never part of a shared transaction again until it has succeeded: it
   is tried by itself, after the others. So it costs the others one time limit, once.
4. Each transaction has ``SHORT_LIMITS`` (1 s for a lock, 5 s for a statement). Trying rows one
   by one ends after ``PARTING`` seconds, or when the first ``NOTHING_THROUGH`` rows failed; the
   rest is returned as ``waiting``, untried. Those that failed longest ago are tried first.
5. After a deadlock or a serialization failure (``Contended``) the transaction is repeated at
   once, ``CONFLICTS`` times. After that its rows are tried one by one, or at fault.
6. ``Fenced``, ``Misconfigured`` and ``OutcomeUnknown`` (a commit without an answer) are raised
   at once: the first two concern every row, and the last one means that rows may be done.

What was committed before ``run`` raises stays committed. The caller passes the rows again
until they are in ``done``; a row that waits is not tried before its time, however often it is
passed.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from loguru import logger

from supervisor.database.failed_rows import FailedRows
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import (
    BotError,
    Contended,
    Disposition,
    Fenced,
    Misconfigured,
    OutcomeUnknown,
)
from supervisor.runtime.term import Term

PARTING = 4.0  #: seconds after which no further row is tried by itself in one run
CONFLICTS = 2  #: times that a transaction is repeated at once after a conflict
NOTHING_THROUGH = 16  #: failures in a row from the first on after which it is an outage

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Fault(Generic[Item]):
    """A row that failed by itself while others got through."""

    item: Item
    error: Exception
    tries: int  #: times in a row that it was found at fault
    pause: float  #: seconds before ``run`` tries it again


@dataclass(slots=True)
class BatchOutcome(Generic[Item, Result]):
    """What one run did. Every row is in exactly one of ``done``, ``faults`` and ``waiting``."""

    done: list[Item] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)  #: of each committed transaction
    faults: list[Fault[Item]] = field(default_factory=list)
    waiting: list[Item] = field(default_factory=list)  #: not tried this time


class BatchRunner(Generic[Item]):
    """Runs work on many rows by the rules above. Thread-safe."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        name: str,
        *,
        key: Callable[[Item], Hashable],
    ) -> None:
        """``name`` stands in the log; ``key`` is what a row is remembered by."""
        self._database = database
        self._clock = clock
        self._name = name
        self._key = key
        self._lock = Lock()
        self._failed = FailedRows()
        self._through_at = float("-inf")  #: when a transaction was committed last

    def run(
        self,
        term: Term | None,
        items: Sequence[Item],
        work: Callable[[Tx, Sequence[Item]], Result],
    ) -> BatchOutcome[Item, Result]:
        """Do ``work`` on ``items``. Raises ``BotError`` when nothing got through (an outage),
        when the term is over, or when a commit went unanswered."""

        def commit(part: Sequence[Item]) -> Result:
            with self._database.transaction(term, short=True) as tx:
                return work(tx, part)

        return self.drive(items, commit)

    def drive(
        self, items: Sequence[Item], commit: Callable[[Sequence[Item]], Result]
    ) -> BatchOutcome[Item, Result]:
        """As ``run``, for a ``commit`` that opens its transaction itself, a short one. It may
        use several, if those of its rows that are done already are then left alone."""
        outcome: BatchOutcome[Item, Result] = BatchOutcome()
        together: list[Item] = []
        alone: list[Item] = []
        with self._lock:
            now = self._clock.now()
            for item in items:
                if self._failed.waits(self._key(item), now):
                    outcome.waiting.append(item)
                else:
                    (alone if self._key(item) in self._failed else together).append(item)
            alone.sort(key=lambda item: self._failed.failed_at(self._key(item)))
        if len(together) == 1 or not self._together(together, commit, outcome):
            alone = together + alone
        self._one_by_one(alone, commit, outcome)
        return outcome

    def ready(self, items: Sequence[Item]) -> list[Item]:
        """Those that ``run`` would try now, not leave ``waiting``."""
        with self._lock:
            now = self._clock.now()
            return [item for item in items if not self._failed.waits(self._key(item), now)]

    def others_get_through(self) -> None:
        """Something else of this service was committed meanwhile: rows that failed while
        nothing got through are at fault after all."""
        with self._lock:
            now = self._clock.now()
            self._through_at = now
            self._failed.mark_all_at_fault(now)

    def forget(self, item: Item) -> None:
        """Something else decides when this row is tried again: nothing is held against it."""
        with self._lock:
            self._failed.mark_succeeded([self._key(item)])

    def held(self) -> list[Hashable]:
        """The rows that wait and are not tried now: whoever selects rows leaves them out."""
        with self._lock:
            return self._failed.held(self._clock.now())

    def due_in(self) -> float | None:
        """Seconds until the next row that waits may be tried; None: none waits."""
        with self._lock:
            return self._failed.due_in(self._clock.now())

    # --------------------------------------------------------------- internal --

    def _together(
        self,
        items: list[Item],
        commit: Callable[[Sequence[Item]], Result],
        outcome: BatchOutcome[Item, Result],
    ) -> bool:
        """All in one transaction. False: that failed, and the database answers."""
        if not items:
            return True
        try:
            self._commit(items, commit, outcome)
        except (Fenced, Misconfigured, OutcomeUnknown):
            raise
        except Exception as error:  # noqa: BLE001 which row it is shows when each is by itself
            if _may_be_outage(error):
                self._database.ping()
            told = logger.bind(work=self._name, rows=len(items), error=_text(error))
            told.info("batch_parted")
            return False
        return True

    def _one_by_one(
        self,
        items: list[Item],
        commit: Callable[[Sequence[Item]], Result],
        outcome: BatchOutcome[Item, Result],
    ) -> None:
        """Each in a transaction of its own, and what that says of those that fail."""
        began = self._clock.now()
        failed: list[tuple[Item, Exception]] = []
        for number, item in enumerate(items):
            hopeless = len(failed) >= NOTHING_THROUGH and not outcome.done
            if failed and (hopeless or self._clock.now() - began >= PARTING):
                outcome.waiting += items[number:]
                break
            try:
                self._commit([item], commit, outcome)
            except (Fenced, Misconfigured, OutcomeUnknown):
                raise
            except Exception as error:  # noqa: BLE001 the guard of one row: others must go on
                failed.append((item, error))
        if not failed:
            return
        got_through = bool(outcome.done) or self._through_at >= began
        if not got_through and any(_may_be_outage(error) for _, error in failed):
            self._database.ping()
        self._judge(failed, outcome, got_through=got_through)

    def _judge(
        self,
        failed: list[tuple[Item, Exception]],
        outcome: BatchOutcome[Item, Result],
        *,
        got_through: bool,
    ) -> None:
        """Whose fault it is: the row's, or that of an outage, which is raised."""
        outage: Exception | None = None
        with self._lock:
            now = self._clock.now()
            for item, error in failed:
                key = self._key(item)
                if _may_be_outage(error) and not got_through and not self._failed.is_at_fault(key):
                    self._failed.mark_uncertain(key, now)
                    outage = error
                    continue
                fault = Fault(item, error, *self._failed.mark_at_fault(key, now))
                outcome.faults.append(fault)
                told = logger.bind(work=self._name, row=key, tries=fault.tries, pause=fault.pause)
                told.bind(error=_text(error)).warning("row_at_fault")
        if outage is not None:
            raise outage

    def _commit(
        self,
        items: Sequence[Item],
        commit: Callable[[Sequence[Item]], Result],
        outcome: BatchOutcome[Item, Result],
    ) -> None:
        """One transaction, repeated if another one was in its way."""
        for further in reversed(range(CONFLICTS + 1)):
            try:
                result = commit(items)
                break
            except Contended:
                if not further:
                    raise
        with self._lock:
            self._through_at = self._clock.now()
            self._failed.mark_succeeded(self._key(item) for item in items)
        outcome.done += items
        outcome.results.append(result)


def _may_be_outage(error: Exception) -> bool:
    """Not when the database has read and refused the statement, nor when a transaction that
    was in the way got through."""
    return (
        isinstance(error, BotError)
        and error.disposition is not Disposition.GIVE_UP
        and not isinstance(error, Contended)
    )


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
