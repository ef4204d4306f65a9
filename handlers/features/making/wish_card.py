"""The card that words lead to: before a model is chosen, in place of another card, or when the
user edits the message that they came from.

A correction replaces what its message said. The card becomes the one to which the corrected words
lead if they name another kind of result, if they no longer name the kind of the card, or if the
command before them has changed. A request that has gone out keeps its words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.dialogue.effects import Effects, Move, Say, Screen, Show
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Edited, Text
from handlers.features.making import asking, menus, order, photos
from handlers.features.making.dialogue_state import (
    at_hand,
    files_at_hand,
    files_of,
    inputs_of,
    offer_of,
    origin,
    remember,
    remember_answer,
    remember_search,
    told,
)
from handlers.features.making.steps import choose, go_on, search, under
from handlers.features.making.words import say
from handlers.shop import tasks, wishes
from handlers.shop.offers import Offer
from handlers.words import intents, wished
from handlers.words.texts import Markup, shorten
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile

#: What is kept of words.
_OF_WORDS = {"draft", "from", "words"}
DRAFT_SHOWN = 300  #: UTF-16 units of a text that came before its model


def wish(
    facts: Facts, words: str, lead: Markup | None, at: int | None = None, *, instead_of: str = ""
) -> Effects:
    """Words before a model is chosen: a wish is enough, the rest has defaults. Files that came
    before them are what the wish is about."""
    before = dict(at_hand(facts))
    files = files_of(before)
    beside = beside_sound(facts, words) if lead is None else None
    if beside is not None:
        return beside
    if files:
        effects = photos.about(facts, files, words.strip(), date=int(before.get("files_at") or 0))
        return effects if lead is None else saying_first(effects, lead)
    named = alone(facts, words)
    if named is not None:
        return named if lead is None else saying_first(named, lead)
    kind = wished.kind_of(words)
    offer = wishes.model_for(facts.shop, facts.account, words.strip(), (), kind)
    if offer is not None:
        inputs = wishes.inputs_for(offer, words.strip(), ())
        return go_on(facts, offer, inputs, at, lead=lead, before=instead_of, carried={})
    kept = say(facts.language, "draft_kept", text=shorten(words, DRAFT_SHOWN))
    above = kept if lead is None else Markup(f"{lead}\n\n{kept}")
    return (Move(IDLE, {**before, "draft": words}), Say(menus.models(facts, facts.language, above)))


def resumed_wish(facts: Facts, at: int | None) -> Effects | None:
    """What was kept without a card: words, or a file with or without words. None: nothing."""
    state = at_hand(facts)
    files, words = files_of(state), str(state.get("draft") or "")
    if files:
        effects = photos.about(facts, files, words, date=int(state.get("files_at") or 0))
    elif words:
        effects = wish(facts, words, None, at)
    else:
        return None
    return told(effects, origin(state))


def elsewhere(
    facts: Facts, offer: Offer, old: str, new: str, lead: Markup | None, at: int | None = None
) -> Effects | None:
    """The card for words that replace the ``old`` ones on a card and ask for something else than
    that card makes; it takes the card's place. None: they describe what the card makes."""
    prompt = offer.prompt
    if (prompt is not None and prompt.name == tasks.SPOKEN) or files_of(at_hand(facts)):
        return None
    meant = wished.kind_of(new)
    if meant in {wished.IMAGE, offer.kind} and not _led_by(facts, offer, old, meant):
        return None
    return wish(facts, new, lead, at or facts.card, instead_of=old)


def of_another_kind(facts: Facts, offer: Offer, words: str) -> Effects | None:
    """Words at a card that ask for something else than it makes. None: they describe what it
    makes."""
    if offer.prompt is not None and offer.prompt.name == tasks.SPOKEN:
        return None
    shape = wishes.format_in(offer, words) if wished.only_format(words) else {}
    if shape and offer.words_of(inputs_of(facts)):
        return go_on(facts, offer, {**inputs_of(facts), **shape}, None)
    files, kind = files_at_hand(facts), wished.kind_of(words)
    named = _at_card(facts, offer, words, files)
    photo = bool(files) and files[-1].kind == "image" and offer.kind == wished.IMAGE
    if named is None and photo and kind == wished.VIDEO:
        date = int(at_hand(facts).get("files_at") or 0)
        return photos.about(facts, files, words.strip(), date=date)
    if named is not None or files or kind in {wished.IMAGE, offer.kind}:
        return named
    return wish(facts, words, None, instead_of=offer.words_of(inputs_of(facts)))


