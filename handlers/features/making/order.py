"""The order on the card: the press that makes its job, which works once; the same by another model;
and orders that another feature proposes.

A proposal becomes its card. One whose button has said the price becomes the job without a card, and
the dialogue stays where it is; if the price has changed since, or the order cannot be taken as it
is, the card says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import (
    Again,
    Compose,
    Effects,
    Move,
    Place,
    Say,
    Screen,
    Toast,
    present,
)
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Pressed
from handlers.dialogue.progress import progress
from handlers.features.making import menus, screens, steps
from handlers.features.making.dialogue_state import (
    CONFIRM,
    at_hand,
    came,
    files_of,
    inputs_of,
    kept,
    offer_of,
    source,
    wish,
)
from handlers.features.making.job_effects import Answered, StartJob
from handlers.features.making.steps import ask, go_on, no_offer
from handlers.features.making.words import plain, say
from handlers.shop import admission, wishes
from handlers.shop.offers import Offer
from handlers.shop.terms import running, terms
from handlers.words import moments
from kie.catalogue.input import Complaint
from kie.jobs.job import NewJob
from kie.jobs.job_table import MOST_RUNNING
from kie.money.ledger import MOST_UNFETCHED


def create(facts: Facts, press: Press) -> Effects:
    """The job, or why there is none; the step stays then."""
    language, offer = facts.language, offer_of(facts)
    if offer is None:
        return no_offer(facts, press.at, str(facts.dialogue.answers.get("model") or ""))
    inputs = inputs_of(facts)
    hindered = _hindered(facts, offer, inputs, facts.dialogue.answers.get("price"))
    if hindered is not None:
        return hindered
    price = terms(offer, facts.account, inputs).price
    if price > facts.account.balance:
        # The card says what is missing; after a top-up the same button works.
        missing = price - facts.account.balance
        toast = Toast(plain(language, "toast_short", n=missing), alert=True)
        return (toast, Again(at=press.at))
    sender, at = facts.incoming.sender, press.at
    job = NewJob(
        user_id=sender.user_id,
        chat_id=sender.chat_id,
        language=language,
        model=offer.made_by,
        inputs=offer.complete(inputs),
        price=price,
        request_key=f"{sender.chat_id}:{at or 0}:{facts.dialogue.version}",
        status_message_id=at,
        thread=sender.thread,
        wish_message_id=wish(facts),
    )
    shown = progress("accepted", offer.title(language), offer.seconds, language)
    return (
        Move(IDLE, {"started": facts.dialogue.version, "at": at, **source(facts), **came(facts)}),
        StartJob(job, shown),
    )


def longer(facts: Facts, words: str, problem: Complaint) -> Effects | None:
    """Words that only another model takes, on its card. None: none does, or there are files."""
    offer = offer_of(facts)
    if problem.key != "too_long" or files_of(at_hand(facts)) or offer is None:
        return None
    other = wishes.model_for(facts.shop, facts.account, words, (), offer.kind)
    if other is None:
        return None
    lead = say(facts.language, "longer_model", title=offer.title(facts.language), **problem.fields)
    inputs = wishes.inputs_for(other, words, ())
    return go_on(facts, other, inputs, None, lead=lead, before=offer.words_of(inputs_of(facts)))


def _hindered(
    facts: Facts, offer: Offer, inputs: Mapping[str, Any], told: int | None
) -> Effects | None:
    """Why no job is made for the price ``told``, whatever the balance; None: nothing is in the
    way."""
    if facts.late or offer.check(inputs):
        # Who pressed that long ago may have changed their mind, and a catalogue may have
        # changed since: what costs is asked again.
        lead = say(facts.language, "asked_again") if facts.late else None
        return go_on(facts, offer, inputs, None, lead=lead)
    refused = refusal(facts, offer)
    if refused is not None:
        return (refused,)
    price = terms(offer, facts.account, inputs).price
    if told is not None and price > told:
        lead = say(facts.language, "price_changed", old=told, new=price)
        return go_on(facts, offer, inputs, None, lead=lead)
    return None


def refusal(facts: Facts, offer: Offer) -> Toast | None:
    """Why nothing more can be ordered of it now; None: it can."""
    language, shop = facts.language, facts.shop
    not_taken = admission.refusal(shop, language, banned=facts.account.banned)
    if not_taken:
        return Toast(not_taken, alert=True)
    if shop.closed is not None:
        return Toast(plain(language, "toast_unavailable"), alert=True)
    count, most = running(shop, facts.account, offer.kind), MOST_RUNNING[offer.kind]
    if count >= most:
        words = plain(language, "toast_enough_running", n=count, max=most)
        return Toast(words, alert=True)
    if facts.account.unfetched >= MOST_UNFETCHED:
        return Toast(plain(language, "toast_unfetched", n=facts.account.unfetched), alert=True)
    if terms(offer, facts.account, inputs_of(facts)).used_up:
        time = moments.midnight(language)
        words = plain(language, "toast_used_up", n=offer.free_per_day, time=time)
        return Toast(words, alert=True)
    return None


def pressed_twice(facts: Facts, press: Press) -> Effects | None:
    """The button that has made the job already, once more."""
    if facts.dialogue.answers.get("started") == press.version:
        return (Toast(plain(facts.language, "toast_already")),)
    return None


def other_model(facts: Facts, at: int | None) -> Effects:
    """The same wish by another model: words and files stay, and the card is behind the list."""
    offer = offer_of(facts)
    if offer is None:
        return no_offer(facts, at, str(facts.dialogue.answers.get("model") or ""))
    effects = go_on(facts, offer, inputs_of(facts), at)
    move = effects[0]
    if not isinstance(move, Move) or move.step != CONFIRM:
        return effects
    version = facts.dialogue.version + 1
    card = replace(facts.dialogue, step=CONFIRM, version=version, answers=move.answers)
    there = replace(facts, dialogue=card)
    return (move, present(menus.others(there, offer, "", facts.language), at))


def press_other(facts: Facts, press: Press) -> Effects | None:
    """Other models for the same wish: words and files stay, and so does the card."""
    offer = offer_of(facts)
    if offer is None:
        return None
    return (present(menus.others(facts, offer, press.argument, facts.language), press.at),)


def press_free(facts: Facts, press: Press) -> Effects | None:
    """The same wish by a model that costs nothing."""
    offer = offer_of(facts)
    instead = screens.for_free(offer, inputs_of(facts), facts) if offer is not None else None
    return None if instead is None else steps.choose(facts, instead.model, press.at)


def press_several(facts: Facts, press: Press) -> Effects | None:
    """How many of the same, asked of a model that makes more than one. ``Back`` leads to the card
    as it was."""
    offer, inputs = offer_of(facts), inputs_of(facts)
    found = screens.several(offer, inputs, facts) if offer is not None else None
    if offer is None or found is None:
        return None
    other, count = found
    wanted = other.accepted(wishes.inputs_for(other, offer.words_of(inputs), ()))
    left = {"model": offer.model, "inputs": dict(inputs)}
    carried = {**source(facts), "left": left}
    return ask(facts, other, count, wanted, press.at, back=CONFIRM, carried=carried)


def compose(facts: Facts, wanted: Compose) -> Effects:
    """What the proposal leads to."""
    offer = facts.shop.offers.get(wanted.model)
    if offer is None:
        return steps.no_offer(facts, None, wanted.model)
    defaults = offer.accepted(wishes.inputs_for(offer, "", ()))
    inputs = {**defaults, **offer.accepted(wanted.inputs)}
    answers: dict[str, Any] = {"model": offer.model, "inputs": inputs, "at": None}
    answers |= {"wish": wanted.source, "left": kept(facts)}
    there = replace(facts, dialogue=replace(facts.dialogue, step=CONFIRM, answers=answers))
    if wanted.other:
        return other_model(there, None)
    if wanted.change:
        return steps.change(there, wanted.change, None)
    if wanted.price is not None and offer.open_question(inputs) is None:
        return _at_once(there, offer, inputs, wanted)
    return steps.go_on(there, offer, inputs, None)


def _at_once(facts: Facts, offer: Offer, inputs: Mapping[str, Any], wanted: Compose) -> Effects:
    """The job for the price that the button has said, or why there is none."""
    hindered = _hindered(facts, offer, inputs, wanted.price or 0)
    if hindered is not None:
        return hindered
    language, price = facts.language, terms(offer, facts.account, inputs).price
    if price > facts.account.balance:
        return steps.go_on(facts, offer, inputs, None)
    sender, pressed = facts.incoming.sender, facts.incoming
    number = pressed.query_id if isinstance(pressed, Pressed) else ""
    place = wanted.place or Place(sender.chat_id, sender.thread)
    job = NewJob(
        user_id=sender.user_id,
        chat_id=place.chat_id,
        language=language,
        model=offer.made_by,
        inputs=offer.complete(inputs),
        price=price,
        request_key=wanted.key or f"{sender.chat_id}:press:{number}",
        status_message_id=None,
        thread=place.thread,
        wish_message_id=wanted.source,
        repeats=wanted.repeats,
    )
    shown = progress("accepted", offer.title(language), offer.seconds, language)
    started = (Toast(plain(language, "toast_already")), StartJob(job, shown))
    if wanted.place is None:
        return started
    at = pressed.message_id if isinstance(pressed, Pressed) else None
    told = Screen(say(language, "ordered_elsewhere"))
    return (*started, Say(told) if at is None else Answered(at, told))
