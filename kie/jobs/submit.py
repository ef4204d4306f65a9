"""Sending queued jobs to kie.ai: the only caller of createTask.

Rules:

1. Claim first, commit, then call: what a crash interrupts is found again as ``submitting``
   of an ended term and becomes ``unclear``, never a second task.
2. Only as many jobs are claimed as there are free workers: a claim means "being sent now".
3. While kie.ai is down or its limit is used up nothing is claimed: jobs stay queued.

How a call went is written down in ``submit_outcome.py``.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event
from typing import Any

from loguru import logger

import sql
from kie.api.account_state import AccountState
from kie.api.attempt import Vetoed
from kie.api.circuit import State
from kie.api.client import KieClient
from kie.api.outcome import Failure
from kie.api.wire import TaskRefused
from kie.catalogue.catalogue import Catalogue
from kie.catalogue.model import DEADLINES
from kie.files.input_files import names_files
from kie.jobs import job_table
from kie.jobs.job import Job
from kie.jobs.news import News
from kie.jobs.submit_outcome import SubmitOutcomes, Withdraw
from supervisor.database.transactions import Database, Row
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Unavailable
from supervisor.runtime.stop_request import wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import JOBS, Wakeups
from supervisor.telemetry import trace

_SQL = sql.load("kie")

#: Most of the time of a job with files goes into their upload; the limiter keeps the rate.
WORKERS = 8
#: Trust that must be left when the request leaves; the rest is covered by the claim.
GATE_NEED = 2.0
IDLE = 3600.0  #: seconds; an idle submitter waits for its wake-up
AWAY = 2.0  #: seconds until the next look when the database is away


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
        withdraw: Withdraw | None = None,
        accepted: Callable[[Term, str], None] = lambda *_: None,
        resolve: Callable[[Mapping[str, Any]], dict[str, Any]] = dict,
    ) -> None:
        """``first_look`` makes seconds until the first poll of expected ones; ``withdraw``
        hears of models that kie.ai does not offer any more, ``accepted`` of those that it
        does; ``resolve`` gives users' files to
        kie.ai (``files/input_files.py``)."""
        self._database = database
        self._client = client
        self._catalogue = catalogue
        self._account = account
        self._wakeups = wakeups
        self._clock = clock
        self._bot_id = bot_id
        self._callback_url = callback_url
        self._first_look = first_look
        self._resolve = resolve
        self._accepted = accepted
        self._outcomes = SubmitOutcomes(
            database=database,
            news=news,
            account=account,
            clock=clock,
            bot_id=bot_id,
            withdraw=withdraw
            or (lambda tx, model, text: news.alert(tx, f"withdrawn:{model}", f"{model}: {text}")),
        )

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``: claim, send, record. Calls under way are finished first."""
        wake = Event()
        forget = self._wakeups.subscribe(JOBS, wake.set)
        wake_on_stop(stop, wake)
        busy: set[Future[None]] = set()
        try:
            with ThreadPoolExecutor(WORKERS, thread_name_prefix="submit") as pool:
                while not stop.is_set():
                    wake.clear()
                    busy = _still_busy(busy)
                    unwritten = self._outcomes.write_late()
                    pause = gate.waits() or self._while_held(term)
                    if pause <= 0:
                        claimed = self._claim(term, WORKERS - len(busy))
                        for row in claimed:
                            future = pool.submit(self._submit, row, term, gate)
                            future.add_done_callback(lambda _: wake.set())
                            busy.add(future)
                        pause = IDLE if busy else self._next_due(claimed)
                    _wait(self._clock, stop, wake, min(pause, AWAY) if unwritten else pause)
                wait(busy)
            _still_busy(busy)
        finally:
            forget()

    # ------------------------------------------------------------- internal --

    def _while_held(self, term: Term) -> float:
        """Seconds for which nothing is to be sent; users hear of it when kie.ai is down."""
        pause = self._client.pause("create")
        if pause > 0 and self._client.circuits.create.state is State.OPEN:
            try:
                self._outcomes.while_away(term)
            except BotError as error:
                _not_written(error)
        return pause

    def _claim(self, term: Term, free: int) -> list[Row]:
        if self._client.circuits.create.state is State.TRIAL:
            free = min(free, 1)
        if free <= 0:
            return []
        try:
            with self._database.transaction(term) as tx:
                named = {"bot_id": self._bot_id, "token": str(term.token), "count": free}
                return tx.all(_SQL["claim_queued"], named)
        except BotError as error:
            _not_written(error)
            return []

    def _next_due(self, claimed: list[Row]) -> float:
        """How long to sleep when no worker is busy."""
        if claimed:
            return 0.0
        try:
            with self._database.transaction() as tx:
                row = tx.one(_SQL["next_queued"], {"bot_id": self._bot_id})
        except BotError:
            return AWAY
        seconds = None if row is None else row["seconds"]
        # A due row that was not claimed is being looked at by nobody: come back soon.
        return IDLE if seconds is None else max(0.2, seconds)

    def _submit(self, row: Row, term: Term, gate: Gate) -> None:
        with trace.following(row["trace"]):
            self._create(row, job_table.from_row(row), term, gate)

    def _create(self, row: Row, job: Job, term: Term, gate: Gate) -> None:
        model = self._catalogue.model(job.model)
        deadline = DEADLINES["image"] if model is None else model.deadline
        try:
            if model is None:
                told = f"the model {job.model} is not on offer any more"
                raise TaskRefused(told, Failure.UNAVAILABLE)
            task_id = self._client.create_task(
                job.model,
                self._with_links(job, term),
                self._callback_url(job.id),
                before=lambda: _pass(gate),
            )
        except TaskRefused as error:
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
            self._outcomes.created(
                job,
                term,
                task_id,
                first_look=self._first_look(model.expected_seconds),
                deadline=deadline,
            )
            self._accepted(term, model.id)

    def _with_links(self, job: Job, term: Term) -> Mapping[str, Any]:
        """The inputs with users' files at kie.ai. Raises as ``InputFiles.resolve`` does.

        Until the last file is there the row says so: a crash meanwhile is no doubt about a
        task, and the next term sends the job again.
        """
        if not names_files(job.inputs):
            return job.inputs
        self._outcomes.uploading(job, term, True)
        inputs = self._resolve(job.inputs)
        self._outcomes.uploading(job, term, False)
        return inputs


def _pass(gate: Gate) -> None:
    """Immediately before the request leaves. Raises ``Vetoed`` or ``Fenced``."""
    try:
        gate.check(GATE_NEED)
    except Unavailable as error:
        raise Vetoed(str(error), retry_after=error.retry_after) from None


def _not_written(error: BotError) -> None:
    if error.disposition is not Disposition.STEP_DOWN:
        logger.bind(reason=str(error)).warning("submit_without_database")


def _still_busy(busy: set[Future[None]]) -> set[Future[None]]:
    """The calls still under way; what a finished one raised is raised here."""
    for future in busy:
        if future.done():
            future.result()
    return {future for future in busy if not future.done()}


def _wait(clock: Clock, stop: Event, wake: Event, seconds: float) -> None:
    """Until woken, stopped, or the time is over; a stop is noticed within 0.2 s."""
    deadline = clock.now() + seconds
    while not stop.is_set() and not wake.is_set() and clock.now() < deadline:
        clock.wait(wake, min(0.2, deadline - clock.now()))