def alone(facts: Facts, words: str) -> Effects | None:
    """Words without a file: "make a video", "remove the background", "read aloud: …". None: they
    describe something."""
    aloud, kind = wished.spoken(words), wished.bare(words)
    action = tasks.VOICE if aloud is not None else intents.action_of(words)
    offer = None
    if aloud is None and kind is not None:
        action = None
        offer = wishes.model_for(facts.shop, facts.account, words, (), kind)
    elif action is not None and (aloud is not None or intents.only_names(words)):
        offer = tasks.begin_with(facts.shop, facts.account, action, ())
    if offer is None:
        return None
    return choose(wordless(facts), offer.model, None, action=action or "", words=aloud or "")


def _at_card(facts: Facts, offer: Offer, words: str, files: Sequence[UserFile]) -> Effects | None:
    """Words at a card: an action on its file, or what is done without one. None: they describe
    what the card makes."""
    if not files:
        return alone(facts, words)
    action = intents.action_of(words)
    if action is None or not intents.only_names(words):
        return None
    able = tasks.begin_with(facts.shop, facts.account, action, (), files[-1].kind)
    if able is None or able.model == offer.model:
        return None
    return choose(wordless(facts), able.model, None, action=action)


def beside_sound(facts: Facts, words: str) -> Effects | None:
    """The card of words that came after a recording and say nothing of it: it waits. None: there
    is none, or they are about it."""
    before = at_hand(facts)
    files = files_of(before)
    if not files or files[-1].kind != "audio":
        return None
    action = intents.action_of(words)
    if action is not None:
        able = tasks.models(facts.shop, action, "audio")
        return None if able else alone(facts, words)
    offer = wishes.model_for(facts.shop, facts.account, words, (), wished.kind_of(words))
    if offer is None:
        return None
    carried = {"aside": [each.as_json() for each in files], "files_at": before.get("files_at")}
    lead = say(facts.language, "sound_aside")
    return go_on(
        facts, offer, wishes.inputs_for(offer, words, ()), None, lead=lead, carried=carried
    )


def saying_first(effects: Effects, lead: Markup) -> Effects:
    """The same effects, the sentence above what is said."""
    return tuple(
        replace(each, screen=under(lead, each.screen)) if isinstance(each, Say | Show) else each
        for each in effects
    )


def wordless(facts: Facts) -> Facts:
    """The facts with the files at hand and without words: those were for something else."""
    left = {key: value for key, value in at_hand(facts).items() if key not in _OF_WORDS}
    return replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers=left))


def edited(facts: Facts, change: Edited, recent: Sequence[str]) -> Effects:
    """A corrected message replaces what it said; a request that has gone out keeps its words."""
    answers = facts.dialogue.answers
    source, searched = answers.get("from"), answers.get("searched")
    words = change.text.strip()
    if isinstance(searched, dict) and searched.get("id") == change.message_id:
        sent = Text(change.sender, words, change.message_id, searched.get("date", 0))
        return remember_search(search(facts, facts.card, words), sent)
    if not isinstance(source, dict) or source.get("id") != change.message_id:
        return _answer(facts, change, words)
    sent = Text(change.sender, words, change.message_id, source.get("date", 0))
    task, was = tasks.OF_COMMAND.get(change.command, ""), str(source.get("task") or "")
    started = answers.get("started") is not None
    offer = offer_of(facts)
    if task and (started or (task != was and offer not in tasks.models(facts.shop, task))):
        lead = say(facts.language, "edit_too_late" if started else "edit_taken")
        effects = _by_task(facts, task, words, recent, lead)
        return remember(effects or _kept(facts, words), sent, words, task)
    if started:
        return _too_late(facts, sent)
    if offer is None or offer.prompt is None:
        return remember(_kept(facts, words), sent, words, task)
    if was and not task and wished.kind_of(words) != offer.kind:
        lead = say(facts.language, "edit_taken")
        return remember(wish(wordless(facts), words, lead, facts.card), sent, words)
    return remember(_on_card(facts, offer, offer.prompt, sent, words), sent, words, task)


