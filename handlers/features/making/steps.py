"""The steps that lead to a job, generated from what the model asks for.

What a step knows (``dialogues.answers``): the model, its inputs so far, the question that is
open (``asking``), the step that it was opened from to change its answer (``back``), the
message that the buttons stand under (``at``), the words before the last ones (``before``), and
the ``price`` that was told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from handlers.dialogue.effects import Effects, Home, Move, Screen, present
from handlers.dialogue.facts import IDLE, Facts
from handlers.features.making import asking, menus, screens
from handlers.features.making.dialogue_state import (
    ASK,
    CONFIRM,
    MOST_PAGES,
    SEARCH,
    SETTINGS,
    asked_of,
    at_hand,
    came,
    files_in,
    files_of,
    inputs_of,
    kept,
    offer_of,
    source,
)
from handlers.features.making.words import say
from handlers.shop import wishes
from handlers.shop.chips import chips, chosen_before, meaning
from handlers.shop.offers import Offer
from handlers.shop.terms import terms
from handlers.words.texts import Markup
from kie.catalogue.input import Input
from kie.catalogue.user_file import UserFile
from supervisor.values.foreign import whole_text

Inputs = Mapping[str, Any]


def choose(
    facts: Facts, model: str, at: int | None, *, action: str = "", words: str = ""
) -> Effects:
    """A model was chosen; text and files that came before it are its answers already, or
    ``words``. ``action``: what it is to do to the file, with its own words if there are none."""
    offer = facts.shop.offers.get(model)
    if offer is None or offer.sources:
        return no_offer(facts, at, model)
    before = at_hand(facts)
    inputs, aside, lead = _with_files(facts, offer, files_of(before))
    chosen = chosen_before(facts.shop, before)
    inputs = {**_as_chosen(offer, chosen), **inputs}
    draft = str(words or before.get("draft") or "").strip()
    inputs = {**wishes.format_in(offer, draft), **inputs}
    wanted = draft or facts.shop.default_words(action, facts.language)
    if wanted and offer.prompt is not None:
        problem = offer.prompt.problem(wanted)
        if problem is None:
            inputs, draft = {**inputs, offer.prompt.name: wanted}, ""
        else:
            lead = asking.refusal(problem, facts.language)
    carried = {**source(facts), **_moment(before), "draft": draft}
    carried |= {"resume": before.get("resume"), "chips": chosen}
    carried |= {"aside": [each.as_json() for each in aside]}
    return go_on(facts, offer, inputs, at, lead=lead, carried=carried)


def resume(facts: Facts, at: int | None) -> Effects | None:
    """The card that was left for the menu; None: there is none."""
    left = facts.dialogue.answers.get("resume")
    offer = facts.shop.offers.get(str(left.get("model"))) if isinstance(left, dict) else None
    if offer is None or not isinstance(left, dict):
        return None
    inputs = left.get("inputs")
    accepted = offer.accepted(inputs if isinstance(inputs, dict) else {})
    there = {file.file_id for file in files_in(accepted)}
    aside = [each.as_json() for each in files_of(at_hand(facts)) if each.file_id not in there]
    return go_on(facts, offer, accepted, at, carried={**source(facts), "aside": aside})


def search(facts: Facts, at: int | None, query: str = "") -> Effects:
    """The next text is what is searched for; what was kept for a model stays."""
    version = facts.dialogue.version + 1
    state = {**at_hand(facts), "query": query}
    screen = menus.searching(facts.language, version)
    if query:
        screen = menus.found(facts, query, 0, facts.language, version)
    return (Move(SEARCH, state), present(screen, at))


def change(facts: Facts, name: str, at: int | None) -> Effects:
    """One answer is to be given anew; until then it stays. A switch is simply turned."""
    offer = offer_of(facts)
    asked = offer.input(name) if offer is not None else None
    if offer is None or asked is None:
        return no_offer(facts, at, str(facts.dialogue.answers.get("model") or ""))
    inputs = inputs_of(facts)
    if facts.dialogue.step == CONFIRM and asked.type == "switch":
        turned = not inputs.get(name, asked.default)
        return go_on(facts, offer, {**inputs, name: turned}, at)
    return ask(facts, offer, asked, inputs, at, back=facts.dialogue.step)


def turn(facts: Facts, page: str, at: int | None) -> Effects:
    """Another page of the choices; the step stays."""
    offer, asked = offer_of(facts), asked_of(facts)
    if offer is None or asked is None:
        return no_offer(facts, at, str(facts.dialogue.answers.get("model") or ""))
    number = whole_text(page, 0, MOST_PAGES) or 0
    return (present(question(facts, offer, asked, facts.language, page=number), at),)


def back(facts: Facts, at: int | None) -> Effects:
    """One step back; answers stay."""
    dialogue, offer = facts.dialogue, offer_of(facts)
    if offer is None or dialogue.step == SEARCH:
        return (Home(at=at),)
    opened_from, left = dialogue.answers.get("back"), dialogue.answers.get("left")
    known = facts.shop.offers.get(str(left.get("model"))) if isinstance(left, dict) else None
    if known is not None and isinstance(left, dict) and dialogue.step == ASK:
        return go_on(facts, known, known.accepted(left["inputs"]), at)
    if dialogue.step == ASK and opened_from == SETTINGS:
        return settings(facts, offer, inputs_of(facts), at)
    if dialogue.step == SETTINGS or opened_from == CONFIRM:
        return go_on(facts, offer, inputs_of(facts), at)
    return (Home(at=at),)


def settings(facts: Facts, offer: Offer, inputs: Inputs, at: int | None) -> Effects:
    """All that may be set, with its values."""
    version = facts.dialogue.version + 1
    screen = menus.settings(offer, inputs, facts, facts.language, version)
    answers = {**_card(facts, offer, inputs, at), **source(facts)}
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
    carried: Mapping[str, Any] | None = None,
) -> Effects:
    """The dialogue waits for the answer to this question."""
    answers: dict[str, Any] = {
        **_card(facts, offer, inputs, at),
        "asking": asked.name,
        "back": back,
        **(source(facts) if carried is None else carried),
    }
    version = facts.dialogue.version + 1
    screen = _question(facts, offer, asked, inputs, facts.language, version, back)
    return (Move(ASK, answers), present(under(lead, screen), at))


def question(facts: Facts, offer: Offer, asked: Input, language: str, *, page: int = 0) -> Screen:
    """The question that is open, as it stands."""
    back, version = facts.dialogue.answers.get("back"), facts.dialogue.version
    return _question(facts, offer, asked, inputs_of(facts), language, version, back, page)


def answered(
    facts: Facts, offer: Offer, inputs: Inputs, at: int | None, *, lead: Markup | None = None
) -> Effects:
    """The open question has its answer: back to where it was opened from, or on."""
    if facts.dialogue.step == ASK and facts.dialogue.answers.get("back") == SETTINGS:
        return settings(facts, offer, inputs, at)
    return go_on(facts, offer, inputs, at, lead=lead)


def go_on(
    facts: Facts,
    offer: Offer,
    inputs: Inputs,
    at: int | None,
    *,
    lead: Markup | None = None,
    before: str = "",
    carried: Mapping[str, Any] | None = None,
) -> Effects:
    """Ask what is still open, or show what will be made. What has a default is not asked.
    ``before``: the words that the last ones have replaced."""
    language, version = facts.language, facts.dialogue.version + 1
    inputs = {**offer.defaults, **inputs}
    carried = source(facts) if carried is None else carried
    card = screens.shared_card(offer, inputs, facts, language, version, undo=bool(before))
    if card is None:
        open_question = offer.open_question(inputs)
        if open_question is not None:
            return ask(facts, offer, open_question, inputs, at, lead=lead, carried=carried)
        inputs = offer.accepted(inputs)
        if offer.check(inputs):
            # The catalogue changed under an old request; there is nothing to ask anew.
            return (Home(say(language, "no_longer_fits"), at),)
        price = terms(offer, facts.account, inputs).price
        card = screens.confirm(offer, inputs, facts, language, version, undo=bool(before)), price
    screen, price = card
    known = {"model": offer.model, "inputs": inputs, "at": at, "price": price, **came(facts)}
    answers = {**known, "before": before, **carried}
    return (Move(CONFIRM, answers), present(under(lead, screen), at))


def no_offer(facts: Facts, at: int | None, model: str = "") -> Effects:
    """The model is not on sale any more. If it may come back, the user can ask to be told."""
    lead = say(facts.language, "model_gone")
    if model not in facts.shop.withdrawn:
        return (Home(lead, at),)
    left = kept(facts)
    there = replace(facts, dialogue=replace(facts.dialogue, step=IDLE, answers=left))
    spot = replace(facts.spot(), model=model)
    screen = menus.menu(there, facts.language, lead)
    ways = facts.places.keyboard("unavailable", spot)
    return (Move(IDLE, left), present(Screen(screen.text, (*ways, *screen.keyboard)), at))


def under(lead: Markup | None, screen: Screen) -> Screen:
    """The screen below a sentence."""
    if lead is None:
        return screen
    return Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


# ---------------------------------------------------------------- internal --


def _card(facts: Facts, offer: Offer, inputs: Inputs, at: int | None) -> dict[str, Any]:
    """The model, its answers, and the price that is told if they are complete."""
    known = {"model": offer.model, "inputs": dict(inputs), "at": at, **came(facts)}
    accepted = offer.accepted(inputs)
    if offer.open_question(inputs) is None and not offer.check(accepted):
        known["price"] = terms(offer, facts.account, accepted).price
    return known


def _question(
    facts: Facts,
    offer: Offer,
    asked: Input,
    inputs: Inputs,
    language: str,
    version: int,
    back: str | None,
    page: int = 0,
) -> Screen:
    card = None
    if back is not None and offer.open_question(inputs) is None:
        card = screens.on_card(offer, asked, inputs, facts, language, version)
    return asking.question(offer, asked, inputs, language, version, page=page, card=card)


def _with_files(
    facts: Facts, offer: Offer, files: Sequence[UserFile]
) -> tuple[dict[str, Any], list[UserFile], Markup | None]:
    """The files as answers, the files that the model cannot use, and the problem with one of them
    or with their number."""
    inputs: dict[str, Any] = {}
    aside: list[UserFile] = []
    lead: Markup | None = None
    for file in files:
        asked = offer.takes(file.kind)
        if asked is None:
            aside.append(file)
        elif not offer.has_room(inputs, asked):
            aside.append(file)
            lead = lead or say(facts.language, "left_out", n=asked.max_items)
        elif (problem := asked.file_problem(file)) is not None:
            aside.append(file)
            lead = asking.refusal(problem, facts.language)
        else:
            inputs = offer.with_file(inputs, asked, file)
    return inputs, aside, lead


def _moment(state: Mapping[str, Any]) -> dict[str, Any]:
    return {"files_at": state["files_at"]} if state.get("files_at") else {}


def _as_chosen(offer: Offer, chosen: Mapping[str, Any]) -> dict[str, Any]:
    """The same choices, as far as this model has them."""
    found = {
        asked.name: asking.option(asked, chosen[meaning(asked)])
        for asked in chips(offer)
        if meaning(asked) in chosen
    }
    return {name: value for name, value in found.items() if value is not None}
