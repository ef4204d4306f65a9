"""The press that makes a job, which works once; and orders that another feature proposes.

A proposal becomes its card. One whose button has said the price becomes the job without a card, and
the dialogue stays where it is; if the price has changed since, or the order cannot be taken as it
is, the card says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Compose, Effects, Move, Place, Say, Screen, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Pressed
from handlers.dialogue.progress import progress
from handlers.features.making import steps
from handlers.features.making.actions import CONFIRM
from handlers.features.making.dialogue_state import inputs_of, offer_of, source, wish
from handlers.features.making.job_effects import Answered, StartJob
from handlers.features.making.steps import go_on, no_offer
from handlers.features.making.words import plain, say
from handlers.shop import wishes
from handlers.shop.offers import Offer
from handlers.shop.terms import running, terms
from kie.jobs.job import NewJob
from kie.jobs.job_table import MOST_RUNNING
from kie.money.ledger import MOST_UNFETCHED


def create(facts: Facts, press: Press) -> Effects:
    """The job, or why there is none; the step stays then."""
    language, offer = facts.language, offer_of(facts)
    if offer is None:
        return no_offer(facts, press.at)
    inputs = inputs_of(facts)
    if facts.late or offer.check(inputs):
        # Who pressed that long ago may have changed their mind, and a catalogue may have
        # changed since: what costs is asked again.
        lead = say(language, "asked_again") if facts.late else None
        return go_on(facts, offer, inputs, None, lead=lead)
    refused = refusal(facts, offer)
    if refused is not None:
        return (refused,)
    price = terms(offer, facts.account, inputs).price
    if price > facts.dialogue.answers.get("price", price):
        told = int(facts.dialogue.answers.get("price", price))
        lead = say(language, "price_changed", old=told, new=price)
        return go_on(facts, offer, inputs, None, lead=lead)
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
        Move(IDLE, {"started": facts.dialogue.version, "at": at, **source(facts)}),
        StartJob(job, shown),
    )


def refusal(facts: Facts, offer: Offer) -> Toast | None:
    """Why nothing more can be ordered of it now; None: it can."""
    language, shop = facts.language, facts.shop
    if shop.closed is not None:
        return Toast(plain(language, "toast_unavailable"), alert=True)
    count, most = running(shop, facts.account, offer.kind), MOST_RUNNING[offer.kind]
    if count >= most:
        words = plain(language, "toast_enough_running", n=count, max=most)
        return Toast(words, alert=True)
    if facts.account.unfetched >= MOST_UNFETCHED:
        return Toast(plain(language, "toast_unfetched", n=facts.account.unfetched), alert=True)
    if terms(offer, facts.account, inputs_of(facts)).used_up:
        words = plain(language, "toast_used_up", n=offer.free_per_day)
        return Toast(words, alert=True)
    return None


def pressed_twice(facts: Facts, press: Press) -> Effects | None:
    """The button that has made the job already, once more."""
    if facts.dialogue.answers.get("started") == press.version:
        return (Toast(plain(facts.language, "toast_already")),)
    return None


def compose(facts: Facts, wanted: Compose) -> Effects:
    """What the proposal leads to."""
    offer = facts.shop.offers.get(wanted.model)
    if offer is None:
        return steps.no_offer(facts, None)
    defaults = offer.accepted(wishes.inputs_for(offer, "", ()))
    inputs = {**defaults, **offer.accepted(wanted.inputs)}
    answers = {"model": offer.model, "inputs": inputs, "at": None, "wish": wanted.source}
    there = replace(facts, dialogue=replace(facts.dialogue, step=CONFIRM, answers=answers))
    if wanted.other:
        return steps.other_model(there, None)
    if wanted.change:
        return steps.change(there, wanted.change, None)
    if wanted.price is not None and offer.open_question(inputs) is None:
        return _at_once(there, offer, inputs, wanted)
    return steps.go_on(there, offer, inputs, None)


def _at_once(facts: Facts, offer: Offer, inputs: Mapping[str, Any], wanted: Compose) -> Effects:
    """The job for the price that the button has said, or why there is none."""
    language = facts.language
    if facts.late or offer.check(inputs):
        lead = say(language, "asked_again") if facts.late else None
        return steps.go_on(facts, offer, inputs, None, lead=lead)
    refused = refusal(facts, offer)
    if refused is not None:
        return (refused,)
    price = terms(offer, facts.account, inputs).price
    if price > (wanted.price or 0):
        lead = say(language, "price_changed", old=wanted.price or 0, new=price)
        return steps.go_on(facts, offer, inputs, None, lead=lead)
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