# ---------------------------------------------------------------- internal --


def _led_by(facts: Facts, offer: Offer, old: str, meant: str) -> bool:
    """Whether the card came of words that named its kind of result, which these do no more."""
    named = wished.kind_of(old)
    if named != offer.kind or meant == named:
        return False
    led = wishes.model_for(facts.shop, facts.account, old.strip(), (), named)
    return led is not None and led.model == offer.model


def _on_card(facts: Facts, offer: Offer, prompt: Input, sent: Text, words: str) -> Effects:
    """The card with the words as they are now, or the card that they lead to."""
    lead, before = say(facts.language, "edit_taken"), offer.words_of(inputs_of(facts))
    said = _instead(facts.dialogue.answers, before, words)
    other = elsewhere(facts, offer, before, said, lead)
    if other is not None:
        return remember(other, sent, words)
    if prompt.name == tasks.SPOKEN:
        said = wished.spoken(said) or said
    problem = prompt.problem(said)
    if problem is not None:
        other = order.longer(facts, said, problem)
        if other is not None:
            return remember(other, sent, words)
        return (Say(Screen(asking.refusal(problem, facts.language))),)
    inputs = {**inputs_of(facts), **wishes.format_in(offer, words), prompt.name: said}
    effects = go_on(facts, offer, inputs, facts.card, lead=lead, before=before)
    return remember(effects, sent, words)


def _kept(facts: Facts, words: str) -> Effects:
    """Words that wait for a model, also on the card that was left for the menu."""
    answers = facts.dialogue.answers
    old = str(answers.get("draft") or "")
    said = _instead(answers, old, words)
    more: dict[str, Any] = {"draft": said, "words": words}
    left = answers.get("resume")
    offer = facts.shop.offers.get(str(left.get("model"))) if isinstance(left, dict) else None
    if offer is not None and offer.prompt is not None and isinstance(left, dict):
        inputs = left.get("inputs")
        if isinstance(inputs, dict) and offer.words_of(inputs) == old:
            more["resume"] = {**left, "inputs": {**inputs, offer.prompt.name: said}}
    taken = Say(Screen(say(facts.language, "edit_kept")))
    return (Move(facts.dialogue.step, {**answers, **more}, quiet=True), taken)


def _instead(answers: Mapping[str, Any], whole: str, words: str) -> str:
    """The description with the corrected message in place of what it said: the captions of an
    album are one description."""
    rest = whole.removeprefix(f"{answers.get('words', '')}\n")
    return words if rest == whole else f"{words}\n{rest}"


def _answer(facts: Facts, change: Edited, words: str) -> Effects:
    """A corrected answer to a question answers it anew."""
    answer, offer = facts.dialogue.answers.get("answer"), offer_of(facts)
    if not isinstance(answer, dict) or answer.get("id") != change.message_id or offer is None:
        return ()
    asked, language = offer.input(str(answer.get("of"))), facts.language
    if asked is None:
        return ()
    value = asking.typed(asked, words, language)
    problem = asked.problem(value)
    if problem is not None:
        return (Say(Screen(asking.refusal(problem, language))),)
    lead, inputs = say(language, "edit_kept"), {**inputs_of(facts), asked.name: value}
    effects = go_on(facts, offer, inputs, facts.card, lead=lead)
    sent = Text(change.sender, words, change.message_id, answer.get("date", 0))
    if asked is offer.prompt:
        effects = remember(effects, sent, words)
    return remember_answer(facts, effects, sent, asked, words)


def _by_task(
    facts: Facts, task: str, words: str, recent: Sequence[str], lead: Markup
) -> Effects | None:
    """The card of the words with the command that stands before them now. None: no model on sale
    does it."""
    offer = tasks.begin_with(facts.shop, facts.account, task, recent, words=words)
    if offer is None:
        return None
    at = None if facts.dialogue.answers.get("started") is not None else facts.card
    return saying_first(choose(wordless(facts), offer.model, at, words=words), lead)


def _too_late(facts: Facts, sent: Text) -> Effects:
    """The request has gone out with the words as they were: these are a wish of their own."""
    lead = say(facts.language, "edit_too_late")
    anew = replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers={}))
    return remember(wish(anew, sent.text, lead), sent, sent.text)
