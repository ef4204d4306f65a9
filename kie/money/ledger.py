"""Money: integer credits in an append-only ledger, and the balance that it makes.

Who is authoritative
    ``ledger``. A user has an account at each bot. ``accounts.balance`` is the sum of that user's
    amounts there, changed by a trigger in the statement that adds the entry, so that it can be
    spent without adding up. It is what the user can still spend at this bot: a reservation has
    left it already. ``users.balance`` is the sum of the accounts, for older releases only.

Entries

    ========  ======  ==================================================================
    opening   ±       the balance that the first release had, once per user
    transfer  ±       between a user's accounts, when one purse became one per bot
    topup     +       the user paid the operator by hand
    grant     ±       the operator gives, or takes back what was booked by mistake
    reserve   -price  with the job's row, in one transaction; never below zero
    capture   0       Telegram took the result: the reservation is the payment
    release   +price  no result, cancelled, or a result that could not be delivered
    refund    +price  the operator gives back what a delivered result has cost
    stars     +       a payment in Stars (``payments.py``)
    stars_refund  ±   its Stars went back, or could not
    promo     +       a code that an operator gave away (``promos.py``)
    invite    ±       a friend who has paid, or whose payment went back (``invites.py``)
    ========  ======  ==================================================================

Rules the code relies on

1. Each kind at most once per job, and of capture and release only one: the database's
   unique indexes decide, whoever comes first. A result that comes after the release (the
   job had timed out) is a gift; its delivery captures nothing.
2. The end of the *job* releases when there is no result. The end of the *delivery* decides
   about a result: sent captures; refused in every form, or unanswered twice, releases. In
   doubt the user keeps the credits.
3. A user who has blocked the bot pays nothing for what does not arrive, and cannot make it
   free by blocking: the result and its reservation wait (``handlers/delivery/outcome.py``). Whoever
   comes back gets it and has paid; whoever does not has the credits released, and that is
   noted as ``unfetched``: kie.ai was paid for it. Who has ``MOST_UNFETCHED`` of these in a row
   orders nothing more for 30 days, or until a top-up or a grant.
4. An entry by hand names the update that asked for it: a repeated one books nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sql
from kie.money import invites
from supervisor.database.transactions import Row, Tx
from supervisor.runtime.errors import Rejected

_SQL = sql.load("money")


#: Results in a row that a user may leave unfetched and still order.
MOST_UNFETCHED = 3


class NotEnough(Rejected):
    """The balance does not cover the price; nothing was booked."""


@dataclass(frozen=True, slots=True)
class Account:
    """What one user has, and has under way."""

    balance: int = 0
    running: Mapping[str, int] = field(default_factory=dict)  #: jobs without an end, by model
    #: Jobs without a price that were made today (UTC) and did not fail, by model.
    free_used: Mapping[str, int] = field(default_factory=dict)
    #: Results of the last 30 days in a row that were made, not fetched, and not paid for.
    unfetched: int = 0


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
    """The accounts of those users that there are; ``spending`` holds them still until the
    transaction ends."""
    if spending:
        # A statement of its own: the next one must see what we have waited for.
        for user_id in sorted(users):
            tx.one(_SQL["lock_account"], {"user_id": user_id})
    rows = tx.all(_SQL["accounts"], {"bot_id": bot_id, "user_ids": list(users)}) if users else []
    return {
        row["user_id"]: Account(row["balance"], row["running"], row["free_used"], row["unfetched"])
        for row in rows
    }


def reserve(tx: Tx, bot_id: int, user_id: int, job_id: int, price: int) -> None:
    """The price leaves the balance. Raises ``NotEnough``."""
    named = {"bot_id": bot_id, "user_id": user_id, "job_id": job_id, "price": price}
    if price and tx.one(_SQL["reserve"], named) is None:
        raise NotEnough(f"user {user_id} has no {price} credits for job {job_id}")


def capture(tx: Tx, job_ids: Iterable[int]) -> int:
    """The results of these jobs were delivered. Returns the credits that became payment."""
    rows = tx.all(_SQL["capture"], {"job_ids": list(job_ids)})
    for bot_id in sorted({row["bot_id"] for row in rows}):
        paid_for = [row["user_id"] for row in rows if row["bot_id"] == bot_id]
        invites.reward(tx, bot_id, paid_for)
    return sum(row["price"] for row in rows)


def release(tx: Tx, job_ids: Iterable[int]) -> None:
    """These jobs brought nothing to their users: what was reserved goes back."""
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
    """Give back what a delivered result has cost. None: nothing was paid, or it is done."""
    row = tx.one(_SQL["refund"], {"bot_id": bot_id, "job_id": job_id, "note": note})
    return None if row is None else _booked(row)


def _booked(row: Row) -> Booked:
    return Booked(
        row["user_id"], row["amount"], row["balance"], row["language"], row["last_language_code"]
    )
