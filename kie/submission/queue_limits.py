"""Time limits for jobs that wait for createTask.

1. While kie.ai does not answer, users of queued jobs are told once. After ``AWAY_LIMIT`` seconds
   their jobs end and the credits are refunded.
2. For any other reason (kie.ai's rate limit, a long queue, files that cannot be fetched) a job
   stays queued for at most ``QUEUE_LIMIT`` seconds.
3. A claim of this term without a worker, because the outcome could not be written, is released
   after ``CLAIM_LIMIT`` seconds, as are the claims of an ended term (``orphaned_submissions``):
   the job becomes queued, waiting, or unclear.
"""

from collections.abc import Collection, Sequence

from loguru import logger

import sql
from kie.api.outcome import Failure
from kie.jobs import job_table, settle
from kie.jobs.news import News
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.term import Term
from supervisor.runtime.wakeups import JOBS

AWAY_LIMIT = 3600.0  #: seconds that a job may stay queued while kie.ai does not answer
QUEUE_LIMIT = 6 * 3600.0  #: seconds that a job may stay queued in any case
CLAIM_LIMIT = 600.0  #: seconds after which a claim without a worker is released
EVERY = 60.0  #: seconds between two looks at the limits

_SQL = sql.load("submission")


class QueueLimits:
    """One thread uses it. Methods raise what ``Database`` raises."""

    def __init__(self, *, database: Database, news: News, clock: Clock, bot_id: int) -> None:
        self._database = database
        self._news = news
        self._clock = clock
        self._bot_id = bot_id
        self._telling: BatchRunner[Row] = BatchRunner(
            database, clock, "tell_delayed", key=lambda row: row["id"]
        )
        self._ending: BatchRunner[Row] = BatchRunner(
            database, clock, "end_queued", key=lambda row: row["id"]
        )
        self._releasing: BatchRunner[Row] = BatchRunner(
            database, clock, "release_claims", key=lambda row: row["id"]
        )
        self._next_look = float("-inf")

    def while_away(self, term: Term) -> None:
        """While kie.ai does not answer: tell users of queued jobs, and end old jobs."""
        with self._database.transaction() as tx:
            untold = tx.all(_SQL["untold_jobs"], {"bot_id": self._bot_id})
        self._telling.run(term, untold, self._tell)
        self._end_older(term, AWAY_LIMIT, "kie.ai has not answered for too long")

    def look(self, term: Term, busy: Collection[int]) -> None:
        """Apply the other limits, every ``EVERY`` seconds. ``busy`` are the jobs of workers."""
        if self._clock.now() < self._next_look:
            return
        self._next_look = self._clock.now() + EVERY
        self._end_older(term, QUEUE_LIMIT, "it has waited in the queue for too long")
        named = {"bot_id": self._bot_id, "token": str(term.token), "patience": CLAIM_LIMIT}
        with self._database.transaction() as tx:
            lost = tx.all(_SQL["lost_claims"], {**named, "busy": list(busy)})
        self._releasing.run(term, lost, self._release)

    # --------------------------------------------------------------- internal --

    def _tell(self, tx: Tx, rows: Sequence[Row]) -> None:
        for row in rows:
            told = tx.one(_SQL["tell_delayed"], {"bot_id": self._bot_id, "id": row["id"]})
            if told is not None:
                self._news.delayed(tx, job_table.from_row(told))

    def _end_older(self, term: Term, seconds: float, reason: str) -> None:
        with self._database.transaction() as tx:
            kept = tx.all(_SQL["kept_too_long"], {"bot_id": self._bot_id, "patience": seconds})

        def end(tx: Tx, rows: Sequence[Row]) -> None:
            for row in rows:
                job = job_table.from_row(row)
                settle.fail(tx, job, Failure.UNAVAILABLE, reason, self._news)

        self._ending.run(term, kept, end)

    def _release(self, tx: Tx, rows: Sequence[Row]) -> None:
        for row in rows:
            released = tx.one(_SQL["release_claim"], {"id": row["id"], "token": row["token"]})
            if released is not None:
                found = logger.bind(job=row["id"], state=released["status"])
                found.warning("claim_released")
        tx.wake(JOBS)
