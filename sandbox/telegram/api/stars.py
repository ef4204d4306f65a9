"""The methods on Stars: invoices, refunds, transactions."""

from collections.abc import Mapping
from typing import Any

from sandbox.telegram import entities
from sandbox.telegram.errors import bad_request
from sandbox.telegram.messages import keyboards
from sandbox.telegram.messages.writing import Writing
from sandbox.telegram.protocol.limits import FloodLimits
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.payments import SUBSCRIPTION_SECONDS, Invoice
from sandbox.telegram.state.store import State

MOST_STARS = 10_000


class Stars:
    """Invoices and what became of them."""

    def __init__(self, state: State, limits: FloodLimits, writing: Writing) -> None:
        self._state = state
        self._limits = limits
        self._writing = writing

    def methods(self) -> Mapping[str, Handler]:
        return {
            "sendInvoice": self._send_invoice,
            "createInvoiceLink": self._create_invoice_link,
            "refundStarPayment": self._refund_star_payment,
            "editUserStarSubscription": self._edit_user_star_subscription,
            "getStarTransactions": self._get_star_transactions,
            "getMyStarBalance": self._get_my_star_balance,
        }

    async def _send_invoice(self, p: Mapping[str, Any]) -> Any:
        place = self._writing.place(p)
        invoice = invoice_of(p)
        markup = keyboards.checked(p.get("reply_markup"))
        self._limits.check(place.chat_id)
        message = self._state.new_message(
            place.chat_id,
            self._state.bot,
            **place.parts,
            invoice=invoice.as_api(),
            reply_markup=markup,
        )
        self._state.invoices[place.chat_id, message["message_id"]] = invoice
        return message

    async def _create_invoice_link(self, p: Mapping[str, Any]) -> Any:
        link = f"https://t.me/$sandbox{len(self._state.invoices)}"
        self._state.invoices[link] = invoice_of(p)
        return link

    async def _refund_star_payment(self, p: Mapping[str, Any]) -> Any:
        payment = self._state.purse.refund(p["user_id"], p["telegram_payment_charge_id"])
        user = self._state.users[payment.user_id]
        message = self._state.new_message(
            user.id, self._state.bot, refunded_payment=payment.refund_as_api()
        )
        self._state.updates.announce("message", message, f"chat:{user.id}", "message")
        return True

    async def _edit_user_star_subscription(self, p: Mapping[str, Any]) -> Any:
        named = p["user_id"], p["telegram_payment_charge_id"]
        self._state.purse.edit_subscription(*named, ended=p["is_canceled"])
        return True

    async def _get_star_transactions(self, p: Mapping[str, Any]) -> Any:
        first, most = p.get("offset", 0), p.get("limit", 100)
        found = self._state.purse.transactions(self._state.users)
        return {"transactions": found[first : first + max(1, min(most, 100))]}

    async def _get_my_star_balance(self, p: Mapping[str, Any]) -> Any:
        del p
        return {"amount": self._state.purse.balance()}


def invoice_of(p: Mapping[str, Any]) -> Invoice:
    """The invoice of sendInvoice or createInvoiceLink. Raises in Telegram's words."""
    if p["currency"] != "XTR":
        raise bad_request("CURRENCY_INVALID")
    if p.get("provider_token"):
        raise bad_request("PAYMENT_PROVIDER_INVALID")
    if not 1 <= entities.utf16(p["title"]) <= 32:
        raise bad_request("INVOICE_TITLE_INVALID")
    if not 1 <= entities.utf16(p["description"]) <= 255:
        raise bad_request("INVOICE_DESCRIPTION_INVALID")
    if not 1 <= len(p["payload"].encode()) <= 128:
        raise bad_request("INVOICE_PAYLOAD_INVALID")
    if p.get("subscription_period", SUBSCRIPTION_SECONDS) != SUBSCRIPTION_SECONDS:
        raise bad_request("SUBSCRIPTION_PERIOD_INVALID")
    return Invoice(
        p["title"],
        p["description"],
        p["payload"],
        _stars(p["prices"]),
        p.get("start_parameter", ""),
        "subscription_period" in p,
    )


def _stars(prices: Any) -> int:
    if not isinstance(prices, list) or len(prices) != 1 or not isinstance(prices[0], dict):
        raise bad_request("STARS_INVOICE_INVALID")
    amount = prices[0].get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= MOST_STARS:
        raise bad_request("CURRENCY_TOTAL_AMOUNT_INVALID")
    return amount
