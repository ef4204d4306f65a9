"""Queries kie.ai for the state of tasks. Only these queries decide how a task ended.

A callback only makes a task due at once. Its content is not trusted, because kie.ai's signature
does not cover the body. Due times are in the table, so they survive a restart. APScheduler's
timer ``job_poll`` wakes the poller when the next task is due; until then it queries neither
kie.ai nor the database. At most as many rows are taken as there are free workers, which keep
kie.ai's rate limit. So the work does not grow with the number of jobs.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Protocol

from loguru import logger

import sql
from kie.api.circuit import CircuitOpen, State
from kie.api.client import KieClient
from kie.api.families import calls_back
from kie.api.limiter import Busy
from kie.api.outcome import Failure
from kie.api.refusals import TaskRefused, TaskUnknown
from kie.api.wire import Failed, Report, Running, Succeeded
from kie.files.input_files import Doubt
from kie.jobs import job_table, settle
from kie.jobs.account_state import AccountState
from kie.jobs.begun_looks import BegunLooks, taken, verdict
from kie.jobs.end_recorder import EndRecorder
from kie.jobs.job import Job, JobState
from kie.jobs.news import News
from kie.jobs.poll_schedule import LEAST_PAUSE, PollSchedule
from kie.jobs.running_calls import still_running
from supervisor.database.transactions import Database, Row
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Unavailable
from supervisor.runtime.progress import Progress
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import JOBS, Wakeups
from supervisor.telemetry import trace

_SQL = sql.load("jobs")

WORKERS = 6
#: Seconds. One look is a call with its repetitions and a few transactions, all of them in steps;
#: a worker that takes longer, or hangs in one step, would end polling one by one.
LOOK_WITHIN = 180.0
#: Seconds for which kie.ai may not know a new task.
UNKNOWN_GRACE = 90.0
GATE_NEED = 1.0
UNASKED_PATIENCE = 600.0  #: seconds that a job waits for a last query after its deadline
APART = 2.0  #: seconds for which a row waits after a failed query, so that others come first
BROKEN_PAUSE = 60.0  #: seconds until a job is queried again after an unexpected exception
AWAY = 5.0  #: seconds until the next try when the database does not answer


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
        account: AccountState,
        schedule: PollSchedule,
        wakeups: Wakeups,
        timer: Timer,
        clock: Clock,
        bot_id: int,
        measure: Callable[[int], None] = lambda _: None,
        cost: Callable[[Job], float | None] = lambda _: None,
        doubt: Doubt = lambda *_: None,
        progress: Progress | None = None,
    ) -> None:
        """``measure`` and ``cost``: see ``EndRecorder``. ``doubt`` is called with the inputs of a
        task that has failed."""
        self._database = database
        self._client = client
        self._account = account
        self._schedule = schedule
        self._wakeups = wakeups
        self._timer = timer
        self._clock = clock
        self._bot_id = bot_id
        self._progress = progress or Progress(clock)
        self._doubt = doubt
        self._apart: dict[int, float] = {}  #: jobs that wait after a failed query, until when
        self._unasked: dict[int, float] = {}  #: jobs past their deadline, since when
        self._begun = BegunLooks(database, bot_id)
        self._answered = True  #: whether the database did, when it was last asked for work
        self._ends = EndRecorder(
            database=database,
            news=news,
            schedule=schedule,
            clock=clock,
            measure=measure,
            cost=cost,
            bot_id=bot_id,
        )

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Query the tasks that are due, until ``stop``."""
        wake = Event()
        forget = self._wakeups.subscribe(JOBS, wake.set)
        wake_on_stop(stop, wake)
        wake.set()
        busy: dict[int, Future[None]] = {}
        rows: dict[int, Row] = {}  #: of the jobs in ``busy``
        client = self._client.until(stop)
        try:
            with ThreadPoolExecutor(WORKERS, thread_name_prefix="poll") as pool:
                while wait_for_wake_up(self._clock, stop, wake, None):
                    wake.clear()
                    busy = still_running(busy)
                    rows = {job: rows[job] for job in busy}
                    due: Sequence[Row] = ()
                    pause = gate.waits() or None
                    if pause is None and len(busy) < WORKERS:
                        self._answered = self._begun.count_ended(term)
                        # With the database away, each call of it takes seconds: after a stop, no
                        # other.
                        if stop.is_set():
                            break
                        due, pause = self._due(set(busy))
                        due = taken(due, rows.values())
                    rows |= {row["id"]: row for row in due}
                    if due:
                        self._begun.begin(rows.values())
                    for row in due:
                        future = pool.submit(self._handle, row, term, gate, client)
                        future.add_done_callback(lambda _: wake.set())
                        busy[row["id"]] = future
                        wake.set()  # there may be more, and free workers
                    if pause is not None:
                        self._timer.call_later("job_poll", pause, wake.set)
                wait(busy.values())
            self._begun.end(forget=self._answered)
            still_running(busy)
        finally:
            forget()
            self._timer.cancel("job_poll")

    def _due(self, busy: set[int]) -> tuple[list[Row], float | None]:
        """The due rows, and the seconds until more are due; None: wait for a wake-up."""
        away = self._client.circuits.query.state is State.OPEN
        # Rows at fault, and rows whose query just failed, wait so that others come first.
        now = self._clock.now()
        self._apart = {job: until for job, until in self._apart.items() if until > now}
        held = [*busy, *self._ends.held(), *self._apart]
        named = {"bot_id": self._bot_id, "busy": held}
        try:
            with self._database.transaction() as tx:
                due = tx.all(
                    _SQL["due_tasks"], {**named, "count": WORKERS - len(busy), "away": away}
                )
                self._answered = True
                if due:
                    return due, None  # the worker that ends first wakes the loop
                row = tx.one(_SQL["next_task"], named)
        except BotError as error:
            logger.bind(reason=str(error)).warning("poll_without_database")
            self._answered = False
            return [], AWAY
        return [], self._pause(None if row is None else row["seconds"], away=away)

    def _pause(self, seconds: float | None, *, away: bool) -> float | None:
        """Seconds until the next round, when the next row is due in ``seconds``."""
        if seconds is not None and away:
            seconds = max(seconds, self._client.pause("query"))
        waits = [seconds, self._ends.due_in(), APART if self._apart else None]
        found = [each for each in waits if each is not None]
        return max(0.05, min(found)) if found else None

    def _handle(self, row: Row, term: Term, gate: Gate, client: KieClient) -> None:
        name = f"the look at the task of job {row['id']}"
        with trace.following(row["trace"]), self._progress.busy(name, LOOK_WITHIN):
            try:
                self._look(row, job_table.from_row(row), term, gate, client)
            except BotError as error:
                if error.disposition is not Disposition.STEP_DOWN:
                    logger.bind(job=row["id"], reason=str(error)).warning("poll_not_written")
                self._stand_back(row)
            except Exception as error:  # noqa: BLE001 the guard of one job: others must go on
                logger.opt(exception=error).bind(job=row["id"]).error("poll_broken")
                self._set_aside(row, term)

    def _look(self, row: Row, job: Job, term: Term, gate: Gate, client: KieClient) -> None:
        if job.state is JobState.UNCLEAR:
            self._ends.record(row, job, term, Failed(Failure.UNCLEAR, "no answer and no callback"))
            return
        if (ended := verdict(row)) is not None:
            self._ends.record(row, job, term, ended)
            return
        try:
            gate.check(GATE_NEED)
        except Unavailable:
            self._stand_back(row, 0.2)
            return
        # After its deadline a job ends, whatever the query returns.
        overdue = row["overdue"] and job.state is JobState.WAITING
        report = self._ask(row, client)
        if overdue and not isinstance(report, Succeeded | Failed) and self._given_up(job, report):
            report = Failed(Failure.TIMED_OUT, f"no end after {row['task_seconds'] or 0.0:.0f} s")
        match report:
            case None:
                self._stand_back(row, 0.2)
            case Running():
                self._again(row, term)
            case _:
                if isinstance(report, Failed):
                    self._doubt(job.inputs, report.failure)
                self._ends.record(row, job, term, report)
                self._unasked.pop(job.id, None)

    def _stand_back(self, row: Row, seconds: float = APART) -> None:
        """The row stays due, but other rows come first for ``seconds``."""
        self._apart = {**self._apart, row["id"]: self._clock.now() + seconds}

    def _given_up(self, job: Job, report: Report | None) -> bool:
        """Whether a job past its deadline ends now. After a long outage many are past it at once;
        each gets a last query first, if kie.ai's limits allow that in time."""
        if report is not None:
            return True
        first = self._unasked.setdefault(job.id, self._clock.now())
        return self._clock.now() - first >= UNASKED_PATIENCE

    def _ask(self, row: Row, client: KieClient) -> Report | None:
        """Query the task. ``Running`` also means "unknown now"; None: the rate limit is used up or
        the circuit is open, so nothing was sent."""
        try:
            report = client.record_info(row["task_id"], row["model"], row["id"])
        except TaskUnknown as error:
            if (row["task_seconds"] or 0.0) <= UNKNOWN_GRACE:
                return Running()
            return Failed(Failure.LOST, f"kie.ai does not know the task: {error}")
        except TaskRefused as error:
            if error.operator is not None:
                self._account.refused(error.operator)
            logger.bind(job=row["id"], reason=str(error)).error("poll_refused")
            return Running()
        except CircuitOpen:
            return Running() if row["overdue"] else None
        except Busy:
            return None
        except BotError as error:
            logger.bind(job=row["id"], reason=str(error)).debug("poll_unavailable")
            return Running()
        except Exception as error:  # noqa: BLE001 an answer that makes our code fail is no answer
            logger.opt(exception=error).bind(job=row["id"]).error("poll_broken")
            return Running()
        self._account.accepted()
        return report

    def _again(self, row: Row, term: Term) -> None:
        age = row["task_seconds"] or 0.0
        if row["hinted"]:
            # A callback has reported the end, but recordInfo does not show it yet.
            pause = LEAST_PAUSE
        elif row["status"] == JobState.FAIL:
            pause = self._clock.jitter(max(settle.LATE_PAUSE, age / 4))
        else:
            told = row["reported_by"] is not None or not calls_back(row["model"])
            pause = self._schedule.pause(age, reported=told)
        with self._database.transaction(term) as tx:
            tx.one(
                _SQL["look_again"],
                {"id": row["id"], "seen": row["next_action_at"], "pause": pause},
            )

    def _set_aside(self, row: Row, term: Term) -> None:
        """After an unexpected exception query the job again much later."""
        seen = {"id": row["id"], "seen": row["next_action_at"], "pause": BROKEN_PAUSE}
        try:
            with self._database.transaction(term) as tx:
                tx.one(_SQL["look_again"], seen)
        except BotError as error:
            logger.bind(job=row["id"], reason=str(error)).warning("poll_not_written")
