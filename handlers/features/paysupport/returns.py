"""An operator returns Stars: a payment is shown, confirmed, and returned once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.bot_api.star_calls import ending, refunding
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effect, Effects, Keyboard, Say, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.dispatch.feature import Reading, Work
from handlers.features.paysupport import screens
from handlers.features.paysupport.words import plain, say
from kie.money import payments
from supervisor.database.transactions import Row
from supervisor.values.foreign import whole_text


@dataclass(frozen=True, slots=True)
class ReturnStars(Effect):
    """The Stars of a payment go back; ``anyway``: even if their credits are spent."""

    number: int
    charge_id: str
    stars: int
    anyway: bool


def payment(reading: Reading) -> Row | None:
    """The payment that an operator's command or button names."""
    incoming = reading.facts.incoming
    number = reading.press.number if reading.press is not None else None
    if isinstance(incoming, Command):
        number = whole_text(incoming.arguments, 0)
    if number is None or not reading.facts.admin:
        return None
    return payments.by_number(reading.tx, reading.installation.bot_id, number)


def show(facts: Facts, command: Command, found: Row | None) -> Effects:
    """``/payment 17``"""
    if not command.arguments:
        return (Say(facts.at_desk(say(facts.language, "payment_usage"))),)
    if found is None:
        return (Say(facts.at_desk(say(facts.language, "return_unknown"))),)
    return (Say(screens.card(found, facts.language, asked(facts, found)), stays=True),)


def asked(facts: Facts, found: Row) -> Keyboard:
    """What else can be done about the payer."""
    return facts.places.keyboard("asked", replace(facts.spot(), user_id=found["user_id"]))


def confirm(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """The first press: what would go back, and what of it is spent."""
    refused = _refused(facts, found)
    if refused is not None or found is None:
        return (refused or Toast(),)
    return (Say(screens.confirm(found, facts.language), stays=True),)


def confirmed(facts: Facts, press: Press, found: Row | None) -> Effects:
    """The second press: the Stars go back."""
    refused = _refused(facts, found)
    if refused is not None or found is None:
        return (refused or Toast(),)
    anyway = press.action == "pay_return_anyway"
    if found["credits"] > found["balance"] and not anyway:
        # Something was spent since: it is asked about again.
        return (present(screens.confirm(found, facts.language), press.at),)
    return (ReturnStars(found["number"], found["charge_id"], found["stars"], anyway),)


def _refused(facts: Facts, found: Row | None) -> Toast | None:
    language = facts.language
    if not facts.admin:
        return Toast(plain(language, "not_for_you"), alert=True)
    if found is None:
        return Toast(plain(language, "return_unknown"), alert=True)
    if found["state"] == "credited":
        return None
    why = _reason(language, found["state"])
    said = plain(language, "return_not_possible", number=found["number"], state=why)
    return Toast(said, alert=True)


def return_stars(effect: ReturnStars, work: Work) -> Sequence[Delivery]:
    """The credits leave the account and the refund enters the outbox in one commit."""
    language, number = work.facts.language, effect.number
    try:
        back = payments.begin_return(
            work.tx, work.installation.bot_id, effect.charge_id, anyway=effect.anyway
        )
        state = "returning"
    except payments.Spent:
        back, state = None, "changed"
    if back is None:
        text = say(language, "return_not_possible", number=number, state=_reason(language, state))
        return [work.told("answer", saying(work.facts.at_desk(text)))]
    work.count("paysupport", "refunds")
    work.acted(
        "stars_refund", number, before="credited", after=f"−{effect.stars} ⭐", user_id=back.user_id
    )
    refund = refunding(back.user_id, back.charge_id)
    key = "return_begun" if back.ends is None else "return_begun_monthly"
    text = say(language, key, stars=effect.stars, number=number)
    ends = [(ending(each.user_id, each.charge_id), each.key) for each in [back.ends] if each]
    return [
        Delivery(back.user_id, "refund", refund, back.key),
        *(Delivery(back.user_id, "refund", payload, its_key) for payload, its_key in ends),
        work.told("answer", saying(work.facts.at_desk(text))),
    ]


def _reason(language: str, state: str) -> str:
    return plain(language, f"reason_{state}")
