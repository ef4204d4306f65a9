"""Receipts of payments by hand: a user sends one, the first operator who presses decides.

Nothing is read from the picture: an operator looks at the bank and says how many credits it is
worth. The entry's request key is the receipt, so it is booked once. Its number is of the same
sequence as those of payments in Stars, so a user never has two receipts of one number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sql
from kie.money import invites, ledger
from kie.money.ledger import Booked
from supervisor.database.transactions import Row, Tx

MOST_OPEN, MOST_A_DAY = 3, 10  #: receipts of one user
REMIND_AFTER, EXPIRES_AFTER = 48, 7  #: hours; days
MOST_PAGES = 20  #: files of one receipt, beside the first, that operators get
WAITED = 30  #: minutes after the requisites in which a file may be the receipt

_SQL = sql.load("money_receipts")


@dataclass(frozen=True, slots=True)
class Sent:
    """A receipt that a user has sent."""

    user_id: int
    credits: int  #: of the pack; 0: the operator says
    money_text: str | None
    file_id: str
    unique_id: str  #: the same for the same file
    album: str | None = None  #: that the file came in
    message_id: int | None = None  #: that the file came in


@dataclass(frozen=True, slots=True)
class Kept:
    """A receipt that waits for an operator."""

    id: int
    seen_before: int | None  #: an earlier receipt with the same file


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file may belong to."""

    number: int | None  #: the receipt with the same album; None: one may come
    credits: int
    money_text: str | None


@dataclass(frozen=True, slots=True)
class EditedFile:
    """What the file of an edited message belongs to."""

    number: int  #: of the receipt
    state: str
    page: bool  #: a further page of it
    had: bool  #: it is what the receipt shows, or one of its pages


def keep(tx: Tx, bot_id: int, sent: Sent) -> Kept | None:
    """None: the user has too many that wait, or sent too many today."""
    named: dict[str, Any] = {"bot_id": bot_id, "user_id": sent.user_id, "credits": sent.credits}
    named |= {"money_text": sent.money_text, "file_id": sent.file_id, "unique_id": sent.unique_id}
    named |= {"album": sent.album, "message_id": sent.message_id}
    limits = {"most_open": MOST_OPEN, "most_a_day": MOST_A_DAY}
    row = tx.one(_SQL["add_receipt"], {**named, **limits})
    if row is None:
        return None
    end_waiting(tx, bot_id, sent.user_id)
    return Kept(row["id"], seen_before(tx, bot_id, row["id"], sent.unique_id))


def note_shown(tx: Tx, bot_id: int, user_id: int, credits: int, money_text: str | None) -> None:
    """Requisites were shown: a file that comes soon may be the receipt."""
    named: dict[str, Any] = {"bot_id": bot_id, "user_id": user_id}
    tx.run(_SQL["note_shown"], {**named, "credits": credits, "money_text": money_text})


def end_waiting(tx: Tx, bot_id: int, user_id: int) -> None:
    """No receipt is waited for any more."""
    tx.run(_SQL["end_waiting"], {"bot_id": bot_id, "user_id": user_id})


def expected(tx: Tx, bot_id: int, user_id: int, album: str | None) -> Expected | None:
    """What a file of this user may belong to; None: to no receipt."""
    named: dict[str, Any] = {"bot_id": bot_id, "user_id": user_id, "album": album}
    row = tx.one(_SQL["expected_file"], {**named, "minutes": WAITED})
    return None if row is None else Expected(**row)


def edited(
    tx: Tx, bot_id: int, user_id: int, message: tuple[int, str | None, str]
) -> EditedFile | None:
    """``message``: its number, its album, and the unique id of its file. None: it has nothing to do
    with a receipt."""
    named: dict[str, Any] = {"bot_id": bot_id, "user_id": user_id}
    named |= dict(zip(("message_id", "album", "unique_id"), message, strict=True))
    row = tx.one(_SQL["edited_file"], named)
    return None if row is None else EditedFile(**row)


def replace_file(tx: Tx, bot_id: int, number: int, file_id: str, unique_id: str) -> bool:
    """The receipt shows this file from now on. False: an operator has decided meanwhile."""
    named: dict[str, Any] = {"bot_id": bot_id, "id": number, "unique_id": unique_id}
    return tx.one(_SQL["replace_file"], {**named, "file_id": file_id}) is not None


