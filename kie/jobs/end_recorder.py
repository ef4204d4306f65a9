"""Records how a task ended: its result or its failure.

1. The end is written once, in one transaction with money and news (``settle.py``).
2. If the end cannot be stored, because a value makes the code that stores or reports it fail, it
   is recorded as broken. So no job waits for ever because of its result.
3. If another transaction locks the row, the row is tried again later.
4. The operator is told of a success without a result, and of a charge above the assumed cost.
"""

from collections.abc import Callable, Hashable

from loguru import logger

import sql
from kie.api.families import calls_back
from kie.api.notice import Notice
from kie.api.outcome import Failure
from kie.api.wire import Failed, Succeeded
from kie.jobs import settle
from kie.jobs.job import Job, JobState
from kie.jobs.news import News
from kie.jobs.poll_schedule import PollSchedule
from kie.money import spending
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Rejected
from supervisor.runtime.term import Term
from supervisor.values.foreign import printable

#: Tolerance for rounding before the operator is told that kie.ai charged more than assumed.
MARGIN, MARGIN_CREDITS = 1.02, 0.05

_SQL = sql.load("jobs")


class EndRecorder:
    """Thread-safe."""

    def __init__(
        self,
        *,
        database: Database,
        news: News,
        schedule: PollSchedule,
        clock: Clock,
        measure: Callable[[int], None],
        cost: Callable[[Job], float | None],
        bot_id: int,
    ) -> None:
        """``measure`` is called with the number of queries of an ended task. ``cost`` returns what
        kie.ai should charge for a job; None: unknown."""
        self._database = database
        self._news = news
        self._schedule = schedule
        self._measure = measure
        self._cost = cost
        self._bot_id = bot_id
        self._ending: BatchRunner[Row] = BatchRunner(
            database, clock, "end_job", key=lambda row: row["id"]
        )

    def held(self) -> list[Hashable]:
        """Jobs at fault: their end is not written now."""
        return self._ending.held()

    def due_in(self) -> float | None:
        """Seconds until one of them may be tried again; None: there is none."""
        return self._ending.due_in()

    def record(self, row: Row, job: Job, term: Term, report: Succeeded | Failed) -> None:
        """Record the end. If it cannot be stored, record it as broken: the credits are refunded,
        and the operator is told. Raises ``BotError`` in an outage."""
        outcome = self._ending.run(term, [row], lambda tx, _: self._write(tx, row, job, report))
        for fault in outcome.faults:
            if isinstance(fault.error, BotError) and not isinstance(fault.error, Rejected):
                continue  # another transaction locks the row: it is tried again
            broken = f"its end could not be recorded: {printable(fault.error)}"
            told = Notice(
                "end_not_recorded",
                {"reason": printable(fault.error), "report": printable(str(report), 1000)},
            )
            instead = Failed(Failure.BROKEN, broken, operator=told)
            logger.bind(job=job.id, reason=broken).error("poll_broken")
            with self._database.transaction(term, short=True) as tx:
                self._write(tx, row, job, instead)
            self._ending.forget(row)

    def _write(self, tx: Tx, row: Row, job: Job, report: Succeeded | Failed) -> None:
        if isinstance(report, Failed) and report.operator is not None:
            told = Notice(
                "job_end",
                {"job": str(job.id), "user": str(job.user_id), "what": report.operator},
            )
            self._news.alert(tx, f"no-result:{job.id}", told)
        match report:
            case Succeeded():
                ended = settle.succeed(tx, job, report, self._news)
                self._judge_cost(tx, job, report, ended=ended)
            case Failed(failure, _) if job.state is JobState.FAIL:
                # LOST may pass; after any other failure there will be no result.
                hopeless = failure is not Failure.LOST
                statement = _SQL["stop_waiting"] if hopeless else _SQL["look_again"]
                pause = settle.LATE_PAUSE
                seen = {"id": job.id, "seen": row["next_action_at"], "pause": pause}
                tx.one(statement, seen)
                return
            case Failed(failure, message):
                ended = settle.fail(tx, job, failure, message, self._news)
        if ended and job.state is JobState.WAITING:
            tx.afterwards(lambda: self._count(row, report))

    def _count(self, row: Row, report: Succeeded | Failed) -> None:
        self._measure(row["polls"] + 1)
        if not calls_back(row["model"]):
            return
        if isinstance(report, Succeeded) or report.failure is not Failure.TIMED_OUT:
            self._schedule.ended(by_callback=row["reported_by"] is not None)

    def _judge_cost(self, tx: Tx, job: Job, report: Succeeded, *, ended: bool) -> None:
        """Count jobs in a row with a wrong cost, and tell the operator when kie.ai charged more
        than the price assumes."""
        expected, taken = self._cost(job), report.credits_consumed
        if expected is None or taken is None:
            return
        if ended:
            spending.note_cost(tx, self._bot_id, job.model, expected, taken)
        if taken <= expected * MARGIN + MARGIN_CREDITS:
            return
        told = Notice(
            "cost",
            {"job": str(job.id), "model": job.model, "taken": taken, "expected": expected},
        )
        self._news.alert(tx, f"cost:{job.model}", told)
        logger.bind(job=job.id, model=job.model, taken=taken, expected=expected).warning(
            "cost_exceeded"
        )
