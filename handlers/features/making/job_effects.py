"""Effects that touch jobs and credits, carried out in the update's transaction.

What the database decides (is it still queued, is there enough) is told in the same commit.
"""

from loguru import logger

from handlers.delivery.outbox import Delivery, Outbox, editing, saying, toasting
from handlers.dialogue.effects import Book, CancelJob, Screen, StartJob, SwitchModel, Toast
from handlers.dialogue.facts import Facts
from handlers.dialogue.texts import DEFAULT, LANGUAGES, plain, say
from handlers.features.making import screens
from handlers.features.paying import credits as payment
from kie.catalogue import availability
from kie.jobs import job_table, settle
from kie.money import ledger
from supervisor.database.transactions import Tx
from supervisor.telemetry.metrics import Metrics


class Orders:
    """Of one bot. Thread-safe: all state is in the database."""

    def __init__(self, bot_id: int, outbox: Outbox, metrics: Metrics) -> None:
        self._bot_id = bot_id
        self._outbox = outbox
        self._metrics = metrics

    def start(self, tx: Tx, chat_id: int, start: StartJob, key: str) -> list[Delivery]:
        """The job's row, its price reserved, and the message that shows its progress from
        now on. Raises ``ledger.NotEnough``: whoever decided had not held the account."""
        job = start.job
        job_id = job_table.create(tx, self._bot_id, job)
        logger.bind(job=job_id, model=job.model, price=job.price).info("job_created")
        place = job_table.place(tx, job_id)
        screen = start.progress
        if place:
            screen = screens.waiting(screen, job_id, place, job.language)
        if job.status_message_id is None:
            payload = saying(screen)
        else:
            payload = editing(job.status_message_id, screen, or_say=True)
        return [Delivery(chat_id, "status", payload, key, job_id)]

    def cancel(self, tx: Tx, cancel: CancelJob, facts: Facts, key: str) -> list[Delivery]:
        """The job ends if it is still queued; one statement decides."""
        chat_id, language = facts.incoming.sender.chat_id, facts.language
        user_id = facts.incoming.sender.user_id
        if not settle.cancel(tx, self._bot_id, user_id, cancel.job_id):
            words = plain(language, "toast_too_late")
            return [Delivery(chat_id, "toast", toasting(Toast(cancel.query_id, words)), key)]
        self._outbox.supersede_statuses(tx, cancel.job_id)
        toast = toasting(Toast(cancel.query_id, plain(language, "toast_cancelled")))
        keyboard = screens.after_result(cancel.job_id, language, again="button_retry")
        screen = Screen(say(language, "failed_cancelled"), keyboard)
        at = cancel.message_id
        payload = saying(screen) if at is None else editing(at, screen, or_say=True)
        return [
            Delivery(chat_id, "toast", toast, key),
            Delivery(chat_id, "answer", payload, f"{key}:end", cancel.job_id),
        ]

    def book(self, tx: Tx, effect: Book, facts: Facts, key: str) -> list[Delivery]:
        """Move credits, once per ``key``; tell the operator, and the user if it happened."""
        chat_id, language = facts.incoming.sender.chat_id, facts.language
        if effect.kind == "refund":
            found = ledger.refund(tx, self._bot_id, effect.target, effect.note)
        else:
            found = ledger.book(
                tx,
                self._bot_id,
                effect.target,
                effect.kind,
                effect.amount,
                note=effect.note,
                key=key,
            )
        if found is None:
            screen = screens.sentence(say(language, f"not_booked_{effect.kind}"), language)
            return [Delivery(chat_id, "answer", saying(screen), key)]
        tx.afterwards(lambda: self._count(effect.kind, found.amount))
        screen = screens.sentence(payment.booked(found, effect, language), language)
        theirs = found.language if found.language in LANGUAGES else DEFAULT
        told = payment.told(found, effect, str(theirs))
        return [
            Delivery(chat_id, "answer", saying(screen), key),
            Delivery(found.user_id, "answer", saying(told), f"{key}:user"),
        ]

    def switch(self, tx: Tx, effect: SwitchModel, facts: Facts, key: str) -> list[Delivery]:
        """Take a model off the menu or put it back; the operator is told how that went."""
        if effect.on:
            done = availability.offer_again(tx, self._bot_id, effect.model)
        else:
            done = (
                availability.withdraw(tx, self._bot_id, effect.model, "switched off by hand")
                is not None
            )
        word = "model_on" if effect.on else "model_off"
        text = say(facts.language, word if done else f"{word}_before", model=effect.model)
        screen = screens.sentence(text, facts.language)
        return [Delivery(facts.incoming.sender.chat_id, "answer", saying(screen), key)]

    def _count(self, kind: str, amount: int) -> None:
        if amount > 0:
            self._metrics.credits_in.labels(kind).inc(amount)
        else:
            self._metrics.credits_out.labels("taken_back").inc(-amount)
