"""The conversation's parts on a real database, with a Telegram that does as it is told."""

import asyncio
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg2
import psycopg2.extras
from prometheus_client import generate_latest
from telegram import ReplyKeyboardRemove

import sql
from handlers.bot_api.calls import keep_result
from handlers.delivery.calls import TelegramCalls
from handlers.delivery.claims import Claims
from handlers.delivery.link_reader import Files as LinkedFiles
from handlers.delivery.outbox import Outbox
from handlers.delivery.outcome_recorder import OutcomeRecorder
from handlers.delivery.sender import Sender
from handlers.dispatch.begun_updates import BegunUpdates
from handlers.dispatch.dispatcher import Dispatcher
from handlers.dispatch.feature import Installation, Parts
from handlers.dispatch.lanes import CHATS, LaneRange
from handlers.dispatch.routing import Router
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.features import COMMANDS, FEATURES, LAYOUT
from handlers.features.results.news import JobNews
from handlers.intake.inbox import Inbox
from handlers.shop.current_shop import CurrentShop
from handlers.shop.offers import offers_of
from handlers.shop.shop import Payment, Support
from kie.catalogue.availability import Snapshot
from kie.catalogue.catalogue import Catalogue
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
from tests.support.link_files import Files
from tests.support.waiting import until, within

BOT_ID = 123456
FENCE_KEY = 77
ADMIN = 4711


#: The number of the message that takes a reply keyboard away.
SHORT_LIVED = 1


