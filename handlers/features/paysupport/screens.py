"""How payments and the questions about them look, for users and for operators."""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.facts import Facts
from handlers.features.paysupport.words import plain, say
from handlers.words import moments
from handlers.words.texts import Markup, quoted
from kie.money.payments import Listed

WORDS_SHOWN = 2500  #: UTF-16 units of a user's words to an operator


def payments_in_words(found: Sequence[Listed], language: str) -> Markup:
    """A line per payment."""
    if not found:
        return say(language, "no_payments")
    lines = [
        say(
            language,
            "payment",
            date=moments.date(language, each.at),
            stars=each.stars,
            credits=each.credits,
            number=each.number,
            state=plain(language, f"state_{each.state}"),
        )
        for each in found
    ]
    return Markup("".join(lines).rstrip("\n"))


def help_screen(facts: Facts, found: Sequence[Listed], version: int) -> Screen:
    """What was paid, what can be returned, and that words go to the operators."""
    language = facts.language
    text = say(language, "payment_help", payments=payments_in_words(found, language))
    leave = Button(
        plain(language, "button_leave_help"), encode("paysupport_leave", version=version)
    )
    return Screen(text, ((leave,),))


def asked(
    person: Mapping[str, Any],
    words: str,
    found: Sequence[Listed],
    language: str,
    keyboard: Keyboard,
) -> Screen:
    """A user's question, as operators get it; ``keyboard`` is what else can be done."""
    text = say(
        language,
        "asked_notice",
        name=name_of(person),
        user=person["user_id"],
        balance=person["balance"],
        payments=payments_in_words(found, language),
        words=quoted(words, WORDS_SHOWN),
    )
    refunds = [(_refund(each.stars, each.number, language),) for each in found if _open(each.state)]
    return Screen(text, (*refunds, *keyboard))


def card(payment: Mapping[str, Any], language: str, keyboard: Keyboard) -> Screen:
    """One payment, for operators."""
    text = say(
        language,
        "payment_card",
        number=payment["number"],
        date=moments.date(language, payment["at"]),
        stars=payment["stars"],
        credits=payment["credits"],
        state=plain(language, f"state_{payment['state']}"),
        name=name_of(payment),
        user=payment["user_id"],
        balance=payment["balance"],
        charge=payment["charge_id"],
    )
    refund = _refund(payment["stars"], payment["number"], language)
    return Screen(text, ((refund,), *keyboard) if _open(payment["state"]) else keyboard)


def confirm(payment: Mapping[str, Any], language: str) -> Screen:
    """Before the Stars go back: how much, and what of it is spent."""
    stars, number = payment["stars"], payment["number"]
    spent = max(0, payment["credits"] - payment["balance"])
    text = say(
        language,
        "confirm_return_spent" if spent else "confirm_return",
        stars=stars,
        number=number,
        name=name_of(payment),
        credits=payment["credits"],
        balance=payment["balance"],
        spent=spent,
    )
    action = "pay_return_anyway" if spent else "pay_return"
    label = plain(language, "button_return_anyway" if spent else "button_return", stars=stars)
    return Screen(text, ((Button(label, encode(action, number)),),))


def name_of(person: Mapping[str, Any]) -> str:
    if person["username"]:
        return f"@{person['username']}"
    return str(person["first_name"] or person["user_id"])


def _refund(stars: int, number: int, language: str) -> Button:
    label = plain(language, "button_refund_payment", stars=stars, number=number)
    return Button(label, encode("pay_refund", number))


def _open(state: str) -> bool:
    return state == "credited"
