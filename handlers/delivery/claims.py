"""The sender's hand on the table: claim what goes out next, record what became of it.

One ``turn`` is one fenced transaction: outcomes first, so that the next delivery of the
same chat can be claimed in the same breath. What a result's delivery means for its price
is booked there, too.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from loguru import logger

import sql
from handlers.delivery.outbox import Delivery, Outbox, saying
from handlers.delivery.outcome import HOLD, MOST_CUT_OFF, RESULT_PAUSE, Verdict
from handlers.dialogue.effects import Screen
from handlers.words.texts import Markup
from kie.money import ledger
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.term import Term

TOAST_TOO_OLD = 15.0  #: seconds after which nobody looks at the spinner any more
CHECKOUT_TOO_OLD = 8.0  #: seconds; Telegram cancels a payment after ten
CHATS_AT_ONCE = 200  #: chats that one statement walks over
FIRST_CHAT = -(2**63)

_SQL = sql.load("delivery")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this term may send now."""

    id: int
    chat_id: int
    kind: str
    payload: dict[str, Any]
    job_id: int | None
    tries: int
    unknowns: int
    reachable: bool
    age: float = 0.0  #: seconds since it was written
    trace: str | None = None  #: the update from which it follows

    @property
    def is_unasked(self) -> bool:
        """Not what somebody waits for who has just written or pressed."""
        return self.kind not in {"answer", "toast"}


#: A delivery of this term and what became of it.
Outcome = tuple[Claimed, Verdict]


@dataclass(frozen=True, slots=True)
class Turn:
    """What one look at the table found."""

    claimed: Sequence[Claimed]
    #: Seconds until the nearest delivery that was not claimed is due, for chats that are
    #: neither busy nor held; None: there is none.
    due_in: float | None
    #: Chats that have something to say but were busy or held back.
    waiting: Collection[int]
    #: Something was left because no more of what is not an answer was allowed.
    rationed: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """How much may be claimed."""

    slots: int  #: chats
    toasts: int  #: answers to button presses
    unasked: int  #: of the chats, those whose next delivery is not an answer


