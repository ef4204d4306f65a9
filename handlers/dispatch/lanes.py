"""The order of work: one update of a lane at a time, and the lanes in turn. Pure.

The lanes are copies of waiting rows; they can be thrown away and loaded again at any moment. Not
thread-safe: the dispatcher holds its lock around each call.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from handlers.intake.envelope import LAST_CHECKOUT_LANE
from supervisor.runtime.wakeups import CHECKOUTS, INBOX
from supervisor.values.record import record


@dataclass(frozen=True, slots=True)
class LaneRange:
    """A part of all lanes that has workers of its own."""

    name: str
    topic: str  #: of the wake-ups for its workers
    after: int  #: below its first lane
    last: int


FIRST, LAST = -(2**63), 2**63 - 1  #: of all lanes
CHATS = LaneRange("dispatcher", INBOX, LAST_CHECKOUT_LANE, LAST)
PAYERS = LaneRange("checkouts", CHECKOUTS, FIRST, LAST_CHECKOUT_LANE)

#: Of reservations. Never the same again: one may be ended after its term.
_NUMBERS = count(1)


@record
class InboxRow:
    """A row of the inbox."""

    seq: int
    lane: int
    update_id: int
    body: str
    attempts: int
    #: Processes that have ended during it; see ``begun_updates.py``.
    ended: int = 0

    @property
    def trace(self) -> str:
        """The trace id of the update: in each log line and row that follows from it."""
        return f"u{self.update_id}"


class Lanes:
    """The loaded heads of the lanes, and which lanes are in work."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._waiting: dict[int, deque[InboxRow]] = {}
        self._deep: set[int] = set()  #: lanes that may have more than was loaded
        #: A lane has no loaded rows left and may have more in the table: load again.
        self.hungry = False
        self._turns: deque[int] = deque()  #: lanes with work that is not begun
        self._in_work: dict[int, int] = {}  #: lane → seq
        self._alone: int | None = None  #: updates in work during which a process has ended before
        self._held: set[int] = set()  #: lanes whose first update waits for a retry
        self._finished: set[int] = set()  #: since ``begin_load``
        self._older: set[int] = set()  #: lanes that got an older update since ``begin_load``
        #: Lanes of which loaded rows were dropped; they are read before they are reserved again.
        self._unread: set[int] = set()

    def begin_load(self) -> None:
        """The table is read from now on: rows that are finished meanwhile may be in the result."""
        self._finished.clear()
        self._older.clear()

    def load(
        self, heads: Mapping[int, Iterable[InboxRow]], after: int = FIRST, last: int = LAST
    ) -> None:
        """Replace the loaded rows of these lanes. From ``after`` to ``last`` there are no others
        with rows.

        Rows that are in work or were finished since ``begin_load`` are skipped: they were read
        before their commit. So is a lane that has got an older update meanwhile: the next load
        reads it.
        """
        self.hungry = False
        for lane, rows in heads.items():
            if lane in self._held or lane in self._older:
                self._unread.add(lane)
                continue
            rows = tuple(rows)
            (self._deep.add if len(rows) >= self._depth else self._deep.discard)(lane)
            in_work = self._in_work.get(lane)
            fresh = deque(
                row for row in rows if row.seq != in_work and row.seq not in self._finished
            )
            had_turn = lane in self._waiting
            if fresh:
                self._waiting[lane] = fresh
                if not had_turn and lane not in self._in_work:
                    self._turns.append(lane)
            elif had_turn:
                del self._waiting[lane]
                if lane not in self._in_work:
                    self._turns.remove(lane)
        self._unread = {
            lane for lane in self._unread if lane in self._older or not after < lane <= last
        }

    def take_some(self, most: int) -> list[InboxRow]:
        """The next update of up to ``most`` lanes, each in work until ``done``. An update during
        which a process has ended is taken alone, and only one of them is in work at a time."""
        taken: list[InboxRow] = []
        for lane in list(self._turns):
            if self._ended(lane) == 0:
                taken.append(self._take(lane))
            elif not taken and self._alone is None:
                suspects = filter(self._ended, self._turns)
                taken.append(self._take(min(suspects, key=self._ended)))
                self._alone = taken[0].seq
                break
            if len(taken) >= most:
                break
        return taken

    def reserve(self, lane: int) -> int | None:
        """Let nothing of this lane be taken until ``end_reservation``; None: it has work."""
        if lane in self._in_work or lane in self._waiting or lane in self._held:
            return None
        if lane in self._unread:  # else a chat that goes on writing would keep it from being loaded
            return None
        number = next(_NUMBERS)
        self._in_work[lane] = -number  # no row has such a seq
        return number

    def end_reservation(self, lane: int, number: int, *, stored: bool) -> None:
        """``stored``: an update of it is in the table now, before what is loaded of the lane."""
        if self._in_work.get(lane) != -number:
            return  # it was made for an earlier term
        del self._in_work[lane]
        if stored:
            self._older.add(lane)
            if lane in self._waiting:
                self._unread.add(lane)
            self._forget(lane)
        elif lane in self._waiting:
            self._turns.append(lane)

    def _ended(self, lane: int) -> int:
        """How many processes have ended during its next update."""
        return self._waiting[lane][0].ended

    def _take(self, lane: int) -> InboxRow:
        self._turns.remove(lane)
        rows = self._waiting[lane]
        row = rows.popleft()
        if not rows:
            del self._waiting[lane]
            self.hungry = self.hungry or lane in self._deep
        self._in_work[lane] = row.seq
        return row

    def done(self, row: InboxRow) -> None:
        """The lane goes to the end of the line if it has more."""
        self._end_work(row)
        self._finished.add(row.seq)
        if row.lane in self._waiting:
            self._turns.append(row.lane)

    def stays(self, row: InboxRow) -> None:
        """It was not handled. What is loaded of its lane comes after it, so the next load reads
        the lane again and finds what is due first."""
        self._end_work(row)
        self._forget(row.lane)

    def _forget(self, lane: int) -> None:
        self._deep.discard(lane)
        self._waiting.pop(lane, None)

    def _end_work(self, row: InboxRow) -> None:
        del self._in_work[row.lane]
        if row.seq == self._alone:
            self._alone = None

    def hold(self, lane: int) -> None:
        """Take nothing of this lane until ``release``. Called while it is in work."""
        self._held.add(lane)
        self._forget(lane)

    def release(self, lane: int) -> None:
        """The next load reads this lane again."""
        self._held.discard(lane)

    def clear(self) -> None:
        """Forget what is loaded, not what is in work or held."""
        self._waiting.clear()
        self._turns.clear()
        self._deep.clear()
        self.hungry = True

    @property
    def runnable(self) -> int:
        """Lanes that could be worked on at once."""
        return len(self._turns)

    @property
    def in_work(self) -> int:
        return len(self._in_work)
