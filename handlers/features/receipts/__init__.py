"""Payments by hand: requisites, a receipt, and an operator who decides.

It is there only where the operator has set requisites (``PAYMENT_*``). A picture proves nothing,
so nothing reads it: it goes to every operator, and the first press decides by one statement. The
credits, the answer to the user and the other operators' buttons are one commit.
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Step
from handlers.features.receipts import deciding, sending
from handlers.features.receipts.reminders import services
from handlers.features.receipts.words import WORDS, plain


def _pay_by_hand(spot: Spot) -> Button | None:
    if not spot.shop.payment.shown:
        return None
    return Button(plain(spot.language, "button_receipt"), encode("by_hand"))


FEATURE = Feature(
    name="receipts",
    words=WORDS,
    buttons={
        "by_hand": Answer(rule=sending.choose),
        "receipt_pack": Answer(rule=sending.requisites),
        "receipt_yes": Answer(rule=deciding.yes, load=deciding.receipt),
        "receipt_amount": Answer(rule=deciding.amount, load=deciding.receipt),
        "receipt_no": Answer(rule=deciding.no, load=deciding.receipt),
        "receipt_why": Answer(rule=deciding.why, load=deciding.receipt),
        "receipt_ban": Answer(rule=deciding.ban, load=deciding.receipt),
    },
    steps={
        sending.RECEIPT: Step(
            show=sending.show,
            buttons={"receipt_leave": Answer(rule=sending.left)},
            text=Answer(rule=sending.words),
            media=Answer(rule=sending.sent),
            other=Answer(rule=sending.sent),
        ),
        deciding.AMOUNT: Step(show=deciding.show_amount, text=Answer(rule=deciding.typed)),
    },
    effects={sending.SendReceipt: sending.send, deciding.Decide: deciding.decide},
    places={"topup": {"by_hand": _pay_by_hand}},
    services=services,
    counters={
        "sent": "Receipts of payments by hand that users sent",
        "approved": "Receipts that operators approved",
        "refused": "Receipts that operators refused",
    },
)
