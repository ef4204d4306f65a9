"""Receipts that nobody decides about: operators are reminded, users are told at last."""

from collections.abc import Sequence
from threading import Event

from loguru import logger

from handlers.delivery.outbox import Delivery, saying
from handlers.dialogue.effects import Screen
from handlers.dispatch.feature import Parts
from handlers.features.receipts.words import plain, say
from handlers.words.texts import language_of
from kie.money import receipts
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service

EVERY = 900.0  #: seconds between two looks


class Reminders:
    """The body of a ``ServiceThread``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._outbox = parts.installation.outbox

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
            if waiting:
                ids = ", ".join(map(str, waiting))
                key = f"receipts:{waiting[0]}"
                self._outbox.notice(
                    tx, key, lambda language: plain(language, "receipts_wait_notice", ids=ids)
                )
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
