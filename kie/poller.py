"""Asking kie.ai how tasks stand: the truth about their end.

A callback only makes a task due at once; what it says is not believed, because its
body is not covered by kie.ai's signature. Due times stand in the table, so that they
survive a restart. APScheduler's timer ``job_poll`` wakes the poller when the next one is
due; between due times it asks neither kie.ai nor the database.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Protocol

from loguru import logger

import sql
from kie import jobs, settle
from kie.client import KieClient
from kie.job import Failure, Job, JobState
from kie.news import News
from kie.standing import Standing
from kie.wire import Failed, Report, Running, Succeeded, TaskRefused, TaskUnknown
from supervisor.clock import Clock
from supervisor.db import Database, Row
from supervisor.errors import BotError, Disposition, Unavailable
from supervisor.term import Gate, Term
from supervisor.wakeups import JOBS, Wakeups

_SQL = sql.load("kie")

WORKERS = 4
BATCH = 20
#: The next look comes after a quarter of the task's age, within these seconds. Counting
#: looks instead would let callbacks that come too early stretch the pauses.
LEAST_PAUSE, MOST_PAUSE = 2.0, 30.0
#: A fresh task may be unknown to kie.ai for so long.
UNKNOWN_GRACE = 90.0
GATE_NEED = 1.0
AWAY = 5.0  #: seconds until the next look when the database is away


class Timer(Protocol):
    """The part of the scheduler that polling needs."""

    def call_later(self, name: str, seconds: float, fn: Callable[[], None]) -> None: ...

    def cancel(self, name: str) -> None: ...


class Poller:
    """The body of a ``ServiceThread``."""

    def __init__(
        self,
        *,
        database: Database,
        client: KieClient,
        news: News,
        standing: Standing,
        wakeups: Wakeups,
        timer: Timer,
        clock: Clock,
        bot_id: int,
    ) -> None:
        self._database = database
        self._client = client
        self._news = news
        self._standing = standing
        self._wakeups = wakeups
        self._timer = timer
        self._clock = clock
        self._bot_id = bot_id

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``: look at what is due, then sleep until something is."""
        wake = Event()
        forget = self._wakeups.subscribe(JOBS, wake.set)
        wake.set()
        try:
            with ThreadPoolExecutor(WORKERS, thread_name_prefix="poll") as pool:
                while not stop.is_set():
                    # A stop request does not set ``wake``: look for it now and then.
                    if not self._clock.wait(wake, 0.2):
                        continue
                    wake.clear()
                    pause = gate.waits() or self._look(term, gate, stop, pool)
                    if pause is not None:
                        self._timer.call_later("job_poll", pause, wake.set)
        finally:
            forget()
            self._timer.cancel("job_poll")

    def _look(self, term: Term, gate: Gate, stop: Event, pool: ThreadPoolExecutor) -> float | None:
        """Handle what is due; returns the seconds until the next look, None: no work."""
        named = {"bot_id": self._bot_id}
        states = [JobState.WAITING.value, JobState.UNCLEAR.value]
        try:
            with self._database.transaction() as tx:
                due = tx.all(_SQL["due_tasks"], {**named, "count": BATCH})
            if due and not stop.is_set():
                # list() raises here what a worker raised there.
                list(pool.map(lambda row: self._handle(row, term, gate), due))
            with self._database.transaction() as tx:
                row = tx.one(_SQL["next_due"], {**named, "states": states})
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("poll_without_database")
            return AWAY
        seconds = None if row is None else row["seconds"]
        return None if seconds is None else max(0.05, seconds)

    def _handle(self, row: Row, term: Term, gate: Gate) -> None:
        job = jobs.from_row(row)
        try:
            if job.state is JobState.UNCLEAR:
                self._end(job, term, Failed(Failure.UNCLEAR, "no answer and no callback"))
                return
            report = self._ask(row, gate)
            if isinstance(report, Running) and row["overdue"]:
                report = Failed(Failure.TIMED_OUT, f"no end after {row['task_seconds']:.0f} s")
            if isinstance(report, Running):
                self._again(row, term)
            else:
                self._end(job, term, report)
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(job=job.id, reason=str(error)).warning("poll_not_written")

    def _ask(self, row: Row, gate: Gate) -> Report:
        """kie.ai's word on the task; ``Running`` also stands for "cannot tell now"."""
        try:
            gate.check(GATE_NEED)
            report = self._client.record_info(row["task_id"])
        except TaskUnknown as error:
            if (row["task_seconds"] or 0.0) <= UNKNOWN_GRACE:
                return Running()
            return Failed(Failure.BROKEN, f"kie.ai lost the task: {error}")
        except TaskRefused as error:
            if error.operator is not None:
                self._standing.refused(error.operator)
            logger.bind(job=row["id"], reason=str(error)).error("poll_refused")
            return Running()
        except Unavailable as error:
            logger.bind(job=row["id"], reason=str(error)).debug("poll_unavailable")
            return Running()
        self._standing.accepted()
        return report

    def _again(self, row: Row, term: Term) -> None:
        age = row["task_seconds"] or 0.0
        pause = self._clock.jitter(min(MOST_PAUSE, max(LEAST_PAUSE, age / 4)))
        with self._database.transaction(term) as tx:
            tx.one(
                _SQL["look_again"],
                {"id": row["id"], "seen": row["next_action_at"], "pause": pause},
            )

    def _end(self, job: Job, term: Term, report: Succeeded | Failed) -> None:
        with self._database.transaction(term) as tx:
            match report:
                case Succeeded(urls, credits_consumed):
                    settle.succeed(tx, job, urls, credits_consumed, self._news)
                case Failed(failure, message):
                    settle.fail(tx, job, failure, message, self._news)