def seen_before(tx: Tx, bot_id: int, number: int, unique_id: str) -> int | None:
    """An earlier receipt that has or had the same file. None: there is none."""
    named = {"bot_id": bot_id, "id": number, "unique_id": unique_id}
    row = tx.one(_SQL["seen_before"], named)
    return None if row is None else int(row["id"])


def count_page(tx: Tx, bot_id: int, number: int, unique_id: str) -> str | None:
    """One more file of the receipt goes to the operators, under this key, which tells nothing of
    the file. None: there were enough."""
    named = {"bot_id": bot_id, "id": number, "most": MOST_PAGES, "unique_id": unique_id}
    row = tx.one(_SQL["count_page"], named)
    return None if row is None else f"{key_of(number)}:page:{row['pages']}"


def find(tx: Tx, bot_id: int, number: int) -> Row | None:
    """The receipt, with its user and account."""
    return tx.one(_SQL["receipt"], {"bot_id": bot_id, "id": number})


def open_ones(tx: Tx, bot_id: int, operators: Sequence[int], count: int) -> Sequence[Row]:
    """The oldest receipts that wait for an operator, as ``find`` returns them, with their file."""
    named = {"bot_id": bot_id, "operators": list(operators), "count": count}
    return tx.all(_SQL["open_receipts"], named)


def approve(tx: Tx, bot_id: int, number: int, who: int, credits: int | None) -> Booked | None:
    """Book the receipt, once. None: another operator has decided, or the credits are unknown."""
    row = _decide(tx, bot_id, number, who, "approved", credits=credits)
    if row is None:
        return None
    user_id, worth = row["user_id"], row["credits"]
    invites.lock(tx, bot_id, [user_id])
    key, note = f"receipt:{number}", f"receipt {number}"
    booked = ledger.book(tx, bot_id, user_id, "topup", worth, note=note, key=key)
    invites.reward(tx, bot_id, [user_id])
    return booked


def refuse(tx: Tx, bot_id: int, number: int, who: int, reason: str) -> bool:
    """Refuse the receipt. False: another operator has decided."""
    return _decide(tx, bot_id, number, who, "refused", reason=reason) is not None


def messages(tx: Tx, bot_id: int, number: int, operators: Sequence[int]) -> Sequence[Row]:
    """Chat and number of the operators' messages that show the receipt."""
    asked = (key_of(number), again_key_of(number))
    keys = [f"{key}:{each}" for key in asked for each in operators]
    return tx.all(_SQL["receipt_messages"], {"bot_id": bot_id, "keys": keys})


def key_of(number: int) -> str:
    """Of the deliveries that bring the receipt to operators."""
    return f"receipt:{number}"


def again_key_of(number: int) -> str:
    """The same when they are reminded of it."""
    return f"receipt:{number}:again"


def waiting(tx: Tx, bot_id: int) -> Sequence[int]:
    """Receipts of which operators are to be reminded now, the oldest first."""
    named = {"bot_id": bot_id, "hours": REMIND_AFTER}
    return [row["id"] for row in tx.all(_SQL["waiting_receipts"], named)]


def remind(tx: Tx, bot_id: int, ids: Sequence[int]) -> Sequence[int]:
    """Note that operators are reminded of these; those of which they had not been."""
    named = {"bot_id": bot_id, "ids": list(ids)}
    return sorted(row["id"] for row in tx.all(_SQL["remind"], named))


def expired(tx: Tx, bot_id: int) -> Sequence[Row]:
    """Receipts that were given up just now, with the language of their users."""
    return tx.all(_SQL["expired_receipts"], {"bot_id": bot_id, "days": EXPIRES_AFTER})


def _decide(
    tx: Tx,
    bot_id: int,
    number: int,
    who: int,
    state: str,
    *,
    reason: str | None = None,
    credits: int | None = None,
) -> Row | None:
    named: dict[str, Any] = {"bot_id": bot_id, "id": number, "who": who, "state": state}
    return tx.one(_SQL["decide_receipt"], {**named, "reason": reason, "credits": credits})
