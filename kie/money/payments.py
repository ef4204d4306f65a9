"""Payments in Stars: each is credited once, or returned.

The key of a payment is Telegram's charge id, because an invoice can be paid twice and an update
may come twice. A payment that fits an order is credited in the transaction that records it. Any
other payment is recorded as ``returning``, except a renewal that no order of this bot knows: an
earlier bot has sold it, and the operator may have set how many credits a Star of it is worth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sql
from kie.money import bans, invites, ledger, orders, subscriptions, tariffs
from kie.money.ledger import Account
from kie.money.orders import Order
from kie.money.subscriptions import PERIOD, End, Month
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import Rejected

CURRENCY = "XTR"

_SQL = sql.load("money_orders")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A payment as Telegram reports it."""

    charge_id: str
    user_id: int
    currency: str
    stars: int
    paid_until: int | None = None  #: seconds since 1970: the end of the month that was paid for
    recurring: bool = False  #: for a month of a subscription
    first: bool = False  #: that began with it
    payload: str = ""  #: of the invoice; it names the subscription


@dataclass(frozen=True, slots=True)
class Recorded:
    """A payment that was recorded just now."""

    number: int  #: of the receipt
    credits: int  #: 0: it is returned
    balance: int = 0  #: after it
    by_rule: bool = False  #: no order knows it; a renewal, credited as the operator has set
    paid_until: datetime | None = None  #: the end of the month that was paid for
    ends: End | None = None  #: a subscription that may not go on, for Telegram to end


@dataclass(frozen=True, slots=True)
class Return:
    """Stars on their way back, or the end of that way."""

    number: int
    user_id: int
    charge_id: str
    stars: int
    returns: int  #: how often a return of this payment was begun
    ends: End | None = None  #: its subscription, if this was its current month

    @property
    def key(self) -> str:
        """Of the delivery that asks Telegram to return them."""
        return f"refund:{self.charge_id}:{self.returns}"


@dataclass(frozen=True, slots=True)
class Returned:
    """What Telegram has returned by itself, or at our request."""

    number: int
    spent: int = 0  #: credits that could not be taken back: they were spent
    expected: bool = True  #: we had asked for it
    ends: End | None = None  #: its subscription, if this was its current month


@dataclass(frozen=True, slots=True)
class Listed:
    """A payment as its user and the operators see it."""

    number: int
    charge_id: str
    stars: int
    credits: int
    state: str
    at: datetime


class Spent(Rejected):
    """The credits of the payment were spent; nothing was changed."""


def fits(order: Order | None, payment: Arrived) -> bool:
    """Whether the Stars are those that the order asks for, from its user."""
    return (
        order is not None
        and order.user_id == payment.user_id
        and order.stars == payment.stars
        and payment.currency == CURRENCY
    )


def is_known(tx: Tx, bot_id: int, charge_id: str) -> bool:
    """This payment, or its return, was recorded before."""
    return tx.one(_SQL["known_payment"], {"bot_id": bot_id, "charge_id": charge_id}) is not None


def record(tx: Tx, bot_id: int, payment: Arrived, order: Order | None) -> Recorded | None:
    """Credit the payment by its order, or record that it is returned. None: it is known."""
    credits = _worth(tx, bot_id, payment, order)
    if payment.recurring and payment.paid_until is None:
        month = datetime.now(UTC) + timedelta(seconds=PERIOD)
        payment = replace(payment, paid_until=int(month.timestamp()))
    named: dict[str, Any] = {"bot_id": bot_id, "charge_id": payment.charge_id}
    by_rule = credits > 0 and not fits(order, payment)
    of = order.id if order is not None and not by_rule else None
    named |= {"user_id": payment.user_id, "order_id": of}
    named |= {"stars": payment.stars, "credits": credits, "paid_until": payment.paid_until}
    named |= {"recurring": payment.recurring}
    if credits:
        invites.lock(tx, bot_id, [payment.user_id])
    row = tx.one(_SQL["add_payment"], {**named, "state": "credited" if credits else "returning"})
    if row is None:
        return None
    if not credits:
        named = {"user_id": payment.user_id, "payload": payment.payload}
        first = payment.charge_id if payment.first else None
        ends = subscriptions.unwanted(tx, bot_id, named, first) if payment.recurring else None
        return Recorded(row["number"], 0, ends=ends)
    key, note = f"stars:{payment.charge_id}", f"receipt {row['number']}"
    booked = ledger.book(tx, bot_id, payment.user_id, "stars", credits, note=note, key=key)
    if booked is None:
        raise RuntimeError(f"payment {row['number']} is new and its entry is not")
    if order is not None and order.discount:
        orders.use_discount(tx, bot_id, order)
    invites.reward(tx, bot_id, [payment.user_id])
    until = row["paid_until"]
    found = _month(payment, credits, until, of)
    ends = None if found is None else subscriptions.paid(tx, bot_id, found)
    return Recorded(row["number"], credits, booked.balance, by_rule, until, ends)


