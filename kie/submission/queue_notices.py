"""Tells users with queued jobs when their place in the queue changes.

The first place is shown when the job is made; this service keeps it current. It queries the
database only while there are queued jobs.
"""

from collections.abc import Sequence
from threading import Event

from loguru import logger

import sql
from kie.jobs import job_table
from kie.jobs.news import News
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import JOBS, Wakeups

EVERY = 10.0  #: seconds between two rounds; each may edit a message per job
MOST = 50  #: jobs per round, the next in the queue first

_SQL = sql.load("submission")


class QueueNotices:
    """The body of a ``ServiceThread``."""

    def __init__(
        self, *, database: Database, news: News, wakeups: Wakeups, clock: Clock, bot_id: int
    ) -> None:
        self._database = database
        self._news = news
        self._wakeups = wakeups
        self._clock = clock
        self._bot_id = bot_id
        self._telling: BatchRunner[Row] = BatchRunner(
            database, clock, "tell_place", key=lambda row: row["id"]
        )

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        woken = Event()
        woken.set()
        forget = self._wakeups.subscribe(JOBS, woken.set)
        wake_on_stop(stop, woken)
        try:
            while not self._clock.wait(stop, EVERY):
                if not wait_for_wake_up(self._clock, stop, woken, None):
                    break
                woken.clear()
                if self.tell(term):
                    woken.set()
        finally:
            forget()

    def tell(self, term: Term) -> bool:
        """Tell the users whose place has changed. False: no job is queued."""
        try:
            with self._database.transaction() as tx:
                named = {"bot_id": self._bot_id, "count": MOST, "held": self._telling.held()}
                moved = tx.all(_SQL["moved_in_queue"], named)
                waiting = tx.one(_SQL["anybody_queued"], {"bot_id": self._bot_id})
            self._telling.run(term, moved, self._tell)
            return waiting is not None
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("queue_not_told")
            return True

    def _tell(self, tx: Tx, moved: Sequence[Row]) -> None:
        for each in moved:
            row = tx.one(_SQL["tell_place"], {"id": each["id"], "place": each["place"]})
            if row is not None:
                self._news.queued(tx, job_table.from_row(row), row["place"])
