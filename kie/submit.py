"""Sending queued jobs to kie.ai: the only caller of createTask.

Rules:

1. Claim first, commit, then call: what a crash interrupts is found again as ``submitting``
   of an ended term and becomes ``unclear``, never a second task.
2. Only as many jobs are claimed as there are free workers: a claim means "being sent now".
3. The task id is stored at once and until the database takes it, whatever happened to our
   term meanwhile: it is a fact about money that was spent.
4. No answer is not a refusal: such a job waits for a callback, then ends with an apology.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import Event

from loguru import logger

import sql
from kie import jobs, settle
from kie.catalogue import Catalogue
from kie.client import KieClient
from kie.job import Failure, Job
from kie.news import News
from kie.standing import Standing
from kie.transport import CONNECT_SECONDS
from kie.wire import TaskRefused
from supervisor.clock import Clock
from supervisor.db import Database, Row
from supervisor.errors import BotError, Disposition, Unavailable
from supervisor.term import Gate, Term
from supervisor.wakeups import JOBS, Wakeups

_SQL = sql.load("kie")

WORKERS = 4
#: Seconds before the first, second … new try when kie.ai is away.
PAUSES = (2.0, 5.0, 15.0, 30.0, 60.0)
GIVE_UP = 600.0  #: seconds after which a job that kie.ai never took is given back
UNCLEAR_PATIENCE = 600.0  #: seconds that a job without an answer waits for a callback
STORE_PATIENCE = 8.0  #: seconds within which a task id must find its way into the database
#: Trust that must be left when the request leaves; the rest is covered by the claim.
GATE_NEED = 2.0
IDLE = 3600.0  #: seconds; an idle submitter waits for its wake-up


class Submitter:
    """The body of a ``ServiceThread``."""

    def __init__(
        self,
        *,
        database: Database,
        client: KieClient,
        catalogue: Catalogue,
        news: News,
        standing: Standing,
        wakeups: Wakeups,
        clock: Clock,
        bot_id: int,
        callback_url: Callable[[int], str | None],
    ) -> None:
        self._database = database
        self._client = client
        self._catalogue = catalogue
        self._news = news
        self._standing = standing
        self._wakeups = wakeups
        self._clock = clock
        self._bot_id = bot_id
        self._callback_url = callback_url

    def run(self, term: Term, gate: Gate, stop: Event) -> None:
        """Until ``stop``: claim, send, record. Calls under way are finished first."""
        wake = Event()
        forget = self._wakeups.subscribe(JOBS, wake.set)
        busy: set[Future[None]] = set()
        try:
            with ThreadPoolExecutor(WORKERS, thread_name_prefix="submit") as pool:
                while not stop.is_set():
                    wake.clear()
                    busy = _still_busy(busy)
                    pause = gate.waits()
                    if pause <= 0:
                        claimed = self._claim(term, WORKERS - len(busy))
                        for row in claimed:
                            future = pool.submit(self._submit, row, term, gate)
                            future.add_done_callback(lambda _: wake.set())
                            busy.add(future)
                        pause = IDLE if busy else self._next_due(claimed)
                    _wait(self._clock, stop, wake, pause)
                wait(busy)
            _still_busy(busy)
        finally:
            forget()

    # ------------------------------------------------------------- internal --

    def _claim(self, term: Term, free: int) -> list[Row]:
        if free <= 0:
            return []
        try:
            with self._database.transaction(term) as tx:
                named = {"bot_id": self._bot_id, "token": str(term.token), "count": free}
                return tx.all(_SQL["claim_queued"], named)
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("submit_claim_failed")
            return []

    def _next_due(self, claimed: list[Row]) -> float:
        """How long to sleep when no worker is busy."""
        if claimed:
            return 0.0
        try:
            with self._database.transaction() as tx:
                row = tx.one(_SQL["next_due"], {"bot_id": self._bot_id, "states": ["queued"]})
        except BotError:
            return PAUSES[0]
        seconds = None if row is None else row["seconds"]
        # A due row that was not claimed is being looked at by nobody: come back soon.
        return IDLE if seconds is None else max(0.2, seconds)

    def _submit(self, row: Row, term: Term, gate: Gate) -> None:
        job = jobs.from_row(row)
        model = self._catalogue.model(job.model)
        try:
            if model is None:
                told = f"the model {job.model} is not on offer any more"
                raise TaskRefused(told, Failure.UNAVAILABLE, operator=told)
            task_id = self._client.create_task(
                job.model,
                job.inputs,
                self._callback_url(job.id),
                before=lambda: gate.check(min(CONNECT_SECONDS, GATE_NEED)),
            )
        except TaskRefused as error:
            self._refused(row, job, term, error)
        except BotError as error:
            match error.disposition:
                case Disposition.RETRY:
                    self._later(row, job, term, str(error))
                case Disposition.STEP_DOWN:
                    # Nothing was sent: the claim goes back with the next term.
                    self._requeue(row, term, "the term ended before the call", 0.0)
                case Disposition.ASK | Disposition.GIVE_UP:
                    self._unclear(row, job, term, str(error))
        else:
            self._standing.accepted()
            self._created(job, term, task_id, model.expected_seconds * 0.6, model.deadline)

    def _created(
        self, job: Job, term: Term, task_id: str, first_look: float, deadline: float
    ) -> None:
        """Store the number, again and again until the database takes it."""
        logger.bind(job=job.id, task=task_id, epoch=term.epoch).info("task_created")
        stored = {
            "id": job.id,
            "token": str(term.token),
            "task_id": task_id,
            "first_look": first_look,
            "deadline": deadline,
        }
        never = Event()
        give_up = self._clock.now() + STORE_PATIENCE
        while True:
            try:
                with self._database.transaction() as tx:
                    row = tx.one(_SQL["task_created"], stored)
                    if row is None:
                        logger.bind(job=job.id, task=task_id).warning("task_created_late")
                        return
                    if tx.one(_SQL["adopt_orphan"], {"task_id": task_id}) is not None:
                        tx.one(_SQL["look_now"], {"id": job.id})
                    self._news.started(tx, jobs.from_row(row))
                    tx.wake(JOBS)
                return
            except BotError as error:
                if error.disposition is Disposition.GIVE_UP or self._clock.now() > give_up:
                    # The callback carries the job's number and can still mend this.
                    lost = logger.bind(job=job.id, task=task_id, reason=str(error))
                    lost.critical("task_id_not_stored")
                    return
                self._clock.wait(never, 0.3)

    def _refused(self, row: Row, job: Job, term: Term, error: TaskRefused) -> None:
        if error.once_more and row["attempts"] <= 1:
            self._requeue(row, term, str(error), PAUSES[0])
            return
        if error.operator is not None:
            self._standing.refused(error.operator)

        def carry_out() -> None:
            with self._database.transaction(term) as tx:
                settle.fail(tx, job, error.failure, str(error), self._news)
                if error.operator is not None:
                    self._news.alert(tx, f"kie:{error.operator}", error.operator)

        self._record(job, carry_out)

    def _later(self, row: Row, job: Job, term: Term, reason: str) -> None:
        if job.seconds > GIVE_UP:

            def carry_out() -> None:
                with self._database.transaction(term) as tx:
                    settle.fail(tx, job, Failure.UNAVAILABLE, reason, self._news)

            self._record(job, carry_out)
            return
        logger.bind(job=job.id, reason=reason).warning("submit_later")
        pause = PAUSES[min(row["attempts"], len(PAUSES)) - 1]
        self._requeue(row, term, reason, pause, tell=job if row["attempts"] == 1 else None)

    def _requeue(
        self, row: Row, term: Term, reason: str, pause: float, tell: Job | None = None
    ) -> None:
        named = {"id": row["id"], "token": str(term.token), "pause": pause}

        def carry_out() -> None:
            # Unfenced: it only gives back a claim that carries our own token.
            with self._database.transaction() as tx:
                if tx.one(_SQL["requeue"], {**named, "error": reason[:500]}) and tell is not None:
                    self._news.delayed(tx, tell)

        self._record(jobs.from_row(row), carry_out)

    def _unclear(self, row: Row, job: Job, term: Term, reason: str) -> None:
        logger.bind(job=job.id, reason=reason).warning("submit_unclear")
        named = {"id": row["id"], "token": str(term.token), "patience": UNCLEAR_PATIENCE}

        def carry_out() -> None:
            with self._database.transaction() as tx:
                unclear = {**named, "error": reason[:500], "deadline": UNCLEAR_PATIENCE}
                tx.one(_SQL["mark_unclear"], unclear)
                tx.wake(JOBS)

        self._record(job, carry_out)

    def _record(self, job: Job, carry_out: Callable[[], None]) -> None:
        """Write how a call went. When that fails the row stays ``submitting``, and the next
        term treats it as unclear: late, but never wrong."""
        for attempt in range(3):
            try:
                carry_out()
                return
            except Unavailable as error:
                logger.bind(job=job.id, attempt=attempt, reason=str(error)).warning("submit_write")
                self._clock.wait(Event(), 0.5)
            except BotError as error:
                logger.bind(job=job.id, reason=str(error)).warning("submit_not_written")
                return


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
