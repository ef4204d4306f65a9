"""A bot's jobs and money without threads: each step is a call, and the process may end at any
statement.

The database is real. kie.ai and Telegram are fakes that keep what the real ones keep: tasks that
cost money, and messages that a user got. Both survive every crash.
"""

import asyncio
import json
import uuid
from dataclasses import replace
from typing import Any

import sql
from handlers.bot_api.errors import ChatUnreachable
from handlers.delivery.chat_state import Outcome
from handlers.delivery.claimed import Claimed
from handlers.delivery.claims import Capacity, Claims
from handlers.delivery.outbox import Outbox
from handlers.delivery.outcome import KnownUnreachable, Sent, judge
from handlers.delivery.outcome_recorder import OutcomeRecorder
from handlers.dispatch.feature import Installation, Parts
from handlers.dispatch.lanes import InboxRow
from handlers.dispatch.routing import Router
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.features import FEATURES, LAYOUT
from handlers.features.making.dialogue_state import CONFIRM
from handlers.features.privacy.eraser import Eraser
from handlers.features.results.news import JobNews
from handlers.shop.current_shop import CurrentShop
from handlers.shop.offers import offers_of
from handlers.shop.shop import Payment, Support
from kie.catalogue.availability import Snapshot
from kie.catalogue.catalogue import Catalogue
from kie.jobs.account_state import AccountState
from kie.jobs.callbacks import JobCallback
from kie.jobs.job_table import MOST_RUNNING
from kie.jobs.poll_schedule import PollSchedule
from kie.jobs.poller import Poller
from kie.money.audit import Audit
from kie.money.packs import Pack
from kie.submission.submitter import Submitter
from supervisor.health.health import Health
from supervisor.http.routes import Head
from supervisor.runtime.errors import OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import Wakeups
from supervisor.telemetry.metrics import Metrics
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.fakes import FakeClock
from tests.support.jobs.job_tables import JobTables
from tests.support.jobs.kie_account import NUMBERS, WISHES, KieAccount, NoTimer, Task
from tests.support.postgres.mortal_database import BOT_ID, IDENTITY, Crash, MortalDatabase
from tests.support.shipped import shipped

ADMIN, USER = 4711, 7
PRICE = 5
EVERYTHING = Capacity(slots=1, toasts=50, background=1)

MOST_BEFORE_A_RESULT = 100


