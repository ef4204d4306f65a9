"""Payments by hand: requisites, a receipt, and an operator who decides.

It is there only where requisites (``PAYMENT_*``) and operators are set. A picture proves nothing,
so nothing reads it: it goes to every operator, and the first press decides by one statement. The
credits, the answer to the user and the other operators' buttons are one commit.
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Step
from handlers.features.receipts import deciding, files, listing, sending
from handlers.features.receipts.reminders import services
from handlers.features.receipts.words import WORDS, plain


def _pay_by_hand(spot: Spot) -> Button | None:
    if not spot.shop.by_hand:
        return None
    return Button(plain(spot.language, "button_receipt"), encode("by_hand"))


FEATURE = Feature(
    name="receipts",
    words=WORDS,
    buttons={
        "by_hand": Answer(rule=sending.choose),
        "receipt_pack": Answer(rule=sending.requisites),
        "receipts": Answer(rule=listing.press, operators=True),
        "receipt_go_on": Answer(rule=sending.go_on),
        "receipt_yes": Answer(rule=deciding.yes, load=deciding.receipt, operators=True),
        "receipt_amount": Answer(rule=deciding.amount, load=deciding.receipt, operators=True),
        "receipt_no": Answer(rule=deciding.no, load=deciding.receipt, operators=True),
        "receipt_why": Answer(rule=deciding.why, load=deciding.receipt, operators=True),
        "receipt_ban": Answer(rule=deciding.ban, load=deciding.receipt, operators=True),
        "receipt_ban_yes": Answer(rule=deciding.ban_sure, load=deciding.receipt, operators=True),
        "receipt_unban": Answer(rule=deciding.unban, load=deciding.receipt, operators=True),
    },
    steps={
        sending.RECEIPT: Step(
            show=sending.show,
            buttons={"receipt_leave": Answer(rule=sending.left)},
            text=Answer(rule=sending.words),
            media=Answer(rule=sending.sent),
            other=Answer(rule=sending.sent),
        ),
        files.DOUBTED: Step(
            show=files.show,
            buttons={
                "doubt_yes": Answer(rule=files.yes),
                "doubt_no": Answer(rule=files.no),
            },
        ),
        deciding.AMOUNT: Step(
            brief=True,
            show=deciding.show_amount,
            buttons={"amount_leave": Answer(rule=deciding.left)},
            text=Answer(rule=deciding.typed, operators=True),
        ),
    },
    files=Answer(rule=files.file, load=files.expected),
    effects={
        sending.ShowRequisites: sending.note_shown,
        sending.SendReceipt: sending.send,
        files.AddPage: files.carry_page,
        files.ReplaceFile: files.carry_replacement,
        files.EndWaiting: files.carry_end,
        deciding.Decide: deciding.decide,
        deciding.LiftBan: deciding.lift,
        listing.ShowWaiting: listing.show,
    },
    places={
        "topup": {"by_hand": _pay_by_hand},
        "admin": {"receipts": listing.button},
        "alarm_receipts": {"receipts": listing.button},
    },
    services=services,
    counters={
        "sent": "Receipts of payments by hand that users sent",
        "approved": "Receipts that operators approved",
        "refused": "Receipts that operators refused",
    },
)
