"""A bot's database, kie.ai and Telegram that end the process by SIGKILL right after a step.

The code under test is unchanged: these are subclasses of what it is given.
"""

import dataclasses
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any, LiteralString

import sql
from kie.api import wire
from kie.api.client import KieClient
from supervisor.database.transactions import Database, Row, Short, Tx
from supervisor.runtime.term import Term

#: Where a child can be killed, in the order of a job's life.
STEPS = (
    "claimed",  # the intent is committed
    "before createTask",
    "after createTask",  # kie.ai has answered, nothing is stored
    "task id stored",
    "report arrived",  # the end is known, nothing is settled
    "settled",  # nothing is delivered
    "delivered",  # Telegram has it, nothing is recorded
)
BEFORE_THE_CALL = STEPS[:2]
#: After the commit of which statement a child is at which step.
_COMMITS: Mapping[str, str] = {
    "claim_queued": "claimed",
    "task_created": "task id stored",
    "settle_success": "settled",
    "settle_fail": "settled",
}
_NAMES = {text: name for room in ("jobs", "submission") for name, text in sql.load(room).items()}


@dataclasses.dataclass(frozen=True)
class Orders:
    """The orders of a child."""

    dsn: str
    token: str
    telegram_token: str
    telegram_url: str
    kie_url: str
    kie_key: str
    callback_base: str
    step: str = ""  #: where to die; empty: nowhere
    expected: float = 0.2  #: seconds that a task is expected to take: the first look
    slow_store: float = 0.0  #: seconds between createTask's answer and its storing

    def reach(self, step: str) -> None:
        if step == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


class _Spy(Tx):
    """Remembers which statements found rows."""

    def __init__(self, tx: Tx, orders: Orders, last: "_Last") -> None:
        super().__init__(tx._cursor, tx._statements)
        self._tx = tx
        self._waiting = tx._waiting
        self.topics = tx.topics
        self.done: set[str] = set()
        self._orders = orders
        self._last = last

    def all(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> list[Row]:
        self._last.hold_others()
        name = _NAMES.get(statement, "")
        if name == "task_created":
            time.sleep(self._orders.slow_store)
        rows = super().all(statement, params)
        if rows:
            self.done.add(name)
            if self._orders.step and _COMMITS.get(name) == self._orders.step:
                self._last.begin()
        return rows

    def run(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> int:
        self._last.hold_others()
        return super().run(statement, params)

    def flush(self) -> None:
        try:
            super().flush()
        finally:
            self._tx._waiting = self._waiting  # what has run waits there no longer


class _Last:
    """Once the transaction is under way after which the process dies, other threads do nothing
    more: a sender would see what it commits before the process is dead."""

    def __init__(self) -> None:
        self._thread = 0

    def begin(self) -> None:
        self._thread = threading.get_ident()

    def hold_others(self) -> None:
        if self._thread not in {0, threading.get_ident()}:
            Event().wait(60)


class MortalDatabase(Database):
    orders: Orders
    last = _Last()  #: each process is a fork with one of its own

    @contextmanager
    def transaction(
        self, term: Term | None = None, *, short: Short = False, fence_first: bool = True
    ) -> Iterator[Tx]:
        with super().transaction(term, short=short, fence_first=fence_first) as tx:
            spy = _Spy(tx, self.orders, self.last)
            yield spy
        for name in spy.done:
            self.orders.reach(_COMMITS.get(name, "-"))


class MortalClient(KieClient):
    orders: Orders

    def create_task(
        self,
        model: str,
        inputs: Mapping[str, Any],
        callback_url: str | None,
        *,
        before: Callable[[], None] = lambda: None,
    ) -> str:
        def at_the_door() -> None:
            before()
            self.orders.reach("before createTask")

        task = super().create_task(model, inputs, callback_url, before=at_the_door)
        self.orders.reach("after createTask")
        return task

    def record_info(self, task_id: str, model: str = "", job_id: int = 0) -> wire.Report:
        report = super().record_info(task_id, model, job_id)
        if not isinstance(report, wire.Running):
            self.orders.reach("report arrived")
        return report


class MortalTelegram:
    """PTB's bot; its process is killed after a call has sent something."""

    def __init__(self, bot: Any, orders: Orders) -> None:
        self._bot = bot
        self._orders = orders

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._bot, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            sent = await method(*args, **kwargs)
            if name.startswith("send_") or (name == "direct" and args[0].startswith("send")):
                self._orders.reach("delivered")
            return sent

        return call