def _worth(tx: Tx, bot_id: int, payment: Arrived, order: Order | None) -> int:
    """The credits that the payment is worth; 0: it is returned. Telegram asks nobody before a
    renewal, so a closed account is found here: it gets its Stars back."""
    if payment.recurring and bans.is_banned(tx, bot_id, payment.user_id):
        return 0
    if order is not None and fits(order, payment):
        return order.credits
    if not payment.recurring or payment.currency != CURRENCY:
        return 0
    return int(payment.stars * (tariffs.read(tx, bot_id).renewals or 0))


def _month(
    payment: Arrived, credits: int, until: datetime | None, order_id: int | None
) -> Month | None:
    if until is None:
        return None
    named = payment.user_id, payment.payload, payment.charge_id, payment.stars
    return Month(*named, credits, until, payment.first, order_id)


def first_return(payment: Arrived, recorded: Recorded) -> Return:
    """The return of a payment that was recorded without credits."""
    return Return(recorded.number, payment.user_id, payment.charge_id, payment.stars, 1)


def begin_return(tx: Tx, bot_id: int, charge_id: str, *, anyway: bool = False) -> Return | None:
    """Take the credits back: the Stars are about to be returned. None: they are not credited
    any more. Raises ``Spent`` when the balance is too small, unless ``anyway``."""
    found = _held(tx, bot_id, charge_id)
    if found is None or found["state"] != "credited":
        return None
    invites.lock(tx, bot_id, [found["user_id"]])
    taken = _take(tx, bot_id, found, charge_id, anyway=anyway)
    spent = found["credits"] - taken
    named = {"bot_id": bot_id, "charge_id": charge_id, "taken": taken, "spent": spent}
    row = tx.one(_SQL["begin_return"], named)
    invites.take_back(tx, bot_id, found["user_id"], charge_id)
    return None if row is None else Return(**row, ends=_ending(tx, bot_id, found))


def end_return(tx: Tx, bot_id: int, charge_id: str, *, done: bool) -> Return | None:
    """Telegram has returned the Stars (``done``) or refused to: then the credits come back. None:
    it was recorded before."""
    found = _held(tx, bot_id, charge_id)
    if found is None:
        return None
    row = tx.one(_SQL["end_return"], {"bot_id": bot_id, "charge_id": charge_id, "done": done})
    if row is None:
        return None
    ended = Return(**row)
    if not done:
        invites.lock(tx, bot_id, [ended.user_id])
        invites.give_again(tx, bot_id, ended.user_id, charge_id)
    if not done and found["taken"]:
        key = f"stars_refund:{charge_id}:{ended.returns}:refused"
        user, taken = ended.user_id, found["taken"]
        note = f"receipt {ended.number}"
        if ledger.book(tx, bot_id, user, "stars_refund", taken, note=note, key=key) is None:
            # Its user was forgotten meanwhile: the credits open a new account.
            know_payer(tx, bot_id, user, None)
            ledger.book(tx, bot_id, user, "stars_refund", taken, note=note, key=key)
    return ended


