"""Work on many rows: in one transaction, and one row at a time when that fails.

A shared transaction is cheap, but one row can make it fail: another session has locked the row,
a trigger refuses it, a value is out of range. PostgreSQL reports some of these with the same
errors as an outage. ``BatchRunner`` tells the two apart and keeps one row from stopping the
others. Use it wherever a service handles several rows. Make one runner per service and kind of
work and keep it as long as the service, because it remembers which rows failed::

    self._settling = BatchRunner(database, clock, "settle", key=lambda job: job.id)
    ...
    outcome = self._settling.run(term, jobs, self._settle)   # def _settle(self, tx, jobs): ...
    for fault in outcome.faults:                             # each counts as a try of its row
        ...

Rules

1. All rows share one transaction. If it fails while the database answers, each row gets its own
   transaction. So ``work`` may run several times for the same row. It must have no effect outside
   the database; such effects go into ``tx.afterwards``.
2. If no row was committed, it is an outage, and ``run`` raises the error. If a row was committed,
   here or meanwhile in another thread, the failed rows are at fault: ``run`` returns them, and
   they wait before the next try, longer each time (``FAULT_PAUSES``). Rows that PostgreSQL
   rejects (``GIVE_UP``) and rows for which ``work`` raises any other exception are always at fault.
3. A row that has failed is not part of a shared transaction until it has succeeded: it is tried
   alone, after the others. So it delays the others by one time limit, once.
4. Each transaction has ``SHORT_LIMITS`` (1 s for a lock, 5 s for a statement). Trying rows one
   by one ends after ``ONE_BY_ONE_SECONDS``, or when the first ``ALL_FAILED`` rows failed; the
   rest is returned as ``waiting``, untried. Rows that failed longest ago are tried first.
5. After a deadlock or a serialization failure (``Contended``) the transaction is repeated at
   once, up to ``CONFLICTS`` times. After that its rows are tried one by one; a single row is at
   fault.
6. ``Fenced``, ``Misconfigured`` and ``OutcomeUnknown`` (a commit without an answer) are raised
   at once: the first two concern every row, and after the last one rows may be done.

What was committed before ``run`` raises stays committed. The caller passes the rows again until
they are in ``done``. A row that waits is not tried before its time, however often it is passed.
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
    SchemaMismatch,
)
from supervisor.runtime.term import Term

ONE_BY_ONE_SECONDS = 4.0  #: after this time one run tries no further row by itself
CONFLICTS = 2  #: times that a transaction is repeated at once after a conflict
ALL_FAILED = 16  #: so many failures before the first success count as an outage

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Fault(Generic[Item]):
    """A row that failed by itself while others were committed."""

    item: Item
    error: Exception
    tries: int  #: times in a row that it was found at fault
    pause: float  #: seconds before ``run`` tries it again


@dataclass(slots=True)
class BatchOutcome(Generic[Item, Result]):
    """The outcome of one run. Every row is in exactly one of ``done``, ``faults``, ``waiting``."""

    done: list[Item] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)  #: one per committed transaction
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
        """``name`` appears in the log. ``key`` identifies a row."""
        self._database = database
        self._clock = clock
        self._name = name
        self._key = key
        self._lock = Lock()
        self._failed = FailedRows()
        self._committed_at = float("-inf")  #: when a transaction was last committed

    def run(
        self,
        term: Term | None,
        items: Sequence[Item],
        work: Callable[[Tx, Sequence[Item]], Result],
        *,
        fence_first: bool = True,
    ) -> BatchOutcome[Item, Result]:
        """Do ``work`` on ``items``. Raises ``BotError`` when nothing was committed (an outage),
        when the term is over, or when a commit was not answered. ``fence_first`` is that of
        ``Database.transaction``."""

        def commit(part: Sequence[Item]) -> Result:
            with self._database.transaction(term, short=True, fence_first=fence_first) as tx:
                return work(tx, part)

        return self.drive(items, commit)

    def drive(
        self, items: Sequence[Item], commit: Callable[[Sequence[Item]], Result]
    ) -> BatchOutcome[Item, Result]:
        """As ``run``, for a ``commit`` that opens its own short transaction. It may use several
        transactions if repeating them leaves finished rows unchanged."""
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
        """The same service has committed something else: it is no outage, so the rows that failed
        are at fault."""
        with self._lock:
            now = self._clock.now()
            self._committed_at = now
            self._failed.mark_all_at_fault(now)

    def forget(self, item: Item) -> None:
        """Forget that this row has failed; something else decides when it is tried again."""
        with self._lock:
            self._failed.mark_succeeded([self._key(item)])

    def held(self) -> list[Hashable]:
        """The rows that wait and are not tried now. Statements that select rows leave them out."""
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
        """Commit all in one transaction. False: that failed although the database answers."""
        if not items:
            return True
        try:
            self._commit(items, commit, outcome)
        except (Fenced, Misconfigured, OutcomeUnknown):
            raise
        except Exception as error:  # noqa: BLE001 trying each row alone shows which one it was
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
        """Commit each row in its own transaction, and decide about those that fail."""
        began = self._clock.now()
        failed: list[tuple[Item, Exception]] = []
        for number, item in enumerate(items):
            outage = len(failed) >= ALL_FAILED and not outcome.done
            if failed and (outage or self._clock.now() - began >= ONE_BY_ONE_SECONDS):
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
        committed = bool(outcome.done) or self._committed_at >= began
        if not committed and any(_may_be_outage(error) for _, error in failed):
            self._database.ping()
        self._classify(failed, outcome, committed=committed)

    def _classify(
        self,
        failed: list[tuple[Item, Exception]],
        outcome: BatchOutcome[Item, Result],
        *,
        committed: bool,
    ) -> None:
        """Mark each failed row as at fault, or raise the error of an outage."""
        outage: Exception | None = None
        with self._lock:
            now = self._clock.now()
            for item, error in failed:
                key = self._key(item)
                if _may_be_outage(error) and not committed and not self._failed.is_at_fault(key):
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
        """Commit one transaction, repeated after a conflict with another one."""
        for further in reversed(range(CONFLICTS + 1)):
            try:
                result = commit(items)
                break
            except Contended:
                if not further:
                    raise
        with self._lock:
            self._committed_at = self._clock.now()
            self._failed.mark_succeeded(self._key(item) for item in items)
        outcome.done += items
        outcome.results.append(result)


def _may_be_outage(error: Exception) -> bool:
    """False when the database has refused the statement itself, or when another transaction won
    a conflict."""
    if isinstance(error, Contended) or (isinstance(error, SchemaMismatch) and error.of_statement):
        return False
    return isinstance(error, BotError) and error.disposition is not Disposition.GIVE_UP


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
