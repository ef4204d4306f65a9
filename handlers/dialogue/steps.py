"""The steps that lead to a job, generated from what the model asks for."""

from collections.abc import Mapping
from typing import Any

from handlers.dialogue import payment, screens
from handlers.dialogue.effects import Effect, Move, Say, Screen, Show, StartJob, Toast
from handlers.dialogue.facts import ASK, CONFIRM, IDLE, Facts
from handlers.incoming import Pressed
from handlers.offers import Offer, Question
from handlers.texts import Markup, plain, say, shorten
from kie.job import NewJob
from kie.jobs import MOST_RUNNING

Effects = tuple[Effect, ...]

DRAFT_SHOWN = 300  #: UTF-16 units of a text that came before its model


def present(screen: Screen, at: int | None) -> Effect:
    """In place of the pressed message where there is one, else as a new message."""
    return Say(screen) if at is None else Show(at, screen)


def current(facts: Facts, language: str, lead: Markup | None = None) -> Screen:
    """The step the dialogue is in, once more, under a ``lead`` sentence."""
    standing, shop = facts.standing, facts.shop
    offer = shop.offers.get(str(standing.answers.get("model")))
    screen: Screen | None = None
    if offer is not None and standing.step == CONFIRM:
        screen = screens.confirm(offer, _inputs(facts), facts, language, standing.version)
    elif offer is not None and standing.step == ASK:
        asked = _asked(facts, offer)
        if asked is not None:
            screen = screens.question(offer, asked, language, standing.version)
    if screen is None:
        return screens.menu(shop, language, lead)
    if lead is None:
        return screen
    return Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def again(facts: Facts, lead: Markup) -> Effects:
    """Nothing changes; the user is told why and sees the step once more."""
    return (Say(current(facts, facts.language, lead)),)


def new(facts: Facts, at: int | None) -> Effects:
    """A new picture: with one model there is nothing to choose."""
    if len(facts.shop.offers) == 1:
        (model,) = facts.shop.offers
        return choose(facts, model, at)
    return (Move(IDLE), present(screens.menu(facts.shop, facts.language), at))


def choose(facts: Facts, model: str, at: int | None) -> Effects:
    """A model was chosen; a text that came before it is its description already."""
    offer = facts.shop.offers.get(model)
    if offer is None:
        return _no_offer(facts, at)
    draft, asked = facts.standing.answers.get("draft"), offer.prompt
    if not isinstance(draft, str) or asked is None:
        return _go_on(facts, offer, {}, at)
    complaint = _complaint(facts, offer, asked, draft)
    if complaint is not None:
        return _go_on(facts, offer, {}, at, lead=complaint)
    return _go_on(facts, offer, {asked.name: draft}, at)


def once_more(facts: Facts) -> Effects:
    """An earlier job again: straight to the confirmation, so that it never costs unasked."""
    past = facts.past
    if past is None:
        lead = say(facts.language, "past_gone")
        return (Move(IDLE), Say(screens.menu(facts.shop, facts.language, lead)))
    offer = facts.shop.offers.get(past.model)
    if offer is None:
        return _no_offer(facts, None)
    names = {each.name for each in offer.questions}
    inputs = {name: value for name, value in past.inputs.items() if name in names}
    return _go_on(facts, offer, inputs, None)


def text(facts: Facts, words: str) -> Effects:
    """A text: the answer to a question, a better description, or the first word."""
    language, step = facts.language, facts.standing.step
    offer = _offer(facts)
    if offer is None or step == IDLE:
        lead = say(language, "draft_kept", text=shorten(words, DRAFT_SHOWN))
        menu = screens.menu(facts.shop, language, lead)
        return (Move(IDLE, {"draft": words}), Say(menu))
    asked = offer.prompt if step == CONFIRM else _asked(facts, offer)
    if asked is None:
        return again(facts, say(language, "choose_by_button"))
    if not asked.is_text:
        if words.strip() in asked.choices:
            return pick(facts, words.strip(), None)
        return again(facts, say(language, "choose_by_button"))
    complaint = _complaint(facts, offer, asked, words)
    if complaint is not None:
        return again(facts, complaint)
    replaced = say(language, "prompt_replaced") if step == CONFIRM else None
    return _go_on(facts, offer, {**_inputs(facts), asked.name: words.strip()}, None, lead=replaced)


def pick(facts: Facts, choice: str, at: int | None) -> Effects:
    """One of the choices of the question that is open."""
    offer = _offer(facts)
    if offer is None:
        return _no_offer(facts, at)
    asked = _asked(facts, offer)
    if asked is None or choice not in asked.choices:
        return again(facts, say(facts.language, "choose_by_button"))
    return _go_on(facts, offer, {**_inputs(facts), asked.name: choice}, at)


