"""The prepared statements of the pool's sessions (``sql.Prepared``).

PostgreSQL keeps them, with their plans, for each session. Parsing and planning take ten times as
long as running one, so a session that is opened ahead of need is given what this process has used
lately (``ahead``). Any other one is given a statement with its first use.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import sql
from supervisor.runtime.clock import Clock

LATELY = 3600.0  #: seconds
#: Fewer than these are planned as they are used: nobody writes to the bot.
FEW = 8
#: Seconds after which a session plans its statements again: tables have grown meanwhile, and
#: without ANALYZE PostgreSQL would keep the plans. Those that are made soon after the start may be
#: for empty tables, which grow fast: they live as long as the process has.
PLANS_LIVE, PLANS_LIVE_AT_FIRST = 120.0, 1.0
MOST_QUOTED = 32  #: statements that are kept with the parameters of many transactions


class UsedStatements:
    """What the process has executed lately. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.began = clock.now()
        self._since: set[sql.Prepared] = set()  #: since ``lately`` was asked
        self._last: dict[sql.Prepared, float] = {}  #: when it was, by the clock
        #: Statement and parameters → what executes it. Any session quotes them alike: all have the
        #: same encoding and standard_conforming_strings.
        self.quoted: dict[tuple[Any, ...], bytes] = {}

    def note(self, statement: sql.Prepared) -> None:
        self._since.add(statement)

    def lately(self) -> Sequence[sql.Prepared]:
        since, self._since = self._since, set()
        now = self.clock.now()
        self._last.update(dict.fromkeys(since, now))
        return [each for each, last in self._last.items() if now <= last + LATELY]


class SessionStatements:
    """The statements that one session knows. Not thread-safe."""

    def __init__(self, used: UsedStatements) -> None:
        self._used = used
        self._known: set[str] = set()
        self._live()

    def _live(self) -> None:
        now = self._used.clock.now()
        age = now - self._used.began
        self._plan_again_at = now + min(PLANS_LIVE, max(PLANS_LIVE_AT_FIRST, age))

    def texts(self, cursor: Any, statement: str, params: Mapping[str, Any] | None) -> list[bytes]:
        """What is to be sent for ``statement``. Raises ``ValueError`` for a value that cannot be
        quoted."""
        return self._beside(statement, _quoted(cursor, statement, params))

    def same_texts(self, cursor: Any, statement: str, params: Mapping[str, Any]) -> list[bytes]:
        """The same for ``params`` that come with many transactions: they are quoted once."""
        quoted, key = self._used.quoted, (statement, *params.items())
        execute = quoted.get(key)
        if execute is None:
            if len(quoted) >= MOST_QUOTED:
                quoted.clear()
            execute = quoted[key] = _quoted(cursor, statement, params)
        return self._beside(statement, execute)

    def _beside(self, statement: str, execute: bytes) -> list[bytes]:
        """With what prepares the statement, where the session does not know it."""
        if not isinstance(statement, sql.Prepared):
            return [execute]
        self._used.note(statement)
        if statement.prepare in self._known:
            return [execute]
        self._known.add(statement.prepare)
        return [statement.prepare.encode(), execute]

    def forget(self) -> None:
        """The session knows none any more."""
        self._known.clear()

    def must_plan_again(self) -> bool:
        """True from time to time: forget how the statements are planned."""
        if self._used.clock.now() < self._plan_again_at:
            return False
        self._live()
        return bool(self._known)

    def ahead(self) -> list[str]:
        """What prepares and plans the statements that were used lately, but for a few."""
        lately = self._used.lately()
        if len(lately) < FEW:
            return []
        self._known.update(each.prepare for each in lately)
        return [text for each in lately for text in (each.prepare, each.explain)]


def _quoted(cursor: Any, statement: str, params: Mapping[str, Any] | None) -> bytes:
    quoted: bytes
    if isinstance(statement, sql.Prepared):
        quoted = cursor.mogrify(statement.execute, statement.given(params or {}))
    else:
        quoted = cursor.mogrify(statement, params)
    return quoted
