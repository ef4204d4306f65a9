"""A file that its user replaces by editing the message.

The dialogue knows which message each file came in (``came``), since an edit may change only the
words under it. The new file takes the place of the old one wherever that is kept; if it
cannot, it is a new wish. A request that has gone out keeps its file. An edit that changes neither
file nor words changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.dialogue.effects import Effects
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Edited, Media
from handlers.features.making import dialogue_state, photos, wish_card
from handlers.features.making.dialogue_state import ASK, asked_of, inputs_of, offer_of, told
from handlers.features.making.steps import go_on
from handlers.features.making.words import say
from handlers.shop import tasks
from handlers.shop.offers import Offer
from handlers.words.texts import units
from kie.catalogue.user_file import UserFile


def sent(facts: Facts, media: Media) -> Effects:
    """A file has come: see ``photos.media``."""
    return _known(facts, photos.media(facts, media), media)


def edited(facts: Facts, change: Edited, recent: Sequence[str]) -> Effects:
    """A message was edited: its file, its words, or both."""
    media = change.media
    came = _came(facts).get(str(change.message_id))
    if media is None or (came is not None and came[1] == _unique(media)):
        return _words(facts, change, recent)
    if came is None:
        return sent(facts, media) if _waits_for(facts, media) else _words(facts, change, recent)
    if facts.dialogue.answers.get("started") is not None:
        anew = replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers={}))
        lead = say(facts.language, "edit_too_late_file")
        return wish_card.saying_first(sent(anew, media), lead)
    old, there = came[0], facts.dialogue.answers
    found = next((each for each in _files(there) if each.file_id == old), None)
    offer = offer_of(facts)
    if found is None or found.kind != media.file.kind or not _fits(facts, offer, old, media):
        bare = _in_place(there, old, None)
        return sent(replace(facts, dialogue=replace(facts.dialogue, answers=bare)), media)
    new = _in_place(there, old, media.file)
    facts = replace(facts, dialogue=replace(facts.dialogue, answers=new))
    return _known(facts, _following(facts, offer, change, recent), media)


# ---------------------------------------------------------------- internal --


def _following(facts: Facts, offer: Offer | None, change: Edited, recent: Sequence[str]) -> Effects:
    """What is shown once the file is in its place."""
    by_words = _words(facts, change, recent)
    if by_words:
        return by_words
    if offer is None:
        return wish_card.resumed_wish(facts, None) or ()
    image = change.media is not None and change.media.file.kind == "image"
    lead = say(facts.language, "file_replaced" if image else "edit_kept")
    return go_on(facts, offer, inputs_of(facts), facts.card, lead=lead)


def _words(facts: Facts, change: Edited, recent: Sequence[str]) -> Effects:
    """What the words lead to, where they are others now: Telegram tells of an edit also when the
    first reaction is put under a message."""
    if not change.text or _says_the_same(facts, change):
        return ()
    return wish_card.edited(facts, change, recent)


def _says_the_same(facts: Facts, change: Edited) -> bool:
    """Whether the dialogue knows the message with the very words and command that it has now."""
    answers, words = facts.dialogue.answers, change.text.strip()
    for name, holder in (("searched", None), ("from", answers), ("answer", None)):
        source = answers.get(name)
        if isinstance(source, dict) and source.get("id") == change.message_id:
            said = str((holder or source).get("words") or "").strip()
            # The message may be the last part of a text that the app has cut.
            last = source.get("tail") == units(change.text) and said.endswith(words)
            task = tasks.OF_COMMAND.get(change.command, "")
            return (said == words or last) and task == source.get("task", "")
    return False


def _waits_for(facts: Facts, media: Media) -> bool:
    """Whether a question is open that takes this file."""
    asked = asked_of(facts) if facts.dialogue.step == ASK else None
    return asked is not None and asked.is_file and asked.type == media.file.kind


def _fits(facts: Facts, offer: Offer | None, old: str, media: Media) -> bool:
    """Whether the answer that holds the old file takes the new one."""
    for name, value in inputs_of(facts).items():
        asked = offer.input(name) if offer is not None else None
        if asked is not None and asked.is_file and any(f.file_id == old for f in _files(value)):
            return asked.file_problem(media.file) is None
    return True


def _came(facts: Facts) -> Mapping[str, Any]:
    known: Mapping[str, Any] = dialogue_state.came(facts).get("came", {})
    return known


def _known(facts: Facts, effects: Effects, media: Media) -> Effects:
    """The same effects; the dialogue knows which message the file came in."""
    came = {**_came(facts)}
    came.pop(str(media.message_id), None)
    came[str(media.message_id)] = [media.file.file_id, _unique(media)]
    return told(effects, {"came": dict(list(came.items())[-photos.MOST :])})


def _unique(media: Media) -> str:
    """The same for the same file, whichever id Telegram gives it."""
    return media.attachment.unique_id if media.attachment is not None else media.file.file_id


def _files(value: Any) -> Sequence[UserFile]:
    """The files in answers, wherever they are kept."""
    if (file := UserFile.of(value)) is not None:
        return (file,)
    inside: Sequence[Any] = ()
    if isinstance(value, dict):
        inside = list(value.values())
    if isinstance(value, list):
        inside = value
    return [file for each in inside for file in _files(each)]


def _in_place(value: Any, old: str, new: UserFile | None) -> Any:
    """The answers with another file instead of that one, or without it."""
    if new is not None and _is(value, old):
        return new.as_json()
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if new or not _is(each, old)}
        return {key: _in_place(each, old, new) for key, each in kept.items()}
    if isinstance(value, list):
        return [_in_place(each, old, new) for each in value if new or not _is(each, old)]
    return value


def _is(value: Any, file_id: str) -> bool:
    file = UserFile.of(value)
    return file is not None and file.file_id == file_id
