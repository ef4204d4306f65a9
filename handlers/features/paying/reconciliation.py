"""Our payments against Telegram's list of transactions: at each activation, and every night.

An update about a payment can be lost before it reaches us: Telegram keeps updates for a day. The
list knows every payment and refund. What it has and we have not is booked as if its update had
come, and both sides are told; the card of an order that waited for the credits follows.
Transactions are left for the next look while their updates may still be on the way.

The transactions of a page are booked together; when that fails although the database answers, each
by itself (``supervisor/database/batch.py``). One that cannot be booked is tried again later, and
the place stays before its page; those behind it are booked meanwhile.

The list begins with the first payment that the token ever took. What is older than our first order
belongs to an earlier bot: it is counted, operators get one notice a page, and nothing else is done.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loguru import logger

from handlers.bot_api import star_calls
from handlers.bot_api.errors import until_open
from handlers.bot_api.gate_hook import before_first_byte
from handlers.bot_api.star_calls import refunding
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue import senders
from handlers.dialogue.effects import Keyboard, Screen
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Parts
from handlers.features.paying import subscribing, telling
from handlers.features.paying.words import plain, say
from handlers.words.texts import Markup, language_of
from kie.money import orders, payments
from kie.money.payments import CURRENCY, Arrived, Recorded, Returned
from supervisor.database.batch import BatchRunner
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import BotError, Disposition
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from supervisor.runtime.waits import pause
from supervisor.values.foreign import printable, whole

NEED = 2.5  #: seconds of trust for a call that only reads
FIRST_AFTER = 20.0  #: seconds of a term before the first look: updates that wait go first
EVERY = 24 * 3600.0  #: seconds between two looks
AGAIN = 600.0  #: seconds after a look that failed
PAGE = 100  #: transactions of one call
FRESH = 600.0  #: seconds within which the update of a transaction may still be on the way


@dataclass(frozen=True, slots=True)
class Transaction:
    """An entry of Telegram's list that concerns a payment of a user."""

    payment: Arrived
    payload: str
    first_name: str | None
    refund: bool
    at: int  #: seconds since 1970


def read(entry: Any) -> Transaction | None:
    """None: no payment of an invoice, and no refund of one."""
    if not isinstance(entry, dict):
        return None
    refund = "receiver" in entry
    partner = entry.get("receiver" if refund else "source")
    user = partner.get("user") if isinstance(partner, dict) else None
    if not isinstance(partner, dict) or not isinstance(user, dict):
        return None
    if partner.get("transaction_type", "invoice_payment") != "invoice_payment":
        return None
    user_id, stars = whole(user.get("id"), 1), whole(entry.get("amount"), 1)
    charge_id, at = printable(entry.get("id"), 256), whole(entry.get("date"), 0) or 0
    if user_id is None or stars is None or not charge_id:
        return None
    payload = printable(partner.get("invoice_payload"), 256)
    period = whole(partner.get("subscription_period"), 1)
    arrived = Arrived(
        charge_id,
        user_id,
        CURRENCY,
        stars,
        paid_until=None if period is None else at + period,
        recurring=period is not None,
        payload=payload,
    )
    name = printable(senders.first_name(user), 64) or None
    return Transaction(arrived, payload, name, refund, at)


