"""The press that makes a job; it works once."""

from handlers.dialogue.effects import Effect, Move, Say, StartJob, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Pressed
from handlers.dialogue.offers import Offer
from handlers.dialogue.texts import plain, say
from handlers.features.making import menus, screens
from handlers.features.making.steps import go_on, inputs_of, no_offer, offer_of
from handlers.features.paying import credits as payment
from kie.jobs.job import NewJob
from kie.jobs.job_table import MOST_RUNNING


def create(facts: Facts, pressed: Pressed) -> tuple[Effect, ...]:
    """The job, or why there is none; the step stays then."""
    language, offer = facts.language, offer_of(facts)
    if offer is None:
        return (Toast(pressed.query_id), *no_offer(facts, pressed.message_id))
    inputs = inputs_of(facts)
    if facts.late or offer.check(inputs):
        # Who pressed that long ago may have changed their mind, and a catalogue may have
        # changed since: what costs is asked again.
        lead = say(language, "asked_again") if facts.late else None
        return (Toast(pressed.query_id), *go_on(facts, offer, inputs, None, lead=lead))
    refusal = _refusal(facts, offer, pressed)
    if refusal is not None:
        return (refusal,)
    terms = payment.terms(offer, facts.account, inputs)
    if terms.price > facts.standing.answers.get("price", terms.price):
        lead = say(language, "price_changed")
        return (Toast(pressed.query_id), *go_on(facts, offer, inputs, None, lead=lead))
    if terms.price > facts.account.balance:
        # After a top-up the same button works.
        return (Toast(pressed.query_id), Say(payment.not_enough(facts, offer, terms)))
    sender, at = pressed.sender, pressed.message_id
    job = NewJob(
        user_id=sender.user_id,
        chat_id=sender.chat_id,
        language=language,
        model=offer.model,
        inputs=offer.complete(inputs),
        price=terms.price,
        request_key=f"{sender.chat_id}:{at or 0}:{facts.standing.version}",
        status_message_id=at,
    )
    title = menus.title(offer, language)
    progress = screens.progress("accepted", title, offer.seconds, language)
    return (
        Toast(pressed.query_id),
        Move(IDLE, {"started": facts.standing.version, "at": at}),
        StartJob(job, progress),
    )


def _refusal(facts: Facts, offer: Offer, pressed: Pressed) -> Toast | None:
    language, shop = facts.language, facts.shop
    if shop.closed is not None:
        return Toast(pressed.query_id, plain(language, "toast_unavailable"), alert=True)
    running, most = payment.running(shop, facts.account, offer.kind), MOST_RUNNING[offer.kind]
    if running >= most:
        words = plain(language, "toast_too_many", n=running, max=most)
        return Toast(pressed.query_id, words, alert=True)
    if payment.terms(offer, facts.account, inputs_of(facts)).used_up:
        words = plain(language, "toast_used_up", n=offer.free_per_day)
        return Toast(pressed.query_id, words, alert=True)
    return None
