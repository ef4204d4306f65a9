"""Receipts that nobody decides about: operators are reminded, users are told at last."""

from collections.abc import Sequence
from threading import Event

from loguru import logger

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import Payload, saying
from handlers.dialogue.effects import Keyboard, Screen
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Parts
from handlers.features.receipts import screens
from handlers.features.receipts.words import plain, say
from handlers.words.texts import language_of
from kie.money import receipts
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Tx
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service

EVERY = 900.0  #: seconds between two looks


class Reminders:
    """The body of a ``ServiceThread``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._outbox = parts.installation.outbox
        self._reminding: BatchRunner[int] = BatchRunner(
            parts.database, parts.clock, "remind", key=lambda number: number
        )

    def run(self, term: Term, _gate: Gate, stop: Event) -> None:
        """Until ``stop``."""
        clock = self._parts.clock
        while not stop.is_set():
            self._look(term)
            clock.wait(stop, clock.jitter(EVERY))

    def look(self, term: Term) -> None:
        """Remind and give up. Raises what the database does."""
        bot_id = self._parts.installation.bot_id
        with self._parts.database.transaction(term) as tx:
            waiting = receipts.waiting(tx, bot_id)
            told = [
                Delivery(
                    row["user_id"],
                    "result",
                    saying(Screen(say(_language(row), "receipt_expired", id=row["id"]))),
                    f"receipt:{row['id']}:expired",
                )
                for row in receipts.expired(tx, bot_id)
            ]
            self._outbox.enqueue(tx, told)
        self._reminding.run(term, waiting, self._remind)

    def _remind(self, tx: Tx, numbers: Sequence[int]) -> None:
        """One notice for all, and each receipt once more."""
        waiting = receipts.remind(tx, self._parts.installation.bot_id, numbers)
        if not waiting:
            return
        ids = ", ".join(map(str, waiting))
        key = f"receipts:{waiting[0]}"

        def told(language: str) -> str:
            return plain(language, "receipts_wait_notice", ids=ids)

        def remedy(language: str) -> Keyboard:
            spot = Spot(language, self._parts.shop(), waiting={"receipts": len(waiting)})
            return self._parts.places.keyboard("alarm_receipts", spot)

        self._outbox.notice(tx, key, told, remedy)
        for number in waiting:
            self._bring_again(tx, number)

    def _bring_again(self, tx: Tx, number: int) -> None:
        """The message with the buttons may be far up, or its operator new."""
        bot_id = self._parts.installation.bot_id
        found = receipts.find(tx, bot_id, number)
        if found is None:
            return
        seen = receipts.seen_before(tx, bot_id, number, found["unique_id"])

        def asking(language: str) -> Payload:
            return screens.to_operators(found, "photo", found["file_id"], seen, language)

        self._outbox.ask_operators(tx, receipts.again_key_of(number), asking)

    def _look(self, term: Term) -> None:
        try:
            self.look(term)
        except BotError as error:
            if error.disposition is not Disposition.STEP_DOWN:
                logger.bind(reason=str(error)).warning("receipts_not_looked_at")


def services(parts: Parts) -> Sequence[Service]:
    """What runs while this instance is ACTIVE."""
    return (parts.thread("receipts", Reminders(parts).run),)


def _language(row: dict[str, object]) -> str:
    chosen, code = row["language"], row["last_language_code"]
    return language_of(str(chosen) if chosen else None, str(code) if code else None)
