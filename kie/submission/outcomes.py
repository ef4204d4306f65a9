"""What becomes of a job after its createTask call: one method for each way it can go.

1. The task id is stored at once and until the database takes it, whatever happened to our
   term meanwhile: it is a fact about money that was spent.
2. No answer is not a refusal: such a job waits for a callback, then ends with an apology.
3. What surely had no effect goes back into the queue, for an hour at most.
4. What the database does not take stays here and is written when it does (``write_late``):
   until then the row says ``submitting``, and after the end of this process, unclear. A row
   at fault waits alone. What the database refuses for good is found by ``queue_limits.py``.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from threading import Event, Lock

from loguru import logger

import sql
from kie.api.account_state import AccountState
from kie.api.circuit import CircuitOpen
from kie.api.limiter import Busy
from kie.api.outcome import Failure
from kie.api.refusals import TaskRefused
from kie.http.attempt import Vetoed
from kie.http.not_sent import Untrusted
from kie.jobs import job_table, settle
from kie.jobs.job import Job
from kie.jobs.news import UNTRUSTED_KEY, News, untrusted
from kie.submission.queue_limits import AWAY_LIMIT
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Fenced
from supervisor.runtime.term import Term
from supervisor.runtime.wakeups import JOBS

_SQL = sql.load("kie")

#: Seconds before the first, second … new try when kie.ai is away.
PAUSES = (2.0, 5.0, 15.0, 30.0, 60.0)
UNCLEAR_PATIENCE = 600.0  #: seconds that a job without an answer waits for a callback
STORE_PATIENCE = 8.0  #: seconds for which a worker tries to store a task id

#: Notes, in the same transaction, that kie.ai refused a user a model that it does not offer any
#: more: model, user, reason.
Withdraw = Callable[[Tx, str, int, str], None]


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """How a call went, which the database did not hear of. Written twice it is written once."""

    job: Job
    carry_out: Callable[[], None]


class SubmitOutcomes:
    """Writes down how calls went. Thread-safe."""

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
                self._store_task(stored)
                return
            except BotError as error:
                if error.disposition is Disposition.GIVE_UP or self._clock.now() > give_up:
                    lost = logger.bind(job=job.id, task=task_id, reason=str(error))
                    lost.critical("task_id_not_stored")
                    if error.disposition is not Disposition.GIVE_UP:
                        self._keep(job, lambda: self._store_task(stored))
                    return
                self._clock.wait(never, 0.3)

    def refused(self, row: Row, job: Job, term: Term, error: TaskRefused) -> None:
        """kie.ai will not make it, and said so."""
        if error.once_more and row["attempts"] <= 1:
            self.requeue(row, term, str(error), PAUSES[0])
            return
        if error.operator is not None:
            self._account.refused(error.operator)

        def carry_out() -> None:
            with self._database.transaction(term, short=True) as tx:
                settle.fail(tx, job, error.failure, str(error), self._news)
                if error.operator is not None:
                    self._news.alert(tx, f"kie:{error.operator}", error.operator)
                if error.withdrawn:
                    self._withdraw(tx, job.model, job.user_id, str(error))

        self._record(job, carry_out)

    def later(self, row: Row, job: Job, term: Term, error: BotError) -> None:
        """It surely had no effect; the same call may work in a while."""
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
        alert: str | None = None,
    ) -> None:
        """Give the claim back; with ``tell`` the user hears that it takes longer, ``alert`` is
        what the operator hears."""
        claim = {"id": row["id"], "token": str(term.token), "pause": pause, "untried": untried}

        def carry_out() -> None:
            # Unfenced: it only gives back a claim that carries our own token.
            with self._database.transaction(short=True) as tx:
                if tx.one(_SQL["requeue"], {**claim, "error": reason[:500]}) is None:
                    return
                if tell:
                    self._tell(tx, row["id"])
                if alert is not None:
                    self._news.alert(tx, UNTRUSTED_KEY, alert)

        self._record(job_table.from_row(row), carry_out)

    def uploading(self, job: Job, term: Term, under_way: bool) -> None:
        """Say whether files are on their way. Raises ``Fenced``: the claim is not ours any more."""
        claim = {"id": job.id, "token": str(term.token), "uploading": under_way}
        with self._database.transaction(term) as tx:
            if tx.one(_SQL["set_uploading"], claim) is None:
                raise Fenced(f"job {job.id} is claimed by another term")

    def unclear(self, row: Row, job: Job, term: Term, reason: str, deadline: float) -> None:
        """The call went unanswered: a task that costs money may exist. Once a callback has
        named it, it has the time that every task of its kind has."""
        logger.bind(job=job.id, reason=reason).warning("submit_unclear")
        claim = {"id": row["id"], "token": str(term.token), "patience": UNCLEAR_PATIENCE}

        def carry_out() -> None:
            with self._database.transaction(short=True) as tx:
                unclear = {**claim, "error": reason[:500], "deadline": deadline}
                tx.one(_SQL["mark_unclear"], unclear)
                tx.wake(JOBS)

        self._record(job, carry_out)

    def unwritten(self) -> Collection[int]:
        """Jobs whose outcome is known here and not in the database."""
        with self._lock:
            return {each.job.id for each in self._unwritten}

    def write_late(self) -> bool:
        """Write what the database did not take before. True: it still does not."""
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

    def _store_task(self, stored: Row) -> None:
        with self._database.transaction(short=True) as tx:
            row = tx.one(_SQL["task_created"], stored)
            if row is None:
                late = tx.one(_SQL["task_created_late"], stored)
                found = logger.bind(job=stored["id"], task=stored["task_id"], late=bool(late))
                found.warning("task_created_late")
                return
            if tx.one(_SQL["adopt_orphan"], {"task_id": stored["task_id"]}) is not None:
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
        """Write how a call went, at once or later."""
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
    """Whether the database will never take it, or our own right to write it is over."""
    if not isinstance(error, BotError):
        return False
    return error.disposition in {Disposition.GIVE_UP, Disposition.STEP_DOWN}
