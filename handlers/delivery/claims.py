"""Claims the deliveries that go out next, before their calls begin.

A claim records the intent: it is committed before the call, so an interrupted call is known. All
due deliveries are claimed together, in one fenced transaction. When that fails while the database
works, because one row is locked or refused, each delivery is claimed by itself
(``supervisor/database/batch.py``), and only the row at fault waits.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from loguru import logger

import sql
from handlers.delivery.claimed import Claimed, Line
from handlers.delivery.outbox import NEWS
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Fenced, Misconfigured, OutcomeUnknown
from supervisor.runtime.term import Term
from supervisor.runtime.wakeups import NEWS_QUEUED, Wakeups

TOAST_TOO_OLD = 15.0  #: seconds after which Telegram takes no answer to a press
CHECKOUT_TOO_OLD = 8.0  #: seconds; Telegram cancels a payment after ten
LINES_AT_ONCE = 200  #: lines that one statement reads
OTHERS_SOON = 0.5  #: seconds until the next look when not everything could be claimed together

FIRST_LINE: Line = (-(2**63), -(2**63))

_SQL = sql.load("delivery")


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What one look at the table has claimed, and when the next one is due."""

    claimed: Sequence[Claimed]
    #: Seconds until the nearest delivery that was not claimed is due, for lines that are
    #: neither busy nor held; None: there is none.
    due_in: float | None
    #: Chats with deliveries that are due, but whose line is busy, held or just claimed.
    waiting: Collection[int]
    #: Background deliveries were left because ``Capacity.background`` was used up.
    rationed: bool = False
    #: Deliveries that this term had claimed before, with their lines; not those of busy lines.
    ours: Collection[tuple[int, Line]] = ()


@dataclass(frozen=True, slots=True)
class Capacity:
    """How much may be claimed."""

    slots: int  #: lines
    toasts: int  #: answers to button presses
    background: int  #: of the lines, those whose next delivery is not an answer
    news: int = 0  #: of these, the most for messages of a broadcast


