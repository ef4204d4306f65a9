"""The user's side: requisites, and the receipt.

A photo or document is a receipt only in the step of the requisites. The step keeps the one before
it: whoever pays finds the request as it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.delivery.outbox import Delivery, saying
from handlers.delivery.sent_messages import showing_kept
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Again, Button, Effect, Effects, Move, Say, Screen, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Attachment, Media, Other
from handlers.dispatch.feature import Work
from handlers.features.receipts.words import plain, say
from handlers.shop import worth
from handlers.shop.shop import Shop
from handlers.words.texts import Markup
from kie.money import receipts
from kie.money.receipts import Sent

RECEIPT = "receipt"
_BEFORE = "before"  #: the step before this one, in the answers


@dataclass(frozen=True, slots=True)
class SendReceipt(Effect):
    """The file goes to the operators."""

    file: Attachment
    credits: int
    money: str


# --------------------------------------------------------------------- rules --


def choose(facts: Facts, press: Press) -> Effects:
    """The packs that are sold by hand; without any the requisites at once."""
    packs = worth.by_hand(facts.shop)
    if not packs:
        return requisites(facts, press)
    rows = tuple(
        (
            Button(
                plain(facts.language, "button_money_pack", n=each.credits, money=each.money_text),
                encode("receipt_pack", each.id),
            ),
        )
        for each in packs
    )
    keyboard = (*rows, *facts.places.keyboard("topup", facts.spot()))
    return (present(Screen(say(facts.language, "receipt_packs"), keyboard), press.at),)


def requisites(facts: Facts, press: Press) -> Effects:
    """Where to pay and how much; the next file is the receipt."""
    pack = next((each for each in worth.by_hand(facts.shop) if each.id == press.number), None)
    asked: dict[str, Any] = {"credits": 0, "money": ""}
    if pack is not None:
        asked = {"credits": pack.credits, "money": pack.money_text}
    here = facts.dialogue
    before = here.answers.get(_BEFORE) if here.step == RECEIPT else None
    kept = before or {"step": here.step, "answers": dict(here.answers)}
    screen = _requisites(facts, facts.language, asked, here.version + 1)
    return (Move(RECEIPT, {**asked, _BEFORE: kept}), Say(screen))


def sent(facts: Facts, file: Media | Other) -> Effects | None:
    """A photo or a document is the receipt; the others of its album are not."""
    if file.attachment is None:
        return (Again(say(facts.language, "receipt_wanted")),)
    asked = facts.dialogue.answers
    receipt = SendReceipt(file.attachment, int(asked["credits"]), str(asked["money"]))
    return (receipt, _back(facts))


def words(facts: Facts, _text: object) -> Effects:
    return (Again(say(facts.language, "receipt_wanted")),)


def left(facts: Facts, press: Press) -> Effects:
    said = facts.sentence(say(facts.language, "receipt_left"))
    return (_back(facts), present(said, press.at))


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The requisites once more."""
    screen = _requisites(facts, language, facts.dialogue.answers, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def _back(facts: Facts) -> Move:
    before = facts.dialogue.answers.get(_BEFORE) or {"step": "idle", "answers": {}}
    return Move(before["step"], before["answers"])


def _requisites(facts: Facts, language: str, asked: Mapping[str, Any], version: int) -> Screen:
    what = plain(language, "requisites_any")
    if asked["credits"]:
        what = plain(language, "requisites_pack", n=int(asked["credits"]), money=asked["money"])
    text = say(
        language,
        "requisites",
        what=what,
        requisites=_set_ones(facts.shop, language),
        user=facts.incoming.sender.user_id,
    )
    leave = plain(language, "button_leave_receipt")
    return Screen(text, ((Button(leave, encode("receipt_leave", version=version)),),))


def _set_ones(shop: Shop, language: str) -> Markup:
    """Only what the operator has set."""
    names = ("bank", "card", "holder", "phone")
    return Markup(
        "".join(
            say(language, f"requisite_{name}", value=value)
            for name in names
            if (value := getattr(shop.payment, name))
        )
    )


# --------------------------------------------------------------- carrying out --


def send(effect: SendReceipt, work: Work) -> Sequence[Delivery]:
    """Kept, told to its user, and brought to each operator, in one commit."""
    facts, bot_id = work.facts, work.installation.bot_id
    file, language = effect.file, facts.language
    user_id = facts.incoming.sender.user_id
    receipt = Sent(user_id, effect.credits, effect.money or None, file.file_id, file.unique_id)
    kept = receipts.keep(work.tx, bot_id, receipt)
    if kept is None:
        return [work.told("answer", saying(facts.sentence(say(language, "receipt_limit"))))]
    found = receipts.find(work.tx, bot_id, kept.id)
    if found is None:
        raise RuntimeError(f"receipt {kept.id} has no account")

    def asking(spoken: str) -> dict[str, Any]:
        caption = _caption(found, kept.seen_before, spoken)
        keyboard = _decisions(kept.id, effect.credits, spoken)
        shown = (file.kind, file.file_id)
        more: dict[str, Any] = {"lost": caption, "instead": keyboard}
        return showing_kept(shown, caption, keyboard, message_id=None, **more)

    work.installation.outbox.ask_operators(work.tx, receipts.key_of(kept.id), asking)
    work.count("receipts", "sent")
    told = say(language, "receipt_sent", id=kept.id)
    return [work.told("answer", saying(facts.sentence(told)))]


def _caption(found: Mapping[str, Any], seen: int | None, language: str) -> Markup:
    what = plain(language, "receipt_no_pack")
    if found["credits"]:
        named = {"n": found["credits"], "money": found["money_text"]}
        what = plain(language, "requisites_pack", **named)
    marked = "" if seen is None else plain(language, "receipt_seen", id=seen)
    return say(
        language,
        "receipt_asked",
        id=found["id"],
        name=f"@{found['username']}" if found["username"] else found["first_name"] or "—",
        user=found["user_id"],
        balance=found["balance"],
        what=what,
        earlier=found["earlier"],
        seen=marked,
    )


def _decisions(number: int, credits: int, language: str) -> tuple[tuple[Button, ...], ...]:
    def button(key: str, action: str) -> Button:
        return Button(plain(language, key, n=credits), encode(action, number))

    approve = (button("button_approve", "receipt_yes"),) if credits else ()
    rows = (
        (*approve, button("button_other_amount", "receipt_amount")),
        (button("button_refuse", "receipt_no"), button("button_ban", "receipt_ban")),
    )
    return tuple(row for row in rows if row)
