"""Stars: invoices, payments, refunds, as https://core.telegram.org/bots/payments-stars says.

A payment goes: invoice, the user's "Pay", a pre-checkout query that the bot answers within
10 s, and only then the message with ``successful_payment``. One invoice can be paid any
number of times; each payment has a charge id of its own.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import bad_request


@dataclass(frozen=True, slots=True)
class Invoice:
    title: str
    description: str
    payload: str
    stars: int
    start_parameter: str = ""

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

    def as_api(self) -> dict[str, Any]:
        return {
            "currency": "XTR",
            "total_amount": self.stars,
            "invoice_payload": self.payload,
            "telegram_payment_charge_id": self.charge_id,
            "provider_payment_charge_id": "",
        }


class Purse:
    """What the bot earned. ``payments`` are by charge id, oldest first."""

    def __init__(self) -> None:
        self.payments: dict[str, Payment] = {}
        #: Payments and refunds in the order in which they happened.
        self._log: list[tuple[Payment, int, bool]] = []

    def paid(self, user_id: int, payload: str, stars: int) -> Payment:
        payment = Payment(user_id, payload, stars, f"stx{secrets.token_hex(16)}", int(time.time()))
        self.payments[payment.charge_id] = payment
        self._log.append((payment, payment.date, False))
        return payment

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
            base = {"id": payment.charge_id, "amount": payment.stars, "date": date}
            found.append({**base, "receiver" if refund else "source": partner})
        return found