class JobWorld(JobTables):
    """One bot, one user, and everything that a process of the bot would run."""

    def __init__(
        self, dsn: Secret, model: str = "z-image", *, packs: tuple[Pack, ...] = ()
    ) -> None:
        """``packs`` are on sale."""
        self.display = Snapshot(packs=packs)
        self.clock = FakeClock()
        self.wakeups = Wakeups()
        self.database = MortalDatabase(dsn, self.wakeups)
        self.model = model
        self.kie = KieAccount(self.clock, model)
        #: Results that the user has, by job; Telegram forgets nothing.
        self.has: dict[int, int] = {}
        self.metrics = Metrics()
        self.catalogue = shipped()
        sold = self.catalogue.model(model)
        assert sold is not None
        priced = replace(sold, fixed_price=PRICE, free_per_day=None)
        offer = offers_of(Catalogue((priced,)))[model]
        self.offers = {model: offer}
        #: Jobs without an end that a user may have.
        self.most_running = MOST_RUNNING[offer.kind]
        self.wipe()
        self.take_over()

    def take_over(self) -> None:
        """The process, if there was one, is gone; another one has won the next term."""
        self.database.fate.left = 0
        token = uuid.uuid4()
        key = {"key": 1, "token": str(token), "bot_id": BOT_ID, "reason": "test"}
        with self.database.transaction() as tx:
            lock = sql.load("lock")
            tx.run(lock["end_predecessor"], key)
            instance = {"instance_id": "machine", "system_id": None, "timeline": None}
            row = tx.one(lock["begin_term"], {**key, **instance})
            tx.run(sql.load("submission")["orphaned_submissions"], key)
        assert row is not None
        self.term = Term(row["epoch"], token)
        self.gate = Gate(self.clock)
        self.gate.extend(self.clock.now() + 10**9)
        self._begin()
        self.recording.recover(self.term)

    def _begin(self) -> None:
        """Everything that a process holds in memory."""
        catalogue, offers = self.catalogue, self.offers
        outbox = Outbox(BOT_ID, [ADMIN])
        self.account = account = AccountState()
        current_shop = CurrentShop(
            offers, Support(), account.reason, Payment(), [ADMIN], lambda: self.display
        )
        router = Router(FEATURES, LAYOUT)
        news = JobNews(outbox, current_shop, offers, router.places)
        health = Health(self.clock, mode="polling", instance_id="test", version="0")
        installation = Installation(IDENTITY, outbox, self.metrics, health, str)
        unused: Any = None
        self.eraser = Eraser(
            Parts(
                installation=installation,
                database=self.database,
                clock=self.clock,
                wakeups=self.wakeups,
                shop=current_shop,
                thread=unused,
                task=unused,
                stars=unused,
                members=unused,
            )
        )
        self.work = UnitOfWork(self.database, installation, router, current_shop)
        self.claims = Claims(self.database, BOT_ID, self.clock)
        self.recording = OutcomeRecorder(self.database, BOT_ID, self.clock)
        shared: dict[str, Any] = {
            "database": self.database,
            "client": self.kie,
            "news": news,
            "account": account,
            "wakeups": self.wakeups,
            "clock": self.clock,
            "bot_id": BOT_ID,
        }
        self.submitter = Submitter(
            **shared, catalogue=catalogue, callback_url=str, first_look=lambda seconds: seconds
        )
        self.poller = Poller(**shared, schedule=PollSchedule(self.clock), timer=NoTimer())
        self.callback = JobCallback(self.database, IDENTITY, None)
        self.audit = Audit(
            database=self.database,
            alerts=news,
            metrics=self.metrics,
            timer=NoTimer(),
            clock=self.clock,
            bot_id=BOT_ID,
        )

    # ---------------------------------------------------------------- steps --

    def hear(self, update: dict[str, Any]) -> None:
        """An update is stored, and handled. Stored it stays, whatever happens then."""
        self.store(update)
        self.handle_updates()

    def store(self, update: dict[str, Any]) -> None:
        """What a receiver does."""
        body = json.dumps(update)
        self.rows(
            "INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)"
            " VALUES (%(bot)s, %(id)s, 7, 'test', %(body)s)",
            bot=BOT_ID,
            id=update["update_id"],
            body=body,
        )

    def handle_updates(self) -> None:
        """What the dispatcher does, one after the other."""
        for row in self.rows(
            "SELECT seq, update_id, body FROM telegram_updates WHERE state = 'new' ORDER BY seq"
        ):
            waiting = InboxRow(row["seq"], USER, row["update_id"], row["body"], 0)
            self.work.handle(self.term, waiting)

    def confirm_screen(self) -> str:
        """The user is before the button that makes a job; returns the button."""
        (row,) = self.rows(
            "INSERT INTO dialogues (bot_id, chat_id, user_id, step, version, answers)"
            " VALUES (%(bot)s, 7, 7, %(step)s, 1, %(answers)s)"
            " ON CONFLICT (bot_id, chat_id, user_id) DO UPDATE SET step = EXCLUDED.step,"
            "  version = dialogues.version + 1, answers = EXCLUDED.answers"
            " RETURNING version",
            bot=BOT_ID,
            step=CONFIRM,
            answers=json.dumps({"model": self.model, "inputs": WISHES[self.model]}),
        )
        return f"create|{row['version']}|"

    def submit(self) -> None:
        """One due job is sent to kie.ai."""
        for row in self.submitter._claim(self.term, 1):
            self.submitter._submit(row, self.term, self.gate, self.submitter._client)

    def poll(self) -> None:
        """Every due row is looked at once, in the order of the poller."""
        due, _ = self.poller._due(set())
        for row in due:
            self.poller._handle(row, self.term, self.gate, self.poller._client)

    def call_back(self, task: Task) -> int:
        signature = IDENTITY.callback_signature(task.job)
        head = Head("POST", "/", {"job": str(task.job), "signature": signature}, {})
        assert self.callback.admit(head) is None
        body = json.dumps({"data": {"taskId": task.id}}).encode()
        return asyncio.run(self.callback.answer(head, body)).status

    def deliver(self, how: str) -> None:
        """What is before the next result goes to Telegram as it should; the result as
        ``how`` says. What came of each is recorded by the term that claimed it."""
        term, claims, recording = self.term, self.claims, self.recording
        outcomes: list[Outcome] = []
        for _ in range(MOST_BEFORE_A_RESULT):
            recording.record(term, outcomes)
            turn = claims.claim(term, busy=(), held=(), capacity=EVERYTHING)
            outcomes = []
            for each in turn.claimed:
                outcome = self._telegram(each, how if each.kind == "result" else "sent")
                verdict = judge(each.kind, each.tries, each.unknowns, outcome, each.age)
                outcomes.append((each, verdict))
            if not outcomes:
                return
            if any(each.kind == "result" for each, _ in outcomes):
                break
        recording.record(term, outcomes)

    def _telegram(self, claimed: Claimed, how: str) -> Any:
        if not claimed.reachable:
            return KnownUnreachable("known to be closed")
        if how == "crash before":
            raise Crash
        arrives = how in {"sent", "lost answer", "crash after", "taken over"}
        if arrives and claimed.kind == "result" and claimed.payload["do"] in {"media", "album"}:
            assert claimed.job_id is not None
            self.has[claimed.job_id] = self.has.get(claimed.job_id, 0) + 1
        if how == "crash after":
            raise Crash
        if how == "taken over":
            self.take_over()
        return {
            "sent": Sent(next(NUMBERS)),
            "taken over": Sent(next(NUMBERS)),
            "lost answer": OutcomeUnknown("no answer"),
            "lost request": OutcomeUnknown("no answer"),
            "refused": Rejected("not like this"),
            "later": Unavailable("502"),
            "blocked": ChatUnreachable("blocked"),
        }[how]


def press(data: str) -> dict[str, Any]:
    return telegram.press(data, message_id=next(NUMBERS) + 10**6)
