"""Sends queued jobs to kie.ai. Only this module calls createTask.

Rules:

1. The claim is committed before the call. After a crash the next term finds the row as
   ``submitting`` with the token of an ended term, and it becomes ``unclear``. So no job gets a
   second task.
2. At most as many jobs are claimed as there are free workers: a claimed job is sent at once.
3. While kie.ai does not answer or its rate limit is used up, nothing is claimed. Jobs stay queued
   for as long as ``queue_limits.py`` allows.

``outcomes.py`` records the outcome of a call.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any

from loguru import logger

import sql
from kie.api.circuit import State
from kie.api.client import KieClient
from kie.api.families import calls_back
from kie.api.outcome import Failure
from kie.api.refusals import TaskRefused
from kie.catalogue.catalogue import Catalogue
from kie.catalogue.model import DEADLINES, Model
from kie.files.input_files import Doubt, names_files
from kie.http.attempt import Vetoed
from kie.jobs import job_table
from kie.jobs.account_state import AccountState
from kie.jobs.job import Job
from kie.jobs.news import News
from kie.jobs.running_calls import still_running
from kie.submission.failing_models import FailingModels
from kie.submission.outcomes import SubmitOutcomes, Withdraw
from kie.submission.queue_limits import EVERY, QueueLimits
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Unavailable
from supervisor.runtime.progress import Progress
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import JOBS, Wakeups
from supervisor.telemetry import trace

_SQL = sql.load("submission")

#: Several, because uploading files takes most of the time. The limiter keeps the rate.
WORKERS = 8
#: Seconds. Uploading many large files takes minutes, in steps (``supervisor/runtime/progress.py``).
CREATE_WITHIN = 1800.0
#: Seconds of trust that must be left when the request is sent. The claim covers the rest.
GATE_NEED = 2.0
SOON = 15.0  #: seconds to the first look at a task that no callback tells of
LOCKED = 0.2  #: seconds until the next try when a job is due and another transaction locks it
AWAY = 2.0  #: seconds until the next try when the database does not answer
#: Seconds between two looks when no job is queued. A claim without a worker is due for the gauges.
IDLE = 900.0


#: Replaces users' files by links. The second argument is the input that is charged by length.
Resolve = Callable[[Mapping[str, Any], str], dict[str, Any]]


#: Processes that ended while they uploaded the files of a job, before it is refused.
MOST_ENDED = 4


class Submitter:
    """The body of a ``ServiceThread``."""

    def __init__(
        self,
        *,
        database: Database,
        client: KieClient,
        catalogue: Catalogue,
        news: News,
        account: AccountState,
        wakeups: Wakeups,
        clock: Clock,
        bot_id: int,
        callback_url: Callable[[int], str | None],
        first_look: Callable[[float], float],
        withdraw: Withdraw = lambda *_: None,
        accepted: Callable[[Term, str], None] = lambda *_: None,
        resolve: Resolve = lambda inputs, _: dict(inputs),
        doubt: Doubt = lambda *_: None,
        progress: Progress | None = None,
    ) -> None:
        """``first_look`` computes the seconds until the first poll from the expected duration.
        ``withdraw`` is called for models that kie.ai does not offer any more, ``accepted`` for
        those that it accepts. ``resolve`` uploads users' files (``files/input_files.py``);
        ``doubt`` is called with the inputs of a job that kie.ai has refused."""
        self._database = database
        self._client = client
        self._catalogue = catalogue
        self._account = account
        self._wakeups = wakeups
        self._clock = clock
        self._bot_id = bot_id
        self._progress = progress or Progress(clock)
        self._callback_url = callback_url
        self._first_look = first_look
        self._resolve = resolve
        self._doubt = doubt
        self._accepted = accepted
        self._outcomes = SubmitOutcomes(
            database=database,
            news=news,
            account=account,
            clock=clock,
            bot_id=bot_id,
            withdraw=withdraw,
        )
        self._failing = FailingModels(clock)
        self._limits = QueueLimits(database=database, news=news, clock=clock, bot_id=bot_id)
        self._claiming: BatchRunner[Row] = BatchRunner(
            database, clock, "claim", key=lambda row: row["id"]
        )

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Claim and send jobs until ``stop``. Then wait for the running calls."""
        wake = Event()
        forget = self._wakeups.subscribe(JOBS, wake.set)
        wake_on_stop(stop, wake)
        busy: dict[int, Future[None]] = {}
        client = self._client.until(stop)
        try:
            with ThreadPoolExecutor(WORKERS, thread_name_prefix="submit") as pool:
                while not stop.is_set():
                    wake.clear()
                    busy = still_running(busy)
                    unwritten = self._outcomes.write_late()
                    # With the database away, each call of it takes seconds: after a stop, no other.
                    if stop.is_set():
                        break
                    pause = gate.waits() or self._while_held(term, set(busy))
                    if pause <= 0 and not stop.is_set():
                        pause = 0.0 if busy else self._due_in()
                    if pause <= 0 and not stop.is_set():
                        for row in self._claim(term, WORKERS - len(busy)):
                            future = pool.submit(self._submit, row, term, gate, client)
                            future.add_done_callback(lambda _: wake.set())
                            busy[row["id"]] = future
                        pause = EVERY if busy else LOCKED
                    wait_for_wake_up(
                        self._clock, stop, wake, min(pause, AWAY) if unwritten else pause
                    )
                wait(busy.values())
            still_running(busy)
        finally:
            forget()

    # ------------------------------------------------------------- internal --

    def _while_held(self, term: Term, busy: Set[int]) -> float:
        """Seconds for which nothing may be sent. Also applies the time limits of the queue."""
        pause = self._client.pause("create")
        try:
            if pause > 0 and self._client.circuits.create.state is State.OPEN:
                self._limits.while_away(term)
            self._limits.look(term, {*busy, *self._outcomes.unwritten()})
        except BotError as error:
            _not_written(error)
        return pause

    def _claim(self, term: Term, free: int) -> list[Row]:
        if self._client.circuits.create.state is State.HALF_OPEN:
            free = min(free, 1)
        if free <= 0:
            return []

        def claim(tx: Tx, rows: Sequence[Row]) -> list[Row]:
            named = {"ids": [row["id"] for row in rows], "token": str(term.token)}
            return tx.all(_SQL["claim_queued"], named)

        try:
            with self._database.transaction() as tx:
                held, failing = self._claiming.held(), self._failing.names()
                named = {"bot_id": self._bot_id, "held": held, "failing": failing}
                due = tx.all(_SQL["due_queued"], {**named, "fail": False, "count": free})
                if failing and len(due) < free:
                    left = {**named, "fail": True, "count": free - len(due)}
                    due = [*due, *tx.all(_SQL["due_queued"], left)]
            outcome = self._claiming.run(term, due, claim)
        except BotError as error:
            _not_written(error)
            return []
        return [row for rows in outcome.results for row in rows]

    def _due_in(self) -> float:
        """Seconds until the next job is due, or the limits of the queue; 0.0: a job is."""
        try:
            with self._database.transaction() as tx:
                named = {"bot_id": self._bot_id, "held": self._claiming.held()}
                row = tx.one(_SQL["next_queued"], named)
        except BotError:
            return AWAY
        seconds = None if row is None else row["seconds"]
        return IDLE if seconds is None else min(EVERY, max(0.0, seconds))

    def _submit(self, row: Row, term: Term, gate: Gate, client: KieClient) -> None:
        name = f"the createTask of job {row['id']}"
        with trace.following(row["trace"]), self._progress.busy(name, CREATE_WITHIN):
            try:
                self._create(row, job_table.from_row(row), term, gate, client)
            except Exception as error:  # noqa: BLE001 the guard of one job: others must go on
                # ``queue_limits.py`` releases its claim.
                logger.opt(exception=error).bind(job=row["id"]).error("submit_broken")

    def _create(self, row: Row, job: Job, term: Term, gate: Gate, client: KieClient) -> None:
        model = self._catalogue.model(job.model)
        deadline = DEADLINES["image"] if model is None else model.deadline
        try:
            if model is None:
                told = f"the model {job.model} is not on offer any more"
                raise TaskRefused(told, Failure.UNAVAILABLE)
            if row["ended"] >= MOST_ENDED:
                told = f"the process ended {row['ended']} times while it uploaded the files"
                raise TaskRefused(told, Failure.REFUSED_FILE)
            inputs, back = self._with_links(job, model, term), self._callback_url(job.id)
            with self._failing.noted(job.model):
                task_id = client.create_task(job.model, inputs, back, before=lambda: _pass(gate))
        except TaskRefused as error:
            self._doubt(job.inputs, error.failure)
            self._outcomes.refused(row, job, term, error)
        except BotError as error:
            match error.disposition:
                case Disposition.RETRY:
                    self._outcomes.later(row, job, term, error)
                case Disposition.STEP_DOWN:
                    # Nothing was sent: the claim goes back for the next term.
                    self._outcomes.requeue(row, term, "the term ended", 0.0, untried=True)
                case Disposition.GIVE_UP:
                    refused = TaskRefused(str(error), Failure.REFUSED_INPUT)
                    self._outcomes.refused(row, job, term, refused)
                case Disposition.ASK:
                    self._outcomes.unclear(row, job, term, str(error), deadline)
        except Exception as error:  # noqa: BLE001 the guard of one job: others must go on
            logger.opt(exception=error).bind(job=job.id).error("submit_broken")
            told = f"broken: {type(error).__name__}"
            self._outcomes.unclear(row, job, term, told, deadline)
        else:
            self._account.accepted()
            wait = self._first_look(model.expected_seconds)
            self._outcomes.created(
                job,
                term,
                task_id,
                first_look=wait if calls_back(model.id) else min(wait, SOON),
                deadline=deadline,
            )
            self._accepted(term, model.id)

    def _with_links(self, job: Job, model: Model, term: Term) -> Mapping[str, Any]:
        """The inputs with links to the uploaded files. Raises as ``InputFiles.resolve`` does.

        During the upload the row says so. After a crash in that time it is certain that no task
        exists, and the next term sends the job again.
        """
        if not names_files(job.inputs):
            return job.inputs
        self._outcomes.uploading(job, term, True)
        inputs = self._resolve(job.inputs, model.cost.seconds_of)
        self._outcomes.uploading(job, term, False)
        return inputs


def _pass(gate: Gate) -> None:
    """Check the gate immediately before the request is sent. Raises ``Vetoed`` or ``Fenced``."""
    try:
        gate.check(GATE_NEED)
    except Unavailable as error:
        raise Vetoed(str(error), retry_after=error.retry_after) from None


def _not_written(error: BotError) -> None:
    if error.disposition is not Disposition.STEP_DOWN:
        logger.bind(reason=str(error)).warning("submit_without_database")
