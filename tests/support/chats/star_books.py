"""Telegram's list of transactions in Stars, and the comparison of our payments with it."""

import asyncio
from typing import Any

from handlers.bot_api.calls import keep_result
from handlers.features.paying.reconciliation import Reconciliation
from tests.support.chats.conversation import Conversation
from tests.support.chats.star_payments import USER


class Books:
    """Telegram's list of transactions."""

    def __init__(self) -> None:
        self.listed: list[dict[str, Any]] = []
        self.asked: list[int] = []

    def add(self, charge: str, payload: str, *, refund: bool = False, date: int = 1) -> None:
        user = {"id": USER, "is_bot": False, "first_name": "Anna"}
        partner = {"type": "user", "transaction_type": "invoice_payment", "user": user}
        side = {"receiver" if refund else "source": {**partner, "invoice_payload": payload}}
        self.listed.append({"id": charge, "amount": 50, "date": date, **side})

    async def get_star_transactions(
        self, offset: int | None = None, limit: int | None = None
    ) -> object:
        first = offset or 0
        self.asked.append(first)
        keep_result({"transactions": self.listed[first : first + (limit or 100)]})
        return None

    async def get_my_star_balance(self) -> object:
        keep_result({"amount": 50})
        return None


def compare(talk: Conversation, books: Books) -> None:
    asyncio.run(Reconciliation(talk.parts(stars=books)).compare(talk.term))
