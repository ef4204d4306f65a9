"""Stars: invoices, payments, refunds, as https://core.telegram.org/bots/payments-stars says.

A payment goes: invoice, the user's "Pay", a pre-checkout query that the bot answers within
10 s, and only then the message with ``successful_payment``. One invoice can be paid any
number of times; each payment has a charge id of its own.

A link can be made for a subscription: Telegram collects its Stars again every 30 days, without a
question, until the user or the bot ends it. Each renewal is a payment of its own with the same
payload. The bot names a subscription by the charge id of its first payment.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import bad_request

SUBSCRIPTION_SECONDS = 2_592_000


@dataclass(frozen=True, slots=True)
class Invoice:
    title: str
    description: str
    payload: str
    stars: int
    start_parameter: str = ""
    monthly: bool = False  #: it begins a subscription

    def as_api(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "description": self.description,
            "start_parameter": self.start_parameter,
            "currency": "XTR",
            "total_amount": self.stars,
        }


@dataclass(slots=True)
class Payment:
    user_id: int
    payload: str
    stars: int
    charge_id: str
    date: int
    refunded: bool = False
    until: int | None = None  #: the end of the month that it paid; None: of no subscription
    first: bool = False  #: it began the subscription

    def as_api(self) -> dict[str, Any]:
        shown = {
            "currency": "XTR",
            "total_amount": self.stars,
            "invoice_payload": self.payload,
            "telegram_payment_charge_id": self.charge_id,
            "provider_payment_charge_id": "",
        }
        if self.until is not None:
            shown |= {"subscription_expiration_date": self.until, "is_recurring": True}
        return shown | ({"is_first_recurring": True} if self.first else {})

    def refund_as_api(self) -> dict[str, Any]:
        shown = self.as_api()
        for name in ("subscription_expiration_date", "is_recurring", "is_first_recurring"):
            shown.pop(name, None)
        return shown


@dataclass(slots=True)
class Subscription:
    """``charge_id`` is that of the first payment; the bot names the subscription by it."""

    user_id: int
    payload: str
    stars: int
    charge_id: str
    until: int
    canceled: bool = False  #: by its user, who can take it up again
    ended: bool = False  #: by the bot; its user cannot

    @property
    def renews(self) -> bool:
        return not self.canceled and not self.ended


class Purse:
    """What the bot earned. ``payments`` are by charge id, oldest first."""

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        self.subscriptions: dict[str, Subscription] = {}
        #: Payments and refunds in the order in which they happened.
        self._log: list[tuple[Payment, int, bool]] = []

    def paid(self, user_id: int, payload: str, stars: int, *, monthly: bool = False) -> Payment:
        """A payment; ``monthly``: it begins a subscription."""
        payment = self._new(user_id, payload, stars)
        if monthly:
            payment.until, payment.first = payment.date + SUBSCRIPTION_SECONDS, True
            named = user_id, payload, stars, payment.charge_id, payment.until
            self.subscriptions[payment.charge_id] = Subscription(*named)
        return payment

    def renewed(self, charge_id: str) -> Payment:
        """The next month of a subscription. Raises ``ValueError``: it does not go on."""
        found = self.subscriptions[charge_id]
        if not found.renews:
            raise ValueError("the subscription has ended")
        payment = self._new(found.user_id, found.payload, found.stars)
        found.until += SUBSCRIPTION_SECONDS
        payment.until = found.until
        return payment

    def _new(self, user_id: int, payload: str, stars: int) -> Payment:
        payment = Payment(user_id, payload, stars, f"stx{secrets.token_hex(16)}", int(time.time()))
        self.payments[payment.charge_id] = payment
        self._log.append((payment, payment.date, False))
        return payment

    def edit_subscription(self, user_id: int, charge_id: str, *, ended: bool) -> None:
        """The bot ends a subscription, or lets its user take it up again. Raises: there is none
        whose first payment this was, or its last month is over."""
        found = self.subscriptions.get(charge_id)
        if found is None or found.user_id != user_id:
            raise bad_request("CHARGE_ID_INVALID")
        if found.until < time.time():
            raise bad_request("SUBSCRIPTION_NOT_ACTIVE")
        found.ended = ended

    def refund(self, user_id: int, charge_id: str) -> Payment:
        """Raises: there is no such payment of that user, or it was given back before."""
        payment = self.payments.get(charge_id)
        if payment is None or payment.user_id != user_id:
            raise bad_request("CHARGE_ID_INVALID")
        if payment.refunded:
            raise bad_request("CHARGE_ALREADY_REFUNDED")
        payment.refunded = True
        self._log.append((payment, int(time.time()), True))
        return payment

    def balance(self) -> int:
        return sum(payment.stars for payment in self.payments.values() if not payment.refunded)

    def transactions(self, users: Mapping[int, Any]) -> list[dict[str, Any]]:
        """StarTransaction objects, oldest first; a refund has the id of its payment."""
        found = []
        for payment, date, refund in self._log:
            partner = {
                "type": "user",
                "transaction_type": "invoice_payment",
                "user": users[payment.user_id].as_api(),
                "invoice_payload": payment.payload,
            }
            if payment.until is not None:
                partner["subscription_period"] = SUBSCRIPTION_SECONDS
            base = {"id": payment.charge_id, "amount": payment.stars, "date": date}
            found.append({**base, "receiver" if refund else "source": partner})
        return found
