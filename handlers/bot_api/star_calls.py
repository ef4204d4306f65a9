"""Stars: what deliveries about them say, and the calls of the Bot API that carry them out."""

from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from handlers.bot_api.calls import result_of
from supervisor.runtime.errors import Rejected
from supervisor.values.foreign import printable, whole

if TYPE_CHECKING:
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

    async def edit_user_star_subscription(
        self, user_id: int, telegram_payment_charge_id: str, is_canceled: bool
    ) -> object: ...

    async def create_invoice_link(
        self,
        title: str,
        description: str,
        payload: str,
        currency: str,
        prices: "Sequence[LabeledPrice]",
        *,
        provider_token: str | None,
        subscription_period: int | None,
    ) -> object: ...

    async def send_invoice(
        self,
        chat_id: int,
        title: str,
        description: str,
        payload: str,
        currency: str,
        prices: "Sequence[LabeledPrice]",
        *,
        provider_token: str | None,
        start_parameter: str | None,
        message_thread_id: int | None,
    ) -> object: ...


class StarReads(Protocol):
    """What is read of PTB's ``Bot`` to compare our books with Telegram's."""

    async def get_star_transactions(
        self, offset: int | None = None, limit: int | None = None
    ) -> object: ...

    async def get_my_star_balance(self) -> object: ...


def deciding(query_id: str, refusal: str) -> dict[str, Any]:
    """The answer to a pre-checkout query; ``refusal`` is the reason, "" accepts the payment."""
    return {"do": "checkout", "query_id": query_id, "refusal": refusal}


def asking_to_pay(title: str, description: str, payload: str, stars: int) -> dict[str, Any]:
    """An invoice in Stars; it can be paid in this chat only."""
    shown = {"title": title, "description": description}
    return {"do": "invoice", **shown, "payload": payload, "stars": stars}


def asking_to_subscribe(
    invoice: dict[str, Any], period: int, text: str, button: str
) -> dict[str, Any]:
    """A message with the way to an invoice (``asking_to_pay``) whose Stars are collected again
    after each ``period`` of seconds. Telegram has no such invoice, only a link to one."""
    shown = {"text": text, "button": button}
    return {**invoice, "do": "subscribe", "period": period, **shown}


def ending(user_id: int, charge_id: str) -> dict[str, Any]:
    """The subscription that began with this payment is not renewed any more."""
    return {"do": "end_subscription", "user_id": user_id, "charge_id": charge_id}


def refunding(user_id: int, charge_id: str) -> dict[str, Any]:
    """The Stars of this payment go back to the user."""
    return {"do": "refund", "user_id": user_id, "charge_id": charge_id}


async def transactions(telegram: StarReads, offset: int, limit: int) -> list[Any]:
    """Telegram's list, oldest first, from ``offset`` on."""
    found = await result_of(telegram.get_star_transactions(offset=offset, limit=limit))
    listed = found.get("transactions") if isinstance(found, dict) else None
    return listed if isinstance(listed, list) else []


async def balance(telegram: StarReads) -> int | None:
    """The Stars that this bot has; None: Telegram's answer has no number."""
    found = await result_of(telegram.get_my_star_balance())
    return whole(found.get("amount")) if isinstance(found, dict) else None


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
    from telegram import LabeledPrice

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


def subscription_link(telegram: StarTelegram, payload: dict[str, Any]) -> Awaitable[object]:
    """The link to an invoice of a subscription. Making it twice does no harm: the order is one."""
    from telegram import LabeledPrice

    return telegram.create_invoice_link(
        payload["title"],
        payload["description"],
        payload["payload"],
        STARS,
        [LabeledPrice(payload["title"], payload["stars"])],
        provider_token="",  # Stars have no provider  # nosec B106
        subscription_period=payload["period"],
    )


def inviting(payload: dict[str, Any], link: object) -> dict[str, Any]:
    """The message with that link. Raises ``Rejected`` when Telegram has answered no link."""
    url = printable(link, 256)
    if not url.startswith("https://"):
        raise Rejected("createInvoiceLink answered no link")
    return {"text": payload["text"], "keyboard": [[[payload["button"], "", url]]]}


def end_subscription(telegram: StarTelegram, payload: dict[str, Any]) -> Awaitable[object]:
    """What is paid for stays paid for."""
    named = payload["user_id"], payload["charge_id"]
    return telegram.edit_user_star_subscription(*named, is_canceled=True)


def refund(telegram: StarTelegram, payload: dict[str, Any]) -> Awaitable[object]:
    """All Stars of one payment; the Bot API knows no parts."""
    return telegram.refund_star_payment(payload["user_id"], payload["charge_id"])
