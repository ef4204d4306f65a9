"""The conversation's parts on a real database, with a Telegram that does as it is told."""

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from prometheus_client import generate_latest

import sql
from handlers.delivery.calls import TelegramCalls
from handlers.delivery.claimed import EarlyClaims
from handlers.delivery.claims import Claims
from handlers.delivery.outbox import Outbox
from handlers.delivery.outcome_recorder import OutcomeRecorder
from handlers.delivery.sender import Sender
from handlers.dialogue.effects import Keyboard
from handlers.dialogue.places import Spot
from handlers.dispatch.begun_updates import BegunUpdates
from handlers.dispatch.dispatcher import Dispatcher
from handlers.dispatch.feature import Installation, Parts
from handlers.dispatch.lanes import CHATS, LaneRange
from handlers.dispatch.routing import Router
from handlers.dispatch.their_step import Theirs
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.features import COMMANDS, FEATURES, LAYOUT
from handlers.features.results.news import JobNews
from handlers.intake.inbox import Inbox
from handlers.shop.current_shop import CurrentShop
from handlers.shop.offers import offers_of
from handlers.shop.shop import Payment, Support
from kie.catalogue.availability import Snapshot
from kie.files.link_reader import Files as LinkedFiles
from kie.files.made_files import MadeFiles
from kie.money.packs import Pack
from supervisor.database.transactions import Database
from supervisor.health.health import Health
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.progress import Progress
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from supervisor.telemetry.logs import Redactor
from supervisor.telemetry.metrics import Metrics
from tests.support.chats.fake_telegram import FakeTelegram
from tests.support.edges.link_files import Files
from tests.support.machine.waiting import until, within
from tests.support.postgres.looks import Looks
from tests.support.shipped import shipped

BOT_ID = 123456
FENCE_KEY = 77
ADMIN = 4711


