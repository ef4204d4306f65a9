"""Credits as users see them: the balance, the way to more, and payments.

What is booked when, ``kie/money`` knows; nothing here changes a balance. The sentence that the
balance is too small for an order is said where the order is refused: ``not_enough`` of ``making``.
"""

from collections.abc import Sequence

from handlers.delivery.outbox import Delivery, refusing
from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.incoming import Checkout, Paid
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, Reading, Work, always
from handlers.features.paying import rules
from handlers.features.paying.rules import RefuseCheckout, ReportPayment
from handlers.features.paying.words import WORDS, plain
from kie.money import ledger
from kie.money.ledger import Entry

ENTRIES_SHOWN = 5  #: of the ledger on the screen of the balance


def latest_entries(reading: Reading) -> Sequence[Entry]:
    user_id = reading.facts.incoming.sender.user_id
    return ledger.latest(reading.tx, reading.installation.bot_id, user_id, ENTRIES_SHOWN)


def _refuse(effect: RefuseCheckout, work: Work) -> Sequence[Delivery]:
    return [work.told("toast", refusing(effect.query_id, effect.text))]


def _report(effect: ReportPayment, work: Work) -> Sequence[Delivery]:
    work.installation.outbox.notice(work.tx, f"payment:{effect.charge_id}", effect.text)
    work.count("paying", "unexpected_payment")
    return ()


def _balance(spot: Spot) -> Button | None:
    if not spot.shop.sells:
        return None
    return Button(plain(spot.language, "button_balance"), encode("balance"))


def _back_to_balance(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_balance"), encode("balance"))


def _top_up(spot: Spot) -> Button | None:
    if not spot.shop.payment.shown:
        return None
    return Button(plain(spot.language, "button_topup"), encode("topup"))


FEATURE = Feature(
    name="paying",
    words=WORDS,
    commands={
        "balance": Answer(rule=rules.ask_balance, load=latest_entries),
        "topup": Answer(rule=rules.ask_top_up),
    },
    buttons={
        "balance": Answer(rule=rules.press_balance, load=latest_entries),
        "topup": Answer(rule=rules.press_top_up),
    },
    kinds={Checkout: Answer(rule=rules.check_out), Paid: Answer(rule=rules.paid)},
    effects={RefuseCheckout: _refuse, ReportPayment: _report},
    places={
        "menu": {"balance": _balance},
        "balance": {"topup": _top_up},
        "topup": {"balance": _back_to_balance},
        "not_enough": {"topup": _top_up},
        "booked": {"balance": _back_to_balance},
    },
    listed={"balance": always},
    counters={"unexpected_payment": "Payments in Stars that nobody here has asked for"},
)