class Reconciliation:
    """The body of a service on the loop."""

    def __init__(self, parts: Parts, *, fresh: float = FRESH) -> None:
        self._parts = parts
        self._fresh = fresh
        self._bot_id = parts.installation.bot_id
        self._outbox = parts.installation.outbox
        self._booking: BatchRunner[Transaction] = BatchRunner(
            parts.database, parts.clock, "stars", key=lambda each: (each.payment, each.refund)
        )

    async def run(self, term: Term, gate: Gate, stop: asyncio.Event) -> None:
        """Until ``stop``."""
        await pause(stop, FIRST_AFTER)
        while not stop.is_set():
            wait = until_open(gate, NEED)
            if wait == 0.0:
                wait = await self._look(term, gate)
            await pause(stop, wait)

    async def compare(self, term: Term) -> bool:
        """Everything that is new in Telegram's list. False: something could not be booked, and is
        still to be. Raises children of ``BotError``."""
        stars, whole = self._parts.stars, True
        at = await asyncio.to_thread(self._position)
        while True:
            page = await star_calls.transactions(stars, at, PAGE)
            settled = self._settled(page)
            if settled:
                whole = await asyncio.to_thread(self._book, term, at, settled, whole)
                at += len(settled)
            if len(settled) < PAGE:
                break
        balance = await star_calls.balance(stars)
        if balance is not None:
            self._parts.installation.metrics.star_balance.set(balance)
        return whole

    async def _look(self, term: Term, gate: Gate) -> float:
        """One comparison. Returns the seconds until the next."""
        try:
            with before_first_byte(lambda: gate.check(NEED)):
                return EVERY if await self.compare(term) else AGAIN
        except BotError as error:
            if error.disposition is Disposition.STEP_DOWN:
                return AGAIN  # the term is over; the stop is on its way
            logger.bind(error=str(error)).warning("stars_not_compared")
        return AGAIN

    def _settled(self, page: Sequence[Any]) -> Sequence[Any]:
        """Those before the first one whose update may still come."""
        until = datetime.now(UTC).timestamp() - self._fresh
        for number, entry in enumerate(page):
            found = read(entry)
            if found is not None and found.at > until:
                return page[:number]
        return page

    def _position(self) -> int:
        with self._parts.database.transaction() as tx:
            return payments.compared(tx, self._bot_id)

    def _book(self, term: Term, position: int, page: Sequence[Any], whole: bool) -> bool:
        """The page, and the place after it if all before it is booked (``whole``). Returns whether
        all is."""
        with self._parts.database.transaction() as tx:
            first = orders.first_at(tx, self._bot_id)

        def commit(part: Sequence[Transaction]) -> list[Transaction]:
            with self._parts.database.transaction(term, short=True) as tx:
                return [each for each in part if not self._book_one(tx, each, first)]

        found = [each for each in map(read, page) if each is not None]
        try:
            outcome = self._booking.drive(found, commit)
        except BotError as error:
            if error.disposition is not Disposition.RETRY:
                raise
            self._parts.database.ping()  # raises in an outage; else it is this page alone
            logger.bind(error=str(error)).warning("stars_not_compared")
            return False
        if not whole or outcome.faults or outcome.waiting:
            return False
        older = [each for part in outcome.results for each in part]
        with self._parts.database.transaction(term) as tx:
            if older:
                self._tell_older(tx, position, older)
            payments.move_compared(tx, self._bot_id, position + len(page))
        return True

    def _book_one(self, tx: Tx, found: Transaction, first: float | None) -> bool:
        """``first`` is the time of our first order. False: it is older, and nothing is done."""
        payment, bot_id = found.payment, self._bot_id
        is_known = payments.is_known(tx, bot_id, payment.charge_id)
        if is_known and not found.refund:
            return True
        named = orders.named_by(tx, self._parts.installation.identity, found.payload)
        is_older = first is None or found.at < first
        if is_older and not is_known and not named.signed:
            return False
        payer = payments.know_payer(tx, bot_id, payment.user_id, found.first_name)
        if payer is None:
            return True
        if found.refund:
            returned = payments.returned(tx, bot_id, payment)
            if returned is not None:
                self._tell_return(tx, payer, payment, returned)
            return True
        recorded = payments.record(tx, bot_id, payment, named.order)
        if recorded is not None:
            self._tell_payment(tx, payer, payment, recorded)
        return True

    # ---------------------------------------------------------------- telling --

    def _tell_older(self, tx: Tx, position: int, older: Sequence[Transaction]) -> None:
        paid = [each.payment.stars for each in older if not each.refund]
        shown = {"payments": len(paid), "stars": sum(paid), "refunds": len(older) - len(paid)}

        def told(spoken: str) -> str:
            return plain(spoken, "older_notice", **shown)

        outbox = self._parts.installation.outbox
        outbox.notice(tx, f"older:{position}", told, ("alarm_payments", 0))
        self._count(tx, "older", len(older))

    def _tell_payment(self, tx: Tx, payer: Row, payment: Arrived, recorded: Recorded) -> None:
        language = _language(payer)
        credited = bool(recorded.credits)
        text = (telling.credited if credited else telling.returning)(language, payment, recorded)
        self._say(tx, payment, "payment", text)
        waiting = self._parts.current(tx, payment.user_id) if credited else None
        if waiting is not None:
            key = f"found:payment:{payment.charge_id}:step"
            self._outbox.enqueue(tx, [Delivery(payment.user_id, "answer", waiting, key)])
        self._outbox.enqueue(tx, subscribing.asking_to_end(recorded.ends))
        if not credited:
            back = payments.first_return(payment, recorded)
            refund = refunding(back.user_id, back.charge_id)
            self._outbox.enqueue(tx, [Delivery(back.user_id, "refund", refund, back.key)])

        def told(spoken: str) -> str:
            what = plain(spoken, "found_credited" if credited else "found_returning")
            named = {"n": recorded.number, "user": payment.user_id, "charge": payment.charge_id}
            return plain(spoken, "found_payment_notice", stars=payment.stars, what=what, **named)

        self._outbox.notice(tx, f"payment:{payment.charge_id}", told, self._remedy(payment))
        self._count(tx)

    def _tell_return(self, tx: Tx, payer: Row, payment: Arrived, found: Returned) -> None:
        self._say(
            tx, payment, "return", say(_language(payer), "payment_returned", stars=payment.stars)
        )
        self._outbox.enqueue(tx, subscribing.asking_to_end(found.ends))
        if found.expected:
            return

        def told(spoken: str) -> str:
            named = {"n": found.number, "user": payment.user_id, "charge": payment.charge_id}
            shown = {"stars": payment.stars, "spent": found.spent}
            return plain(spoken, "found_return_notice", **named, **shown)

        self._outbox.notice(tx, f"returned:{payment.charge_id}", told, self._remedy(payment))
        self._count(tx)

    def _remedy(self, payment: Arrived) -> Callable[[str], Keyboard]:
        """The card of the payer."""

        def made(language: str) -> Keyboard:
            spot = Spot(language, self._parts.shop(), user_id=payment.user_id)
            return self._parts.places.keyboard("alarm_person", spot)

        return made

    def _say(self, tx: Tx, payment: Arrived, what: str, text: Markup) -> None:
        key = f"found:{what}:{payment.charge_id}"
        said = Delivery(payment.user_id, "result", saying(Screen(text)), key)
        self._outbox.enqueue(tx, [said])

    def _count(self, tx: Tx, what: str = "found", number: int = 1) -> None:
        counter = self._parts.installation.metrics.events.labels("paying", what)
        tx.afterwards(lambda: counter.inc(number))


def services(parts: Parts) -> Sequence[Service]:
    """What runs while this instance is ACTIVE."""
    return (parts.task("stars", Reconciliation(parts).run),)


def _language(person: Row) -> str:
    return language_of(person["language"], person["last_language_code"])
