"""What becomes of an update whose handler fails: once more, later, or set aside.

Blocking; for the dispatcher's workers.
"""

from collections.abc import Sequence
from typing import Protocol

from loguru import logger

from handlers.dispatch.lanes import Waiting
from handlers.dispatch.unit_of_work import Unreadable
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Contended, Disposition
from supervisor.runtime.term import Term
from supervisor.telemetry import trace
from supervisor.telemetry.metrics import Metrics

#: Seconds before each further try of an update whose handler fails.
RETRY_PAUSES = (1.0, 5.0, 30.0, 120.0)
CONFLICTS = 3  #: times that a deadlock is answered by doing it once more, at once


class Handler(Protocol):
    """What is done with an update; ``UnitOfWork`` is the one of production."""

    def handle(self, term: Term, row: Waiting) -> None: ...

    def handle_all(self, term: Term, rows: Sequence[Waiting]) -> None: ...

    def postpone(self, term: Term, row: Waiting, error: str, pause: float) -> None: ...

    def set_aside(self, term: Term, row: Waiting, error: str) -> None: ...


class Attempts:
    """Thread-safe: all state is in the database."""

    def __init__(self, handler: Handler, metrics: Metrics, clock: Clock) -> None:
        self._handler = handler
        self._metrics = metrics
        self._clock = clock

    def make(self, term: Term, rows: Sequence[Waiting]) -> Sequence[float]:
        """Handle updates of several lanes together; if that fails, each by itself, so that
        the one at fault costs the others nothing but time. Returns the seconds after which
        those that were postponed come due. Raises ``BotError`` when the database is away or
        the term over."""
        if len(rows) > 1:
            begun = self._clock.now()
            try:
                self._handler.handle_all(term, rows)
            except Contended as error:
                logger.bind(updates=len(rows), error=str(error)).info("updates_contended")
            except BotError as error:
                if error.disposition is not Disposition.GIVE_UP:
                    raise
            except Exception as error:  # noqa: BLE001 whose it is shows when each is by itself
                logger.bind(updates=len(rows), error=type(error).__name__).debug("updates_parted")
            else:
                self._handled(rows, self._clock.now() - begun)
                return ()
        pauses = [self._one(term, row) for row in rows]
        return [each for each in pauses if each is not None]

    def _handled(self, rows: Sequence[Waiting], seconds: float) -> None:
        self._metrics.updates_processed.inc(len(rows))
        for row in rows:
            self._metrics.handling.observe(seconds)
            logger.bind(trace=row.trace, chat=row.lane).debug("update_handled")

    def _one(self, term: Term, row: Waiting) -> float | None:
        """Handle one update; what the conversation breaks is postponed or set aside here."""
        with trace.following(row.trace):
            return self._attempt(term, row)

    def _attempt(self, term: Term, row: Waiting) -> float | None:
        begun = self._clock.now()
        try:
            self._handle(term, row)
            self._handled((row,), self._clock.now() - begun)
        except Unreadable as error:
            logger.bind(update_id=row.update_id, error=str(error)).error("update_unreadable")
            self._metrics.updates_set_aside.inc()
            self._handler.set_aside(term, row, str(error))
        except BotError as error:
            if error.disposition is not Disposition.GIVE_UP:
                raise
            return self._failed(term, row, error)
        except Exception as error:  # noqa: BLE001 the guard of one item: others must go on
            return self._failed(term, row, error)

        return None

    def _handle(self, term: Term, row: Waiting) -> None:
        for _ in range(CONFLICTS):
            try:
                return self._handler.handle(term, row)
            except Contended as error:
                # Of two transactions in each other's way PostgreSQL has ended ours; the
                # other one is through, and nobody else need wait for this.
                logger.bind(update_id=row.update_id, error=str(error)).info("update_contended")
        return self._handler.handle(term, row)

    def _failed(self, term: Term, row: Waiting, error: Exception) -> float | None:
        text = f"{type(error).__name__}: {error}"
        log = logger.opt(exception=error).bind(
            update_id=row.update_id, tries=row.attempts + 1, epoch=term.epoch
        )
        if row.attempts >= len(RETRY_PAUSES):
            log.error("update_set_aside")
            self._metrics.updates_set_aside.inc()
            self._handler.set_aside(term, row, text)
            return None
        log.warning("update_failed")
        self._metrics.updates_retried.inc()
        pause = RETRY_PAUSES[row.attempts]
        self._handler.postpone(term, row, text, pause)
        return pause