class FakeTelegram:
    """PTB's ``Bot`` over our request: fails where a test said so; another call is an error."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        #: method → what the next calls do: an exception to raise, or None to succeed
        self.script: dict[str, list[Exception | None]] = {}
        #: method → what has a ``wait`` that its calls await before they answer
        self.held: dict[str, Any] = {}
        #: What the next questions for a member of a group are answered with.
        self.members: list[dict[str, Any]] = []
        self._ids = iter(range(9000, 10**6))

    async def _called(self, method: str, **details: Any) -> None:
        self.calls.append((method, details))
        hold = self.held.get(method)
        if hold is not None:
            await hold.wait()
        queue = self.script.get(method)
        if queue:
            failure = queue.pop(0)
            if failure is not None:
                raise failure
        keep_result(True)

    async def send_message(self, chat_id: int, text: str, **options: Any) -> None:
        if isinstance(options["reply_markup"], ReplyKeyboardRemove):
            # It is gone again at once; tests look at what stays.
            await self._called("remove_reply_keyboard", chat_id=chat_id, text=text)
            keep_result({"message_id": SHORT_LIVED})
            return
        await self._called("send_message", chat_id=chat_id, text=text, **options)
        keep_result(self._message(chat_id))

    async def edit_message_text(self, text: str, **options: Any) -> None:
        await self._called("edit_message_text", text=text, **options)

    async def edit_message_reply_markup(self, **options: Any) -> None:
        await self._called("edit_message_reply_markup", **options)

    async def edit_message_media(self, media: Any, **options: Any) -> None:
        await self._called("edit_message_media", media=media, **options)

    async def delete_message(self, chat_id: int, message_id: int) -> None:
        method = "clear_up" if message_id == SHORT_LIVED else "delete_message"
        await self._called(method, chat_id=chat_id, message_id=message_id)

    async def answer_callback_query(self, callback_query_id: str, **options: Any) -> None:
        await self._called("answer_callback_query", query_id=callback_query_id, **options)

    async def answer_inline_query(self, inline_query_id: str, results: Any, **options: Any) -> None:
        query = {"query_id": inline_query_id, "results": results}
        await self._called("answer_inline_query", **query, **options)

    async def set_my_commands(self, commands: Any, **options: Any) -> None:
        await self._called("set_my_commands", commands=commands, **options)

    async def get_chat_member(self, chat_id: int, user_id: int) -> None:
        await self._called("get_chat_member", chat_id=chat_id, user_id=user_id)
        keep_result(self.members.pop(0))

    async def answer_pre_checkout_query(
        self, pre_checkout_query_id: str, ok: bool, **options: Any
    ) -> None:
        query = {"query_id": pre_checkout_query_id, "ok": ok}
        await self._called("answer_pre_checkout_query", **query, **options)

    async def send_invoice(
        self,
        chat_id: int,
        title: str,
        description: str,
        payload: str,
        currency: str,
        prices: Any,
        **options: Any,
    ) -> None:
        invoice = {"title": title, "payload": payload, "currency": currency, "prices": prices}
        await self._called("send_invoice", chat_id=chat_id, **invoice, **options)
        keep_result(self._message(chat_id))

    async def refund_star_payment(self, user_id: int, telegram_payment_charge_id: str) -> None:
        charge = {"user_id": user_id, "charge_id": telegram_payment_charge_id}
        await self._called("refund_star_payment", **charge)

    async def send_photo(self, chat_id: int, photo: Any, **options: Any) -> None:
        await self._called("send_photo", chat_id=chat_id, photo=photo, **options)
        keep_result(self._message(chat_id, photo=[{"file_id": "photo-file-id"}]))

    async def send_video(self, chat_id: int, video: Any, **options: Any) -> None:
        await self._called("send_video", chat_id=chat_id, video=video, **options)
        keep_result(self._message(chat_id, video={"file_id": "video-file-id"}))

    async def send_audio(self, chat_id: int, audio: Any, **options: Any) -> None:
        await self._called("send_audio", chat_id=chat_id, audio=audio, **options)
        keep_result(self._message(chat_id, audio={"file_id": "audio-file-id"}))

    async def send_media_group(self, chat_id: int, media: Any, **options: Any) -> None:
        await self._called("send_media_group", chat_id=chat_id, media=media, **options)
        photo = [{"file_id": "photo-file-id"}]
        keep_result([self._message(chat_id, photo=photo) for _ in media])

    async def send_document(self, chat_id: int, document: Any, **options: Any) -> None:
        await self._called("send_document", chat_id=chat_id, document=document, **options)
        keep_result(self._message(chat_id, document={"file_id": "document-file-id"}))

    def _message(self, chat_id: int, **content: Any) -> dict[str, Any]:
        return {
            "message_id": next(self._ids),
            "date": 1,
            "chat": {"id": chat_id, "type": "private"},
            **content,
        }

    def sent(self, method: str) -> list[dict[str, Any]]:
        return [details for name, details in self.calls if name == method]


class Conversation:
    """Everything between the inbox and Telegram, for one bot on one database."""

    def __init__(self, dsn: Secret, *, files: LinkedFiles | None = None) -> None:
        self.wakeups = Wakeups()
        self.clock = SystemClock()
        self.metrics = Metrics()
        self.database = Database(
            dsn, size=12, bot_id=BOT_ID, fence_key=FENCE_KEY, name="test", wakeups=self.wakeups
        )
        self.database.is_active = True
        self._dsn = dsn
        self.outbox = Outbox(BOT_ID, [ADMIN])
        catalogue = Catalogue.load()
        offers = offers_of(catalogue)
        self.closed: str | None = None
        payment = Payment(bank="Savings <Bank>", card="2200 0000 0000 0000")
        self.display = Snapshot()
        self.current_shop = CurrentShop(
            offers,
            Support(),
            lambda: self.closed,
            payment,
            [ADMIN],
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
        self.news = JobNews(self.outbox, self.current_shop, offers, self.router.places)
        self.inbox = Inbox(self.database, BOT_ID, metrics=self.metrics)
        self.claims = Claims(self.database, BOT_ID, self.clock)
        self.recording = OutcomeRecorder(
            self.database,
            BOT_ID,
            self.clock,
            self.metrics.credits_out.labels("paid").inc,
            admins=[ADMIN],
        )
        self.telegram = FakeTelegram()
        self._files = files or Files()
        self.term, self.gate = self.new_term()

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
    def sending(self) -> Iterator[None]:
        """The sender in a loop of its own thread."""
        ready = threading.Event()
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

        thread = threading.Thread(target=body)
        thread.start()
        ready.wait(5)
        try:
            yield
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
            calls=TelegramCalls(self.telegram, self._files, self.clock),
            clock=self.clock,
            wakeups=self.wakeups,
            metrics=self.metrics,
        )

    def counted(self) -> bytes:
        """What /metrics would show."""
        return generate_latest(self.metrics.registry)

    def rows(self, statement: str, *params: Any) -> list[dict[str, Any]]:
        connection = psycopg2.connect(self._dsn.reveal())
        try:
            with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
                cursor.execute(statement, params or None)
                found = [dict(row) for row in cursor.fetchall()] if cursor.description else []
            connection.commit()
            return found
        finally:
            connection.close()

    def until(self, fact: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
        """The first true value of a fact of the database or of Telegram."""
        return until(fact, seconds, what, pause=0.01)

    def put(self, *updates: dict[str, Any]) -> None:
        """Store updates as a receiver would, and wait for the commit."""
        from handlers.intake.envelope import envelope_of

        asyncio.run(self.inbox.store([envelope_of(json.dumps(each).encode()) for each in updates]))

    def parts(self, **changes: Any) -> Parts:
        """What a service of a feature gets; ``changes`` are parts that the test plays itself."""
        given: dict[str, Any] = {
            "installation": self.installation,
            "database": self.database,
            "clock": self.clock,
            "wakeups": self.wakeups,
            "shop": self.current_shop,
            "members": self.telegram,
        }
        unused: Any = None
        return Parts(**{"thread": unused, "task": unused, "stars": unused, **given, **changes})

    def close(self) -> None:
        self.database.close()
