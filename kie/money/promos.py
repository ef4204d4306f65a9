"""Promo codes: credits or a cheaper pack, so many times, once per user."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import sql
from kie.money import ledger
from supervisor.database.transactions import Row, Tx

MOST_WRONG = 5  #: wrong codes within an hour; after them none is taken for an hour
_GOOD = re.compile(r"[A-Z0-9-]{3,32}", re.ASCII)
#: Cyrillic letters that look like Latin ones.
_LOOKS_LIKE = str.maketrans("АВЕКМНОРСТУХІЈЅ", "ABEKMHOPCTYXIJS")

_SQL = sql.load("money_gifts")


class Refused(Enum):
    """Why a code gives nothing."""

    WRONG = "wrong"  #: unknown, over, used up, used before or for others; users are not told which
    SILENCED = "silenced"  #: too many wrong ones


@dataclass(frozen=True, slots=True)
class Promo:
    """A code that an operator makes."""

    code: str
    credits: int
    most: int
    days: int | None = None  #: how long it lives; None: until it is switched off
    only_new: bool = False
    percent: int | None = None  #: off the next pack, in place of credits


@dataclass(frozen=True, slots=True)
class Redeemed:
    credits: int
    balance: int
    percent: int = 0  #: off the next pack


def folded(text: str) -> str:
    """The code without regard to case and alphabet; "" is no code."""
    code = unicodedata.normalize("NFKC", text).strip().upper().translate(_LOOKS_LIKE)
    return code if _GOOD.fullmatch(code) else ""


def redeem(tx: Tx, bot_id: int, user_id: int, text: str) -> Redeemed | Refused:
    """Credits for the code, or percent off the next pack, once per user."""
    named: dict[str, Any] = {"bot_id": bot_id, "user_id": user_id, "most": MOST_WRONG}
    if tx.one(_SQL["silenced"], named) is not None:
        return Refused.SILENCED
    code = folded(text)
    row = tx.one(_SQL["redeem"], {**named, "code": code}) if code else None
    if row is None:
        tx.run(_SQL["note_wrong"], named)
        return Refused.WRONG
    if row["percent"]:
        tx.run(_SQL["give_discount"], {**named, "code": code, "percent": row["percent"]})
        return Redeemed(0, 0, row["percent"])
    key = f"promo:{code}:{user_id}"
    booked = ledger.book(tx, bot_id, user_id, "promo", row["credits"], note=code, key=key)
    if booked is None:
        raise RuntimeError(f"promo {code} is unused by {user_id} and its entry is there")
    return Redeemed(booked.amount, booked.balance)


def make(tx: Tx, bot_id: int, who: int, promo: Promo) -> bool:
    """False: there is a code of that name."""
    named: dict[str, Any] = {"bot_id": bot_id, "who": who, "code": promo.code}
    named |= {"credits": promo.credits, "most": promo.most}
    named |= {"days": promo.days, "only_new": promo.only_new, "percent": promo.percent}
    return tx.one(_SQL["make_promo"], named) is not None


def end(tx: Tx, bot_id: int, code: str) -> bool:
    """False: there is no such code, or it is off."""
    return tx.one(_SQL["end_promo"], {"bot_id": bot_id, "code": code}) is not None


def listed(tx: Tx, bot_id: int) -> Sequence[Row]:
    """The codes, the newest first."""
    return tx.all(_SQL["promos"], {"bot_id": bot_id})
