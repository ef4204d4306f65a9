"""A bot's jobs and money without threads: each step is a call, and the process may end at any
statement.

The database is real. kie.ai and Telegram are fakes that keep what the real ones keep: tasks that
cost money, and messages that a user got. Both survive every crash.
"""

import asyncio
import itertools
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sql
from handlers.bot_api.errors import ChatUnreachable
from handlers.delivery.chat_state import Outcome
from handlers.delivery.claims import Capacity, Claimed, Claims
from handlers.delivery.outbox import Outbox
from handlers.delivery.outcome import KnownUnreachable, Sent, judge
from handlers.delivery.outcome_recorder import OutcomeRecorder
from handlers.dispatch.feature import Installation, Parts
from handlers.dispatch.lanes import InboxRow
from handlers.dispatch.routing import Router
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.features import FEATURES, LAYOUT
from handlers.features.making.actions import CONFIRM
from handlers.features.privacy.eraser import Eraser
from handlers.features.results.news import JobNews
from handlers.shop.current_shop import CurrentShop
from handlers.shop.offers import offers_of
from handlers.shop.shop import Payment, Support
from kie.api.circuit import Circuit
from kie.api.client import Circuits
from kie.api.outcome import Failure, Result, Song
from kie.api.refusals import TaskRefused, TaskUnknown
from kie.api.wire import Failed, Report, Running, Succeeded
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
from supervisor.database.transactions import Database, Row
from supervisor.health.health import Health
from supervisor.http.routes import Head
from supervisor.runtime.errors import OutcomeUnknown, Rejected, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import Wakeups
from supervisor.telemetry.metrics import Metrics
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.fakes import FakeClock
from tests.support.postgres.mortal_database import BOT_ID, IDENTITY, Crash, MortalDatabase
from tests.support.shipped import shipped

ADMIN, USER = 4711, 7
PRICE = 5
#: One model of each family, and its inputs. Those of Veo and Suno go on from an earlier job.
WISHES: Mapping[str, Mapping[str, Any]] = {
    "z-image": {"prompt": "a fox", "aspect_ratio": "1:1"},
    "veo/4k": {"taskId": "0f" * 16},
    "suno/extend": {"audioId": "0f" * 16, "model": "V5"},
}
EVERYTHING = Capacity(slots=1, toasts=50, background=1)

MOST_BEFORE_A_RESULT = 100

_NUMBERS = itertools.count(1)


@dataclass
class Task:
    """A task at kie.ai: it has cost money, whoever knows of it."""

    id: str
    job: int
    end: str = ""  #: empty: still running


@dataclass
class KieAccount:
    """What kie.ai has and how its next answers are. Raises where a caller oversteps."""

    clock: FakeClock
    model: str
    tasks: list[Task] = field(default_factory=list)
    answer: str = "ok"
    report: str = "truth"
    #: What happens elsewhere while the call is under way.
    meanwhile: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.circuits = Circuits(Circuit(self.clock), Circuit(self.clock))

    def pause(self, _kind: str) -> float:
        return 0.0

    def create_task(
        self,
        model: str,
        inputs: Mapping[str, Any],
        callback_url: str | None,
        *,
        before: Callable[[], None],
    ) -> str:
        assert model == self.model
        assert WISHES[model].items() <= inputs.items()
        assert callback_url is not None
        before()
        without_effect: dict[str, BaseException] = {
            "crash before": Crash(),
            "refused": TaskRefused("no", Failure.REFUSED_CONTENT),
            "refused once": TaskRefused("try later", Failure.REFUSED_INPUT, once_more=True),
            "later": Unavailable("maintenance"),
            "lost request": OutcomeUnknown("no answer"),
        }
        if self.answer in without_effect:
            raise without_effect[self.answer]
        task = Task(f"task-{next(_NUMBERS)}", int(callback_url))
        self.tasks.append(task)
        self.meanwhile()
        if self.answer == "lost answer":
            raise OutcomeUnknown("no answer")
        if self.answer == "crash after":
            raise Crash
        assert self.answer == "ok", self.answer
        return task.id

    def record_info(self, task_id: str, model: str) -> Report:
        assert model == self.model
        self.meanwhile()
        if self.report == "unknown":
            raise TaskUnknown("recordInfo is null")
        if self.report == "unavailable":
            raise Unavailable("502")
        (task,) = [each for each in self.tasks if each.id == task_id]
        if task.end == "success":
            return Succeeded(_made(model, task.id), None)
        return Failed(Failure.BROKEN, "internal error") if task.end == "fail" else Running()

    def running(self) -> Sequence[Task]:
        return [task for task in self.tasks if not task.end]


