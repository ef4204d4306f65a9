"""From a pack to its credits: the order, the question before the payment, the payment.

Only our own orders are trusted: the button names a pack, which is looked up; the payload of an
invoice names an order and proves that it is ours. The question before a payment (pre-checkout) is
the last moment at which nobody has paid yet, so whatever is wrong is refused there. A payment that
has arrived is credited by its order or returned, whatever is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.bot_api.star_calls import asking_to_pay, deciding, refunding
from handlers.delivery.outbox import Delivery, Told
from handlers.delivery.payloads import saying
from handlers.dialogue import before
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effect, Effects, Keyboard, Move, Screen, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Checkout, Paid
from handlers.dialogue.places import Spot
from handlers.dispatch.feature import Reading, Work
from handlers.features.paying import subscribing, telling
from handlers.features.paying.words import plain, say
from handlers.shop import admission
from handlers.words.texts import Markup
from kie.money import bans, orders, payments, subscriptions
from kie.money.orders import Named
from kie.money.packs import Pack
from kie.money.payments import CURRENCY, Arrived, Recorded
from kie.money.subscriptions import Subscription


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
    subscribed: bool = False  #: a subscription of the user goes on


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
    who = identity.bot_id, checkout.sender.user_id
    return Asked(named, bans.is_banned(tx, *who), subscriptions.lasts(tx, *who))


def known(reading: Reading) -> Known:
    paid = reading.facts.incoming
    if not isinstance(paid, Paid):
        raise TypeError("only a payment is known")
    tx, identity = reading.tx, reading.installation.identity
    named = orders.named_by(tx, identity, paid.payload)
    return Known(named, payments.is_known(tx, identity.bot_id, paid.charge_id))


# --------------------------------------------------------------------- rules --


def press_pack(facts: Facts, press: Press, found: Sequence[Subscription] | None) -> Effects:
    """An invoice for the pack, at its price of now."""
    not_taken = admission.refusal(facts.shop, facts.language, banned=facts.account.banned)
    if not_taken:
        return (Toast(not_taken, alert=True),)
    pack = next((each for each in facts.shop.packs if each.id == press.number), None)
    if pack is None or pack.stars is None:
        return (Toast(plain(facts.language, "toast_pack_gone"), alert=True),)
    if pack.monthly and any(each.state == "active" for each in found or ()):
        return (Toast(plain(facts.language, "toast_subscribed"), alert=True),)
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
    if order.monthly and found.subscribed:
        return "subscribed"
    if facts.shop.maintenance is not None:
        return "maintenance"
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
        payment.recurring,
        payment.first,
        payment.payload,
    )
    if payment.refunded:
        return (TakeReturn(arrived),)
    if found.recorded:
        return ()
    order = found.named.order
    # A renewal comes at any time, and nobody waits for it.
    awaited = payment.first or not payment.recurring
    if not awaited or order is None or not payments.fits(order, arrived):
        return (TakePayment(arrived, found.named, keeps=False),)
    there = before.credited(facts.dialogue)
    move = None if there is facts.dialogue else Move(there.step, there.answers)
    if there.step == IDLE:
        return (TakePayment(arrived, found.named, keeps=False), *([move] if move else []))
    taken = TakePayment(arrived, found.named, keeps=True)
    return (taken, Again(credited=order.credits, move=move))


# --------------------------------------------------------------- carrying out --


def make_order(effect: MakeOrder, work: Work) -> Sequence[Delivery]:
    """The order and its invoice in one commit; a second press is answered by a sentence."""
    installation, language = work.installation, work.facts.language
    user_id = work.facts.incoming.sender.user_id
    order = orders.place(work.tx, installation.bot_id, user_id, effect.pack)
    if order is None:
        return [work.told("answer", saying(Screen(say(language, "invoice_above"))))]
    payload = orders.payload(installation.identity, order)
    if order.monthly:
        return [work.told("answer", subscribing.offer(language, order, payload))]
    title = plain(language, "invoice_title", n=order.credits)
    description = plain(language, "invoice_description", n=order.credits)
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
    if recorded.by_rule:
        work.count("paying", "renewals_by_rule")
    if recorded.by_rule or not effect.named.signed:
        key = "renewal_credited_notice" if recorded.by_rule else "unsigned_notice"
        _notice(work, f"payment:{payment.charge_id}", telling.noticed(key, payment, recorded))
    text = telling.credited(language, payment, recorded)
    said = work.told("result", saying(_receipt(text, work, keeps=effect.keeps)))
    return [said, *subscribing.asking_to_end(recorded.ends)]


def _notice(work: Work, key: str, told: Told) -> None:
    """To the operators, with a button to the card of the payer."""
    facts = work.facts

    def remedy(spoken: str) -> Keyboard:
        spot = Spot(spoken, facts.shop, user_id=facts.incoming.sender.user_id)
        return facts.places.keyboard("alarm_person", spot)

    work.installation.outbox.notice(work.tx, key, told, remedy)


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
        shown = {"stars": stars, "spent": found.spent}

        def told(spoken: str) -> str:
            return plain(spoken, "chargeback_notice", **shown, **named)

        _notice(work, f"returned:{payment.charge_id}", told)
        work.count("paying", "chargebacks")
    text = say(language, "payment_returned", stars=stars)
    ends = subscribing.asking_to_end(None if found is None else found.ends)
    return [work.told("result", saying(work.facts.sentence(text))), *ends]


def _returning(work: Work, payment: Arrived, recorded: Recorded) -> Sequence[Delivery]:
    """Nothing is known to credit it for: it goes back, and both sides are told."""
    key = "renewal_returning_notice" if payment.recurring else "payment_returning_notice"
    _notice(work, f"payment:{payment.charge_id}", telling.noticed(key, payment, recorded))
    work.count("paying", "payments_not_credited")
    text = telling.returning(work.facts.language, payment, recorded)
    back = payments.first_return(payment, recorded)
    return [
        work.told("result", saying(work.facts.sentence(text))),
        Delivery(work.chat_id, "refund", refunding(back.user_id, back.charge_id), back.key),
        *subscribing.asking_to_end(recorded.ends),
    ]
