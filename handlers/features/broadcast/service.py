"""Sends a broadcast while this instance is ACTIVE.

Receivers are chosen in chunks and kept in ``broadcast_receivers``. Only a few of their messages are
in the outbox at a time, so that the outbox stays short for everybody else and a pause holds at
once. A message, its bonus and its mark at the receiver are one fenced transaction, and the key of
the delivery names broadcast and receiver: whatever ends the process, the next term goes on where
the table stands, and nobody has two deliveries. A call that was not answered is repeated, as for a
result, and counted: ``broadcasts.doubtful``.
"""

from collections.abc import Sequence
from threading import Event

from loguru import logger

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import editing
from handlers.dispatch.feature import Parts
from handlers.features.broadcast import message, screens
from handlers.features.broadcast.screens import SILENT_DAYS
from handlers.words.texts import language_of
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.stop_request import wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.wakeups import BROADCASTS, NEWS_QUEUED

CHUNK = 1000  #: accounts that are looked at in one transaction
WINDOW = 100  #: messages in the outbox at a time: about four seconds of them
AT_ONCE = 50  #: messages that are written in one transaction
EVERY = 0.5  #: seconds between two looks while one runs
IDLE = 3600.0  #: the same when none does, unless one is ordered
TOLD_EVERY = 5.0  #: seconds between two changes of the progress

_SQL = sql.load("broadcast")