def change(facts: Facts, name: str, at: int | None) -> Effects:
    """One answer is to be given anew; the others stay."""
    offer = _offer(facts)
    if offer is None or offer.question(name) is None:
        return _no_offer(facts, at)
    rest = {each: value for each, value in _inputs(facts).items() if each != name}
    return _go_on(facts, offer, rest, at)


def create(facts: Facts, pressed: Pressed) -> Effects:
    """The press that makes a job; it works once."""
    language, shop, standing = facts.language, facts.shop, facts.standing
    offer = _offer(facts)
    if offer is None:
        return (Toast(pressed.query_id), *_no_offer(facts, pressed.message_id))
    if facts.late:
        # Who pressed that long ago may have changed their mind: what costs is asked again.
        lead = say(language, "asked_again")
        asked = _go_on(facts, offer, _inputs(facts), None, lead=lead)
        return (Toast(pressed.query_id), *asked)
    if shop.closed is not None:
        return (Toast(pressed.query_id, plain(language, "toast_unavailable"), alert=True),)
    running, most = payment.running(shop, facts.account, offer.kind), MOST_RUNNING[offer.kind]
    if running >= most:
        words = plain(language, "toast_too_many", n=running, max=most)
        return (Toast(pressed.query_id, words, alert=True),)
    terms = payment.terms(offer, facts.account)
    if terms.used_up:
        words = plain(language, "toast_used_up", n=offer.free_per_day)
        return (Toast(pressed.query_id, words, alert=True),)
    if terms.price > facts.account.balance:
        # The step stays: after a top-up the same button works.
        return (Toast(pressed.query_id), Say(payment.not_enough(facts, offer, terms)))
    sender, at = pressed.sender, pressed.message_id
    job = NewJob(
        user_id=sender.user_id,
        chat_id=sender.chat_id,
        language=language,
        model=offer.model,
        inputs=offer.complete(_inputs(facts)),
        price=terms.price,
        request_key=f"{sender.chat_id}:{at or 0}:{standing.version}",
        status_message_id=at,
    )
    title = screens.title(offer, language)
    progress = screens.progress("accepted", title, offer.seconds, language)
    return (
        Toast(pressed.query_id),
        Move(IDLE, {"started": standing.version, "at": at}),
        StartJob(job, progress),
    )


def _go_on(
    facts: Facts,
    offer: Offer,
    inputs: Mapping[str, Any],
    at: int | None,
    *,
    lead: Markup | None = None,
) -> Effects:
    """Ask what is still open, or show what will be made."""
    language, version = facts.language, facts.standing.version + 1
    answers: dict[str, Any] = {"model": offer.model, "inputs": dict(inputs), "at": at}
    asked = offer.open_question(inputs)
    if asked is not None:
        step = ASK
        answers["asking"] = asked.name
        screen = screens.question(offer, asked, language, version)
    elif offer.check(inputs):
        # The catalogue changed under an old request; there is nothing to ask anew.
        refused = screens.menu(facts.shop, language, say(language, "failed_refused_input"))
        return (Move(IDLE), present(refused, at))
    else:
        step = CONFIRM
        screen = screens.confirm(offer, inputs, facts, language, version)
    if lead is not None:
        screen = Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)
    return (Move(step, answers), present(screen, at))


def _complaint(facts: Facts, offer: Offer, asked: Question, words: str) -> Markup | None:
    """Why this text cannot be the answer; None: it can."""
    length = offer.length(words.strip())
    if length < asked.min_length:
        return say(facts.language, "text_too_short", min=asked.min_length)
    if length > asked.max_length:
        title = screens.title(offer, facts.language)
        return say(facts.language, "text_too_long", n=length, title=title, max=asked.max_length)
    return None


def _no_offer(facts: Facts, at: int | None) -> Effects:
    menu = screens.menu(facts.shop, facts.language, say(facts.language, "model_gone"))
    return (Move(IDLE), present(menu, at))


def _offer(facts: Facts) -> Offer | None:
    return facts.shop.offers.get(str(facts.standing.answers.get("model")))


def _asked(facts: Facts, offer: Offer) -> Question | None:
    return offer.question(str(facts.standing.answers.get("asking")))


def _inputs(facts: Facts) -> Mapping[str, Any]:
    inputs = facts.standing.answers.get("inputs")
    return inputs if isinstance(inputs, dict) else {}
