"""The retries of updates: what follows when a handler fails, and when an update is set aside.

1. Updates of several lanes share a transaction; if it fails, each is handled by itself
   (``supervisor/database/batch.py``). An outage, where nothing gets through, costs no try.
2. An update whose handler raises is tried again after each of ``RETRY_PAUSES``; its lane goes on
   meanwhile. After the last try it is set aside. A statement that names a column or function that
   does not exist is such a mistake; a table that is away is an outage.
3. An update that cannot be written while others can (another session holds its user's row, the
   disk refuses it) keeps its place: only its lane waits with it. It is set aside after
   ``MOST_BLOCKED`` tries, which take about a quarter of an hour.
4. An update during which the process has ended is handled by itself, and set aside after
   ``MOST_ENDED`` such ends (``begun_updates.py``).

Blocking; called by the dispatcher's workers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from loguru import logger

from handlers.dispatch.begun_updates import MOST_ENDED
from handlers.dispatch.inbox_rows import UnreadableUpdate
from handlers.dispatch.lanes import InboxRow
from supervisor.database.batch import BatchRunner, Fault
from supervisor.database.transactions import Database
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, SchemaMismatch
from supervisor.runtime.term import Term
from supervisor.telemetry import trace
from supervisor.telemetry.metrics import Metrics

#: Seconds before each further try of an update whose handler fails.
RETRY_PAUSES = (1.0, 5.0, 30.0, 120.0)
#: Seconds before an update that was to be set aside, and could not be, is tried again.
ASIDE_PAUSE = 30.0
MOST_BLOCKED = 20  #: tries of an update that cannot be written while others can


class Handler(Protocol):
    """Handles updates; ``UnitOfWork`` in production."""

    def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None: ...

    def postpone(self, term: Term, row: InboxRow, error: str, pause: float) -> None: ...

    def set_aside(self, term: Term, row: InboxRow, error: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Retry:
    """An update that is due again after ``pause`` seconds."""

    lane: int
    pause: float
    holds_lane: bool  #: the rest of its lane waits with it


class RetryingHandler:
    """Thread-safe. In memory is only how long a blocked row waits."""

    def __init__(
        self, handler: Handler, database: Database, metrics: Metrics, clock: Clock, name: str
    ) -> None:
        self._handler = handler
        self._metrics = metrics
        self._clock = clock
        self._batches: BatchRunner[InboxRow] = BatchRunner(
            database, clock, name, key=lambda row: row.seq
        )

    def handle(self, term: Term, rows: Sequence[InboxRow]) -> Sequence[Retry]:
        """Handle updates of several lanes. Returns the retries. Raises ``BotError`` when the
        database is away or the term is over."""
        if rows[0].ended >= MOST_ENDED:
            return self._given_up(term, rows[0])
        outcome = self._batches.drive(rows, lambda part: self._handle(term, part))
        later = [Retry(row.lane, 0.0, holds_lane=False) for row in outcome.waiting]
        for fault in outcome.faults:
            with trace.following(fault.item.trace):
                later += self._failed(term, fault)
        return later

    def _given_up(self, term: Term, row: InboxRow) -> Sequence[Retry]:
        """It comes by itself; see ``Lanes.take_some``."""
        text = f"the process ended {row.ended} times while it handled this update"
        with trace.following(row.trace):
            try:
                later = self._set_aside(term, row, text)
            except BotError as error:
                return self._not_counted(row, error, ASIDE_PAUSE)
            logger.bind(update_id=row.update_id, ended=row.ended).error("update_set_aside")
            return later

    def _handle(self, term: Term, rows: Sequence[InboxRow]) -> None:
        begun = self._clock.now()
        with trace.following(rows[0].trace if len(rows) == 1 else None):
            self._handler.handle_all(term, rows)
        seconds = self._clock.now() - begun
        self._metrics.updates_processed.inc(len(rows))
        for row in rows:
            self._metrics.handling.observe(seconds)
            # Without ``bind``, which makes a logger also where no line is written.
            logger.debug("update_handled", trace=row.trace, chat=row.lane)

    def _failed(self, term: Term, fault: Fault[InboxRow]) -> Sequence[Retry]:
        try:
            return self._decide(term, fault)
        except BotError as error:
            return self._not_counted(fault.item, error, fault.pause)

    def _not_counted(self, row: InboxRow, error: BotError, pause: float) -> Sequence[Retry]:
        """The try, or its end, cannot be written; other writes may work, so its lane waits."""
        if error.disposition in {Disposition.STEP_DOWN, Disposition.ASK}:
            raise error
        logger.bind(update_id=row.update_id, error=str(error)).warning("try_not_counted")
        return (Retry(row.lane, pause, holds_lane=True),)

    def _decide(self, term: Term, fault: Fault[InboxRow]) -> Sequence[Retry]:
        row, error = fault.item, fault.error
        if isinstance(error, UnreadableUpdate):
            logger.bind(update_id=row.update_id, error=str(error)).error("update_unreadable")
            return self._set_aside(term, row, str(error))
        if isinstance(error, SchemaMismatch) and error.of_statement:
            return self._broken(term, row, error)
        if isinstance(error, BotError) and error.disposition is not Disposition.GIVE_UP:
            return self._blocked(term, row, error, fault.pause)
        return self._broken(term, row, error)

    def _broken(self, term: Term, row: InboxRow, error: Exception) -> Sequence[Retry]:
        text = f"{type(error).__name__}: {error}"
        log = logger.opt(exception=error).bind(
            update_id=row.update_id, tries=row.attempts + 1, epoch=term.epoch
        )
        if row.attempts >= len(RETRY_PAUSES):
            log.error("update_set_aside")
            return self._set_aside(term, row, text)
        log.warning("update_failed")
        self._metrics.updates_retried.inc()
        pause = RETRY_PAUSES[row.attempts]
        self._handler.postpone(term, row, text, pause)
        # From now on the table says when it is tried again.
        self._batches.forget(row)
        return (Retry(row.lane, pause, holds_lane=False),)

    def _blocked(self, term: Term, row: InboxRow, error: BotError, pause: float) -> Sequence[Retry]:
        text = f"{type(error).__name__}: {error}"
        told = logger.bind(update_id=row.update_id, tries=row.attempts + 1, error=text)
        if row.attempts + 1 >= MOST_BLOCKED:
            told.error("update_set_aside")
            return self._set_aside(term, row, text)
        told.warning("update_blocked")
        self._metrics.updates_retried.inc()
        # It stays due in the table, so its lane keeps the order; the pause is kept in memory.
        self._handler.postpone(term, row, text, 0.0)
        return (Retry(row.lane, pause, holds_lane=True),)

    def _set_aside(self, term: Term, row: InboxRow, error: str) -> Sequence[Retry]:
        self._handler.set_aside(term, row, error)
        self._metrics.updates_set_aside.inc()
        self._batches.forget(row)
        return ()
