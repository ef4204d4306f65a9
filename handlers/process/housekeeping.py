"""Housekeeping: old rows are scrubbed and removed, a few at a time.

A service of the ACTIVE instance. Each batch is a fenced transaction of its own that touches few
rows and waits for no lock, so no handler and no next term waits for it. When a batch fails, its
rows are tried one by one: the row at fault stays, the others are removed. There is a pause between
batches, and no query between rounds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from loguru import logger

import sql
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Gate, Term
from supervisor.telemetry.metrics import Metrics
from supervisor.values import retention

EVERY = 3600.0  #: seconds between two rounds
FIRST_AFTER = 300.0  #: seconds from the start of a term to its first round
BATCH = 500  #: rows in one transaction
BATCH_PAUSE = 0.2  #: seconds between two: at most 2500 rows a second
MOST_LEFT = 500  #: rows that may fail in one round before it leaves the chore

_SQL = sql.load("housekeeping")


@dataclass(frozen=True, slots=True)
class Chore:
    """A statement for rows that are older than ``days``."""

    find: str  #: the statement that finds them
    do: str  #: the statement that is run on them
    table: str
    days: int


#: In this order: only scrubbed rows are pruned. The row of an update is kept much longer than
#: Telegram may repeat the update.
CHORES = (
    Chore("updates_to_scrub", "scrub_updates", "telegram_updates", retention.UPDATE_BODIES),
    Chore("updates_to_prune", "prune_updates", "telegram_updates", retention.UPDATES),
    Chore("deliveries_to_prune", "prune_deliveries", "deliveries", retention.DELIVERIES),
    Chore("jobs_to_prune", "prune_jobs", "generation_jobs", retention.JOBS),
    Chore("orphans_to_prune", "prune_orphans", "orphan_callbacks", retention.ORPHANS),
    Chore("wishes_to_prune", "prune_wishes", "group_wishes", retention.GROUP_WISHES),
    Chore("files_to_prune", "prune_files", "made_files", retention.MADE_FILES),
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
        self._batches = {
            chore: BatchRunner[int](database, clock, chore.do, key=lambda row: row)
            for chore in CHORES
        }

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        wait = FIRST_AFTER
        while not self._clock.wait(stop, self._clock.jitter(wait)):
            for chore in CHORES:
                self._do(term, chore, stop)
            wait = EVERY

    def _do(self, term: Term, chore: Chore, stop: Event) -> None:
        """All batches of one chore. What fails is left for the next round."""
        done = 0
        left: list[int] = []
        try:
            while not stop.is_set():
                found, touched = self.batch(term, chore, left)
                done += touched
                over = found < BATCH or len(left) >= MOST_LEFT
                if over or self._clock.wait(stop, BATCH_PAUSE):
                    break
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                stop.wait()  # the term is over and is about to stop this service
                return
            level = "ERROR" if error.disposition is Disposition.GIVE_UP else "WARNING"
            logger.bind(chore=chore.do, error=str(error)).log(level, "chore_failed")
        if done:
            logger.bind(chore=chore.do, rows=done).info("chore_done")

    def batch(self, term: Term, chore: Chore, left: list[int]) -> tuple[int, int]:
        """One batch: how many rows were due, and how many are done. The others are added to
        ``left``, which this round does not try again. Raises what the database does."""
        named = {"bot_id": self._bot_id, "days": chore.days, "limit": BATCH, "but": left}
        with self._database.transaction() as tx:
            due = [row["id"] for row in tx.all(_SQL[chore.find], named)]
        if not due:
            return 0, 0

        def work(tx: Tx, rows: Sequence[int]) -> list[int]:
            return [row["id"] for row in tx.all(_SQL[chore.do], {"ids": list(rows)})]

        outcome = self._batches[chore].run(term, due, work)
        done = {row for part in outcome.results for row in part}
        left += [row for row in due if row not in done]
        self._metrics.rows_tidied.labels(table=chore.table).inc(len(done))
        return len(due), len(done)
