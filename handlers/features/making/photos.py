"""A file comes in: what can be done with it, in words or by a button.

A file takes the place of an earlier one of its kind; those of other kinds stay. The files of an
album come as updates of their own: each is added to those before it and shows the whole once more,
and of these screens only the last one is sent (``Say.settles``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.dialogue.effects import Again, Effects, Move, Say
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Media
from handlers.features.making import asking, menus
from handlers.features.making.dialogue_state import (
    ASK,
    CONFIRM,
    SETTINGS,
    asked_of,
    at_hand,
    came,
    files_in,
    files_of,
    inputs_of,
    offer_of,
    origin,
    remember_caption,
    source,
    told,
)
from handlers.features.making.steps import ask, choose, go_on
from handlers.features.making.words import say
from handlers.shop import tasks, wishes
from handlers.shop.offers import Offer
from handlers.words import wished
from handlers.words.intents import action_of, only_names
from handlers.words.texts import Markup, shorten
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile

MOST = 16  #: files that are kept before a model is chosen
WORDS_SHOWN = 300  #: UTF-16 units of words that came with a file
#: Seconds after which the next words are not about a file any more.
FORGOTTEN_AFTER = 3600


def media(facts: Facts, sent: Media) -> Effects:
    """A file: the answer to a question, one more of a list, or the first of all."""
    language, step, offer = facts.language, facts.dialogue.step, offer_of(facts)
    asked = asked_of(facts) if step == ASK else None
    same_album = sent.album is not None and facts.dialogue.answers.get("album") == sent.album
    if step == ASK and offer is not None and asked is not None and asked.is_file:
        problem = asked.file_problem(sent.file)
        if problem is not None:
            return (Again(asking.refusal(problem, language)),)
        return _add(facts, offer, asked, sent)
    if offer is not None and same_album and facts.dialogue.answers.get("of_question"):
        return _more(facts, offer, sent)
    if offer is not None and step in {CONFIRM, SETTINGS} and sent.album is None:
        asked = offer.takes(sent.file.kind)
        if asked is not None:
            return _instead(facts, offer, asked, sent)
    return _arrived(facts, sent)


def about(
    facts: Facts, files: Sequence[UserFile], words: str, *, date: int = 0, command: str = ""
) -> Effects:
    """What to make of these files: what the words say, or the command before them, else what is
    chosen next."""
    kind = files[-1].kind
    beside = [each for each in (*files_of(at_hand(facts)), *files) if each.kind != kind]
    beside = list({each.file_id: each for each in beside}.values())
    files = [each for each in files if each.kind == kind]
    state: dict[str, Any] = {"files": _json([*beside, *files]), "files_at": date}
    state |= came(facts)
    if words:
        state["draft"] = words
    there = _with(facts, state)
    clip = command == "video" and kind == "image"
    action = tasks.ANIMATE if clip else _action(words, kind)
    if action is not None and action != tasks.EDIT:
        offer = tasks.begin_with(facts.shop, facts.account, action, (), kind)
        if offer is not None:
            # A model without a description would lose words that describe something.
            if only_names(words) or wished.bare(words) is not None:
                there = _with(facts, {key: state[key] for key in ("files", "files_at")})
                return choose(there, offer.model, None, action=action)
            if offer.prompt is not None:
                return choose(there, offer.model, None, action=action)
    if words:
        found = _by_words(facts, files, words, date, beside)
        if found is not None:
            return found
    lead = say(facts.language, f"file_kept_{kind}", n=len(files))
    if words:
        lead = Markup(lead + say(facts.language, "kept_words", text=shorten(words, WORDS_SHOWN)))
    return (Move(IDLE, state), Say(menus.of_file(facts, kind, facts.language, lead)))


def forgotten(facts: Facts, date: int) -> bool:
    """Whether the files are too old for the words of that moment to be about them."""
    since = facts.dialogue.answers.get("files_at")
    return isinstance(since, int) and bool(since) and date - since > FORGOTTEN_AFTER


def without(facts: Facts) -> Facts:
    """The same facts, the files forgotten."""
    answers = facts.dialogue.answers
    gone = {"files", "files_at", "aside", "album", "album_files", "album_words"}
    return _with(facts, {key: value for key, value in answers.items() if key not in gone})


# ---------------------------------------------------------------- internal --


def _arrived(facts: Facts, sent: Media) -> Effects:
    """A file that no question waits for."""
    answers = facts.dialogue.answers
    new = [sent.file, *sent.more]
    words, known = sent.caption.strip(), {}
    follows = sent.album is not None and answers.get("album") == sent.album
    if follows:
        new = [*files_in({"files": list(answers.get("album_files") or ())}), *new][-MOST:]
        earlier = str(answers.get("album_words") or "")
        known = origin(answers) if earlier or not words else {}
        words = "\n".join(filter(None, (earlier, words)))
    elif not words:
        before = at_hand(facts)
        words = str(before.get("draft") or "")
        known = origin(before) if words else {"wish": sent.message_id}
    album = {
        "album": sent.album,
        "album_files": _json(new) if sent.album else [],
        "album_words": words,
    }
    effects = _of_clip(facts, sent, new, words)
    if effects is None:
        effects = about(facts, new, words, date=sent.date, command=sent.command)
    effects = told(effects, known) if known else remember_caption(effects, sent)
    return _settling(effects, album, sent.album)


def _of_clip(facts: Facts, sent: Media, files: Sequence[UserFile], words: str) -> Effects | None:
    """A photo while the card of a clip is open: the photo is animated by the words of the card."""
    card = offer_of(facts)
    if card is None or card.kind != "video" or sent.caption or sent.file.kind != "image":
        return None
    offer = tasks.begin_with(facts.shop, facts.account, tasks.ANIMATE, ())
    if offer is None:
        return None
    state = {"files": [each.as_json() for each in files], "files_at": sent.date, "draft": words}
    return choose(_with(facts, state), offer.model, None, action=tasks.ANIMATE)


def _by_words(
    facts: Facts, files: Sequence[UserFile], words: str, date: int, beside: Sequence[UserFile]
) -> Effects | None:
    """The card for these words about these files; None: no model takes them without a question.
    Of more files than fit the first ones are taken, which is said; the others stay beside them."""
    taken = list(files)
    while taken:
        offer = wishes.model_for(facts.shop, facts.account, words, taken)
        if offer is not None:
            lead = None
            if len(taken) < len(files):
                lead = say(facts.language, "left_out", n=len(taken))
            inputs = wishes.inputs_for(offer, words, taken)
            aside = _json([*beside, *files[len(taken) :]])
            carried = {"files_at": date, "aside": aside}
            return go_on(facts, offer, inputs, None, lead=lead, carried=carried)
        taken.pop()
    return None


def _action(words: str, kind: str) -> str | None:
    """What the words say is to be done to the file. A photo of which a clip is wanted comes
    alive."""
    action = action_of(words) if words else None
    if action is None and kind == "image" and wished.kind_of(words) == wished.VIDEO:
        return tasks.ANIMATE
    return action


def _with(facts: Facts, answers: dict[str, Any]) -> Facts:
    """The facts as if this were what is kept."""
    return replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers=answers))


def _settling(effects: Effects, album: dict[str, Any], name: str | None) -> Effects:
    """The same effects; the dialogue knows the album, and its screens wait for the rest."""
    found = []
    for each in effects:
        if isinstance(each, Move):
            each = replace(each, answers={**each.answers, **album})
        if isinstance(each, Say) and name is not None:
            each = replace(each, settles=name)
        found.append(each)
    return tuple(found)


def _instead(facts: Facts, offer: Offer, asked: Input, sent: Media) -> Effects:
    """A new photo takes the place of those on the card."""
    problem = asked.file_problem(sent.file)
    if problem is not None:
        return (Again(asking.refusal(problem, facts.language)),)
    bare = {name: value for name, value in inputs_of(facts).items() if name != asked.name}
    inputs, words, before = _captioned(offer, offer.with_file(bare, asked, sent.file), sent)
    aside = [each for each in _aside(facts) if each.kind != sent.file.kind]
    carried = {**source(facts), "aside": _json(aside), "files_at": sent.date, **words}
    lead = _unfit(offer, sent, facts.language) or say(facts.language, "file_replaced")
    effects = go_on(facts, offer, inputs, None, lead=lead, before=before, carried=carried)
    return remember_caption(effects, sent)


def _add(facts: Facts, offer: Offer, asked: Input, sent: Media) -> Effects:
    """The file that the question waits for, or one more of its list."""
    inputs = inputs_of(facts)
    given = inputs.get(asked.name)
    if isinstance(given, list) and len(given) >= asked.max_items > 1:
        n, most = len(given), asked.max_items
        return (Again(say(facts.language, "bad_too_many_files", n=n, max=most)),)
    inputs = offer.with_file(inputs, asked, sent.file)
    for more in sent.more:
        if offer.has_room(inputs, asked):
            inputs = offer.with_file(inputs, asked, more)
    inputs, words, before = _captioned(offer, inputs, sent)
    carried = {**source(facts), "files_at": sent.date, **words}
    if not origin(carried):
        carried["wish"] = sent.message_id
    if sent.album is not None:
        carried |= {"album": sent.album, "of_question": asked.name}
    if not asked.many or len(inputs[asked.name]) >= asked.max_items or sent.album is not None:
        lead = _unfit(offer, sent, facts.language)
        effects = go_on(facts, offer, inputs, None, lead=lead, before=before, carried=carried)
    else:
        back = facts.dialogue.answers.get("back")
        effects = ask(facts, offer, asked, inputs, None, back=back, carried=carried)
    return _settling(remember_caption(effects, sent), {}, sent.album)


def _more(facts: Facts, offer: Offer, sent: Media) -> Effects:
    """One more of the album whose first file answered a question."""
    answers = facts.dialogue.answers
    asked = offer.input(str(answers.get("of_question")))
    inputs = inputs_of(facts)
    lead, aside = None, _aside(facts)
    if asked is None:
        return _arrived(facts, sent)
    problem = asked.file_problem(sent.file)
    if problem is not None:
        lead = asking.refusal(problem, facts.language)
    elif asked.max_items > 1 and offer.has_room(inputs, asked):
        inputs = offer.with_file(inputs, asked, sent.file)
    else:
        lead = say(facts.language, "left_out", n=asked.max_items)
        aside = [*aside, sent.file][-MOST:]
    album = {"album": sent.album, "of_question": asked.name, "aside": _json(aside)}
    carried = {**source(facts), **album}
    inputs, words, _ = _captioned(offer, inputs, sent, str(answers.get("captions") or ""))
    effects = go_on(facts, offer, inputs, None, lead=lead, carried={**carried, **words})
    if not answers.get("captions"):
        effects = remember_caption(effects, sent)
    return _settling(effects, {}, sent.album)


def _captioned(
    offer: Offer, inputs: Mapping[str, Any], sent: Media, earlier: str = ""
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The inputs with the words under the file as the description; what the dialogue has to know
    of these words; and the previous description. ``earlier``: the captions of the same album."""
    if not sent.caption:
        return dict(inputs), {"captions": earlier} if earlier else {}, ""
    caption = "\n".join(filter(None, (earlier, sent.caption)))
    known = {"captions": caption} if sent.album is not None else {}
    prompt = offer.prompt
    if prompt is None or prompt.problem(caption) is not None:
        return dict(inputs), {**known, "draft": caption}, ""
    return {**inputs, prompt.name: caption}, known, offer.words_of(inputs)


def _unfit(offer: Offer, sent: Media, language: str) -> Markup | None:
    """Why the words under the file are no description; None: they are, or there are none."""
    problem = offer.prompt.problem(sent.caption) if offer.prompt and sent.caption else None
    return asking.refusal(problem, language) if problem is not None else None


def _aside(facts: Facts) -> Sequence[UserFile]:
    """The files that the chosen model does not take."""
    return files_of({"files": facts.dialogue.answers.get("aside")})


def _json(files: Sequence[UserFile]) -> list[dict[str, Any]]:
    return [each.as_json() for each in files]
