"""Orders: invoices in Stars that users asked for.

The payload of an invoice names the order. Its HMAC proves that this bot has made it for this user
and price. The table ``orders`` has the credits.
"""

import re
from dataclasses import dataclass
from typing import Any

import sql
from kie.money.packs import Pack
from supervisor.database.transactions import Tx
from supervisor.settings.identity import Identity

DOUBLE = 10.0  #: seconds within which a second press asks for the same invoice

_SQL = sql.load("money_orders")
_PAYLOAD = re.compile(r"o:([0-9]{1,18})\.([0-9a-f]{22})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Order:
    """An invoice that may be paid."""

    id: int
    user_id: int
    pack: int
    stars: int
    credits: int
    expired: bool = False
    discount: str | None = None  #: the promo code that made it cheaper
    monthly: bool = False  #: it begins a subscription


@dataclass(frozen=True, slots=True)
class Named:
    """The order that a payload names."""

    order: Order | None = None  #: None: there is no such order of this bot
    signed: bool = False  #: the payload is one of ours, for the order's user and price


def place(tx: Tx, bot_id: int, user_id: int, pack: Pack) -> Order | None:
    """A new order, cheaper by the user's discount, unless it would be cheaper every month. None:
    the user has just made the same one, or the pack has no price in Stars."""
    if pack.stars is None:
        return None
    named: dict[str, Any] = {"bot_id": bot_id, "user_id": user_id, "pack": pack.id}
    found = None if pack.monthly else tx.one(_SQL["discount"], named)
    stars = pack.stars if found is None else reduced(pack.stars, found["percent"])
    code = None if found is None else found["code"]
    named |= {"stars": stars, "discount": code, "monthly": pack.monthly}
    if tx.one(_SQL["latest_order"], {**named, "within": DOUBLE}) is not None:
        return None
    row = tx.one(_SQL["new_order"], {**named, "credits": pack.credits})
    return None if row is None else Order(**row)


def reduced(stars: int, percent: int) -> int:
    """What a pack costs with so much off."""
    return max(1, stars - stars * percent // 100)


def use_discount(tx: Tx, bot_id: int, order: Order) -> None:
    """The order is paid: its discount is over."""
    named = {"bot_id": bot_id, "user_id": order.user_id, "code": order.discount}
    tx.run(_SQL["use_discount"], named)


def first_at(tx: Tx, bot_id: int) -> float | None:
    """When the bot asked for Stars for the first time, in seconds since 1970. None: never."""
    row = tx.one(_SQL["first_order"], {"bot_id": bot_id})
    return None if row is None else row["at"]


def payload(identity: Identity, order: Order) -> str:
    """What Telegram sends back with the payment."""
    return f"o:{order.id}.{identity.order_signature(order.id, order.user_id, order.stars)}"


def named_by(tx: Tx, identity: Identity, text: str) -> Named:
    """The order that the payload ``text`` names, and whether it proves it."""
    found = _PAYLOAD.fullmatch(text)
    if found is None:
        return Named()
    row = tx.one(_SQL["order_by_id"], {"bot_id": identity.bot_id, "order_id": int(found[1])})
    if row is None:
        return Named()
    order = Order(**row)
    signed = identity.owns_order(order.id, order.user_id, order.stars, found[2])
    return Named(order, signed)
