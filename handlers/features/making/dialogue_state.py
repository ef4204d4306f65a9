"""The steps of this feature, as ``dialogues.step`` has them, the actions of its buttons, and the
answers of a dialogue: the model, its inputs, the open question, what is kept, and which messages it
came from, so that continuations and corrections find it.

``dialogues.answers`` has ``draft`` and ``files`` before a model is chosen and ``inputs`` after
that. What the chosen model does not take stays beside them: words as ``draft``, files as ``aside``.
``files_at`` is when the latest file came. ``from`` names the message that the words came from,
``answer`` the one that answered another question, and ``searched`` the one that is searched for.
``resume`` is the card that was left for the menu. ``left`` is what was kept before another feature
proposed the order that is on the card. ``chips`` is what was chosen on cards of other models.
``came`` names the message that each file came in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.dialogue import buttons
from handlers.dialogue.effects import Button, Effects, Move
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Media, Text
from handlers.features.making.words import plain, say
from handlers.shop import tasks
from handlers.shop.offers import Offer
from handlers.words.texts import Markup, shorten, units
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile

# Steps.
ASK = "ask"
CONFIRM = "confirm"
SETTINGS = "settings"
SEARCH = "search"

MOST_PAGES = 9_999  #: of a list

# Actions that are right at any time.
MODEL = buttons.MODEL
LINK = "m"  #: t.me/<bot>?start=m_<model>
STOP = "stop"
CATEGORY = "cat"  #: argument: the category and the page
MODELS = "models"  #: all categories
FIND = "search"
TASK = "task"  #: argument: a task of ``shop/tasks.py``
ABLE = "able"  #: argument: the kind of the file that is kept, and the page
RESUME = "resume"  #: the card that was left for the menu
FORGET = "forget"  #: what is kept goes
# Actions of one step.
PICK = "pick"
PAGE = "page"  #: of choices
FOUND = "found"  #: a page of what was found
DRAW = "draw"  #: the words of a search that found nothing become a picture
KEEP = "keep"
DONE = "done"  #: all files of a list are there
CLEAR = "clear"
UNDO = "undo"  #: the words before the last ones
SET = "settings"
BACK = "back"
CHANGE = "change"
CREATE = "create"
CANCEL = "cancel"
OTHER = "other"  #: other models for the same wish; argument: the page
SEVERAL = "several"  #: the same wish by a model that makes more than one at once
FREE = "free"  #: the same wish by a model that costs nothing

#: What names a message and holds its words in the answers; those of ``from`` stand beside it.
HOLDERS = ("from", "answer")
SHOWN = 300  #: UTF-16 units of kept words on the menu
_OF_FILES = {dict, list}
#: What every step hands on to the next one.
_CARRIED = (
    *("from", "words", "answer", "wish", "aside"),
    *("files_at", "draft", "resume", "left", "chips"),
)
#: What outlives the card, beside its own words and files.
_KEPT = ("draft", "files", "files_at", "resume", "from", "words", "wish", "left", "chips", "came")


def kept(facts: Facts) -> Mapping[str, Any]:
    """What stays when the dialogue goes back to its first screen. A proposal to which the user has
    added nothing is dropped, since it repeats one of the user's works: what was kept before it
    comes back."""
    answers = facts.dialogue.answers
    left = answers.get("left")
    if left and isinstance(left, dict) and not (answers.get("from") or answers.get("files_at")):
        return left
    return {key: value for key, value in at_hand(facts).items() if key != "left"}


def waits(facts: Facts) -> bool:
    """Whether a card was left for the menu, or words or files are kept."""
    return any(kept(facts).get(key) for key in ("draft", "files", "resume"))


def at_hand(facts: Facts) -> Mapping[str, Any]:
    """What the next model is chosen for."""
    answers = facts.dialogue.answers
    if answers.get("started") is not None:
        left = answers.get("left")
        return left if isinstance(left, dict) else {}
    found: dict[str, Any] = {key: answers[key] for key in _KEPT if answers.get(key)}
    offer = offer_of(facts)
    if offer is None:
        return found
    inputs = inputs_of(facts)
    words = own_words(facts, offer, inputs)
    if words:
        found["draft"] = words
    given = [*files_in(inputs), *files_of({"files": answers.get("aside")})]
    if given:
        found["files"] = list({file.file_id: file.as_json() for file in given}.values())
    if words or given:
        found["resume"] = {"model": offer.model, "inputs": dict(inputs)}
    return found


def files_at_hand(facts: Facts) -> Sequence[UserFile]:
    """The files of ``at_hand``; most cards have none."""
    answers, inputs = facts.dialogue.answers, inputs_of(facts)
    some = answers.get("files") or answers.get("aside") or answers.get("left") or files_in(inputs)
    return files_of(at_hand(facts)) if some else ()


def own_words(facts: Facts, offer: Offer, inputs: Mapping[str, Any]) -> str:
    """The description, if the user gave it; empty: it is that of the action, or there is none."""
    words = offer.words_of(inputs)
    return "" if facts.shop.is_default(words) else words


def files_in(inputs: Mapping[str, Any]) -> Sequence[UserFile]:
    """The files among the answers, in their order."""
    # Most answers are words and choices.
    given = [
        each for value in inputs.values() if type(value) in _OF_FILES for each in _listed(value)
    ]
    return [file for each in given if (file := UserFile.of(each)) is not None]


def files_of(state: Mapping[str, Any]) -> Sequence[UserFile]:
    """The files that are kept for a model that is still to be chosen."""
    files = state.get("files")
    return files_in({"files": list(files)}) if files else ()


def source(facts: Facts) -> dict[str, Any]:
    """What the next step has to know of the ones before: which message the words came from,
    since its correction is meant for them, and the files that no model has taken yet."""
    answers = facts.dialogue.answers
    if answers.get("started") is not None:
        return {}
    return {key: answers[key] for key in _CARRIED if answers.get(key)}


def came(facts: Facts) -> dict[str, Any]:
    """Which message each file came in."""
    known = facts.dialogue.answers.get("came")
    return {"came": known} if isinstance(known, dict) else {}


def origin(state: Mapping[str, Any]) -> dict[str, Any]:
    """Which message the words, or the files without words, came from."""
    return {key: state[key] for key in ("from", "words", "wish") if state.get(key)}


def wish(facts: Facts) -> int | None:
    """The user's message that a result of this answers; None: there is none."""
    answers = facts.dialogue.answers
    told = answers.get("from")
    found = told.get("id") if isinstance(told, dict) else answers.get("wish")
    return found if isinstance(found, int) and found > 0 else None