class Claims:
    """Deliveries of one bot. Blocking; for one thread at a time."""

    def __init__(self, database: Database, bot_id: int, clock: Clock) -> None:
        self._database = database
        self._bot_id = bot_id
        self._cursor = FIRST_LINE
        self._single: BatchRunner[int] = BatchRunner(
            database, clock, "claims", key=lambda number: number
        )
        #: Whether messages of a broadcast may wait: without any, the table is not asked for them.
        self.news_may_wait = True
        #: Deliveries that could not be claimed though others could.
        self._stuck: set[int] = set()

    def unclaim(self, term: Term, known: Collection[int]) -> None:
        """Undo claims whose commit went unanswered; ``known`` are those that are in work."""
        with self._database.transaction(term, short=True) as tx:
            params = {"bot_id": self._bot_id, "token": str(term.token), "known": list(known)}
            tx.run(_SQL["unclaim"], params)

    def follow_news(self, wakeups: Wakeups, wake: Callable[[], object]) -> Callable[[], None]:
        """Look for news now and when they are announced, until the returned function is called."""

        def announced() -> None:
            self.news_may_wait = True
            wake()

        self.news_may_wait = True
        return wakeups.subscribe(NEWS_QUEUED, announced)

    def claim(
        self, term: Term, *, busy: Collection[Line], held: Collection[int], capacity: Capacity
    ) -> ClaimResult:
        """Claim up to ``capacity``: nothing of ``busy`` lines, and only results of ``held``
        chats. Raises what the database does."""
        try:
            with self._database.transaction(term, short=True) as tx:
                toasts = self._toasts(tx, term, capacity.toasts) if capacity.toasts else []
                turn = self._sweep(tx, term, toasts, busy, held, capacity)
        except (Fenced, Misconfigured, OutcomeUnknown):
            raise
        except BotError as error:
            logger.bind(error=str(error)).info("claims_parted")
            return self._one_by_one(term, busy, held, capacity)
        return self._with_news(term, self._with_stuck(term, turn), busy, held, capacity)

    # --------------------------------------------------------------- internal --

    def _one_by_one(
        self, term: Term, busy: Collection[Line], held: Collection[int], capacity: Capacity
    ) -> ClaimResult:
        """Find what is due first, then claim it, one by one where needed."""
        with self._database.transaction(term, short=True) as tx:
            named = {"bot_id": self._bot_id, "limit": capacity.toasts}
            toasts = [row["id"] for row in tx.all(_SQL["due_toasts"], named)]
            rows = list(self._walk(tx, term, FIRST_LINE, busy, held, Capacity(0, 0, 0)))
        lines = [
            row["head"]
            for row in rows
            if row["due_in"] <= 0.0 and not row["in_flight"]
            if (row["chat_id"], row["line"]) not in busy
        ]
        # Rows at fault wait for their next try; the slots are for the others.
        due = self._single.ready([*toasts, *lines])[: capacity.toasts + max(0, capacity.slots)]
        return ClaimResult(
            self._claim_these(term, due), OTHERS_SOON, [row["chat_id"] for row in rows]
        )

    def _with_news(
        self,
        term: Term,
        turn: ClaimResult,
        busy: Collection[Line],
        held: Collection[int],
        capacity: Capacity,
    ) -> ClaimResult:
        """Add messages of a broadcast, as far as everything else has left room for them."""
        background = capacity.background - sum(each.is_background for each in turn.claimed)
        room = min(background, capacity.news, capacity.slots - len(turn.claimed))
        if not self.news_may_wait or room <= 0:
            more = self.news_may_wait and background <= 0
            return replace(turn, rationed=turn.rationed or more)
        self.news_may_wait = False
        named: dict[str, Any] = {"bot_id": self._bot_id, "token": str(term.token), "limit": room}
        lists = {"held": list(held), "busy": [chat for chat, line in busy if line == NEWS]}
        with self._database.transaction(term, short=True) as tx:
            rows = tx.all(_SQL["claim_news"], {**named, **lists})
        self.news_may_wait = rows[0]["waiting"] > 0
        claimed = [_claimed(row) for row in rows if row["id"] is not None]
        waits = [each for each in (turn.due_in, rows[0]["due_in"]) if each is not None]
        return replace(
            turn,
            claimed=[*turn.claimed, *claimed],
            due_in=min(waits, default=None),
            rationed=turn.rationed or (room >= background and rows[0]["ready"] > room),
        )

    def _with_stuck(self, term: Term, turn: ClaimResult) -> ClaimResult:
        """Add rows that could not be claimed earlier and whose next try is due."""
        if not self._stuck:
            return turn
        more = self._claim_these(term, self._single.ready(sorted(self._stuck)))
        waits = [each for each in (turn.due_in, self._single.due_in()) if each is not None]
        waiting = {*turn.waiting, *(each.chat_id for each in more)}
        claimed, due_in = [*turn.claimed, *more], min(waits, default=None)
        return replace(turn, claimed=claimed, due_in=due_in, waiting=waiting)

    def _claim_these(self, term: Term, due: Sequence[int]) -> list[Claimed]:
        def work(tx: Tx, ids: Sequence[int]) -> list[Row]:
            return tx.all(_SQL["claim_these"], {"ids": list(ids), "token": str(term.token)})

        outcome = self._single.run(term, due, work)
        self._stuck.difference_update(outcome.done)
        self._stuck.update(fault.item for fault in outcome.faults)
        return [_claimed(row) for rows in outcome.results for row in rows]

    def _toasts(self, tx: Tx, term: Term, limit: int) -> list[Claimed]:
        rows = tx.all(
            _SQL["claim_toasts"],
            {
                "bot_id": self._bot_id,
                "token": str(term.token),
                "too_old": TOAST_TOO_OLD,
                "checkout_too_old": CHECKOUT_TOO_OLD,
                "limit": limit,
                "stuck": list(self._stuck),
            },
        )
        return [_claimed(row) for row in rows if row["state"] == "sending"]

    def _walk(
        self,
        tx: Tx,
        term: Term,
        after: Line,
        busy: Collection[Line],
        held: Collection[int],
        capacity: Capacity,
    ) -> list[Row]:
        return tx.all(
            _SQL["claim_heads"],
            {
                "bot_id": self._bot_id,
                "token": str(term.token),
                "after_chat": after[0],
                "after_line": after[1],
                "lines": LINES_AT_ONCE,
                "busy_chats": [chat for chat, _ in busy],
                "busy_lines": [line for _, line in busy],
                "held": list(held),
                "stuck": list(self._stuck),
                "slots": capacity.slots,
                "background": capacity.background,
            },
        )

    def _sweep(
        self,
        tx: Tx,
        term: Term,
        claimed: list[Claimed],
        busy: Collection[Line],
        held: Collection[int],
        capacity: Capacity,
    ) -> ClaimResult:
        """Go once through all lines with deliveries, or until the slots are taken."""
        started_at, due_in, waiting, busy = self._cursor, None, set(), set(busy)
        at, wrapped, ours = started_at, False, set()
        while capacity.slots > 0:
            rows = self._walk(tx, term, at, busy, held, capacity)
            for row in rows:
                place = (row["chat_id"], row["line"])
                if row["id"] is not None:
                    claimed.append(_claimed(row))
                    busy.add(place)
                    waiting |= {row["chat_id"]} if row["followed"] else set()
                    background = capacity.background - (row["kind"] != "answer")
                    capacity = replace(capacity, slots=capacity.slots - 1, background=background)
                    self._cursor = place
                elif row["in_flight"] or place in busy or row["due_in"] <= 0.0:
                    waiting.add(row["chat_id"])
                    ours |= {(row["head"], place)} if row["ours"] and place not in busy else set()
                else:
                    due_in = min(row["due_in"], due_in if due_in is not None else row["due_in"])
            if len(rows) >= LINES_AT_ONCE:
                at = (rows[-1]["chat_id"], rows[-1]["line"])
            elif not wrapped and started_at != FIRST_LINE:
                at, wrapped = FIRST_LINE, True
            else:
                if capacity.slots > 0:
                    self._cursor = FIRST_LINE
                break
            if wrapped and at >= started_at:
                break
        rationed = capacity.background <= 0 and bool(waiting)
        return ClaimResult(claimed, due_in, waiting, rationed, ours)


def _claimed(row: Row) -> Claimed:
    return Claimed(
        id=row["id"],
        chat_id=row["chat_id"],
        line=row["line"],
        kind=row["kind"],
        payload=row["payload"],
        job_id=row["job_id"],
        tries=row["attempts"],
        unknowns=row["unknowns"],
        reachable=row["reachable"],
        age=row["age"],
        trace=row["trace"],
        thread=row["thread"],
    )
