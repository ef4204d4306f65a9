"""Submitter and poller over a real database and a simulated kie.ai, for tests of jobs."""

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from handlers.words.notice_text import text_of
from kie.api.circuit import Circuit
from kie.api.client import Circuits, KieClient
from kie.api.limiter import Limiter
from kie.api.notice import Notice
from kie.api.outcome import Failure, Result
from kie.catalogue.availability import Availability, Snapshot
from kie.catalogue.user_file import UserFile
from kie.files.input_files import InputFiles
from kie.jobs import job_table
from kie.jobs.account_state import AccountState
from kie.jobs.callbacks import JobCallback
from kie.jobs.job import Job, NewJob
from kie.jobs.poll_schedule import PollSchedule
from kie.jobs.poller import Poller
from kie.money import ledger
from kie.submission.submitter import Submitter
from sandbox.files.picture import draw
from sandbox.kie.client import KieControl
from supervisor.database.transactions import Database, Row, Tx
from supervisor.http.routes import Head
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.scheduler import Scheduler
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceThread
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.edges.simulators import KIE_KEY
from tests.support.machine.waiting import until, within
from tests.support.shipped import shipped

CLOCK = SystemClock()


def kie_client(url: str, key: str = KIE_KEY) -> KieClient:
    """The real client for a simulator at ``url``."""
    return KieClient(
        api_url=url,
        upload_url=url,
        key=Secret(key),
        version="test",
        limiter=Limiter(CLOCK),
        circuits=Circuits(Circuit(CLOCK), Circuit(CLOCK)),
        clock=CLOCK,
    )


INPUTS = {"prompt": "a cat", "aspect_ratio": "1:1", "nsfw_checker": True}


class Told:
    """A ``News`` that remembers; called inside transactions, so aborted ones count too."""

    def __init__(self) -> None:
        self.news: list[tuple[str, int]] = []
        self.alerts: list[str] = []

    def started(self, tx: Tx, job: Job) -> None:
        self.news.append(("started", job.id))

    def delayed(self, tx: Tx, job: Job) -> None:
        self.news.append(("delayed", job.id))

    def queued(self, tx: Tx, job: Job, place: int) -> None:
        self.news.append((f"place {place}", job.id))

    def succeeded(self, tx: Tx, job: Job, result: Result) -> None:
        self.news.append(("succeeded", job.id))

    def gift(self, tx: Tx, job: Job, result: Result) -> None:
        self.news.append(("gift", job.id))

    def failed(self, tx: Tx, job: Job, failure: Failure) -> None:
        self.news.append((failure.value, job.id))

    def alert(self, tx: Tx, key: str, notice: Notice) -> None:
        self.alerts.append(text_of(notice, "en"))

    def ends(self) -> list[str]:
        return [what for what, _ in self.news if what not in {"started", "delayed"}]


