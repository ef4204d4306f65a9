"""A conversation whose updates come by the webhook's short way, while ACTIVE."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any

from handlers.delivery.outbox import Delivery
from handlers.dialogue.incoming import Incoming
from handlers.direct.crash_note import CrashNote
from handlers.direct.direct_handling import DirectHandling
from handlers.direct.direct_work import DirectWork
from handlers.dispatch.inbox_rows import HandledUpdate
from handlers.dispatch.lanes import InboxRow
from handlers.dispatch.unit_of_work import UnitOfWork
from handlers.intake.envelope import opened
from kie.money.ledger import Account
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import BotError
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.waiting import within

#: Called with an update that is decided about, before it is: it may fail, or take its time.
Before = Callable[[Tx], object]


class Decisions(UnitOfWork):
    """The real rules, with a look at each decision, whether it is made directly or not."""

    def __init__(self, talk: Conversation) -> None:
        super().__init__(talk.database, talk.installation, talk.router, talk.current_shop)
        self.directly: list[int] = []  #: updates that were handled and committed directly
        self.order: defaultdict[int, list[int]] = defaultdict(list)  #: lane → what was decided
        self.at_once: defaultdict[int, int] = defaultdict(int)  #: lane → the most at one time
        self.directly_before: dict[int, Before] = {}  #: only where it is decided directly
        self.before: dict[int, Before] = {}
        self._now: defaultdict[int, int] = defaultdict(int)
        self._lock = threading.Lock()

    def decide(
        self, tx: Tx, row: InboxRow, incoming: Incoming, found: Row, account: Account
    ) -> tuple[HandledUpdate, Sequence[Delivery]]:
        direct = threading.current_thread().name.startswith("direct")
        with self._lock:
            self._now[row.lane] += 1
            self.at_once[row.lane] = max(self.at_once[row.lane], self._now[row.lane])
        try:
            if direct:
                self.directly_before.pop(row.update_id, _nothing)(tx)
            self.before.pop(row.update_id, _nothing)(tx)
            if direct:
                tx.afterwards(partial(self.directly.append, row.update_id))
            self.order[row.lane].append(row.update_id)
            return super().decide(tx, row, incoming, found, account)
        finally:
            with self._lock:
                self._now[row.lane] -= 1


def _nothing(tx: Tx) -> None:
    """Before most updates nothing happens."""


class DirectTalk:
    """One process: an event loop that receives, and the services that handle."""

    def __init__(self, talk: Conversation) -> None:
        self.talk = talk
        self.decisions = Decisions(talk)
        self.dispatcher = talk.dispatcher(self.decisions)
        self.work = DirectWork(
            talk.database, talk.installation.identity, talk.outbox, self.decisions
        )
        self.direct = DirectHandling(
            inbox=talk.inbox,
            dispatcher=self.dispatcher,
            work=self.work,
            spends=talk.router.spends,
            note=CrashNote(talk.database, BOT_ID),
            metrics=talk.metrics,
            clock=talk.clock,
        )
        self._loop = asyncio.new_event_loop()
        self._receiving = threading.Thread(target=self._loop.run_forever)
        self._receiving.start()

    def send(self, *updates: dict[str, Any]) -> list[Future[BotError | None]]:
        """As Telegram does, one after the other; each answer, None: acknowledged."""
        answers: list[Future[BotError | None]] = [Future() for _ in updates]

        def put() -> None:
            for update, answer in zip(updates, answers, strict=True):
                self.talk.inbox.put(*opened(telegram.raw(update)), answer.set_result)

        self._loop.call_soon_threadsafe(put)
        return answers

    def acknowledged(self, *updates: dict[str, Any]) -> None:
        """Send them and wait until each is acknowledged."""
        for answer in self.send(*updates):
            assert answer.result(60) is None

    def start(self) -> None:
        self.dispatcher.start(self.talk.term, self.talk.gate)
        self.direct.start(self.talk.term, self.talk.gate)

    def stop(self) -> None:
        for service in (self.dispatcher, self.direct):
            service.stop()
        for service in (self.dispatcher, self.direct):
            assert within(service.join, 10)
            assert service.failure is None

    @contextmanager
    def acting(self, *, opens: bool = True) -> Iterator[None]:
        """Within the block it is ACTIVE, and handles directly if it ``opens``."""
        self.start()
        try:
            if opens:
                self.talk.until(self.is_open, "updates are handled directly")
            yield
        finally:
            self.stop()

    def is_open(self) -> bool:
        return self.direct._opens_at <= self.talk.clock.now()

    def states(self) -> dict[str, int]:
        rows = self.talk.rows("SELECT state, count(*) AS n FROM telegram_updates GROUP BY state")
        return {row["state"]: row["n"] for row in rows}

    def answered(self) -> list[int]:
        """The updates whose answers are in the outbox, in the order in which they came there."""
        rows = self.talk.rows(
            "SELECT u.update_id FROM deliveries AS d JOIN telegram_updates AS u"
            " ON u.seq = CAST(split_part(d.dedupe_key, ':', 2) AS bigint)"
            " WHERE d.dedupe_key LIKE 'update:%' AND d.kind = 'answer' ORDER BY d.id"
        )
        return [row["update_id"] for row in rows]

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._receiving.join(10)
        self._loop.close()
