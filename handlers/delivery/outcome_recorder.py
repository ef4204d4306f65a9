"""Records the outcomes of deliveries, and books what follows for money from results that have
ended, refunds of Stars and ended subscriptions.

The outcomes of one look are recorded together; when that fails while the database works, one by
one (``supervisor/database/batch.py``). The end of a result and its money are one transaction. If
only the money cannot be written (another session holds the user's row), the outcome is recorded
without it, and ``owed`` in the row says that it is still to be booked. So the result is not sent
twice, only the money waits, and a restart does not lose it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from loguru import logger

import sql
from handlers.delivery.chat_state import ChatState, Outcome
from handlers.delivery.outbox import Delivery, Outbox
from handlers.delivery.outcome import MOST_INTERRUPTED, RESULT_PAUSE
from handlers.delivery.payloads import saying
from handlers.dialogue.effects import Screen
from handlers.words import moments
from handlers.words.texts import Markup, language_of, plain, say
from kie.money import ledger, payments, subscriptions
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Database, Row, Tx
from supervisor.runtime.clock import Clock
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Term

AT_ONCE = 500  #: deliveries whose money is booked, or whose hold ends, in one look
#: Tries after which the money is booked without the message about a lost result.
BOOK_ALONE_AFTER = 3

_SQL = sql.load("delivery")


class OutcomeRecorder:
    """Deliveries of one bot. Blocking; for one thread at a time."""

    def __init__(
        self,
        database: Database,
        bot_id: int,
        clock: Clock,
        paid: Callable[[int], None] = lambda _: None,
        outbox: Outbox | None = None,
    ) -> None:
        """``paid`` is called with the credits that delivered results have cost. ``outbox``
        tells the operators of a refund that Telegram refuses."""
        self._database = database
        self._bot_id = bot_id
        self._outbox = outbox or Outbox(bot_id, ())
        self._chats = ChatState(bot_id, self._outbox)
        self._paid = paid
        self._outcomes: BatchRunner[Outcome] = BatchRunner(
            database, clock, "outcomes", key=lambda outcome: outcome[0].id
        )
        self._interrupted: BatchRunner[int] = BatchRunner(
            database, clock, "recovery", key=lambda number: number
        )
        self._money: BatchRunner[Row] = BatchRunner(
            database, clock, "result-money", key=lambda row: row["id"]
        )
        self._owing = True  #: a predecessor may have left something to book

    def record(
        self, term: Term, outcomes: Sequence[Outcome], *, claimed_by: Term | None = None
    ) -> list[Outcome]:
        """Record what can be recorded. Returns the rest, to be recorded later.

        ``claimed_by``: the earlier term of this process that made the calls. What a term of
        another process has recorded since stays as it is.
        """
        token = str((claimed_by or term).token)

        def together(tx: Tx, part: Sequence[Outcome]) -> None:
            recorded = self._record_rows(tx, token, part, owing=False)
            self._chats.note(tx, part, recorded)
            self._settle_money(tx, recorded)

        done = self._outcomes.run(term, outcomes, together, fence_first=False)
        left = list(done.waiting)
        for fault in done.faults:
            if not self._record_owing(term, token, fault.item):
                left.append(fault.item)
        return left

    def others_get_through(self) -> None:
        """Other writes work, so the outcomes that could not be recorded are at fault."""
        self._outcomes.others_get_through()

    def book_owed(self, term: Term) -> None:
        """Book the money of results whose outcome had to be recorded without it."""
        if not self._owing:
            return
        with self._database.transaction() as tx:
            rows = tx.all(_SQL["owed"], {"bot_id": self._bot_id, "limit": AT_ONCE})
        try:
            for fault in self._money.run(term, rows, self._book).faults:
                if fault.tries >= BOOK_ALONE_AFTER:
                    # The message to the user may be what cannot be written.
                    self._money.run(term, [{**fault.item, "lost": None}], self._book)
        except BotError as error:
            if error.disposition is not Disposition.RETRY:
                raise
            self._money.others_get_through()
        self._owing = bool(rows)

    @property
    def is_settled(self) -> bool:
        """Nothing is known that is still to be written."""
        return not self._owing and self.due_in() is None

    def due_in(self) -> float | None:
        """Seconds until something that could not be written may be tried again."""
        waits = [self._outcomes.due_in(), self._money.due_in() if self._owing else None]
        waits.append(self._interrupted.due_in())
        return min((each for each in waits if each is not None), default=None)

    def recover(self, term: Term) -> bool:
        """Give a next state to deliveries that an earlier term has begun and not recorded.
        False: some could not be written; call it again."""
        with self._database.transaction() as tx:
            named = {"bot_id": self._bot_id, "token": str(term.token)}
            ids = [row["id"] for row in tx.all(_SQL["interrupted"], named)]

        def work(tx: Tx, part: Sequence[int]) -> list[Row]:
            limits = {"result_pause": RESULT_PAUSE, "most": MOST_INTERRUPTED}
            named = {"ids": list(part), "token": str(term.token)}
            return tx.all(_SQL["recover_sending"], {**named, **limits})

        outcome = self._interrupted.run(term, ids, work)
        for row in (row for rows in outcome.results for row in rows):
            logger.bind(delivery=row["id"], kind=row["kind"], state=row["state"]).warning(
                "delivery_recovered"
            )
        self._owing = True
        self.book_owed(term)
        return not outcome.faults and not outcome.waiting

    def silence_left(self) -> float:
        """Seconds for which nothing may be sent to any chat, after a 429 for all."""
        with self._database.transaction() as tx:
            row = tx.one(_SQL["silence_left"], {"bot_id": self._bot_id})
        return float(row["seconds"]) if row is not None else 0.0

    def keep_silence(self, term: Term, seconds: float) -> None:
        """Pause all chats for so long; a restart keeps it."""
        with self._database.transaction(term, short=True) as tx:
            tx.run(_SQL["keep_silence"], {"bot_id": self._bot_id, "pause": seconds})

    def end_holds(self, term: Term) -> None:
        """Let the sender see results again that were held for ``HOLD``."""
        with self._database.transaction(term, short=True) as tx:
            tx.run(_SQL["end_holds"], {"bot_id": self._bot_id, "limit": AT_ONCE})

    # --------------------------------------------------------------- internal --

    def _record_owing(self, term: Term, token: str, outcome: Outcome) -> bool:
        """Record the outcome without its money. False: not even that can be written."""
        try:
            with self._database.transaction(term, short=True) as tx:
                recorded = self._record_rows(tx, token, [outcome], owing=True)
        except BotError as error:
            if error.disposition in {Disposition.STEP_DOWN, Disposition.ASK}:
                raise
            return False
        self._owing = True
        self._outcomes.forget(outcome)
        self._note_apart(term, outcome, recorded)
        return True

    def _note_apart(self, term: Term, outcome: Outcome, recorded: Sequence[Row]) -> None:
        """Note what it means for its chat. If that cannot be written either, it is left out: the
        outcome counts, or the message would be sent again."""
        try:
            with self._database.transaction(term, short=True) as tx:
                self._chats.note(tx, [outcome], recorded)
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                raise
            told = logger.bind(delivery=outcome[0].id, error=str(error))
            told.warning("chat_not_noted")

    def _record_rows(
        self, tx: Tx, token: str, outcomes: Sequence[Outcome], *, owing: bool
    ) -> Sequence[Row]:
        named: dict[str, Any] = {
            "token": token,
            "owing": owing,
            "ids": [claimed.id for claimed, _ in outcomes],
            "states": [next_state.state for _, next_state in outcomes],
            "message_ids": [next_state.sent.message_id for _, next_state in outcomes],
            "file_ids": [next_state.sent.file_id for _, next_state in outcomes],
            "errors": [next_state.error for _, next_state in outcomes],
            "unknowns": [int(next_state.unknown) for _, next_state in outcomes],
            "untried": [int(next_state.untried) for _, next_state in outcomes],
            "pauses": [next_state.pause for _, next_state in outcomes],
        }
        return tx.all(_SQL["record_outcomes"], named)

    def _book(self, tx: Tx, rows: Sequence[Row]) -> None:
        named = {"ids": [row["id"] for row in rows]}
        mine = {row["id"] for row in tx.all(_SQL["owe_nothing"], named)}
        self._settle_money(tx, [row for row in rows if row["id"] in mine])

    def _settle_money(self, tx: Tx, recorded: Sequence[Row]) -> None:
        ended = {
            state: _jobs_of(row["job_id"] for row in recorded if row["result_is"] == state)
            for state in ("sent", "failed")
        }
        if ended["failed"]:
            ledger.release(tx, ended["failed"])
        self._tell_lost(tx, [row for row in recorded if row["is_lost"]])
        for row in recorded:
            if row["charge_id"] is not None and row["result_is"] is not None:
                settle = self._settle_end if row["ends"] else self._settle_return
                settle(tx, row)
        if ended["sent"]:
            paid = ledger.capture(tx, ended["sent"])
            tx.afterwards(lambda: self._paid(paid))

    def _settle_return(self, tx: Tx, row: Row) -> None:
        """A refund of Stars was made or refused."""
        done = row["result_is"] == "sent"
        ended = payments.end_return(tx, self._bot_id, row["charge_id"], done=done)
        if ended is not None and not done:
            named = {"n": ended.number, "user": ended.user_id, "charge": ended.charge_id}

            def told(language: str) -> str:
                return plain(language, "alert_refund_refused", stars=ended.stars, **named)

            key, remedy = f"refund:{ended.charge_id}", ("alarm_person", ended.user_id)
            self._outbox.notice(tx, key, told, remedy)

    def _settle_end(self, tx: Tx, row: Row) -> None:
        """A subscription was ended or goes on; its user is told which."""
        done, charge = row["result_is"] == "sent", row["charge_id"]
        ended = subscriptions.end(tx, self._bot_id, charge, done=done)
        person = payments.person(tx, self._bot_id, row["chat_id"])
        if person is not None and (ended is not None or not done):
            language = language_of(person["language"], person["last_language_code"])
            day = "" if ended is None else moments.date(language, ended.paid_until)
            text = say(language, "monthly_stopped" if done else "monthly_not_stopped", day=day)
            key = f"delivery:{row['id']}:ended"
            said = Delivery(row["chat_id"], "result", saying(Screen(text)), key)
            self._outbox.enqueue(tx, [said])
        if not done:

            def told(language: str) -> str:
                return plain(language, "alert_end_refused", user=row["chat_id"], charge=charge)

            self._outbox.notice(tx, f"end:{charge}", told, ("alarm_person", row["chat_id"]))

    def _tell_lost(self, tx: Tx, rows: Sequence[Row]) -> None:
        """Tell users about files that were given up. In an unreachable chat the message fails
        by itself."""
        self._outbox.enqueue(
            tx,
            [
                Delivery(
                    row["chat_id"],
                    "answer",
                    saying(Screen(Markup(row["lost"]))),
                    f"delivery:{row['id']}:lost",
                    row["job_id"],
                    thread=row["thread"],
                )
                for row in rows
                if row["lost"]
            ],
        )


def _jobs_of(numbers: Iterable[int | None]) -> list[int]:
    return [number for number in numbers if number is not None]
