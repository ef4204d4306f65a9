"""The handler of updates, with a look at what it is asked to do."""

import threading
from collections.abc import Sequence

from handlers.dispatch.lanes import InboxRow
from supervisor.runtime.term import Term
from tests.support.chats.conversation import Conversation


class Watched:
    """The real handler, with a look at what it is asked to do."""

    def __init__(self, talk: Conversation) -> None:
        self.real = talk.work
        self.order: list[tuple[int, int]] = []
        self.together = 0  #: the most updates in one transaction
        self.most: dict[int, int] = {}
        self.broken: dict[int, list[Exception]] = {}
        self._lock = threading.Lock()
        self._now: dict[int, int] = {}

    def handle_all(self, term: Term, rows: Sequence[InboxRow]) -> None:
        with self._lock:
            self.together = max(self.together, len(rows))
            for row in rows:
                self._now[row.lane] = self._now.get(row.lane, 0) + 1
                self.most[row.lane] = max(self.most.get(row.lane, 0), self._now[row.lane])
        try:
            for row in rows:
                failures = self.broken.get(row.update_id)
                if failures:
                    raise failures.pop(0)
            self.real.handle_all(term, rows)
            with self._lock:
                self.order += [(row.lane, row.update_id) for row in rows]
        finally:
            with self._lock:
                for row in rows:
                    self._now[row.lane] -= 1

    def postpone(self, term: Term, row: InboxRow, error: str, pause: float) -> None:
        self.real.postpone(term, row, error, pause)

    def set_aside(self, term: Term, row: InboxRow, error: str) -> None:
        self.real.set_aside(term, row, error)
