"""The steps that lead to a job, generated from what the model asks for.

What a step knows (``dialogues.answers``): the model, its inputs so far, the question that is
open (``asking``), the step that it was opened from to change its answer (``back``), the
message that the buttons stand under (``at``), the album that pictures are coming from, and the
``price`` that was told.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue.effects import Effects, Home, Move, Screen, present
from handlers.dialogue.facts import IDLE, Facts
from handlers.features.making import asking, menus, screens
from handlers.features.making.dialogue_state import asked_of, inputs_of, kept, offer_of, source
from handlers.features.making.names import ASK, CONFIRM, SEARCH, SETTINGS
from handlers.features.making.words import say
from handlers.shop.offers import Offer
from handlers.shop.terms import terms
from handlers.words.texts import Markup
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile

Inputs = Mapping[str, Any]


def new(facts: Facts, at: int | None) -> Effects:
    """Something new: with one model there is nothing to choose."""
    if len(facts.shop.offers) == 1:
        (model,) = facts.shop.offers
        return choose(facts, model, at)
    return (Home(at=at),)


def choose(facts: Facts, model: str, at: int | None) -> Effects:
    """A model was chosen; text and files that came before it are its answers already."""
    offer = facts.shop.offers.get(model)
    if offer is None:
        return no_offer(facts, at)
    inputs: Inputs = {}
    lead: Markup | None = None
    before = kept(facts)
    for reference in before.get("files", ()):
        file = UserFile.of(reference)
        asked = offer.takes(file.kind) if file is not None else None
        if file is None or asked is None or asked not in offer.questions:
            continue
        problem = asked.file_problem(file)
        if problem is not None:
            lead = asking.refusal(problem, facts.language)
        elif offer.has_room(inputs, asked):
            inputs = offer.with_file(inputs, asked, file)
    draft = before.get("draft")
    if isinstance(draft, str) and offer.prompt is not None:
        problem = offer.prompt.problem(draft.strip())
        if problem is None:
            inputs = {**inputs, offer.prompt.name: draft.strip()}
        else:
            lead = asking.refusal(problem, facts.language)
    return go_on(facts, offer, inputs, at, lead=lead)


def search(facts: Facts, at: int | None) -> Effects:
    """The next text is what is searched for; what was kept for a model stays."""
    screen = menus.searching(facts.language, facts.dialogue.version + 1)
    return (Move(SEARCH, {**kept(facts), **source(facts)}), present(screen, at))


def change(facts: Facts, name: str, at: int | None) -> Effects:
    """One answer is to be given anew; until then it stays."""
    offer = offer_of(facts)
    asked = offer.input(name) if offer is not None else None
    if offer is None or asked is None:
        return no_offer(facts, at)
    return ask(facts, offer, asked, inputs_of(facts), at, back=facts.dialogue.step)


def turn(facts: Facts, page: str, at: int | None) -> Effects:
    """Another page of the choices; the step stays."""
    offer, asked = offer_of(facts), asked_of(facts)
    if offer is None or asked is None:
        return no_offer(facts, at)
    number = int(page[:4]) if page.isdecimal() else 0
    screen = asking.question(
        offer,
        asked,
        inputs_of(facts),
        facts.language,
        facts.dialogue.version,
        opened_from=facts.dialogue.answers.get("back"),
        page=number,
    )
    return (present(screen, at),)


def back(facts: Facts, at: int | None) -> Effects:
    """One step back; answers stay."""
    dialogue, offer = facts.dialogue, offer_of(facts)
    if offer is None or dialogue.step == SEARCH:
        return (Home(at=at),)
    inputs = inputs_of(facts)
    opened_from = dialogue.answers.get("back")
    if dialogue.step == SETTINGS or (dialogue.step == ASK and opened_from == CONFIRM):
        return go_on(facts, offer, inputs, at)
    if dialogue.step == ASK and opened_from == SETTINGS:
        return settings(facts, offer, inputs, at)
    asked = asked_of(facts) if dialogue.step == ASK else None
    before = list(offer.questions)
    if asked in before:
        before = before[: before.index(asked)]
    if before:
        return ask(facts, offer, before[-1], inputs, at)
    screen = menus.category(facts, offer.category, facts.language)
    return (Home(at=at),) if screen is None else (Move(IDLE), present(screen, at))


def settings(facts: Facts, offer: Offer, inputs: Inputs, at: int | None) -> Effects:
    """All that may be set, with its values."""
    version = facts.dialogue.version + 1
    screen = screens.settings(offer, inputs, facts, facts.language, version)
    answers = {"model": offer.model, "inputs": dict(inputs), "at": at, **source(facts)}
    return (Move(SETTINGS, answers), present(screen, at))


def ask(
    facts: Facts,
    offer: Offer,
    asked: Input,
    inputs: Inputs,
    at: int | None,
    *,
    back: str | None = None,
    lead: Markup | None = None,
    album: str | None = None,
) -> Effects:
    """The dialogue waits for the answer to this question."""
    answers: dict[str, Any] = {
        "model": offer.model,
        "inputs": dict(inputs),
        "at": at,
        "asking": asked.name,
        "back": back,
        "album": album,
        **source(facts),
    }
    version = facts.dialogue.version + 1
    screen = asking.question(
        offer, asked, inputs, facts.language, version, opened_from=back, counted=album is None
    )
    return (Move(ASK, answers), present(under(lead, screen), at))


def answered(
    facts: Facts,
    offer: Offer,
    inputs: Inputs,
    at: int | None,
    *,
    lead: Markup | None = None,
    album: str | None = None,
) -> Effects:
    """The open question has its answer: back to where it was opened from, or on."""
    if facts.dialogue.step == ASK and facts.dialogue.answers.get("back") == SETTINGS:
        return settings(facts, offer, inputs, at)
    return go_on(facts, offer, inputs, at, lead=lead, album=album)


def go_on(
    facts: Facts,
    offer: Offer,
    inputs: Inputs,
    at: int | None,
    *,
    lead: Markup | None = None,
    album: str | None = None,
) -> Effects:
    """Ask what is still open, or show what will be made."""
    language, version = facts.language, facts.dialogue.version + 1
    open_question = offer.open_question(inputs)
    if open_question is not None:
        return ask(facts, offer, open_question, inputs, at, lead=lead, album=album)
    accepted = offer.accepted(inputs)
    if offer.check(accepted):
        # The catalogue changed under an old request; there is nothing to ask anew.
        return (Home(say(language, "no_longer_fits"), at),)
    price = terms(offer, facts.account, accepted).price
    answers = {"model": offer.model, "inputs": accepted, "at": at, "album": album, "price": price}
    answers |= source(facts)
    screen = screens.confirm(offer, accepted, facts, language, version)
    return (Move(CONFIRM, answers), present(under(lead, screen), at))


def other_model(facts: Facts, at: int | None) -> Effects:
    """The same wish by another model: words and files stay."""
    found = kept(facts)
    there = replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers=found))
    screen = menus.menu(there, facts.language, say(facts.language, "which_model"))
    return (Move(IDLE, found), present(screen, at))


def no_offer(facts: Facts, at: int | None) -> Effects:
    """The model is not on sale any more."""
    return (Home(say(facts.language, "model_gone"), at),)


def under(lead: Markup | None, screen: Screen) -> Screen:
    if lead is None:
        return screen
    return Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)
