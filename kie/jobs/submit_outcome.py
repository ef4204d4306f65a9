"""What becomes of a job after its createTask call: one method for each way it can go.

1. The task id is stored at once and until the database takes it, whatever happened to our
   term meanwhile: it is a fact about money that was spent.
2. No answer is not a refusal: such a job waits for a callback, then ends with an apology.
3. What surely had no effect goes back into the queue, for an hour at most.
4. What the database does not take stays here and is written when it does (``write_late``):
   until then the row says ``submitting``, and after the end of this process, unclear.
"""

from collections import deque
from collections.abc import Callable
from threading import Event

from loguru import logger

import sql
from kie.api.account_state import AccountState
from kie.api.attempt import Vetoed
from kie.api.circuit import Away
from kie.api.limiter import Busy
from kie.api.outcome import Failure
from kie.api.wire import TaskRefused
from kie.jobs import job_table, settle
from kie.jobs.job import Job
from kie.jobs.news import News
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition, Fenced
from supervisor.runtime.term import Term
from supervisor.runtime.wakeups import JOBS

_SQL = sql.load("kie")

#: Seconds before the first, second … new try when kie.ai is away.
PAUSES = (2.0, 5.0, 15.0, 30.0, 60.0)
GIVE_UP = 3600.0  #: seconds after which a job that kie.ai never took is given back
UNCLEAR_PATIENCE = 600.0  #: seconds that a job without an answer waits for a callback
STORE_PATIENCE = 8.0  #: seconds for which a worker tries to store a task id

#: Tells the operator, in the same transaction, that kie.ai does not offer a model any more.
Withdraw = Callable[[Tx, str, str], None]


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
        #: How calls went that the database did not hear of, in order; of any term.
        self._unwritten: deque[tuple[Job, Callable[[], None]]] = deque()

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
                        self._unwritten.append((job, lambda: self._store_task(stored)))
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
            with self._database.transaction(term) as tx:
                settle.fail(tx, job, error.failure, str(error), self._news)
                if error.operator is not None:
                    self._news.alert(tx, f"kie:{error.operator}", error.operator)
                if error.withdrawn:
                    self._withdraw(tx, job.model, str(error))

        self._record(job, carry_out)

    def later(self, row: Row, job: Job, term: Term, error: BotError) -> None:
        """It surely had no effect; the same call may work in a while."""
        untried = isinstance(error, Away | Busy | Vetoed)
        if job.seconds > GIVE_UP and not untried:
            self._record(job, lambda: self._give_back(term, job, str(error)))
            return
        logger.bind(job=job.id, reason=str(error)).warning("submit_later")
        pause = 0.0 if untried else PAUSES[min(row["attempts"], len(PAUSES)) - 1]
        named = getattr(error, "retry_after", None) or 0.0
        tell = not isinstance(error, Busy | Vetoed)
        self.requeue(row, term, str(error), max(pause, named), untried=untried, tell=tell)

    def requeue(
        self,
        row: Row,
        term: Term,
        reason: str,
        pause: float,
        *,
        untried: bool = False,
        tell: bool = False,
    ) -> None:
        """Give the claim back; with ``tell`` the user hears that it takes longer."""
        claim = {"id": row["id"], "token": str(term.token), "pause": pause, "untried": untried}

        def carry_out() -> None:
            # Unfenced: it only gives back a claim that carries our own token.
            with self._database.transaction() as tx:
                if tx.one(_SQL["requeue"], {**claim, "error": reason[:500]}) and tell:
                    self._tell(tx, row["id"])

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
            with self._database.transaction() as tx:
                unclear = {**claim, "error": reason[:500], "deadline": deadline}
                tx.one(_SQL["mark_unclear"], unclear)
                tx.wake(JOBS)

        self._record(job, carry_out)

    def while_away(self, term: Term) -> None:
        """kie.ai is down: users of queued jobs are told, and after an hour given back."""
        with self._database.transaction(term) as tx:
            self._tell(tx, None)
            patience = {"bot_id": self._bot_id, "patience": GIVE_UP}
            for row in tx.all(_SQL["kept_too_long"], patience):
                told = "kie.ai has not answered for too long"
                job = job_table.from_row(row)
                settle.fail(tx, job, Failure.UNAVAILABLE, told, self._news)

    def write_late(self) -> bool:
        """Write what the database did not take before. True: it still does not."""
        for _ in range(len(self._unwritten)):
            job, carry_out = self._unwritten.popleft()
            try:
                carry_out()
            except BotError as error:
                told = logger.bind(job=job.id, reason=str(error))
                if error.disposition in {Disposition.RETRY, Disposition.ASK}:
                    told.debug("submit_not_written")
                    self._unwritten.appendleft((job, carry_out))
                    return True
                told.warning("submit_not_written")
            else:
                logger.bind(job=job.id).info("submit_written_late")
        return False

    # ------------------------------------------------------------- internal --

    def _store_task(self, stored: Row) -> None:
        with self._database.transaction() as tx:
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
        with self._database.transaction(term) as tx:
            settle.fail(tx, job, Failure.UNAVAILABLE, reason, self._news)

    def _tell(self, tx: Tx, job_id: int | None) -> None:
        for row in tx.all(_SQL["tell_delayed"], {"bot_id": self._bot_id, "id": job_id}):
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
        self._unwritten.append((job, carry_out))