def offer_of(facts: Facts) -> Offer | None:
    """The model that was chosen, if it is still on sale."""
    return facts.shop.offers.get(str(facts.dialogue.answers.get("model")))


def asked_of(facts: Facts) -> Input | None:
    """The question that is open."""
    offer = offer_of(facts)
    return offer.input(str(facts.dialogue.answers.get("asking"))) if offer is not None else None


def inputs_of(facts: Facts) -> Mapping[str, Any]:
    """The answers that the chosen model has so far."""
    inputs = facts.dialogue.answers.get("inputs")
    return inputs if isinstance(inputs, dict) else {}


def remember(effects: Effects, sent: Text, words: str, task: str = "") -> Effects:
    """The same effects; the dialogue knows where the words came from. ``task``: that of the
    command before them."""
    named = {"task": task} if task else {}
    return told(effects, {"from": {**_message(sent), **named}, "words": words})


def remember_search(effects: Effects, sent: Text) -> Effects:
    """The same effects; the dialogue knows which message was searched for."""
    return told(effects, {"searched": {**_message(sent), "words": sent.text}})


def remember_caption(effects: Effects, sent: Media) -> Effects:
    """The same effects; the dialogue knows that the words came with the file, if there are any."""
    if not sent.caption:
        return effects
    said = Text(sent.sender, sent.caption, sent.message_id, sent.date)
    return remember(effects, said, sent.caption, tasks.OF_COMMAND.get(sent.command, ""))


def remember_answer(
    facts: Facts, effects: Effects, sent: Text, asked: Input, words: str
) -> Effects:
    """The same effects; the dialogue knows which message answered that question. One that was
    refused is remembered, too: it may be continued or corrected."""
    if refused(effects):
        effects = (Move(facts.dialogue.step, facts.dialogue.answers, quiet=True), *effects)
    return told(effects, {"answer": {**_message(sent), "of": asked.name, "words": words}})


def refused(effects: Effects) -> bool:
    """Whether the dialogue stays as it is."""
    return not any(isinstance(each, Move) for each in effects)


def told(effects: Effects, more: Mapping[str, Any]) -> Effects:
    """The same effects; the dialogue knows more."""
    return tuple(
        Move(each.step, {**each.answers, **more}, each.quiet) if isinstance(each, Move) else each
        for each in effects
    )


def told_of(effects: Effects, number: int, more: Mapping[str, Any]) -> Effects:
    """The same effects; what names that message knows more."""
    found = []
    for each in effects:
        if isinstance(each, Move):
            known = {
                name: {**source, **more}
                for name in HOLDERS
                if isinstance(source := each.answers.get(name), dict) and source["id"] == number
            }
            each = replace(each, answers={**each.answers, **known})
        found.append(each)
    return tuple(found)


def line(facts: Facts, language: str) -> Markup:
    """The line of the menu about what is kept; empty when nothing is."""
    found = kept(facts)
    lines = ""
    if found.get("draft"):
        lines += say(language, "kept_words", text=shorten(str(found["draft"]), SHOWN))
    if found.get("files"):
        key = "kept_files_too" if lines else "kept_files"
        lines += say(language, key, n=len(found["files"]))
    return Markup(lines)


# ---------------------------------------------------------------- internal --


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _message(sent: Text) -> dict[str, Any]:
    return {"id": sent.message_id, "date": sent.date, "tail": units(sent.text)}


def of_step(action: str, language: str, version: int, **fields: object) -> Button:
    """A button of the step, called as the action is."""
    text = plain(language, f"button_{action}", **fields)
    return Button(text, buttons.encode(action, version=version))


def free(action: str, language: str, argument: str = "", **fields: object) -> Button:
    """A button that is right at any time, called as the action is."""
    return Button(plain(language, f"button_{action}", **fields), buttons.encode(action, argument))
