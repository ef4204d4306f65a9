"""What users and operators are told of a payment in Stars that was recorded."""

from handlers.delivery.outbox import Told
from handlers.features.paying.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup
from kie.money.payments import Arrived, Recorded


def credited(language: str, payment: Arrived, recorded: Recorded) -> Markup:
    """What it has brought, and when it comes again."""
    named = {"number": recorded.number, "stars": payment.stars, "credits": recorded.credits}
    named["balance"] = recorded.balance
    if recorded.paid_until is None:
        return say(language, "receipt", **named)
    day = moments.date(language, recorded.paid_until)
    if recorded.ends is None:
        return say(language, "receipt_monthly", day=day, **named)
    return say(language, "receipt_second", day=day, **named)


def returning(language: str, payment: Arrived, recorded: Recorded) -> Markup:
    """That it goes back, and why."""
    key = "renewal_returning" if payment.recurring else "payment_returning"
    return say(language, key, number=recorded.number, stars=payment.stars)


def noticed(key: str, payment: Arrived, recorded: Recorded) -> Told:
    """The same for operators."""
    amount = f"{payment.stars} {payment.currency}"
    named = {"n": recorded.number, "user": payment.user_id, "charge": payment.charge_id}
    shown = {"amount": amount, "stars": payment.stars, "credits": recorded.credits}
    return lambda spoken: plain(spoken, key, **named, **shown)
