"""The press that makes a job; it works once."""

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Effects, Move, Say, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.progress import progress
from handlers.features.making import screens
from handlers.features.making.dialogue_state import inputs_of, offer_of, source
from handlers.features.making.job_effects import StartJob
from handlers.features.making.steps import go_on, no_offer
from handlers.features.making.words import plain, say
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
    refusal = _refusal(facts, offer)
    if refusal is not None:
        return (refusal,)
    price = terms(offer, facts.account, inputs).price
    if price > facts.dialogue.answers.get("price", price):
        lead = say(language, "price_changed")
        return go_on(facts, offer, inputs, None, lead=lead)
    if price > facts.account.balance:
        # After a top-up the same button works.
        return (Say(screens.not_enough(facts, offer, price)),)
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
    )
    shown = progress("accepted", offer.title(language), offer.seconds, language)
    return (
        Move(IDLE, {"started": facts.dialogue.version, "at": at, **source(facts)}),
        StartJob(job, shown),
    )


def _refusal(facts: Facts, offer: Offer) -> Toast | None:
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
