"""From a pack to its credits: the order, the question before the payment, the payment.

Nothing is believed but an order of ours: the button names a pack that is looked up, the payload of
an invoice names an order and proves it. The question before a payment (pre-checkout) is the last
moment at which nobody has paid yet, so whatever is wrong is refused there. A payment that has
arrived is credited by its order or returned, whatever is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.bot_api.star_calls import asking_to_pay, deciding, refunding
from handlers.delivery.outbox import Delivery, saying
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effect, Effects, Screen, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Checkout, Paid
from handlers.dispatch.feature import Reading, Work
from handlers.features.paying.words import plain, say
from handlers.words.texts import Markup
from kie.money import orders, payments
from kie.money.orders import Named
from kie.money.packs import Pack
from kie.money.payments import CURRENCY, Arrived, Recorded


@dataclass(frozen=True, slots=True)
class MakeOrder(Effect):
    """An order, and its invoice."""

    pack: Pack


@dataclass(frozen=True, slots=True)
class DecideCheckout(Effect):
    """The answer to somebody who is about to pay; ``refusal``: why not, "" agrees."""

    query_id: str
    refusal: str


@dataclass(frozen=True, slots=True)
class TakePayment(Effect):
    """Stars have arrived: credited or returned, once."""

    payment: Arrived
    named: Named
    keeps: bool  #: a request waits for the credits, and its card follows


@dataclass(frozen=True, slots=True)
class TakeReturn(Effect):
    """Stars went back to their user: the credits follow them, once."""

    payment: Arrived


@dataclass(frozen=True, slots=True)
class Asked:
    """What is known of somebody who is about to pay."""

    named: Named
    banned: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a payment that has arrived."""

    named: Named
    recorded: bool = False


# ------------------------------------------------------------------- loading --


def asked(reading: Reading) -> Asked:
    checkout = reading.facts.incoming
    if not isinstance(checkout, Checkout):
        raise TypeError("only a checkout is asked about")
    tx, identity = reading.tx, reading.installation.identity
    named = orders.named_by(tx, identity, checkout.payload)
    banned = orders.is_banned(tx, identity.bot_id, checkout.sender.user_id)
    return Asked(named, banned)


def known(reading: Reading) -> Known:
    paid = reading.facts.incoming
    if not isinstance(paid, Paid):
        raise TypeError("only a payment is known")
    tx, identity = reading.tx, reading.installation.identity
    named = orders.named_by(tx, identity, paid.payload)
    return Known(named, payments.is_known(tx, identity.bot_id, paid.charge_id))


# --------------------------------------------------------------------- rules --


def press_pack(facts: Facts, press: Press) -> Effects:
    """An invoice for the pack, at its price of now."""
    pack = next((each for each in facts.shop.packs if each.id == press.number), None)
    if pack is None or pack.stars is None:
        return (Toast(plain(facts.language, "toast_pack_gone"), alert=True),)
    return (MakeOrder(pack),)


def check_out(facts: Facts, checkout: Checkout, found: Asked) -> Effects:
    """Whether the payment may be made."""
    reason = _refusal(facts, checkout, found)
    refusal = plain(facts.language, f"checkout_{reason}") if reason else ""
    return (DecideCheckout(checkout.query_id, refusal),)


def _refusal(facts: Facts, checkout: Checkout, found: Asked) -> str:
    """Why the payment is not taken; "": it is."""
    order = found.named.order
    if order is None or not found.named.signed:
        return "unknown"
    if order.user_id != checkout.sender.user_id:
        return "foreign"
    if (checkout.currency, checkout.amount) != (CURRENCY, order.stars):
        return "changed"
    if order.expired:
        return "expired"
    if found.banned:
        return "banned"
    return "closed" if facts.shop.closed_for_long else ""


