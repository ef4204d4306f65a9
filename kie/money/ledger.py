"""The ledger: an append-only table of integer credits, and the balances.

Who is authoritative
    The table ``ledger``. A user has an account at each bot. ``accounts.balance`` is the sum of
    the user's amounts there; a trigger changes it in the statement that adds the entry. It is what
    the user can spend at this bot, so reserved credits are not in it. ``users.balance`` is the sum
    of the accounts and serves older releases only.

Entries

    ========  ======  ==================================================================
    opening   ±       the balance that the first release had, once per user
    transfer  ±       between a user's accounts, when credits became separate for each bot
    topup     +       the user paid the operator by hand
    grant     ±       the operator gives, or takes back what was booked by mistake
    reserve   -price  with the job's row, in one transaction; never below zero
    capture   0       Telegram took the result: the reservation is the payment
    release   +price  no result, cancelled, or a result that could not be delivered
    refund    +price  the operator refunds what a delivered result has cost
    stars     +       a payment in Stars (``payments.py``)
    stars_refund  ±   its Stars were returned, or could not be returned
    promo     +       a promo code of an operator (``promos.py``)
    invite    ±       a friend has paid, or the payment was returned (``invites.py``)
    forgotten -       the user wanted everything about them to be deleted
    ========  ======  ==================================================================

Rules

1. Each kind exists at most once per job, and only one of capture and release. Unique indexes
   ensure that. A result that comes after the release (the job was given up) is a gift; its
   delivery captures nothing.
2. When a *job* ends without a result, its price is released. When there is a result, its
   *delivery* decides: sent: captured; refused in every form, or not answered twice: released. In
   doubt the user keeps the credits.
3. A user who has blocked the bot does not pay for results that do not arrive, and cannot get
   results for free by blocking: the result is held and its price stays reserved
   (``handlers/delivery/outcome.py``). If the user comes back in time, the result is delivered and
   paid. If not, the price is released with the note ``unfetched``. After ``MOST_UNFETCHED`` of
   these in a row the user can order nothing for 30 days, or until a top-up or a grant.
4. An entry by hand has the update as its request key, so a repeated update books nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sql
from kie.money import invites
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import Rejected
from supervisor.values.record import record

_SQL = sql.load("money")


#: Results in a row that a user may leave unfetched and still order.
MOST_UNFETCHED = 3


class NotEnough(Rejected):
    """The balance does not cover the price; nothing was booked."""


@record
class Account:
    """A user's balance and running jobs."""

    balance: int = 0
    running: Mapping[str, int] = field(default_factory=dict)  #: jobs without an end, by model
    #: Jobs without a price that were made today (UTC) and did not fail, by model.
    free_used: Mapping[str, int] = field(default_factory=dict)
    #: Results of the last 30 days in a row that were made, not fetched, and not paid for.
    unfetched: int = 0
    banned: bool = False  #: an operator has closed it: no new jobs, no payments
    #: All users together have had the free results of today (UTC).
    budget_spent: bool = False
    discount: int = 0  #: percent that are off the next pack


@dataclass(frozen=True, slots=True)
class Booked:
    """An entry that the operator made, and the balance after it."""

    user_id: int
    amount: int
    balance: int
    language: str | None  #: the one that the user chose
    language_code: str | None = None  #: what the user's app speaks


def accounts(
    tx: Tx, bot_id: int, users: Sequence[int], *, spending: bool = False
) -> dict[int, Account]:
    """The accounts of those users who exist. ``spending`` locks them until the transaction ends."""
    if spending:
        # In a statement of its own, so that the next one sees what others have just committed.
        for user_id in sorted(users):
            lock(tx, user_id)
        tx.one(_SQL["lock_budget"], {"bot_id": bot_id})
    rows = tx.all(_SQL["accounts"], {"bot_id": bot_id, "user_ids": list(users)}) if users else []
    return {row["user_id"]: account_of(row) for row in rows}


def lock(tx: Tx, user_id: int) -> None:
    """Nobody else changes the user's money until the transaction ends."""
    tx.one(_SQL["lock_account"], {"user_id": user_id})


def account_of(row: Row) -> Account:
    """The account in a row of ``accounts``, or of a statement with the same columns."""
    return Account(
        row["balance"],
        row["running"] or {},
        row["free_used"] or {},
        row["unfetched"],
        row["banned"],
        row["budget_spent"],
        row["discount"],
    )


def reserve(tx: Tx, bot_id: int, user_id: int, job_id: int, price: int) -> None:
    """Reserve the price. Raises ``NotEnough``."""
    named = {"bot_id": bot_id, "user_id": user_id, "job_id": job_id, "price": price}
    if price and tx.one(_SQL["reserve"], named) is None:
        raise NotEnough(f"user {user_id} has no {price} credits for job {job_id}")


def capture(tx: Tx, job_ids: Iterable[int]) -> int:
    """Capture the prices of these jobs; their results were delivered. Returns the credits."""
    rows = tx.all(_SQL["capture"], {"job_ids": list(job_ids)})
    for bot_id in sorted({row["bot_id"] for row in rows}):
        paid_for = [row["user_id"] for row in rows if row["bot_id"] == bot_id]
        invites.reward(tx, bot_id, paid_for)
    return sum(row["price"] for row in rows)


def release(tx: Tx, job_ids: Iterable[int]) -> None:
    """Release the prices of these jobs; they have no delivered result."""
    tx.all(_SQL["release"], {"job_ids": list(job_ids)})


def book(
    tx: Tx, bot_id: int, user_id: int, kind: str, amount: int, *, note: str | None, key: str
) -> Booked | None:
    """``topup`` or ``grant``, once per ``key``. None: it was booked before, the user is
    unknown, or the balance would fall below zero."""
    named: dict[str, Any] = {"bot_id": bot_id, "user_id": user_id, "kind": kind}
    row = tx.one(_SQL["book"], {**named, "amount": amount, "note": note, "request_key": key})
    return None if row is None else _booked(row)


def refund(tx: Tx, bot_id: int, job_id: int, note: str | None) -> Booked | None:
    """Refund what a delivered result has cost. None: nothing was paid, or it was refunded."""
    row = tx.one(_SQL["refund"], {"bot_id": bot_id, "job_id": job_id, "note": note})
    return None if row is None else _booked(row)


def _booked(row: Row) -> Booked:
    return Booked(
        row["user_id"], row["amount"], row["balance"], row["language"], row["last_language_code"]
    )
