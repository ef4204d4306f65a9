"""The calls of the Bot API about Stars: the invoice, the answer before a payment, the refund."""

from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

from telegram import LabeledPrice

STARS = "XTR"  #: their currency


class StarTelegram(Protocol):
    """What is used of PTB's ``Bot``."""

    async def answer_pre_checkout_query(
        self, pre_checkout_query_id: str, ok: bool, *, error_message: str | None
    ) -> object: ...

    async def refund_star_payment(
        self, user_id: int, telegram_payment_charge_id: str
    ) -> object: ...

    async def send_invoice(
        self,
        chat_id: int,
        title: str,
        description: str,
        payload: str,
        currency: str,
        prices: Sequence[LabeledPrice],
        *,
        provider_token: str | None,
        start_parameter: str | None,
        message_thread_id: int | None,
    ) -> object: ...


def decide(telegram: StarTelegram, payload: dict[str, Any]) -> Awaitable[object]:
    """The answer to somebody who is about to pay."""
    refusal = payload["refusal"]
    return telegram.answer_pre_checkout_query(
        payload["query_id"], not refusal, error_message=refusal or None
    )


def send_invoice(
    telegram: StarTelegram, chat_id: int, thread: int | None, payload: dict[str, Any]
) -> Awaitable[object]:
    """With a start parameter: a forwarded copy leads to the bot, and cannot be paid."""
    return telegram.send_invoice(
        chat_id,
        payload["title"],
        payload["description"],
        payload["payload"],
        STARS,
        [LabeledPrice(payload["title"], payload["stars"])],
        provider_token="",  # Stars have no provider  # nosec B106
        start_parameter="topup",
        message_thread_id=thread,
    )


def refund(telegram: StarTelegram, payload: dict[str, Any]) -> Awaitable[object]:
    """All Stars of one payment; the Bot API knows no parts."""
    return telegram.refund_star_payment(payload["user_id"], payload["charge_id"])
