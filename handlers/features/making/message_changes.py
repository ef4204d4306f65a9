"""A message that goes on in the next one, or that its user edits.

The dialogue knows which message each file came in (``came``), since an edit may change only the
words under it. The new file takes the place of the old one wherever that is kept; if it
cannot, it is a new wish. A request that has gone out keeps its file. An edit that changes neither
file nor words changes nothing.

A user's app cuts a longer text into messages, since Telegram's have at most 4096 units. The
dialogue has the whole text under the id of its last message, and beside it as ``parts`` the id and
the length of each message before that one. A correction of one part keeps the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.dialogue.effects import Effects
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Edited, Media, Text
from handlers.features.making import dialogue_state, photos, wish_card
from handlers.features.making.dialogue_state import (
    ASK,
    HOLDERS,
    asked_of,
    inputs_of,
    offer_of,
    told,
    told_of,
)
from handlers.features.making.steps import go_on
from handlers.features.making.words import say
from handlers.shop import tasks
from handlers.shop.offers import Offer
from handlers.words.texts import units
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile

#: The apps cut at a blank.
CUT_AT = 3500
#: Seconds between the parts of one text, by Telegram's clock.
TOGETHER = 3
#: The id of a message and the length of its part.
Parts = Sequence[Sequence[int]]


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


def joined(facts: Facts, sent: Text) -> str | None:
    """The whole text, if ``sent`` is the rest of one that the app has cut; None: it is not."""
    answers = facts.dialogue.answers
    if _follows(sent, answers.get("from")):
        return f"{answers.get('words', '')} {sent.text.lstrip()}"
    return None


def joined_answer(facts: Facts, sent: Text) -> tuple[Input, str] | None:
    """The question and its whole answer, if ``sent`` is the rest of it; None: it is not."""
    answer, offer = facts.dialogue.answers.get("answer"), offer_of(facts)
    if offer is None or not isinstance(answer, dict) or not _follows(sent, answer):
        return None
    asked = offer.input(str(answer.get("of")))
    if asked is None:
        return None
    return asked, f"{answer.get('words', '')} {sent.text.lstrip()}"


def with_rest(facts: Facts, effects: Effects, sent: Text, holder: str) -> Effects:
    """The effects of a text whose rest is ``sent``; the dialogue knows its parts, and the command
    before the first one. ``holder``: what the answers have it under."""
    answers = facts.dialogue.answers
    source, words = _source(answers, holder), _words_of(answers, holder)
    parts = list(_parts_of(source))
    parts.append([source["id"], len(words) - _start(parts)])
    task = {"task": source["task"]} if source.get("task") else {}
    return told_of(effects, sent.message_id, {"parts": parts, **task})


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
    if not change.text:
        return ()
    change, parts = _whole(facts, change)
    if _says_the_same(facts, change):
        return ()
    effects = _of_file(facts, change) or wish_card.edited(facts, change, recent)
    return _corrected(effects, change, parts)


def _of_file(facts: Facts, change: Edited) -> Effects | None:
    """The card for the file that the message has, or the picture that it answers, where a request
    has gone out with the words as they were, or another command before them asks for another kind
    of result than the card makes. None: neither, or there is no file."""
    file = change.media.file if change.media is not None else change.answered
    source, offer = _source(facts.dialogue.answers, "from"), offer_of(facts)
    if file is None or source.get("id") != change.message_id:
        return None
    task, files, lead = tasks.OF_COMMAND.get(change.command, ""), [file], "edit_too_late"
    if facts.dialogue.answers.get("started") is not None:
        known = dialogue_state.came(facts)
        facts = replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers=known))
    else:
        if offer is None or file.kind != "image" or task in {"", source.get("task")}:
            return None
        if (offer.kind == "video") == (task == tasks.FILM):
            return None
        lead = "edit_taken"
        files = [each for each in _files(inputs_of(facts)) if each.kind == "image"] or files
    words, date = change.text.strip(), int(source.get("date") or 0)
    effects = photos.about(facts, files, words, date=date, command=change.command)
    effects = wish_card.saying_first(effects, say(facts.language, lead))
    sent = Text(change.sender, words, change.message_id, date)
    return dialogue_state.remember(effects, sent, words, task)


def _says_the_same(facts: Facts, change: Edited) -> bool:
    """Whether the dialogue knows the message with the very words and command that it has now."""
    answers, words = facts.dialogue.answers, change.text.strip()
    for name, holder in (("searched", None), ("from", answers), ("answer", None)):
        source = answers.get(name)
        if isinstance(source, dict) and source.get("id") == change.message_id:
            said = str((holder or source).get("words") or "").strip()
            task = tasks.OF_COMMAND.get(change.command, "")
            return said == words and task == source.get("task", "")
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


def _whole(facts: Facts, change: Edited) -> tuple[Edited, Parts]:
    """The correction of one part as that of the whole text, and the parts that it then has; the
    correction itself and no parts, if its message is none."""
    answers = facts.dialogue.answers
    for holder in HOLDERS:
        source = _source(answers, holder)
        parts = _parts_of(source)
        numbers = [*(number for number, _ in parts), source["id"]] if parts else []
        if change.message_id not in numbers:
            continue
        place, texts = numbers.index(change.message_id), _texts(_words_of(answers, holder), parts)
        if texts[place].strip() != change.text.strip():
            texts[place] = change.text.strip()
        command = change.command if place == 0 else _command_of(source.get("task"))
        now = [[number, len(text)] for number, text in zip(numbers, texts[:-1], strict=False)]
        said = replace(change, message_id=source["id"], text=" ".join(texts), command=command)
        return said, now
    return change, ()


def _corrected(effects: Effects, change: Edited, parts: Parts) -> Effects:
    """The effects of the corrected whole; the dialogue knows its parts."""
    if not parts:
        return effects
    tail = units(change.text[_start(parts) :])
    return told_of(effects, change.message_id, {"parts": [*parts], "tail": tail})


def _follows(sent: Text, source: Any) -> bool:
    """Whether the message is the rest of the one before it, which the app has cut."""
    if not isinstance(source, dict) or not sent.message_id:
        return False
    follows = sent.message_id == source.get("id", 0) + 1
    at_once = 0 <= sent.date - source.get("date", 0) <= TOGETHER
    return bool(follows and at_once and source.get("tail", 0) >= CUT_AT)


def _source(answers: Mapping[str, Any], holder: str) -> Mapping[str, Any]:
    found = answers.get(holder)
    return found if isinstance(found, dict) else {}


def _words_of(answers: Mapping[str, Any], holder: str) -> str:
    return str((answers if holder == "from" else _source(answers, holder)).get("words") or "")


def _parts_of(source: Mapping[str, Any]) -> Parts:
    found = source.get("parts")
    return found if isinstance(found, list) else ()


def _start(parts: Parts) -> int:
    """Where what follows the parts begins."""
    return sum(length + 1 for _, length in parts)


def _texts(words: str, parts: Parts) -> list[str]:
    found = []
    for _, length in parts:
        found.append(words[:length])
        words = words[length + 1 :]
    # The whole is stripped before it is kept.
    return [found[0].lstrip(), *found[1:], words.rstrip()]


def _command_of(task: Any) -> str:
    return next((name for name, each in tasks.OF_COMMAND.items() if each == task), "")
