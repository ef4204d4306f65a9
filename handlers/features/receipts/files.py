"""A file outside the step of the requisites: a further page of a receipt, or perhaps the receipt.

A photo or a PDF that comes soon after requisites were shown may be the receipt, even if its user
has gone back to the menu meanwhile. So the user is asked. If it is none, the step of the dialogue
gets it as usual.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handlers.delivery.outbox import Delivery
from handlers.dialogue import before
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Hear, Say, Screen, Show
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Attachment, Media, Other
from handlers.dispatch.feature import Reading, Work
from handlers.features.receipts.sending import RECEIPT, SendReceipt, bring_page, is_receipt
from handlers.features.receipts.words import plain, say
from handlers.words.texts import Markup
from kie.catalogue.user_file import UserFile
from kie.money import receipts
from kie.money.receipts import Expected

DOUBTED = "receipt_doubted"
MOST_PAGES = 10  #: files of an album


@dataclass(frozen=True, slots=True)
class AddPage(Effect):
    """A further page of a receipt that was sent."""

    number: int
    file: Attachment


@dataclass(frozen=True, slots=True)
class EndWaiting(Effect):
    """Files that come now are no receipts: their user has said so."""


def expected(reading: Reading) -> Expected | None:
    """What a file of this user may belong to."""
    file, tx, bot_id = reading.facts.incoming, reading.tx, reading.installation.bot_id
    if not isinstance(file, Media | Other):
        return None
    found = receipts.expected(tx, bot_id, file.sender.user_id, file.album)
    return None if reading.facts.account.banned else found


def file(facts: Facts, sent: Media | Other, found: Expected | None) -> Effects | None:
    """None: it has nothing to do with a receipt."""
    given, here = sent.attachment, facts.dialogue
    if given is None or not is_receipt(given):
        return None
    if found is not None and found.number is not None:
        return (AddPage(found.number, given),)
    if here.step == DOUBTED:
        return _one_more(facts, sent, given)
    if found is None or here.step == RECEIPT or not facts.shop.by_hand:
        return None
    answers = {
        "credits": found.credits,
        "money": found.money_text or "",
        "album": sent.album,
        "files": [_as_json(sent, given)],
    }
    screen = _screen(facts.language, here.version + 1)
    return (before.enter(facts, DOUBTED, answers), Say(screen, settles=sent.album or ""))


def yes(facts: Facts, press: Press) -> Effects:
    """It is the receipt."""
    said = Screen(say(facts.language, "doubted_receipt"))
    left = () if press.at is None else (Show(press.at, said),)
    first, *pages = [_attachment(each) for each in facts.dialogue.answers["files"]]
    credits = int(facts.dialogue.answers["credits"])
    money, album = str(facts.dialogue.answers["money"]), facts.dialogue.answers["album"]
    return (*left, SendReceipt(first, credits, money, album, tuple(pages)), before.back(facts))


def no(facts: Facts, press: Press) -> Effects:
    """It is none: the step before gets it as it came."""
    files = facts.dialogue.answers["files"]
    heard = Hear(before.back(facts), _incoming(facts, files))
    said = say(facts.language, "doubted_left")
    left = () if press.at is None else (Show(press.at, Screen(said)),)
    return (EndWaiting(), *left, heard)


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    screen = _screen(language, facts.dialogue.version)
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def carry_page(effect: AddPage, work: Work) -> Sequence[Delivery]:
    bring_page(work, effect.number, effect.file)
    return ()


def carry_end(_effect: EndWaiting, work: Work) -> Sequence[Delivery]:
    user_id = work.facts.incoming.sender.user_id
    receipts.end_waiting(work.tx, work.installation.bot_id, user_id)
    return ()


# ---------------------------------------------------------------- internal --


def _one_more(facts: Facts, sent: Media | Other, given: Attachment) -> Effects:
    """The question is open already: it is about this file, too."""
    answers = dict(facts.dialogue.answers)
    files = [*answers["files"], _as_json(sent, given)][:MOST_PAGES]
    screen = _screen(facts.language, facts.dialogue.version + 1)
    move = before.again(facts, {**answers, "files": files})
    return (move, Say(screen, settles=sent.album or ""))


def _screen(language: str, version: int) -> Screen:
    yes = Button(plain(language, "button_is_receipt"), encode("doubt_yes", version=version))
    no = Button(plain(language, "button_no_receipt"), encode("doubt_no", version=version))
    return Screen(say(language, "is_it_receipt"), ((yes,), (no,)))


def _as_json(sent: Media | Other, given: Attachment) -> dict[str, Any]:
    return {
        "kind": given.kind,
        "file_id": given.file_id,
        "unique_id": given.unique_id,
        "mime": given.mime,
        "content": sent.kind,
        "file": sent.file.as_json() if isinstance(sent, Media) else None,
        "caption": sent.caption if isinstance(sent, Media) else "",
        "message": sent.message_id if isinstance(sent, Media) else 0,
        "date": sent.date if isinstance(sent, Media) else 0,
        "hint": sent.hint if isinstance(sent, Other) else "",
    }


def _attachment(kept: dict[str, Any]) -> Attachment:
    return Attachment(kept["kind"], kept["file_id"], kept["unique_id"], kept["mime"])


def _incoming(facts: Facts, files: Sequence[dict[str, Any]]) -> Media | Other:
    """The files as they came, in one message."""
    sender, first = facts.incoming.sender, files[0]
    usable = [found for each in files if (found := UserFile.of(each["file"])) is not None]
    if not usable:
        return Other(sender, first["content"], hint=first["hint"], attachment=_attachment(first))
    words = "\n".join(each["caption"] for each in files if each["caption"])
    return Media(
        sender,
        usable[0],
        None,
        words,
        first["content"],
        first["message"],
        tuple(usable[1:]),
        _attachment(first),
        first["date"],
    )
