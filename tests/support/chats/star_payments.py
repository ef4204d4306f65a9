"""Payments in Stars as updates, and what came of them."""

from typing import Any

from handlers.dispatch.lanes import CHATS
from kie.money import orders
from kie.money.orders import Order
from kie.money.packs import Pack
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram

PACK = Pack(1, 100, 50)
USER = 7


def handled(talk: Conversation, *updates: dict[str, Any], span: Any = CHATS) -> None:
    talk.put(*updates)
    with talk.dispatching(lane_range=span):
        talk.until(
            lambda: not talk.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'"), "handled"
        )


def known(talk: Conversation, user: int = USER) -> None:
    with talk.database.transaction(talk.term) as tx:
        named = {"bot": BOT_ID, "user": user}
        tx.one("SELECT ensure_user(%(user)s), ensure_account(%(bot)s, %(user)s)", named)


def ordered(talk: Conversation, user: int = USER) -> tuple[Order, str]:
    known(talk, user)
    with talk.database.transaction(talk.term) as tx:
        order = orders.place(tx, BOT_ID, user, PACK)
    assert order is not None
    return order, orders.payload(talk.installation.identity, order)


def pays(
    payload: str, charge: str = "ch-1", *, user: int = USER, stars: int = 50
) -> dict[str, Any]:
    return _payment("successful_payment", payload, charge, user, stars)


def goes_back(charge: str = "ch-1", *, user: int = USER) -> dict[str, Any]:
    return _payment("refunded_payment", "", charge, user, 50)


def _payment(kind: str, payload: str, charge: str, user: int, stars: int) -> dict[str, Any]:
    update = telegram.message(user)
    update["message"][kind] = {
        "currency": "XTR",
        "total_amount": stars,
        "invoice_payload": payload,
        "telegram_payment_charge_id": charge,
    }
    return update


def states(talk: Conversation) -> list[tuple[str, str]]:
    rows = talk.rows("SELECT charge_id, state FROM payments ORDER BY number")
    return [(row["charge_id"], row["state"]) for row in rows]


def told(talk: Conversation, kind: str) -> list[dict[str, Any]]:
    rows = talk.rows("SELECT payload FROM deliveries WHERE kind = %s ORDER BY id", kind)
    return [row["payload"] for row in rows]


def presses(notice: dict[str, Any]) -> list[str]:
    return [button[1] for row in notice["keyboard"] for button in row]
