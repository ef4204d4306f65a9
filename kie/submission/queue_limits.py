"""No job waits for createTask without an end, and its user hears when it takes longer.

1. While kie.ai is down, users of queued jobs are told once; after ``AWAY_LIMIT`` seconds their
   jobs end and the credits go back.
2. Whatever else keeps a job queued (kie.ai's rate limit, a long queue, files that do not come),
   it ends after ``QUEUE_LIMIT`` seconds.
3. A job that this term claimed and that nobody works on any more, because its outcome could
   not be written, is found after ``CLAIM_LIMIT`` seconds and goes the way of a job whose term
   ended (``orphaned_submissions``): back into the queue, waiting, or unclear.

Each of these is work on many rows: one row at fault waits alone.
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

AWAY_LIMIT = 3600.0  #: seconds after which a job that kie.ai never took is given back
QUEUE_LIMIT = 6 * 3600.0  #: seconds that a job may stay queued in any case
CLAIM_LIMIT = 600.0  #: seconds after which a claim that nobody works on is taken back
EVERY = 30.0  #: seconds between two looks at the limits

_SQL = sql.load("kie")


class QueueLimits:
    """Each method raises what the database does. One thread calls them."""

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
        """kie.ai is down: users of queued jobs are told, and after an hour given back."""
        with self._database.transaction() as tx:
            untold = tx.all(_SQL["untold_jobs"], {"bot_id": self._bot_id})
        self._telling.run(term, untold, self._tell)
        self._end_older(term, AWAY_LIMIT, "kie.ai has not answered for too long")

    def look(self, term: Term, busy: Collection[int]) -> None:
        """Now and then: the limits that hold whatever kie.ai does. ``busy`` are jobs that
        somebody works on."""
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
