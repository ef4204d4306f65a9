"""What the balance, a top-up and a payment lead to."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Effects, Say, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Checkout, Command, Paid
from handlers.features.paying import screens
from handlers.features.paying.words import plain, say
from kie.money.ledger import Entry


@dataclass(frozen=True, slots=True)
class RefuseCheckout(Effect):
    """The answer to a payment that is about to be made: it is not taken."""

    query_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ReportPayment(Effect):
    """Operators are told of a payment that nobody here has asked for."""

    charge_id: str
    text: str


def ask_balance(facts: Facts, _command: Command, entries: Sequence[Entry]) -> Effects:
    """``/balance``"""
    return (Say(screens.balance(facts, entries)),)


def press_balance(facts: Facts, press: Press, entries: Sequence[Entry]) -> Effects:
    """The same in place of the message with the button."""
    return (present(screens.balance(facts, entries), press.at),)


def ask_top_up(facts: Facts, _command: Command) -> Effects:
    """``/topup``"""
    return (Say(screens.top_up(facts)),)


def press_top_up(facts: Facts, _press: Press) -> Effects:
    """Below the message with the button: what it asks for is still to be read."""
    return (Say(screens.top_up(facts)),)


def check_out(facts: Facts, checkout: Checkout) -> Effects:
    """Nothing is sold for Stars: an invoice of ours cannot exist."""
    return (RefuseCheckout(checkout.query_id, plain(facts.language, "checkout_refused")),)


def paid(facts: Facts, payment: Paid) -> Effects:
    """A payment that was made or taken back: nothing is sold for Stars, so people look at it.

    Telegram's own number of the payment goes to the operators, who return it or credit it.
    """
    key = "payment_returned" if payment.refunded else "payment_arrived"
    amount = f"{payment.amount} {payment.currency}".strip()
    told = plain(
        facts.language,
        f"{key}_notice",
        amount=amount,
        user=facts.incoming.sender.user_id,
        charge=payment.charge_id,
    )
    shown = facts.sentence(say(facts.language, key, amount=amount))
    return (ReportPayment(payment.charge_id, told), Say(shown))
