"""Credits as users see them: the balance, the way to more, and payments in Stars.

What is booked when, ``kie/money`` knows; nothing here changes a balance. The sentence that the
balance is too small for an order is said where the order is refused: ``not_enough`` of
``handlers/words``. A payment that has arrived is credited once or returned, and both sides are told
(``buying.py``). Subscriptions are in ``subscribing.py``.
"""

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button
from handlers.dialogue.incoming import Checkout, Paid, SubscriptionNews
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Answer, Feature, always
from handlers.features.paying import balance, buying, rules, screens, subscribing
from handlers.features.paying.reconciliation import services
from handlers.features.paying.words import WORDS, plain
from handlers.shop.shop import Shop


def _sold(shop: Shop) -> bool:
    return bool(shop.by_hand or shop.packs)


def _balance(spot: Spot) -> Button | None:
    if not spot.shop.sells:
        return None
    return Button(plain(spot.language, "button_balance"), encode("balance"))


def _back_to_balance(spot: Spot) -> Button:
    return Button(plain(spot.language, "button_balance"), encode("balance"))


def _top_up(spot: Spot) -> Button | None:
    if not _sold(spot.shop):
        return None
    return Button(plain(spot.language, "button_topup"), encode("topup"))


FEATURE = Feature(
    name="paying",
    words=WORDS,
    commands={
        "balance": Answer(rule=balance.ask, load=balance.books),
        "topup": Answer(rule=rules.ask_top_up, load=subscribing.theirs),
    },
    buttons={
        "balance": Answer(rule=balance.press, load=balance.books),
        "topup": Answer(rule=rules.press_top_up, load=subscribing.theirs),
        "buy": Answer(rule=buying.press_pack, load=subscribing.theirs),
        "end_monthly": Answer(rule=subscribing.press_end, load=subscribing.theirs),
    },
    kinds={
        Checkout: Answer(rule=buying.check_out, load=buying.asked),
        Paid: Answer(rule=buying.paid, load=buying.known),
        SubscriptionNews: Answer(rule=subscribing.news),
    },
    effects={
        buying.MakeOrder: buying.make_order,
        buying.DecideCheckout: buying.decide_checkout,
        buying.TakePayment: buying.take_payment,
        buying.TakeReturn: buying.take_return,
        subscribing.EndSubscription: subscribing.end_subscription,
        subscribing.NoteNews: subscribing.note_news,
    },
    places={
        "menu": {"balance": _balance},
        "balance": {"topup": _top_up},
        "topup": {"balance": _back_to_balance},
        "not_enough": {"pack": screens.smallest_pack, "topup": _top_up},
        "short": {
            "pack": screens.smallest_pack,
            "packs": screens.all_packs,
            "topup": _top_up,
        },
        "booked": {"balance": _back_to_balance},
        "cancelled": {"balance": _back_to_balance},
        "paid": {"balance": _back_to_balance},
    },
    listed={"balance": always},
    services=services,
    counters={
        "found": "Payments and refunds that only Telegram's list of transactions told of",
        "older": "Payments and refunds of Telegram's list from before the first order here",
        "checkouts_agreed": "Payments in Stars that were agreed to",
        "checkouts_refused": "Payments in Stars that were refused before anybody paid",
        "payments_credited": "Payments in Stars that were credited",
        "payments_not_credited": "Payments in Stars that fitted no order and go back",
        "renewals_by_rule": "Renewals of an earlier bot that were credited as the operator has set",
        "subscriptions_ended": "Subscriptions that were ended at the wish of their users",
        "chargebacks": "Stars that went back without our asking",
    },
)