class Broadcasts:
    """The body of a ``ServiceThread``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._database = parts.database
        self._bot_id = parts.installation.bot_id
        self._outbox = parts.installation.outbox
        self._told_at = float("-inf")
        self._writing: BatchRunner[Row] = BatchRunner(
            parts.database, parts.clock, "news", key=lambda row: (row["id"], row["user_id"])
        )

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        clock, woken = self._parts.clock, Event()
        wake_on_stop(stop, woken)
        forget = self._parts.wakeups.subscribe(BROADCASTS, woken.set)
        try:
            while not stop.is_set():
                woken.clear()
                wait_for_wake_up(clock, stop, woken, EVERY if self._look(term) else IDLE)
        finally:
            forget()

    def _look(self, term: Term) -> bool:
        try:
            return self.look(term)
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("broadcast_waits")
            return True

    def look(self, term: Term) -> bool:
        """One step of the broadcast whose turn it is. False: there is none. Raises what the
        database does."""
        with self._database.transaction() as tx:
            current = tx.one(_SQL["current"], {"bot_id": self._bot_id})
        if current is None:
            return False
        if current["state"] == "queued":
            with self._database.transaction(term) as tx:
                tx.one(_SQL["run_next"], {"bot_id": self._bot_id, "id": current["id"]})
            return True
        if not current["chosen"]:
            self._choose(term, current)
        self._count(term, current)
        if current["state"] == "running":
            self._fill(term, current)
        self._tell(term, current)
        return True

    # --------------------------------------------------------------- internal --

    def _choose(self, term: Term, current: Row) -> None:
        """The next accounts of the audience become receivers."""
        with self._database.transaction(term) as tx:
            rows = tx.all(
                _SQL["next_accounts"],
                {
                    "bot_id": self._bot_id,
                    "audience": current["audience"],
                    "since": current["created_at"],
                    "silent": SILENT_DAYS,
                    "after": current["looked_at"],
                    "limit": CHUNK,
                },
            )
            fits = [row for row in rows if row["fits"] and screens.speaks(row, current["audience"])]
            tx.run(
                _SQL["choose"],
                {
                    "id": current["id"],
                    "users": [row["user_id"] for row in fits],
                    "looked_at": rows[-1]["user_id"] if rows else current["looked_at"],
                    "chosen": len(rows) < CHUNK,
                },
            )

    def _count(self, term: Term, current: Row) -> None:
        with self._database.transaction(term, short=True) as tx:
            tx.run(_SQL["note_outcomes"], {"id": current["id"], "limit": CHUNK})

    def _fill(self, term: Term, current: Row) -> None:
        """Fill the window of the outbox; end the broadcast when nobody is left."""
        ids = {"bot_id": self._bot_id, "id": current["id"]}
        with self._database.transaction() as tx:
            found = tx.one(_SQL["open_messages"], ids)
        room = WINDOW - (found["n"] if found is not None else 0)
        while room > 0:
            with self._database.transaction() as tx:
                rows = tx.all(_SQL["next_receivers"], {**ids, "limit": min(room, AT_ONCE)})
            batch = [{**row, "id": current["id"], "broadcast": current} for row in rows]
            outcome = self._writing.run(term, batch, self._write)
            if len(rows) < min(room, AT_ONCE) or outcome.faults or outcome.waiting:
                break
            room -= len(rows)
        with self._database.transaction(term) as tx:
            tx.wake(NEWS_QUEUED)
            if tx.one(_SQL["finish"], ids) is not None:
                self._report(tx, current["id"])

    def _write(self, tx: Tx, rows: Sequence[Row]) -> None:
        """Messages, bonuses and marks of these receivers; nothing if it was paused meanwhile."""
        current = rows[0]["broadcast"]
        ids = {"bot_id": self._bot_id, "id": current["id"]}
        if tx.one(_SQL["lock_running"], ids) is None:
            return
        skipped = [row["user_id"] for row in rows if row["skip"]]
        if skipped:
            tx.run(_SQL["skip"], {**ids, "users": skipped})
        wanted = [row for row in rows if not row["skip"]]
        users = [row["user_id"] for row in wanted]
        if not users:
            return
        if current["bonus"]:
            tx.run(_SQL["give_bonus"], {**ids, "users": users, "bonus": current["bonus"]})
        self._outbox.enqueue(tx, [self._message(current, row) for row in wanted])
        tx.run(_SQL["note_deliveries"], {**ids, "users": users})

    def _message(self, current: Row, row: Row) -> Delivery:
        language = language_of(row["language"], row["code"])
        payload = message.payload(current["content"], current["id"], language)
        key = f"news:{current['id']}:{row['user_id']}"
        return Delivery(row["user_id"], "news", payload, key, trace=None)

    def _tell(self, term: Term, current: Row) -> None:
        """Change the one message with the progress, every few seconds and at the end."""
        now = self._parts.clock.now()
        with self._database.transaction(term) as tx:
            row = self._row(tx, current["id"])
            if row is None or (row["state"] == "running" and now - self._told_at < TOLD_EVERY):
                return
            if row["state"] == "paused" and row["state"] == current["state"]:
                return
            self._told_at = now
            self._change_progress(tx, row)

    def _change_progress(self, tx: Tx, row: Row) -> None:
        ids = {"bot_id": self._bot_id, "id": row["id"]}
        shown = tx.one(_SQL["progress_message"], ids)
        told = tx.one(_SQL["count_told"], ids)
        if shown is None or told is None:
            return
        operator = tx.one(_SQL["operator_language"], {**ids, "user_id": row["made_by"]}) or {}
        language = language_of(operator.get("language"), operator.get("code"))
        screen = screens.progress(row, language)
        payload = editing(shown["message_id"], screen, or_say=False)
        key = f"news:{row['id']}:told:{told['told']}"
        self._outbox.enqueue(tx, [Delivery(shown["chat_id"], "status", payload, key)])

    def _report(self, tx: Tx, number: int) -> None:
        """The end: to every operator, once; and the progress shows it."""
        row = self._row(tx, number)
        if row is not None:
            self._change_progress(tx, row)
            self._outbox.ask_operators(
                tx, f"news:{number}:report", lambda language: screens.report(row, language)
            )

    def _row(self, tx: Tx, number: int) -> Row | None:
        return tx.one(_SQL["one"], {"bot_id": self._bot_id, "id": number})


def services(parts: Parts) -> Sequence[Service]:
    """What runs while this instance is ACTIVE."""
    return (parts.thread("broadcasts", Broadcasts(parts).run),)