class Files:
    """Users' files: a picture each, after the failures that a test wants first."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.before: Callable[[], object] = lambda: None
        self.fetched: list[str] = []
        self.content: bytes | None = None  #: of every file

    def fetch(self, file: UserFile) -> bytes:
        self.fetched.append(file.file_id)
        self.before()
        if self.failures:
            raise self.failures.pop(0)
        return draw(file.file_id, "1:1") if self.content is None else self.content


class Shop:
    """Submitter and poller of one term, over a real database and a simulated kie.ai."""

    def __init__(
        self, database: Database, identity: Identity, wakeups: Wakeups, url: str, kie: KieControl
    ) -> None:
        self.database = database
        self.identity = identity
        self.kie = kie
        self.told = Told()
        self.account = AccountState()
        self.callback_base = "http://127.0.0.1:9"  # nobody is there: polls must do
        self.scheduler = Scheduler(CLOCK)
        self.scheduler.start()
        self.client = kie_client(url)
        self.schedule = PollSchedule(CLOCK)
        shared: dict[str, Any] = {
            "database": database,
            "client": self.client,
            "news": self.told,
            "account": self.account,
            "wakeups": wakeups,
            "clock": CLOCK,
            "bot_id": identity.bot_id,
        }
        self.availability = Availability(database, self.told, wakeups, CLOCK, identity.bot_id)
        self.files = Files()
        catalogue, uploads = shipped(), InputFiles(self.files, self.client.upload, CLOCK)
        submitter = Submitter(
            **shared,
            resolve=uploads.resolve,
            doubt=uploads.doubt,
            withdraw=self.availability.refused,
            accepted=self.availability.accepted,
            catalogue=catalogue,
            callback_url=lambda job: identity.callback_url(self.callback_base, job),
            first_look=self.schedule.first_look,
        )
        poller = Poller(
            **shared,
            schedule=self.schedule,
            timer=self.scheduler,
            cost=lambda job: catalogue.cost(job.model, job.inputs),
            doubt=uploads.doubt,
        )
        self.submitter = ServiceThread("submitter", submitter.run)
        self.poller = ServiceThread("poller", poller.run)
        self.others: list[ServiceThread] = []
        self.term = self.new_term()

    def new_term(self) -> Term:
        term = Term(epoch=0, token=uuid.uuid4())
        with self.database.transaction() as tx:
            tx.run("UPDATE lock_epochs SET ended_at = now() WHERE ended_at IS NULL")
            tx.run(
                "INSERT INTO lock_epochs (lock_key, epoch, token, bot_id, instance_id, backend_pid)"
                " SELECT 1, coalesce(max(epoch), 0) + 1, %(token)s, 1, 't', 1 FROM lock_epochs",
                {"token": str(term.token)},
            )
        return term

    def start(self, *services: ServiceThread) -> None:
        gate = Gate(CLOCK)
        gate.extend(CLOCK.now() + 3600)
        for service in services or (self.submitter, self.poller, *self.others):
            service.start(self.term, gate)

    def stop(self) -> None:
        for service in (self.submitter, self.poller, *self.others):
            service.stop()
        for service in (self.submitter, self.poller, *self.others):
            assert within(service.join, 10)
            assert service.failure is None
        self.scheduler.stop()

    def order(
        self,
        key: str = "k",
        price: int = 0,
        *,
        model: str = "z-image",
        inputs: Mapping[str, Any] = INPUTS,
        user: int = 7,
    ) -> int:
        bot_id = self.identity.bot_id
        with self.database.transaction() as tx:
            named = {"bot": bot_id, "user": user}
            tx.one("SELECT ensure_user(%(user)s), ensure_account(%(bot)s, %(user)s)", named)
            ledger.book(tx, bot_id, user, "topup", price, note=None, key=f"topup:{key}")
            new = NewJob(user, user, "en", model, inputs, price, key, None)
            return job_table.create(tx, self.identity.bot_id, new)

    def look_at_models(self) -> Snapshot:
        self.availability.look()
        return self.availability.snapshot()

    def row(self, job: int) -> Row:
        with self.database.transaction() as tx:
            found = tx.one("SELECT * FROM generation_jobs WHERE id = %(id)s", {"id": job})
        assert found is not None
        return found

    def until_state(self, job: int, *states: str, seconds: float = 12.0) -> Row:
        until(lambda: self.row(job)["status"] in states, seconds, f"job in {states}")
        return self.row(job)

    def until(self, fact: Callable[[], Any], what: str) -> None:
        until(fact, 12, what)

    def balance(self) -> int:
        with self.database.transaction() as tx:
            row = tx.one("SELECT balance FROM accounts WHERE user_id = 7")
        assert row is not None
        return int(row["balance"])

    def hurry(self, job: int) -> None:
        """What the job waits for is due now."""
        with self.database.transaction() as tx:
            tx.run(
                "UPDATE generation_jobs SET next_action_at = now() WHERE id = %(id)s", {"id": job}
            )
            tx.wake("jobs")

    def call_back(self, job: int, body: object) -> int:
        """A callback on the job's own URL, straight into its route."""
        route = JobCallback(self.database, self.identity, None)
        captured = {"job": str(job), "signature": self.identity.callback_signature(job)}
        head = Head("POST", "/", captured, {})
        refused = route.admit(head)
        if refused is not None:
            return refused.status
        return asyncio.run(route.answer(head, json.dumps(body).encode())).status

    def tasks(self) -> int:
        return len(self.kie.tasks())
