"""The operators' side: the first press decides, and the others see who did."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.delivery.outbox import Delivery, saying
from handlers.delivery.sent_messages import changing_buttons
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Again, Button, Effect, Effects, Move, Say, Screen, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Text
from handlers.dispatch.feature import Reading, Work
from handlers.features.receipts.words import plain, say
from handlers.words.texts import Markup, language_of
from kie.money import receipts
from supervisor.database.transactions import Row

AMOUNT = "receipt_amount"
MOST_CREDITS = 1_000_000
REASONS = ("unpaid", "unreadable", "wrong_sum", "used")


@dataclass(frozen=True, slots=True)
class Decide(Effect):
    """An operator's decision about a receipt."""

    number: int
    state: str  #: approved or refused
    credits: int | None = None  #: None: those of the pack
    reason: str = ""
    bans: bool = False


def receipt(reading: Reading) -> Row | None:
    """The receipt that the button names, for operators alone."""
    if reading.press is None or not reading.facts.admin:
        return None
    digits = reading.press.argument.partition(":")[0]
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 19):
        return None
    return receipts.find(reading.tx, reading.installation.bot_id, int(digits))


def yes(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """The credits of the pack."""
    return _refused(facts, found) or (Decide(_id(found), "approved"),)


def amount(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """Another number of credits, which is typed."""
    refused = _refused(facts, found)
    if refused is not None:
        return refused
    text = say(facts.language, "amount_wanted", id=_id(found))
    return (Move(AMOUNT, {"receipt": _id(found)}), Say(Screen(text), stays=True))


def typed(facts: Facts, text: Text) -> Effects:
    """The number of credits."""
    words = text.text.strip()
    whole = int(words) if words.isascii() and words.isdecimal() and len(words) < 8 else 0
    if not facts.admin:
        return (Move(IDLE), Say(facts.sentence(say(facts.language, "operators_only"))))
    if not 1 <= whole <= MOST_CREDITS:
        return (Again(say(facts.language, "amount_bad", most=MOST_CREDITS)),)
    return (Decide(int(facts.dialogue.answers["receipt"]), "approved", whole), Move(IDLE))


def show_amount(facts: Facts, language: str, lead: Markup | None) -> Screen:
    number = facts.dialogue.answers.get("receipt", 0)
    return facts.sentence(lead or say(language, "amount_wanted", id=number), language)


def no(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """One of four reasons is asked for."""
    refused = _refused(facts, found)
    if refused is not None:
        return refused
    rows = tuple(
        (
            Button(
                plain(facts.language, f"reason_{reason}"),
                encode("receipt_why", f"{_id(found)}:{reason}"),
            ),
        )
        for reason in REASONS
    )
    return (Say(Screen(say(facts.language, "refuse_why", id=_id(found)), rows), stays=True),)


def why(facts: Facts, press: Press, found: Row | None) -> Effects:
    reason = press.argument.partition(":")[2]
    refused = _refused(facts, found)
    if refused is not None or reason not in REASONS:
        return refused or (Toast(plain(facts.language, "receipt_unknown"), alert=True),)
    return (Decide(_id(found), "refused", reason=reason),)


def ban(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """Refused, and the account is closed."""
    decided = Decide(_id(found), "refused", reason="used", bans=True)
    return _refused(facts, found) or (decided,)


def _refused(facts: Facts, found: Row | None) -> Effects | None:
    language = facts.language
    if not facts.admin:
        return (Toast(plain(language, "operators_only"), alert=True),)
    if found is None:
        return (Toast(plain(language, "receipt_unknown"), alert=True),)
    if found["state"] != "new":
        return (Toast(plain(language, "decided_before", id=found["id"]), alert=True),)
    if found["user_id"] == facts.incoming.sender.user_id and len(facts.shop.admins) > 1:
        return (Toast(plain(language, "decided_own"), alert=True),)
    return None


def _id(found: Row | None) -> int:
    return 0 if found is None else int(found["id"])


# --------------------------------------------------------------- carrying out --


def decide(effect: Decide, work: Work) -> Sequence[Delivery]:
    """Booked or refused once; its user and every operator learn of it in the same commit."""
    tx, bot_id, facts = work.tx, work.installation.bot_id, work.facts
    who = facts.incoming.sender.user_id
    found = receipts.find(tx, bot_id, effect.number)
    told = None if found is None else _decided(effect, work, found, who)
    key = "decided_before" if told is None else "decided_now"
    answer = facts.sentence(say(facts.language, key, id=effect.number))
    deliveries = [work.told("answer", saying(answer))]
    if told is None or found is None:
        return deliveries
    work.count("receipts", effect.state)
    deliveries.append(Delivery(found["user_id"], "result", saying(told), f"{work.key}:user"))
    sign = "✅" if effect.state == "approved" else "✖️"
    name = facts.incoming.sender.first_name or str(who)
    label = plain(facts.language, "button_decided", sign=sign, who=name)
    button = ((Button(label, encode("receipt_yes", effect.number)),),)
    for row in receipts.messages(tx, bot_id, effect.number, sorted(facts.shop.admins)):
        changed = changing_buttons(row["message_id"], button)
        deliveries.append(
            Delivery(row["chat_id"], "notice", changed, f"{work.key}:{row['chat_id']}")
        )
    return deliveries


def _decided(effect: Decide, work: Work, found: Row, who: int) -> Screen | None:
    """What its user is told; None: somebody has decided before."""
    tx, bot_id = work.tx, work.installation.bot_id
    language = language_of(found["language"], found["last_language_code"])
    if effect.state == "approved":
        credits = effect.credits or found["credits"]
        booked = receipts.approve(tx, bot_id, effect.number, who, credits) if credits else None
        if booked is None:
            return None
        named = {"id": effect.number, "credits": booked.amount, "balance": booked.balance}
        text = say(language, "receipt_approved", **named)
    else:
        if not receipts.refuse(tx, bot_id, effect.number, who, effect.reason):
            return None
        if effect.bans:
            receipts.ban(tx, bot_id, found["user_id"])
        reason = plain(language, f"reason_{effect.reason}")
        text = say(language, "receipt_refused", id=effect.number, reason=reason)
    return work.facts.sentence(text, language)