def _made(model: str, task: str) -> Result:
    base = f"https://files.example/{task}"
    if not model.startswith("suno/"):
        return Result((f"{base}.png",))
    songs = tuple(Song(f"{base}-{number}.mp3", "The Fox", "Suno") for number in (1, 2))
    return Result(tuple(song.url for song in songs), songs=songs)


class NoTimer:
    def call_later(self, name: str, seconds: float, fn: Callable[[], None]) -> None:
        raise AssertionError(f"{name} wants to wait {seconds} s")

    def cancel(self, name: str) -> None:
        raise AssertionError(name)


class JobWorld:
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
            "sent": Sent(next(_NUMBERS)),
            "taken over": Sent(next(_NUMBERS)),
            "lost answer": OutcomeUnknown("no answer"),
            "lost request": OutcomeUnknown("no answer"),
            "refused": Rejected("not like this"),
            "later": Unavailable("502"),
            "blocked": ChatUnreachable("blocked"),
        }[how]

    # ------------------------------------------------------------ the tables --

    def rows(self, statement: str, **params: Any) -> list[Row]:
        """Around the crash: what a test does is no part of the process."""
        with Database.transaction(self.database) as tx:
            return tx.all(statement, params or None)

    def job_rows(self) -> list[Row]:
        return self.rows(
            "SELECT j.*, d.state AS delivery,"
            " (SELECT string_agg(kind, ' ' ORDER BY kind) FROM ledger WHERE job_id = j.id) AS kinds"
            " FROM generation_jobs AS j LEFT JOIN deliveries AS d"
            "   ON d.dedupe_key = 'job:' || j.id || ':end' ORDER BY j.id"
        )

    def balance(self) -> tuple[int, int]:
        (row,) = self.rows(
            "SELECT balance, (SELECT coalesce(sum(amount), 0)::bigint FROM ledger AS l"
            " WHERE l.user_id = 7 AND l.bot_id = a.bot_id) AS sum"
            " FROM accounts AS a WHERE user_id = 7 AND bot_id = %(bot)s",
            bot=BOT_ID,
        )
        return row["balance"], row["sum"]

    def hurry(self) -> None:
        """Whatever waits for its time is due, but for what nobody has answered."""
        self.rows(
            "UPDATE generation_jobs SET next_action_at = now() WHERE status <> 'unclear'"
            " AND (status <> 'fail' OR late_until IS NOT NULL)"
        )
        self.rows(
            "UPDATE deliveries AS d SET not_before = now() WHERE state IN ('pending', 'unknown')"
            " AND NOT EXISTS (SELECT 1 FROM chats WHERE chat_id = d.chat_id AND NOT reachable)"
        )

    def wipe(self) -> None:
        self.rows(
            "TRUNCATE users, generation_jobs, ledger, deliveries, chats, dialogues,"
            " telegram_updates, orphan_callbacks, lock_epochs, forgettings, forgotten_people"
            " RESTART IDENTITY CASCADE"
        )
        self.rows("INSERT INTO users (user_id) VALUES (7), (4711)")
        self.rows("SELECT ensure_account(%(bot)s, user_id) FROM users ORDER BY user_id", bot=BOT_ID)

    def close(self) -> None:
        self.database.close()


def press(data: str) -> dict[str, Any]:
    return telegram.press(data, message_id=next(_NUMBERS) + 10**6)
