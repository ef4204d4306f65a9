"""Housekeeping: what nobody needs any more is scrubbed and removed, a little at a time.

One service of the ACTIVE instance. Each batch is a fenced transaction of its own that
touches few rows and waits for no lock, so that neither a handler nor a successor ever
waits for it. Between batches it pauses; between rounds it asks nothing.
"""

from dataclasses import dataclass
from threading import Event

from loguru import logger

import sql
from supervisor.database.transactions import Database
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Gate, Term
from supervisor.telemetry.metrics import Metrics

EVERY = 3600.0  #: seconds between two rounds
FIRST_AFTER = 300.0  #: seconds of a term in which users come first
BATCH = 500  #: rows in one transaction
BATCH_PAUSE = 0.2  #: seconds between two: at most 2500 rows a second

_SQL = sql.load("housekeeping")


@dataclass(frozen=True, slots=True)
class Chore:
    """A statement that touches at most ``BATCH`` rows that are older than ``days``."""

    statement: str
    table: str
    days: int


#: In this order: what is scrubbed can be pruned. An update's row outlives the time in which
#: Telegram may send it again many times over.
CHORES = (
    Chore("scrub_updates", "telegram_updates", 7),
    Chore("prune_updates", "telegram_updates", 30),
    Chore("prune_deliveries", "deliveries", 30),
    Chore("prune_jobs", "generation_jobs", 180),
    Chore("prune_orphans", "orphan_callbacks", 30),
)


class Housekeeping:
    """The body of a ``ServiceThread``: ``run`` until the term's stop."""

    def __init__(
        self,
        *,
        database: Database,
        bot_id: int,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._bot_id = bot_id
        self._clock = clock
        self._metrics = metrics

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        wait = FIRST_AFTER
        while not self._clock.wait(stop, self._clock.jitter(wait)):
            for chore in CHORES:
                self._do(term, chore, stop)
            wait = EVERY

    def _do(self, term: Term, chore: Chore, stop: Event) -> None:
        """All batches of one chore. What fails is left for the next round."""
        done = 0
        try:
            while not stop.is_set():
                touched = self.batch(term, chore)
                done += touched
                if touched < BATCH or self._clock.wait(stop, BATCH_PAUSE):
                    break
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                stop.wait()  # the term is over; the stop is on its way
                return
            level = "ERROR" if error.disposition is Disposition.GIVE_UP else "WARNING"
            logger.bind(chore=chore.statement, error=str(error)).log(level, "chore_failed")
        if done:
            logger.bind(chore=chore.statement, rows=done).info("chore_done")

    def batch(self, term: Term, chore: Chore) -> int:
        """One batch; the rows it touched. Raises what the database does."""
        params = {"bot_id": self._bot_id, "days": chore.days, "limit": BATCH}
        with self._database.transaction(term) as tx:
            touched = tx.run(_SQL[chore.statement], params)
        self._metrics.rows_tidied.labels(table=chore.table).inc(touched)
        return touched