def returned(tx: Tx, bot_id: int, payment: Arrived) -> Returned | None:
    """Telegram says that the Stars went back: at our request, by its support, or by a chargeback.
    What is left of their credits is taken back. None: that is known."""
    found = _held(tx, bot_id, payment.charge_id)
    named = {"bot_id": bot_id, "charge_id": payment.charge_id}
    if found is None:
        user = {"user_id": payment.user_id, "stars": payment.stars}
        row = tx.one(_SQL["add_returned"], {**named, **user})
        return None if row is None else Returned(row["number"], expected=False)
    if found["state"] == "returned":
        return None
    asked = found["state"] == "returning"
    taken = 0
    invites.lock(tx, bot_id, [found["user_id"]])
    if found["state"] == "credited":
        taken = _take(tx, bot_id, found, payment.charge_id, anyway=True)
    spent = found["credits"] - taken if found["state"] == "credited" else 0
    tx.one(_SQL["record_returned"], {**named, "taken": taken, "spent": spent})
    if found["credits"]:
        invites.take_back(tx, bot_id, found["user_id"], payment.charge_id)
    return Returned(found["number"], spent, asked, _ending(tx, bot_id, found))


def compared(tx: Tx, bot_id: int) -> int:
    """How many of Telegram's transactions were compared with ours."""
    row = tx.one(_SQL["star_position"], {"bot_id": bot_id})
    return 0 if row is None else int(row["compared"])


def move_compared(tx: Tx, bot_id: int, position: int) -> None:
    """The comparison goes on from there."""
    tx.run(_SQL["move_star_position"], {"bot_id": bot_id, "compared": position})


def know_payer(tx: Tx, bot_id: int, user_id: int, first_name: str | None) -> Row | None:
    """Store the payer, who may never have written to the bot."""
    named = {"bot_id": bot_id, "user_id": user_id, "first_name": first_name}
    tx.one(_SQL["know_payer"], named)
    return person(tx, bot_id, user_id)


def latest(tx: Tx, bot_id: int, user_id: int, count: int) -> tuple[Listed, ...]:
    """The latest payments of a user, newest first."""
    named = {"bot_id": bot_id, "user_id": user_id, "count": count}
    return tuple(Listed(**row) for row in tx.all(_SQL["payments_of"], named))


def by_number(tx: Tx, bot_id: int, number: int) -> Row | None:
    """The payment of that receipt, with its user and what the account has."""
    return tx.one(_SQL["payment_by_number"], {"bot_id": bot_id, "number": number})


def person(tx: Tx, bot_id: int, user_id: int) -> Row | None:
    """Whom operators answer."""
    return tx.one(_SQL["person_of"], {"bot_id": bot_id, "user_id": user_id})


def _ending(tx: Tx, bot_id: int, found: Row) -> End | None:
    """Whoever gets a month back does not want the next one."""
    if found["subscription"] is None or not found["is_current"]:
        return None
    return subscriptions.begin_end(tx, bot_id, found["subscription"])


def _held(tx: Tx, bot_id: int, charge_id: str) -> Row | None:
    """The payment, locked until the transaction ends."""
    named = {"bot_id": bot_id, "charge_id": charge_id}
    tx.one(_SQL["hold_payment"], named)
    return tx.one(_SQL["known_payment"], named)


def _take(tx: Tx, bot_id: int, found: Row, charge_id: str, *, anyway: bool) -> int:
    """Credits leave the account for Stars that go back. Returns how many; raises ``Spent``."""
    user_id = found["user_id"]
    # Whoever was forgotten has no account: the credits went with it.
    account = ledger.accounts(tx, bot_id, [user_id], spending=True).get(user_id, Account())
    taken = min(account.balance, found["credits"])
    if taken < found["credits"] and not anyway:
        raise Spent(f"{found['credits'] - taken} credits of receipt {found['number']} are spent")
    if taken:
        key, note = f"stars_refund:{charge_id}:{found['returns'] + 1}", f"receipt {found['number']}"
        ledger.book(tx, bot_id, user_id, "stars_refund", -taken, note=note, key=key)
    return int(taken)


def page(tx: Tx, bot_id: int, user_id: int | None, before: int | None, count: int) -> Sequence[Row]:
    """Payments, newest first, of one user or of all; before that number, if there is one."""
    named = {"bot_id": bot_id, "user_id": user_id, "before": before, "count": count}
    return tx.all(_SQL["payments_page" if user_id is None else "payments_page_of"], named)
