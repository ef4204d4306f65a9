"""Records the outcome of a createTask call: one method for each possible outcome.

1. The task id is stored at once, with retries until the database accepts it, even when the term
   is over: it stands for money that was spent.
2. Without an answer the job is not refused: it waits for a callback, then it ends.
3. After a call that surely had no effect the job is queued again, for an hour at most.
4. A task id that another job has is not stored, and the job ends at once (``taken_tasks.py``).
5. An outcome that the database does not accept is kept in memory and written later
   (``write_late``). Until then the row says ``submitting``; if this process ends before that, the
   job becomes unclear. ``queue_limits.py`` finds rows that the database refuses for good.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from threading import Event, Lock

from loguru import logger

import sql
from kie.api.circuit import CircuitOpen
from kie.api.limiter import Busy
from kie.api.notice import Notice, refusal
from kie.api.outcome import Failure
from kie.api.refusals import TaskRefused
from kie.http.attempt import Vetoed
from kie.http.untrusted import Untrusted
from kie.jobs import job_table, orphans, settle
from kie.jobs.account_state import AccountState
from kie.jobs.job import Job
from kie.jobs.news import UNTRUSTED_KEY, News, untrusted
from kie.submission import taken_tasks
from kie.submission.queue_limits import AWAY_LIMIT
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Fenced, Rejected
from supervisor.runtime.term import Term
from supervisor.runtime.wakeups import JOBS

_SQL = sql.load("submission")

#: Seconds before the first, second … new try when kie.ai is away.
PAUSES = (2.0, 5.0, 15.0, 30.0, 60.0)
UNCLEAR_PATIENCE = 600.0  #: seconds that a job without an answer waits for a callback
STORE_PATIENCE = 8.0  #: seconds for which a worker tries to store a task id

#: Called with model, user and reason, in the same transaction, when kie.ai refused a job because
#: it does not offer the model any more.
Withdraw = Callable[[Tx, str, int, str], None]


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """An outcome that the database has not accepted yet. Writing it is idempotent."""

    job: Job
    carry_out: Callable[[], None]


class SubmitOutcomes:
    """Records the outcomes of calls. Thread-safe."""

    def __init__(
        self,
        *,
        database: Database,
        news: News,
        account: AccountState,
        clock: Clock,
        bot_id: int,
        withdraw: Withdraw,
    ) -> None:
        self._database = database
        self._news = news
        self._account = account
        self._clock = clock
        self._bot_id = bot_id
        self._withdraw = withdraw
        self._lock = Lock()
        self._unwritten: list[_Unwritten] = []  #: of any term
        self._writing: BatchRunner[_Unwritten] = BatchRunner(
            database, clock, "submit_outcomes", key=lambda each: each.job.id
        )

    def created(
        self, job: Job, term: Term, task_id: str, *, first_look: float, deadline: float
    ) -> None:
        """Store the task id, with retries until the database accepts it."""
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
                self._store(job, term, stored)
                return
            except BotError as error:
                if error.disposition is Disposition.GIVE_UP or self._clock.now() > give_up:
                    lost = logger.bind(job=job.id, task=task_id, reason=str(error))
                    lost.critical("task_id_not_stored")
                    if error.disposition is not Disposition.GIVE_UP:
                        self._keep(job, lambda: self._store(job, term, stored))
                    return
                self._clock.wait(never, 0.3)

    def refused(self, row: Row, job: Job, term: Term, error: TaskRefused) -> None:
        """kie.ai has refused the job."""
        if error.once_more and row["attempts"] <= 1:
            self.requeue(row, term, str(error), PAUSES[0])
            return
        if error.operator is not None:
            self._account.refused(error.operator)

        def carry_out() -> None:
            with self._database.transaction(term, short=True) as tx:
                settle.fail(tx, job, error.failure, str(error), self._news)
                if error.operator is not None:
                    self._news.alert(tx, f"kie:{error.operator}", refusal(error.operator))
                if error.withdrawn:
                    self._withdraw(tx, job.model, job.user_id, str(error))

        self._record(job, carry_out)

    def later(self, row: Row, job: Job, term: Term, error: BotError) -> None:
        """The call surely had no effect; the same call may work later."""
        untried = isinstance(error, CircuitOpen | Busy | Vetoed)
        if job.seconds > AWAY_LIMIT and not untried:
            self._record(job, lambda: self._give_back(term, job, str(error)))
            return
        logger.bind(job=job.id, reason=str(error)).warning("submit_later")
        pause = 0.0 if untried else PAUSES[min(row["attempts"], len(PAUSES)) - 1]
        named = getattr(error, "retry_after", None) or 0.0
        tell = not isinstance(error, Busy | Vetoed)
        alert = untrusted(error) if isinstance(error, Untrusted) else None
        self.requeue(
            row, term, str(error), max(pause, named), untried=untried, tell=tell, alert=alert
        )

    def requeue(
        self,
        row: Row,
        term: Term,
        reason: str,
        pause: float,
        *,
        untried: bool = False,
        tell: bool = False,
        alert: Notice | None = None,
    ) -> None:
        """Release the claim. With ``tell`` the user is told of the delay; ``alert`` is a notice for
        the operator."""
        claim = {"id": row["id"], "token": str(term.token), "pause": pause, "untried": untried}

        def carry_out() -> None:
            # Unfenced: it only releases a claim with our own token.
            with self._database.transaction(short=True) as tx:
                if tx.one(_SQL["requeue"], {**claim, "error": reason[:500]}) is None:
                    return
                if tell:
                    self._tell(tx, row["id"])
                if alert is not None:
                    self._news.alert(tx, UNTRUSTED_KEY, alert)

        self._record(job_table.from_row(row), carry_out)

    def uploading(self, job: Job, term: Term, under_way: bool) -> None:
        """Record whether files are being uploaded. Raises ``Fenced`` when the claim is lost."""
        claim = {"id": job.id, "token": str(term.token), "uploading": under_way}
        with self._database.transaction(term) as tx:
            if tx.one(_SQL["set_uploading"], claim) is None:
                raise Fenced(f"job {job.id} is claimed by another term")

    def unclear(self, row: Row, job: Job, term: Term, reason: str, deadline: float) -> None:
        """The call was not answered: a task that costs money may exist. ``deadline`` counts once a
        callback has named it."""
        logger.bind(job=job.id, reason=reason).warning("submit_unclear")
        claim = {"id": row["id"], "token": str(term.token), "patience": UNCLEAR_PATIENCE}

        def carry_out() -> None:
            with self._database.transaction(short=True) as tx:
                unclear = {**claim, "error": reason[:500], "deadline": deadline}
                tx.one(_SQL["mark_unclear"], unclear)
                tx.wake(JOBS)

        self._record(job, carry_out)

    def unwritten(self) -> Collection[int]:
        """The ids of jobs whose outcome is known here but not in the database."""
        with self._lock:
            return {each.job.id for each in self._unwritten}

    def write_late(self) -> bool:
        """Write the outcomes that are kept in memory. True: some could not be written."""
        with self._lock:
            known = list(self._unwritten)
        if not known:
            return False
        try:
            outcome = self._writing.drive(known, _carry_out)
        except BotError as error:
            logger.bind(jobs=len(known), reason=str(error)).debug("submit_not_written")
            return True
        over = {id(each) for each in outcome.done}
        for each in outcome.done:
            logger.bind(job=each.job.id).info("submit_written_late")
        for fault in outcome.faults:
            if _hopeless(fault.error):
                over.add(id(fault.item))
                told = logger.bind(job=fault.item.job.id, reason=str(fault.error))
                told.warning("submit_not_written")
        with self._lock:
            self._unwritten = [each for each in self._unwritten if id(each) not in over]
            return bool(self._unwritten)

    # ------------------------------------------------------------- internal --

    def _store(self, job: Job, term: Term, stored: Row) -> None:
        try:
            self._store_task(stored)
        except Rejected:
            with self._database.transaction(term, short=True) as tx:
                if not taken_tasks.end(tx, job, stored, self._news):
                    raise

    def _store_task(self, stored: Row) -> None:
        with self._database.transaction(short=True) as tx:
            row = tx.one(_SQL["task_created"], stored)
            if row is None:
                late = tx.one(_SQL["task_created_late"], stored)
                found = logger.bind(job=stored["id"], task=stored["task_id"], late=bool(late))
                found.warning("task_created_late")
                return
            if orphans.adopt(tx, stored["task_id"]):
                tx.one(_SQL["look_now"], {"id": stored["id"]})
            self._news.started(tx, job_table.from_row(row))
            tx.wake(JOBS)

    def _give_back(self, term: Term, job: Job, reason: str) -> None:
        with self._database.transaction(term, short=True) as tx:
            settle.fail(tx, job, Failure.UNAVAILABLE, reason, self._news)

    def _tell(self, tx: Tx, job_id: int) -> None:
        row = tx.one(_SQL["tell_delayed"], {"bot_id": self._bot_id, "id": job_id})
        if row is not None:
            self._news.delayed(tx, job_table.from_row(row))

    def _record(self, job: Job, carry_out: Callable[[], None]) -> None:
        """Write an outcome, now or later."""
        for attempt in range(3):
            try:
                carry_out()
                return
            except BotError as error:
                told = logger.bind(job=job.id, attempt=attempt, reason=str(error))
                if error.disposition not in {Disposition.RETRY, Disposition.ASK}:
                    told.warning("submit_not_written")
                    return
                told.warning("submit_write")
                self._clock.wait(Event(), 0.5)
        self._keep(job, carry_out)

    def _keep(self, job: Job, carry_out: Callable[[], None]) -> None:
        with self._lock:
            self._unwritten.append(_Unwritten(job, carry_out))


def _carry_out(those: Sequence[_Unwritten]) -> None:
    for each in those:
        each.carry_out()


def _hopeless(error: Exception) -> bool:
    """Whether the database will never accept it, or our term is over."""
    if not isinstance(error, BotError):
        return False
    return error.disposition in {Disposition.GIVE_UP, Disposition.STEP_DOWN}