class Conversation:
    """Everything between the inbox and Telegram, for one bot on one database."""

    def __init__(
        self,
        dsn: Secret,
        *,
        files: LinkedFiles | None = None,
        operators: Sequence[int] = (ADMIN,),
        early: EarlyClaims | None = None,
    ) -> None:
        """``early``: as in production, answers are claimed where they are written. Without it each
        one is found by a look at the table."""
        self.early = early
        self.wakeups = Wakeups()
        self.clock = SystemClock()
        self.metrics = Metrics()
        self.database = Database(
            dsn, size=12, bot_id=BOT_ID, fence_key=FENCE_KEY, name="test", wakeups=self.wakeups
        )
        self.database.is_active = True
        self._dsn = dsn
        self._looks = Looks(dsn)
        self.outbox = Outbox(BOT_ID, operators, remedies=self._remedies, early=early)
        catalogue = shipped()
        offers = offers_of(catalogue)
        self.closed: str | None = None
        payment = Payment(bank="Savings <Bank>", card="2200 0000 0000 0000")
        self.display = Snapshot()
        self.current_shop = CurrentShop(
            offers,
            Support(),
            lambda: self.closed,
            payment,
            operators,
            lambda: self.display,
            catalogue.does,
        )
        health = Health(self.clock, mode="polling", instance_id="test", version="0")
        identity = Identity(Secret(f"{BOT_ID}:TEST-TOKEN"))
        self.installation = Installation(
            identity, self.outbox, self.metrics, health, Redactor().clean
        )
        self.router = Router(FEATURES, LAYOUT, COMMANDS)
        self.work = UnitOfWork(self.database, self.installation, self.router, self.current_shop)
        self.news = JobNews(
            self.outbox, self.current_shop, offers, self.router.places, code=identity.wish_code
        )
        self.inbox = Inbox(self.database, BOT_ID, metrics=self.metrics)
        self._numbers: dict[int, set[int]] = {}  #: of the updates that were stored, by lane
        self.claims = Claims(self.database, BOT_ID, self.clock)
        self.recording = OutcomeRecorder(
            self.database,
            BOT_ID,
            self.clock,
            self.metrics.credits_out.labels("paid").inc,
            self.outbox,
        )
        self.telegram = FakeTelegram()
        self._files = files or Files()
        self.term, self.gate = self.new_term()

    def _remedies(self, place: str, language: str, user_id: int) -> Keyboard:
        spot = Spot(language, self.current_shop(), user_id=user_id)
        return self.router.places.keyboard(place, spot)

    def new_term(self) -> tuple[Term, Gate]:
        """The next term; the one before is over."""
        lock = sql.load("lock")
        token = uuid.uuid4()
        params = {
            "key": 1,
            "token": str(token),
            "bot_id": BOT_ID,
            "instance_id": "test",
            "system_id": None,
            "timeline": None,
            "reason": "test",
        }
        with self.database.transaction() as tx:
            tx.run(lock["end_predecessor"], params)
            row = tx.one(lock["begin_term"], params)
        assert row is not None
        gate = Gate(self.clock)
        gate.extend(self.clock.now() + 10_000)
        self.term, self.gate = Term(row["epoch"], token), gate
        return self.term, gate

    def dispatcher(
        self, handler: Any = None, progress: Progress | None = None, lane_range: LaneRange = CHATS
    ) -> Dispatcher:
        return Dispatcher(
            database=self.database,
            bot_id=BOT_ID,
            wakeups=self.wakeups,
            clock=self.clock,
            handler=handler or self.work,
            begun=BegunUpdates(self.database, self.outbox, BOT_ID, self.clock),
            metrics=self.metrics,
            progress=progress,
            lane_range=lane_range,
        )

    def sell(self, *packs: Pack) -> None:
        """These packs are on sale."""
        self.display = replace(self.display, packs=packs)

    @contextmanager
    def dispatching(
        self, handler: Any = None, progress: Progress | None = None, lane_range: LaneRange = CHATS
    ) -> Iterator[Dispatcher]:
        dispatcher = self.dispatcher(handler, progress, lane_range)
        dispatcher.start(self.term, self.gate)
        try:
            yield dispatcher
        finally:
            dispatcher.stop()
            assert within(dispatcher.join, 10)
        assert dispatcher.failure is None

    @contextmanager
    def storing(self) -> Iterator[None]:
        self.inbox.start()
        try:
            yield
        finally:
            self.inbox.stop()
            assert within(self.inbox.join, 10)

    @contextmanager
    def sending(self) -> Iterator[threading.Event]:
        """The sender in a loop of its own thread; the event is set when it has ended."""
        ready, over = threading.Event(), threading.Event()
        ended: list[BaseException] = []
        handles: list[Any] = []

        async def main() -> None:
            stop = asyncio.Event()
            handles.extend([asyncio.get_running_loop(), stop])
            ready.set()
            sender = self.sender()
            await sender.run(self.term, self.gate, stop)

        def body() -> None:
            try:
                asyncio.run(main())
            except BaseException as error:  # noqa: BLE001 the owner of the thread
                ended.append(error)
            finally:
                over.set()

        thread = threading.Thread(target=body)
        thread.start()
        ready.wait(5)
        try:
            yield over
        finally:
            if thread.is_alive():
                handles[0].call_soon_threadsafe(handles[1].set)
            thread.join(15)
            assert not thread.is_alive()
        if ended:
            raise ended[0]

    def sender(self) -> Sender:
        return Sender(
            claims=self.claims,
            recorder=self.recording,
            calls=TelegramCalls(
                self.telegram, MadeFiles(self.database, BOT_ID, self._files), self.clock
            ),
            clock=self.clock,
            wakeups=self.wakeups,
            metrics=self.metrics,
            early=self.early,
        )

    def counted(self) -> bytes:
        """What /metrics would show."""
        return generate_latest(self.metrics.registry)

    def rows(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        return self._looks.rows(statement, *params)

    def lock_waits(self) -> list[dict[str, Any]]:
        """Sessions that wait for a lock of another one."""
        return self.rows(
            "SELECT pid FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )

    def until(self, fact: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
        """The first true value of a fact of the database or of Telegram."""
        return until(fact, seconds, what, pause=0.01)

    def put(self, *updates: dict[str, Any], anew: bool = False) -> None:
        """Store updates as a receiver would, and wait for the commit.

        Refuses one with a smaller number than another of its chat that was stored before: which
        of the two is handled first would be a matter of milliseconds. Stored once more is fine.
        ``anew``: Telegram's numbers have begun anew, as after a week of silence.
        """
        from handlers.intake.envelope import envelope_of

        envelopes = [envelope_of(json.dumps(each).encode()) for each in updates]
        if anew:
            self._numbers.clear()
        for each in envelopes:
            known, number = self._numbers.setdefault(each.lane, {-1}), each.update_id
            assert number is None or number in known or number > max(known), f"too late: {each}"
            known.add(number or 0)
        asyncio.run(self.inbox.store(envelopes))

    def parts(self, **changes: Any) -> Parts:
        """What a service of a feature gets; ``changes`` are parts that the test plays itself."""
        given: dict[str, Any] = {
            "installation": self.installation,
            "database": self.database,
            "clock": self.clock,
            "wakeups": self.wakeups,
            "shop": self.current_shop,
            "members": self.telegram,
            "places": self.router.places,
            "current": lambda tx, user: Theirs(tx, BOT_ID, self.router, self.current_shop()).screen(
                user
            ),
        }
        unused: Any = None
        return Parts(**{"thread": unused, "task": unused, "stars": unused, **given, **changes})

    def close(self) -> None:
        self._looks.close()
        self.database.close()
