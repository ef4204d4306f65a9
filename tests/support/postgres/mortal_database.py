"""A database whose process may end at any statement or commit."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

from supervisor.database.transactions import Database, Row, Short, Tx
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity

IDENTITY = Identity(Secret("123456:TEST-TOKEN"))
BOT_ID = IDENTITY.bot_id


class Crash(BaseException):
    """The process has ended. The code under test must not catch it."""


class MortalTx(Tx):
    """Counts every statement."""

    def __init__(self, tx: Tx, fate: "Fate") -> None:
        self._tx = tx
        self._fate = fate
        self.topics = tx.topics
        self.acts = tx.acts
        self.term = tx.term
        self.failures = tx.failures

    def all(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> list[Row]:
        self._fate.count()
        return self._tx.all(statement, params)

    def run(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> int:
        self._fate.count()
        return self._tx.run(statement, params)

    def send(self, statement: LiteralString, params: Mapping[str, Any] | None = None) -> None:
        self._fate.count()
        self._tx.send(statement, params)

    def send_same(self, statement: LiteralString, params: Mapping[str, Any]) -> None:
        self._fate.count()
        self._tx.send_same(statement, params)


@dataclass
class Fate:
    """The number of statements and commits after which the process ends; 0: it does not."""

    left: int = 0

    def count(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise Crash


class MortalDatabase(Database):
    """Ends the process before a statement, before a commit, or just after one."""

    def __init__(self, dsn: Secret, wakeups: Wakeups) -> None:
        super().__init__(
            dsn,
            size=3,
            bot_id=BOT_ID,
            fence_key=IDENTITY.fence_key,
            name="machine",
            wakeups=wakeups,
        )
        self.is_active = True
        self.fate = Fate()

    @contextmanager
    def transaction(
        self, term: Term | None = None, *, short: Short = False, fence_first: bool = True
    ) -> Iterator[Tx]:
        with super().transaction(term, short=short, fence_first=fence_first) as tx:
            yield MortalTx(tx, self.fate)
            self.fate.count()
        self.fate.count()