def paid(facts: Facts, payment: Paid, found: Known) -> Effects:
    """Stars have arrived, or went back. The same payment told again changes nothing. Raises
    ``ValueError`` for a payment without a number: operators look at it."""
    if not payment.charge_id:
        raise ValueError("a payment without a charge id")
    arrived = Arrived(
        payment.charge_id,
        payment.sender.user_id,
        payment.currency,
        payment.amount,
        payment.paid_until,
    )
    if payment.refunded:
        return (TakeReturn(arrived),)
    if found.recorded:
        return ()
    keeps = facts.dialogue.step != IDLE
    taken = TakePayment(arrived, found.named, keeps)
    order = found.named.order
    if not keeps or order is None or not payments.fits(order, arrived):
        return (taken,)
    return (taken, Again(credited=order.credits))


# --------------------------------------------------------------- carrying out --


def make_order(effect: MakeOrder, work: Work) -> Sequence[Delivery]:
    """The order and its invoice in one commit; a second press is answered by a sentence."""
    installation, language = work.installation, work.facts.language
    user_id = work.facts.incoming.sender.user_id
    order = orders.place(work.tx, installation.bot_id, user_id, effect.pack)
    if order is None:
        return [work.told("answer", saying(Screen(say(language, "invoice_above"))))]
    title = plain(language, "invoice_title", n=order.credits)
    description = plain(language, "invoice_description", n=order.credits)
    payload = orders.payload(installation.identity, order)
    return [work.told("answer", asking_to_pay(title, description, payload, order.stars))]


def decide_checkout(effect: DecideCheckout, work: Work) -> Sequence[Delivery]:
    work.count("paying", "checkouts_refused" if effect.refusal else "checkouts_agreed")
    return [work.told("toast", deciding(effect.query_id, effect.refusal))]


def take_payment(effect: TakePayment, work: Work) -> Sequence[Delivery]:
    """The payment, its entry and the receipt in one commit."""
    language, payment = work.facts.language, effect.payment
    bot_id = work.installation.bot_id
    recorded = payments.record(work.tx, bot_id, payment, effect.named.order)
    if recorded is None:
        return []
    if not recorded.credits:
        return _returning(work, payment, recorded)
    work.count("paying", "payments_credited")
    if not effect.named.signed:
        told = plain(language, "unsigned_notice", n=recorded.number, charge=payment.charge_id)
        work.installation.outbox.notice(work.tx, f"payment:{payment.charge_id}", told)
    text = say(
        language,
        "receipt",
        number=recorded.number,
        stars=payment.stars,
        credits=recorded.credits,
        balance=recorded.balance,
    )
    return [work.told("result", saying(_receipt(text, work, keeps=effect.keeps)))]


def _receipt(text: Markup, work: Work, *, keeps: bool) -> Screen:
    if keeps:
        return Screen(text)  # the kept request follows, with its own buttons
    facts = work.facts
    return Screen(text, facts.places.keyboard("paid", facts.spot()))


def take_return(effect: TakeReturn, work: Work) -> Sequence[Delivery]:
    """Both sides are told of Stars that went back; operators only if they had not asked."""
    payment, language = effect.payment, work.facts.language
    found = payments.returned(work.tx, work.installation.bot_id, payment)
    stars = payment.stars
    if found is not None and not found.expected:
        named = {"n": found.number, "user": payment.user_id, "charge": payment.charge_id}
        told = plain(language, "chargeback_notice", stars=stars, spent=found.spent, **named)
        work.installation.outbox.notice(work.tx, f"returned:{payment.charge_id}", told)
        work.count("paying", "chargebacks")
    text = say(language, "payment_returned", stars=stars)
    return [work.told("result", saying(work.facts.sentence(text)))]


def _returning(work: Work, payment: Arrived, recorded: Recorded) -> Sequence[Delivery]:
    """Nothing is known to credit it for: it goes back, and both sides are told."""
    language = work.facts.language
    named = {"amount": f"{payment.stars} {payment.currency}", "user": payment.user_id}
    told = plain(language, "payment_returning_notice", charge=payment.charge_id, **named)
    work.installation.outbox.notice(work.tx, f"payment:{payment.charge_id}", told)
    work.count("paying", "payments_not_credited")
    text = say(language, "payment_returning", number=recorded.number, stars=payment.stars)
    back = payments.first_return(payment, recorded)
    return [
        work.told("result", saying(work.facts.sentence(text))),
        Delivery(work.chat_id, "refund", refunding(back.user_id, back.charge_id), back.key),
    ]
