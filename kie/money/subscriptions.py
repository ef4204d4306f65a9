"""Subscriptions: credits that are paid for in Stars each month.

Telegram collects the Stars every 30 days and tells of each renewal as of a payment; it asks nobody
before. So a renewal is credited like a payment, by the order that its payload names, whatever
became of the pack since. Telegram ends a subscription at its user's wish, or when the bot asks for
it by the charge id of the first payment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sql
from supervisor.database.transactions import Tx

PERIOD = 2_592_000  #: seconds of a month; Telegram knows no other period
#: What Telegram says of a subscription → its state here.
TOLD = {"canceled": "ended", "active": "active", "failed": "failed"}
SHOWN = 3

_SQL = sql.load("money_subscriptions")


@dataclass(frozen=True, slots=True)
class Subscription:
    """As its user sees it."""

    id: int
    stars: int
    credits: int
    state: str
    can_end: bool  #: the bot can ask Telegram to end it
    paid_until: datetime


@dataclass(frozen=True, slots=True)
class End:
    """Telegram is to be asked to collect nothing more."""

    user_id: int
    charge_id: str  #: of the first payment
    times: int = 1  #: how often that was asked for

    @property
    def key(self) -> str:
        """Of the delivery that asks for it."""
        return f"end:{self.charge_id}:{self.times}"


@dataclass(frozen=True, slots=True)
class Ended:
    """Telegram's answer, or its news of a subscription."""

    user_id: int
    stars: int
    credits: int
    paid_until: datetime


@dataclass(frozen=True, slots=True)
class Month:
    """A month that was paid for."""

    user_id: int
    payload: str
    charge_id: str
    stars: int
    credits: int
    paid_until: datetime
    first: bool  #: Telegram says that it began the subscription
    order_id: int | None  #: None: an earlier bot has sold it


def lasts(tx: Tx, bot_id: int, user_id: int) -> bool:
    """The user has a subscription that goes on."""
    named = {"bot_id": bot_id, "user_id": user_id}
    return tx.one(_SQL["live_subscription"], named) is not None


def of(tx: Tx, bot_id: int, user_id: int) -> Sequence[Subscription]:
    """What the user is shown, the newest first."""
    named = {"bot_id": bot_id, "user_id": user_id, "count": SHOWN}
    return [Subscription(**row) for row in tx.all(_SQL["subscriptions_of"], named)]


def paid(tx: Tx, bot_id: int, month: Month) -> End | None:
    """A month is credited. Returns what has to end: a second subscription of the same user,
    which cannot be wanted."""
    user: dict[str, Any] = {"bot_id": bot_id, "user_id": month.user_id}
    other = tx.one(_SQL["live_subscription"], user)
    began = month.charge_id if month.first else _began(tx, bot_id, month)
    is_second = (
        began == month.charge_id and other is not None and other["charge_id"] != month.charge_id
    )
    named = {**user, "payload": month.payload, "stars": month.stars, "credits": month.credits}
    named |= {"charge_id": began, "anew": month.first and not is_second}
    row = tx.one(_SQL["subscription_paid"], {**named, "paid_until": month.paid_until})
    if row is None:
        raise RuntimeError("a subscription was neither made nor found")
    there = {"bot_id": bot_id, "id": row["id"]}
    tx.run(_SQL["belongs_to"], {**there, "charge_id": month.charge_id})
    if not is_second or other is None:
        return None
    if other["payload"] == month.payload:
        return End(month.user_id, month.charge_id)  # one invoice, paid twice: one row
    return begin_end(tx, bot_id, row["id"])


def unwanted(tx: Tx, bot_id: int, named: Mapping[str, Any], first: str | None) -> End | None:
    """A month goes back (``named``: user_id, payload), so the next ones are not to be collected.
    ``first``: the charge id, if it was the first month."""
    found = tx.one(_SQL["subscription_named"], {"bot_id": bot_id, **named})
    if found is not None:
        return begin_end(tx, bot_id, found["id"])
    return None if first is None else End(int(named["user_id"]), first)


def begin_end(tx: Tx, bot_id: int, number: int) -> End | None:
    """Nothing more is to be collected. None: it does not go on, or an earlier bot has sold it."""
    row = tx.one(_SQL["begin_end"], {"bot_id": bot_id, "id": number})
    return None if row is None else End(row["user_id"], row["charge_id"], row["ends"])


def end(tx: Tx, bot_id: int, charge_id: str, *, done: bool) -> Ended | None:
    """Telegram has ended it, or refused to. None: it was recorded before."""
    named = {"bot_id": bot_id, "charge_id": charge_id, "done": done}
    return _ended(tx, "end_subscription", named)


def change(tx: Tx, bot_id: int, user_id: int, payload: str, told: str) -> Ended | None:
    """What Telegram tells of it (``TOLD``). None: nothing of it is new, or it is unknown here."""
    named = {"bot_id": bot_id, "user_id": user_id, "payload": payload, "state": TOLD[told]}
    return _ended(tx, "change_subscription", named)


def _began(tx: Tx, bot_id: int, month: Month) -> str | None:
    """The charge id of the first month. Telegram's list of transactions does not say which one
    that is. None: an earlier bot has sold it."""
    row = tx.one(_SQL["first_month"], {"bot_id": bot_id, "order_id": month.order_id})
    return None if row is None else str(row["charge_id"])


def _ended(tx: Tx, statement: str, named: dict[str, Any]) -> Ended | None:
    row = tx.one(_SQL[statement], named)
    if row is None:
        return None
    return Ended(row["user_id"], row["stars"], row["credits"], row["paid_until"])
