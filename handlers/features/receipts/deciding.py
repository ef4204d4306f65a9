"""The operators' side: the first press decides, and the others see who did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.delivery.sent_messages import changing_buttons
from handlers.dialogue import before
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import (
    Again,
    Button,
    Effect,
    Effects,
    Say,
    Screen,
    Toast,
    present,
)
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Text
from handlers.dispatch.feature import Reading, Work
from handlers.features.receipts.words import plain, say
from handlers.words.texts import Markup, language_of
from kie.money import bans, receipts
from supervisor.database.transactions import Row
from supervisor.values.foreign import whole_text

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


@dataclass(frozen=True, slots=True)
class Decided:
    """What the user of a receipt is told, and the card of the order that waited for it."""

    told: Screen
    waiting: Sequence[Delivery] = ()


@dataclass(frozen=True, slots=True)
class LiftBan(Effect):
    """The account of the user of a receipt is open again."""

    number: int
    user_id: int


def receipt(reading: Reading) -> Row | None:
    """The receipt that the button names, for operators alone."""
    if reading.press is None or not reading.facts.admin:
        return None
    number = whole_text(reading.press.argument.partition(":")[0], 0)
    if number is None:
        return None
    return receipts.find(reading.tx, reading.installation.bot_id, number)


def yes(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """The credits of the pack."""
    return _refused(facts, found) or (Decide(_id(found), "approved"),)


def amount(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """Another number of credits, which is typed."""
    refused = _refused(facts, found)
    if refused is not None:
        return refused
    move = before.enter(facts, AMOUNT, {"receipt": _id(found)})
    screen = _wanted(facts.language, _id(found), facts.dialogue.version + 1)
    return (move, Say(screen))


def typed(facts: Facts, text: Text) -> Effects:
    """The number of credits."""
    whole = whole_text(text.text, 1, MOST_CREDITS)
    if not facts.admin:
        return (before.back(facts), Say(facts.sentence(say(facts.language, "operators_only"))))
    if whole is None:
        return (Again(say(facts.language, "amount_bad", most=MOST_CREDITS)),)
    number = int(facts.dialogue.answers["receipt"])
    return (Decide(number, "approved", whole), before.back(facts))


def left(facts: Facts, press: Press) -> Effects:
    said = facts.at_desk(say(facts.language, "amount_left"))
    return (before.back(facts), present(said, press.at))


def show_amount(facts: Facts, language: str, lead: Markup | None) -> Screen:
    number = int(facts.dialogue.answers.get("receipt", 0))
    screen = _wanted(language, number, facts.dialogue.version)
    return screen if lead is None else Screen(lead, screen.keyboard)


def _wanted(language: str, number: int, version: int) -> Screen:
    leave = Button(plain(language, "button_leave_amount"), encode("amount_leave", version=version))
    return Screen(say(language, "amount_wanted", id=number), ((leave,),))


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
    """It is asked once more: the account would be closed."""
    refused = _refused(facts, found)
    if refused is not None:
        return refused
    button = Button(plain(facts.language, "button_ban_sure"), encode("receipt_ban_yes", _id(found)))
    text = say(facts.language, "ban_sure", id=_id(found))
    return (Say(Screen(text, ((button,),)), stays=True),)


def ban_sure(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """Refused, and the account is closed."""
    decided = Decide(_id(found), "refused", reason="used", bans=True)
    return _refused(facts, found) or (decided,)


def unban(facts: Facts, _press: Press, found: Row | None) -> Effects:
    """The account is open again."""
    if not facts.admin:
        return (Toast(plain(facts.language, "operators_only"), alert=True),)
    if found is None:
        return (Toast(plain(facts.language, "receipt_unknown"), alert=True),)
    return (LiftBan(_id(found), int(found["user_id"])),)


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
    decided = None if found is None else _decided(effect, work, found, who)
    key = "decided_before" if decided is None else "decided_now"
    text = say(facts.language, key, id=effect.number)
    if decided is None or found is None:
        return [work.told("answer", saying(facts.at_desk(text)))]
    work.count("receipts", effect.state)
    act = work.acted(
        f"receipt_{effect.state}",
        effect.number,
        before="new",
        after=effect.credits or found["credits"] if effect.state == "approved" else effect.reason,
        user_id=found["user_id"],
    )
    spot = replace(facts.spot(), user_id=found["user_id"], number=act)
    undoable = effect.state == "approved"
    answer = Screen(text, facts.places.keyboard("act", spot)) if undoable else facts.at_desk(text)
    if effect.bans:
        lift = Button(plain(facts.language, "button_unban"), encode("receipt_unban", effect.number))
        answer = Screen(say(facts.language, "decided_ban", id=effect.number), ((lift,),))
    deliveries = [
        work.told("answer", saying(answer)),
        Delivery(found["user_id"], "result", saying(decided.told), f"{work.key}:user"),
        *decided.waiting,
    ]
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


def lift(effect: LiftBan, work: Work) -> Sequence[Delivery]:
    """Payments of the account are taken again."""
    user_id = effect.user_id
    if bans.set_banned(work.tx, work.installation.bot_id, user_id, banned=False):
        work.acted("unban", user_id, before=True, after=False, user_id=user_id)
    text = say(work.facts.language, "ban_lifted", user=effect.user_id)
    return [work.told("answer", saying(work.facts.at_desk(text)))]


def _decided(effect: Decide, work: Work, found: Row, who: int) -> Decided | None:
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
        waiting = work.told_theirs(found["user_id"])
        if waiting:
            return Decided(Screen(text), waiting)  # the card has the buttons
    else:
        if not receipts.refuse(tx, bot_id, effect.number, who, effect.reason):
            return None
        if effect.bans:
            bans.set_banned(tx, bot_id, found["user_id"], banned=True)
            work.acted("ban", found["user_id"], before=False, after=True, user_id=found["user_id"])
        reason = plain(language, f"reason_{effect.reason}")
        text = say(language, "receipt_refused", id=effect.number, reason=reason)
    return Decided(work.facts.sentence(text, language))
