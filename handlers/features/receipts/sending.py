"""The user's side: requisites, and the receipt.

In the step of the requisites a photo, a picture sent as a file, or a PDF is the receipt. The other
files of its album are further pages of it (``files.py``). The step keeps the one before it
(``dialogue/before.py``): whoever pays finds the request as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import Payload, saying
from handlers.dialogue import before
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Again, Button, Effect, Effects, Say, Screen, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Attachment, Media, Other
from handlers.dispatch.feature import Work
from handlers.features.receipts import screens
from handlers.features.receipts.words import plain, say
from handlers.shop import admission, worth
from handlers.words.texts import Markup, escape
from kie.money import receipts
from kie.money.receipts import Sent

RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class ShowRequisites(Effect):
    """The requisites are shown; a file that comes soon after may be the receipt."""

    credits: int
    money: str


@dataclass(frozen=True, slots=True)
class SendReceipt(Effect):
    """The file goes to the operators, with the other pages of it."""

    file: Attachment
    credits: int
    money: str
    album: str | None = None
    pages: tuple[Attachment, ...] = ()
    message: int = 0  #: that the file came in


def is_receipt(file: Attachment) -> bool:
    """Whether it can be one: a photo, a picture, a PDF."""
    return file.mime.startswith("image/") or file.mime == "application/pdf"


# --------------------------------------------------------------------- rules --


def choose(facts: Facts, press: Press) -> Effects:
    """The packs that are sold by hand; without any the requisites at once."""
    not_taken = admission.refusal(facts.shop, facts.language, banned=facts.account.banned)
    if not_taken:
        return (Toast(not_taken, alert=True),)
    packs = worth.by_hand(facts.shop)
    if not packs or not facts.shop.by_hand:
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
    # The others of the place: this button leads here.
    others = (
        tuple(button for button in row if button.press != encode("by_hand"))
        for row in facts.places.keyboard("topup", facts.spot())
    )
    keyboard = (*rows, *(row for row in others if row))
    return (present(Screen(say(facts.language, "receipt_packs"), keyboard), press.at),)


def requisites(facts: Facts, press: Press) -> Effects:
    """Where to pay and how much; the next file is the receipt."""
    not_taken = admission.refusal(facts.shop, facts.language, banned=facts.account.banned)
    if not_taken:
        return (Toast(not_taken, alert=True),)
    if not facts.shop.by_hand:
        return (Toast(plain(facts.language, "by_hand_gone"), alert=True),)
    pack = next((each for each in worth.by_hand(facts.shop) if each.id == press.number), None)
    if pack is None and press.argument:
        return (Toast(plain(facts.language, "pack_gone"), alert=True),)
    asked: dict[str, Any] = {"credits": 0, "money": ""}
    if pack is not None:
        asked = {"credits": pack.credits, "money": pack.money_text}
    screen = screens.requisites(facts, facts.language, asked, facts.dialogue.version + 1)
    return (before.enter(facts, RECEIPT, asked, pays=True), ShowRequisites(**asked), Say(screen))


def sent(facts: Facts, file: Media | Other) -> Effects:
    """A photo, a picture or a PDF is the receipt."""
    if facts.account.banned:
        not_taken = admission.refusal(facts.shop, facts.language, banned=True)
        return (before.back(facts), Say(facts.sentence(escape(not_taken))))
    if file.attachment is None or not is_receipt(file.attachment):
        return (Again(say(facts.language, "receipt_wanted")),)
    asked = facts.dialogue.answers
    credits, money = int(asked["credits"]), str(asked["money"])
    receipt = SendReceipt(file.attachment, credits, money, file.album, message=file.message_id)
    return (receipt, before.back(facts))


def words(facts: Facts, _text: object) -> Effects:
    return (Again(say(facts.language, "receipt_wanted")),)


def left(facts: Facts, press: Press) -> Effects:
    return before.back_with(facts, say(facts.language, "receipt_left"), press.at)


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The requisites once more."""
    screen = screens.requisites(facts, language, facts.dialogue.answers, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def go_on(_facts: Facts, _press: Press) -> Effects:
    """Under approvals of an earlier release: the request that waits for the credits."""
    return (Again(),)


# --------------------------------------------------------------- carrying out --


def note_shown(effect: ShowRequisites, work: Work) -> Sequence[Delivery]:
    user_id = work.facts.incoming.sender.user_id
    receipts.note_shown(
        work.tx, work.installation.bot_id, user_id, effect.credits, effect.money or None
    )
    return ()


def send(effect: SendReceipt, work: Work) -> Sequence[Delivery]:
    """Kept, told to its user, and brought to each operator, in one commit."""
    facts, bot_id, tx = work.facts, work.installation.bot_id, work.tx
    file, language = effect.file, facts.language
    user_id = facts.incoming.sender.user_id
    kept = receipts.keep(
        tx,
        bot_id,
        Sent(
            user_id,
            effect.credits,
            effect.money or None,
            file.file_id,
            file.unique_id,
            effect.album,
            effect.message or None,
        ),
    )
    if kept is None:
        return [work.told("answer", saying(facts.sentence(say(language, "receipt_limit"))))]
    found = receipts.find(tx, bot_id, kept.id)
    if found is None:
        raise RuntimeError(f"receipt {kept.id} has no account")

    def asking(spoken: str) -> Payload:
        return screens.to_operators(found, file.kind, file.file_id, kept.seen_before, spoken)

    work.installation.outbox.ask_operators(tx, receipts.key_of(kept.id), asking)
    for each in effect.pages:
        bring_page(work, kept.id, each)
    work.count("receipts", "sent")
    told = say(language, "receipt_sent", id=kept.id)
    return [work.told("answer", saying(facts.sentence(told)))]


def bring_page(work: Work, number: int, file: Attachment) -> None:
    """Another page of the receipt goes to each operator; a bounded number of them."""
    bot_id = work.installation.bot_id
    key = receipts.count_page(work.tx, bot_id, number, file.unique_id)
    if key is None:
        return
    seen = receipts.seen_before(work.tx, bot_id, number, file.unique_id)

    def asking(spoken: str) -> Payload:
        return screens.page(number, file.kind, file.file_id, spoken, seen=seen)

    work.installation.outbox.ask_operators(work.tx, key, asking)
