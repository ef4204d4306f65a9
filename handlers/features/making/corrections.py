"""What a corrected message leads to, on the card that came of it.

A correction replaces what its message said. Where the words now name another kind of result, or no
longer the one that made the card, it becomes the card that they would have led to, and so where
the command before them is another one. A request that has gone out keeps its words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.dialogue.effects import Effects, Move, Say, Screen
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Edited, Text
from handlers.features.making import asking
from handlers.features.making.dialogue_state import (
    inputs_of,
    offer_of,
    remember,
    remember_search,
)
from handlers.features.making.steps import choose, go_on, search
from handlers.features.making.wish_card import elsewhere, longer, saying_first, wish, wordless
from handlers.features.making.words import say
from handlers.shop import tasks, wishes
from handlers.shop.offers import Offer
from handlers.words import wished
from handlers.words.texts import Markup
from kie.catalogue.input import Input

#: What a command makes of the words that follow it.
_TASKS = {"image": tasks.DRAW, "imagine": tasks.DRAW, "video": tasks.FILM, "photo": tasks.EDIT}


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
    task, was = _TASKS.get(change.command, ""), str(source.get("task") or "")
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
        other = longer(facts, said, problem)
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
    if asked is offer.prompt:
        return remember(effects, Text(change.sender, words, change.message_id, 0), words)
    return effects


def _by_task(
    facts: Facts, task: str, words: str, recent: Sequence[str], lead: Markup
) -> Effects | None:
    """The card of the words with the command that stands before them now. None: no model on sale
    does it."""
    offer = tasks.begin_with(facts.shop, facts.account, task, recent)
    if offer is None:
        return None
    at = None if facts.dialogue.answers.get("started") is not None else facts.card
    return saying_first(choose(wordless(facts), offer.model, at, words=words), lead)


def _too_late(facts: Facts, sent: Text) -> Effects:
    """The request has gone out with the words as they were: these are a wish of their own."""
    lead = say(facts.language, "edit_too_late")
    anew = replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers={}))
    return remember(wish(anew, sent.text, lead), sent, sent.text)