class Claims:
    """Deliveries of one bot. Blocking; for threads."""

    def __init__(
        self, database: Database, bot_id: int, paid: Callable[[int], None] = lambda _: None
    ) -> None:
        """``paid`` is told the credits that deliveries turned into payment."""
        self._database = database
        self._bot_id = bot_id
        self._outbox = Outbox(bot_id, ())
        self._paid = paid
        self._cursor = FIRST_CHAT

    def recover(self, term: Term) -> float:
        """What an earlier term had begun and did not settle. Returns the seconds for which
        Telegram still wants silence in all chats."""
        with self._database.transaction(term) as tx:
            rows = tx.all(
                _SQL["recover_sending"],
                {
                    "bot_id": self._bot_id,
                    "token": str(term.token),
                    "result_pause": RESULT_PAUSE,
                    "most": MOST_CUT_OFF,
                },
            )
            given_up = [row for row in rows if (row["kind"], row["state"]) == ("result", "failed")]
            ledger.release(tx, _jobs_of(row["job_id"] for row in given_up))
            self._tell_lost(tx, given_up)
            silence = tx.one(_SQL["silence_left"], {"bot_id": self._bot_id})
        for row in rows:
            logger.bind(delivery=row["id"], kind=row["kind"], state=row["state"]).warning(
                "delivery_recovered"
            )
        return float(silence["seconds"]) if silence is not None else 0.0

    def record_late(self, term: Term, earlier: Term, outcomes: Sequence[Outcome]) -> None:
        """Record what calls of an ``earlier`` term of this process did. What a term of
        another process has settled since stays as it is."""
        if outcomes:
            with self._database.transaction(term) as tx:
                self._record(tx, earlier, outcomes)

    def unclaim(self, term: Term, known: Collection[int]) -> None:
        """Give back what was claimed in a commit without an answer; ``known`` is in work."""
        with self._database.transaction(term) as tx:
            params = {"bot_id": self._bot_id, "token": str(term.token), "known": list(known)}
            tx.run(_SQL["unclaim"], params)

    def turn(
        self,
        term: Term,
        outcomes: Sequence[Outcome],
        *,
        busy: Collection[int],
        held: Collection[int],
        room: Room,
        silence: float = 0.0,
    ) -> Turn:
        """Record ``outcomes``, and for how long all chats are to be left alone; then claim
        what there is room for: nothing of ``busy`` chats, and of those that are ``held``
        back only results."""
        with self._database.transaction(term) as tx:
            if outcomes:
                self._record(tx, term, outcomes)
            if silence:
                tx.run(_SQL["keep_silence"], {"bot_id": self._bot_id, "pause": silence})
            claimed = self._toasts(tx, term, room.toasts) if room.toasts else []
            if room.slots <= 0:
                return Turn(claimed, None, ())
            return self._sweep(tx, term, claimed, set(busy), list(held), room)

    # --------------------------------------------------------------- internal --

    def _record(self, tx: Tx, claimed_by: Term, outcomes: Sequence[Outcome]) -> None:
        recorded = tx.all(
            _SQL["record_outcomes"],
            {
                "token": str(claimed_by.token),
                "ids": [claimed.id for claimed, _ in outcomes],
                "states": [verdict.state for _, verdict in outcomes],
                "message_ids": [verdict.sent.message_id for _, verdict in outcomes],
                "file_ids": [verdict.sent.file_id for _, verdict in outcomes],
                "errors": [verdict.error for _, verdict in outcomes],
                "unknowns": [int(verdict.unknown) for _, verdict in outcomes],
                "untried": [int(verdict.untried) for _, verdict in outcomes],
                "pauses": [verdict.pause for _, verdict in outcomes],
            },
        )
        for claimed, verdict in outcomes:
            chat: Row = {"bot_id": self._bot_id, "chat_id": claimed.chat_id}
            if verdict.closes:
                tx.run(_SQL["close_chat"], {**chat, "error": verdict.error, "hold": HOLD})
            elif verdict.parks and claimed.kind != "toast":
                tx.run(_SQL["park_chat"], {**chat, "pause": verdict.parks})
        self._settle_money(tx, recorded)

    def _settle_money(self, tx: Tx, recorded: Sequence[Row]) -> None:
        ended = {
            state: _jobs_of(row["job_id"] for row in recorded if row["result_is"] == state)
            for state in ("sent", "failed")
        }
        if ended["failed"]:
            ledger.release(tx, ended["failed"])
        self._tell_lost(tx, [row for row in recorded if row["result_is"] == "failed"])
        if ended["sent"]:
            paid = ledger.capture(tx, ended["sent"])
            tx.afterwards(lambda: self._paid(paid))

    def _tell_lost(self, tx: Tx, rows: Sequence[Row]) -> None:
        """Whoever waits for a result that was given up is told. A closed chat hears nothing:
        the answer fails there by itself."""
        self._outbox.enqueue(
            tx,
            [
                Delivery(
                    row["chat_id"],
                    "answer",
                    saying(Screen(Markup(row["lost"]))),
                    f"delivery:{row['id']}:lost",
                    row["job_id"],
                )
                for row in rows
                if row["lost"]
            ],
        )

    def _toasts(self, tx: Tx, term: Term, limit: int) -> list[Claimed]:
        rows = tx.all(
            _SQL["claim_toasts"],
            {
                "bot_id": self._bot_id,
                "token": str(term.token),
                "too_old": TOAST_TOO_OLD,
                "checkout_too_old": CHECKOUT_TOO_OLD,
                "limit": limit,
            },
        )
        return [_claimed(row) for row in rows if row["state"] == "sending"]

    def _sweep(
        self,
        tx: Tx,
        term: Term,
        claimed: list[Claimed],
        busy: set[int],
        held: list[int],
        room: Room,
    ) -> Turn:
        """Once around all chats with something to say, or until the slots are taken."""
        started_at, due_in, waiting = self._cursor, None, set()
        slots, unasked = room.slots, room.unasked
        at, wrapped = started_at, False
        while True:
            rows = tx.all(
                _SQL["claim_heads"],
                {
                    "bot_id": self._bot_id,
                    "token": str(term.token),
                    "after": at,
                    "chats": CHATS_AT_ONCE,
                    "busy": list(busy),
                    "held": held,
                    "slots": slots,
                    "unasked": unasked,
                },
            )
            for row in rows:
                if row["id"] is not None:
                    claimed.append(_claimed(row))
                    busy.add(row["chat_id"])
                    slots -= 1
                    unasked -= row["kind"] != "answer"
                    self._cursor = row["chat_id"]
                elif row["in_flight"] or row["chat_id"] in busy or row["due_in"] <= 0.0:
                    waiting.add(row["chat_id"])
                else:
                    due_in = min(row["due_in"], due_in if due_in is not None else row["due_in"])
            if len(rows) >= CHATS_AT_ONCE:
                at = rows[-1]["chat_id"]
            elif not wrapped and started_at != FIRST_CHAT:
                at, wrapped = FIRST_CHAT, True
            else:
                if slots > 0:
                    self._cursor = FIRST_CHAT
                break
            if slots <= 0 or (wrapped and at >= started_at):
                break
        return Turn(claimed, due_in, waiting, rationed=unasked <= 0 and bool(waiting))


def _jobs_of(numbers: Iterable[int | None]) -> list[int]:
    return [number for number in numbers if number is not None]


def _claimed(row: Row) -> Claimed:
    return Claimed(
        id=row["id"],
        chat_id=row["chat_id"],
        kind=row["kind"],
        payload=row["payload"],
        job_id=row["job_id"],
        tries=row["attempts"],
        unknowns=row["unknowns"],
        reachable=row["reachable"],
        age=row["age"],
        trace=row["trace"],
    )
