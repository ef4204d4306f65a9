"""Effects of orders and switches in groups, carried out in the update's transaction."""

import json
from collections.abc import Sequence

import sql
from handlers.delivery.outbox import Delivery
from handlers.delivery.payloads import saying
from handlers.dialogue.effects import Place
from handlers.dispatch.feature import Reading, Work
from handlers.features.groups import screens
from handlers.features.groups.rules import (
    DropWish,
    KeepWish,
    MoveGroup,
    NoteLanguage,
    SameWish,
    Standing,
    SwitchGroup,
    Wish,
)
from handlers.words.texts import language_of
from supervisor.runtime.wakeups import GROUPS
from supervisor.values.foreign import whole_text

_SQL = sql.load("groups")


def standing(reading: Reading) -> Standing:
    """What is known of the group and of who writes there."""
    chat_id = reading.facts.incoming.sender.chat_id
    row = reading.tx.one(_SQL["group_standing"], {**reading.named, "chat_id": chat_id})
    if row is None:
        return Standing(silent=False, started=False)
    spoken = row["language"] and language_of(row["language"], None)
    return Standing(row["silent"], row["started"], spoken)


def wish_of_user(reading: Reading) -> Wish | None:
    """The wish that the button or the link names, if it is one of this user."""
    argument = reading.press.argument if reading.press is not None else ""
    number = whole_text(argument.partition(":")[0], 0)
    if number is None:
        return None
    row = reading.tx.one(_SQL["wish_of_user"], {**reading.named, "id": number})
    if row is None:
        return None
    place = Place(row["chat_id"], row["thread"])
    found = (row["id"], place, row["message_id"], row["model"], row["inputs"])
    return Wish(*found, ordered=row["ordered"])


def wish_of_result(reading: Reading) -> SameWish | None:
    """The wish of the result that the link names; its end proves that it was seen."""
    argument = reading.press.argument if reading.press is not None else ""
    told, _, code = argument.partition("_")
    number, identity = whole_text(told, 1), reading.installation.identity
    if number is None or not identity.owns_wish(number, code):
        return None
    row = reading.tx.one(_SQL["wish_of_result"], {"bot_id": identity.bot_id, "id": number})
    return None if row is None else SameWish(row["model"], row["inputs"])


def keep_wish(effect: KeepWish, work: Work) -> Sequence[Delivery]:
    """The wish's row, a line in the group, and the confirmation in private."""
    facts, sender = work.facts, work.facts.incoming.sender
    row = work.tx.one(
        _SQL["keep_wish"],
        {
            "bot_id": work.installation.bot_id,
            "user_id": sender.user_id,
            "chat_id": sender.chat_id,
            "thread": sender.thread,
            "message_id": effect.message_id,
            "model": effect.offer.model,
            "inputs": json.dumps(effect.inputs, ensure_ascii=False),
            "key": work.key,
        },
    )
    wish_id = 0 if row is None else int(row["id"])
    key = "group_confirm" if effect.started else "group_start_first"
    start = f"{screens.LINK}_{wish_id}"
    told = screens.sentence(facts.shop, facts.language, key, "" if effect.started else start)
    deliveries = [work.told("answer", saying(told))]
    if effect.started:
        shown = screens.wish(facts, effect.offer, effect.inputs, wish_id, facts.language)
        private = Delivery(sender.user_id, "answer", saying(shown), f"{work.key}:private")
        deliveries.append(private)
    return deliveries


def drop_wish(effect: DropWish, work: Work) -> Sequence[Delivery]:
    """Delete the row of the wish."""
    user_id = work.facts.incoming.sender.user_id
    named = {"bot_id": work.installation.bot_id, "user_id": user_id, "id": effect.wish_id}
    work.tx.run(_SQL["drop_wish"], named)
    return ()


def switch(effect: SwitchGroup, work: Work) -> Sequence[Delivery]:
    """The group's row, or a question to Telegram that a service asks and answers in the group."""
    facts, sender = work.facts, work.facts.incoming.sender
    language = effect.language or facts.language
    named = {
        "bot_id": work.installation.bot_id,
        "chat_id": sender.chat_id,
        "user_id": sender.user_id,
        "silent": effect.silent,
    }
    if not effect.proven:
        asked = {**named, "thread": sender.thread, "language": language}
        work.tx.run(_SQL["ask_switch"], asked)
        work.tx.wake(GROUPS)
        return ()
    work.tx.run(_SQL["set_silent"], named)
    key = "group_off" if effect.silent else "group_on"
    return [work.told("answer", saying(screens.sentence(facts.shop, language, key)))]


def note_language(effect: NoteLanguage, work: Work) -> Sequence[Delivery]:
    """The group's row."""
    named = {"bot_id": work.installation.bot_id, "chat_id": work.facts.incoming.sender.chat_id}
    work.tx.run(_SQL["note_language"], {**named, "language": effect.language})
    return ()


def move(effect: MoveGroup, work: Work) -> Sequence[Delivery]:
    """The rows of the group, and the requests from there that are being made. What waits to be sent
    follows when Telegram refuses the old number."""
    named = {"bot_id": work.installation.bot_id, "old": effect.old, "new": effect.new}
    for statement in ("move_group", "move_language", "move_switches", "move_wishes", "move_jobs"):
        work.tx.run(_SQL[statement], named)
    return ()
