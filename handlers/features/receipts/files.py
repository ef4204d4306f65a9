"""A file outside the step of the requisites: a further page of a receipt, or perhaps the receipt.

A photo or a PDF that comes soon after requisites were shown may be the receipt, even if its user
has gone back to the menu meanwhile. So the user is asked. If it is none, the step of the dialogue
gets it as usual.

A user may replace the file of a receipt by editing the message. The operators get the new one, as
long as nobody has decided.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import Payload, saying
from handlers.dialogue import before
from handlers.dialogue.buttons import Press, encode
from handlers.dialogue.effects import Button, Effect, Effects, Hear, Say, Screen, Show
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Attachment, Edited, Media, Other
from handlers.dispatch.feature import Reading, Work
from handlers.features.receipts import screens
from handlers.features.receipts.sending import RECEIPT, SendReceipt, bring_page, is_receipt
from handlers.features.receipts.words import plain, say
from handlers.words.texts import Markup
from kie.catalogue.user_file import UserFile
from kie.money import receipts
from kie.money.receipts import EditedFile, Expected

DOUBTED = "receipt_doubted"
MOST_PAGES = 10  #: files of an album


@dataclass(frozen=True, slots=True)
class AddPage(Effect):
    """A further page of a receipt that was sent."""

    number: int
    file: Attachment


@dataclass(frozen=True, slots=True)
class ReplaceFile(Effect):
    """The user has put another file in place of one of a receipt."""

    number: int
    file: Attachment
    page: bool  #: a further page of it


@dataclass(frozen=True, slots=True)
class EndWaiting(Effect):
    """Files that come now are no receipts: their user has said so."""


def expected(reading: Reading) -> Expected | EditedFile | None:
    """What a file of this user may belong to."""
    file, tx, bot_id = reading.facts.incoming, reading.tx, reading.installation.bot_id
    if not isinstance(file, Media | Other | Edited) or reading.facts.account.banned:
        return None
    user_id = file.sender.user_id
    if isinstance(file, Edited):
        unique = file.attachment.unique_id if file.attachment is not None else ""
        return receipts.edited(tx, bot_id, user_id, (file.message_id, file.album, unique))
    return receipts.expected(tx, bot_id, user_id, file.album)


def file(
    facts: Facts, sent: Media | Other | Edited, found: Expected | EditedFile | None
) -> Effects | None:
    """None: it has nothing to do with a receipt."""
    given, here = sent.attachment, facts.dialogue
    if isinstance(sent, Edited) or isinstance(found, EditedFile):
        return _edited(facts, sent, found) if isinstance(sent, Edited) else None
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
    message = int(facts.dialogue.answers["files"][0].get("message") or 0)
    receipt = SendReceipt(first, credits, money, album, tuple(pages), message)
    return (*left, receipt, before.back(facts))


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


def carry_replacement(effect: ReplaceFile, work: Work) -> Sequence[Delivery]:
    """The operators get the file, and its user hears of it."""
    number, file, tx = effect.number, effect.file, work.tx
    bot_id, ids = work.installation.bot_id, (file.file_id, file.unique_id)
    key = receipts.count_page(tx, bot_id, number, file.unique_id)
    if key is None:
        return [_told(work, "receipt_limit", number)]
    if not effect.page and not receipts.replace_file(tx, bot_id, number, *ids):
        return [_told(work, "receipt_edit_late", number)]
    seen = receipts.seen_before(tx, bot_id, number, file.unique_id)

    def asking(spoken: str) -> Payload:
        shown = number, file.kind, file.file_id, spoken
        return screens.page(*shown, key="receipt_replaced", seen=seen)

    work.installation.outbox.ask_operators(work.tx, key, asking)
    return [_told(work, "receipt_edit_sent", number)]


def carry_end(_effect: EndWaiting, work: Work) -> Sequence[Delivery]:
    user_id = work.facts.incoming.sender.user_id
    receipts.end_waiting(work.tx, work.installation.bot_id, user_id)
    return ()


# ---------------------------------------------------------------- internal --


def _edited(facts: Facts, change: Edited, found: Expected | EditedFile | None) -> Effects | None:
    """The file of an edited message. None: it is none of a receipt, or the same as before."""
    given, here = change.attachment, facts.dialogue
    if given is None:
        return None
    files = here.answers["files"] if here.step == DOUBTED else ()
    others = [each for each in files if each.get("message") != change.message_id]
    if len(others) < len(files):
        if any(each["unique_id"] == given.unique_id for each in files):
            return None
        if not is_receipt(given):
            return (Say(facts.sentence(say(facts.language, "receipt_wanted"))),)
        there = replace(facts, dialogue=replace(here, answers={**here.answers, "files": others}))
        return _one_more(there, change, given)
    if not isinstance(found, EditedFile) or found.had:
        return None
    if found.state != "new":
        return (Say(facts.sentence(say(facts.language, "receipt_edit_late", id=found.number))),)
    if not is_receipt(given):
        return (Say(facts.sentence(say(facts.language, "receipt_wanted"))),)
    return (ReplaceFile(found.number, given, found.page),)


def _told(work: Work, key: str, number: int) -> Delivery:
    text = say(work.facts.language, key, id=number)
    return work.told("answer", saying(work.facts.sentence(text)))


def _one_more(facts: Facts, sent: Media | Other | Edited, given: Attachment) -> Effects:
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


def _as_json(sent: Media | Other | Edited, given: Attachment) -> dict[str, Any]:
    media = sent.media if isinstance(sent, Edited) else sent
    content = given.kind if isinstance(sent, Edited) else sent.kind
    return {
        "kind": given.kind,
        "file_id": given.file_id,
        "unique_id": given.unique_id,
        "mime": given.mime,
        "content": content,
        "file": media.file.as_json() if isinstance(media, Media) else None,
        "caption": media.caption if isinstance(media, Media) else "",
        "message": sent.message_id,
        "date": media.date if isinstance(media, Media) else 0,
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
