"""The progress of running tasks: a job's message says how much is left, five times at most.

What is usual is measured (``Offer.seconds``) and kept with the job when its task begins. The table
holds which step was told and when the next one is due, so that it goes on after a restart and in
the next instance; a step that is late is skipped. Each edit goes through the outbox as a status:
a newer edit or the result replaces it.

It reads the table when a job is announced and when the next step is due, and never otherwise.
"""

from collections.abc import Sequence
from threading import Event

from loguru import logger

import sql
from handlers.delivery.outbox import Delivery, Outbox
from handlers.delivery.payloads import editing
from handlers.dialogue.effects import Screen
from handlers.dispatch.feature import Parts
from handlers.features.results.words import say
from handlers.words.texts import DEFAULT, LANGUAGES, duration, measured
from kie.jobs import job_table
from kie.jobs.job import Job
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import JOBS

#: Per cent of the usual time at which something is told.
STEPS = (25, 50, 75, 100, 150)
LATE = STEPS[-1]  #: the step that says that it takes longer than usual
LEAST_APART = 3.0  #: seconds between two edits of a message
AT_ONCE = 50  #: jobs that are told in one look
LEAST_PAUSE = 1.0  #: seconds between two looks

_SQL = sql.load("results")


def first_step(usual: float) -> float:
    """Seconds after createTask at which the first step is told."""
    return due_at(STEPS[0], usual)


def due_at(step: int, usual: float) -> float:
    """Seconds after createTask at which that step is told."""
    return max(LEAST_APART, usual * step / 100)


def step_now(passed: float, usual: float) -> int:
    """The latest step that is due after so many seconds; 0: none is."""
    return max((step for step in STEPS if passed >= due_at(step, usual)), default=0)


def next_due(step: int, passed: float, usual: float) -> float | None:
    """Seconds after createTask at which something is told after ``step``; None: nothing is."""
    later = [due_at(each, usual) for each in STEPS if each > step]
    if not later:
        return None
    soonest = passed + LEAST_APART
    return next((each for each in later if each >= soonest), soonest)


class ProgressService:
    """The body of a ``ServiceThread``."""

    def __init__(self, parts: Parts) -> None:
        self._database = parts.database
        self._outbox: Outbox = parts.installation.outbox
        self._bot_id = parts.installation.bot_id
        self._shop = parts.shop
        self._clock = parts.clock
        self._wakeups = parts.wakeups
        self._telling: BatchRunner[Row] = BatchRunner(
            parts.database, parts.clock, "tell_progress", key=lambda row: row["id"]
        )

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        woken = Event()
        woken.set()
        forget = self._wakeups.subscribe(JOBS, woken.set)
        wake_on_stop(stop, woken)
        left: float | None = None
        try:
            while wait_for_wake_up(self._clock, stop, woken, left):
                woken.clear()
                left = self.look(term)
                if self._clock.wait(stop, LEAST_PAUSE):
                    break
                left = None if left is None else left - LEAST_PAUSE
        finally:
            forget()

    def look(self, term: Term) -> float | None:
        """Tell what is due. Seconds until something is due again; None: nothing is."""
        try:
            with self._database.transaction() as tx:
                named = {"bot_id": self._bot_id, "held": self._telling.held()}
                rows = tx.all(_SQL["due_progress"], {**named, "count": AT_ONCE})
            self._telling.run(term, rows, self._tell_all)
            with self._database.transaction() as tx:
                found = tx.one(_SQL["next_progress"], {**named, "held": self._telling.held()})
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("progress_not_told")
            return LEAST_PAUSE
        return None if found is None or found["seconds"] is None else float(found["seconds"])

    # --------------------------------------------------------------- internal --

    def _tell_all(self, tx: Tx, rows: Sequence[Row]) -> None:
        for each in rows:
            usual, passed = float(each["usual"] or 1.0), each["passed"]
            step = max(step_now(passed, usual), each["told"] + 1)
            named = {"id": each["id"], "step": step, "next": next_due(step, passed, usual)}
            row = tx.one(_SQL["tell_progress"], named)
            if row is not None and row["chat_id"] is not None:
                self._tell(tx, job_table.from_row(row), step, passed, usual)

    def _tell(self, tx: Tx, job: Job, step: int, passed: float, usual: float) -> None:
        if job.status_message_id is None or job.chat_id is None:
            return
        language = job.language if job.language in LANGUAGES else DEFAULT
        offer = self._shop().offers.get(job.model)
        title = offer.title(language) if offer is not None else job.model
        if step >= LATE:
            text = say(language, "progress_late", title=title, time=measured(language, passed))
        elif passed >= usual:
            text = say(language, "progress_almost", title=title)
        else:
            left = duration(language, usual - passed)
            text = say(language, "progress_left", title=title, time=left)
        self._outbox.supersede_statuses(tx, job.id)
        payload = editing(job.status_message_id, Screen(text), or_say=False)
        key = f"job:{job.id}:progress:{step}"
        told = Delivery(job.chat_id, "status", payload, key, job.id, job.trace, thread=job.thread)
        self._outbox.enqueue(tx, [told])
