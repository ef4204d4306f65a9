"""What a user gave as an answer: a text, a press on a choice, a file."""

from decimal import Decimal, InvalidOperation
from typing import Any

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effects, Home, Move, Say, Screen, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Text
from handlers.features.making import asking, drafts, menus, order, photos
from handlers.features.making.actions import ASK, CONFIRM, SEARCH, SETTINGS
from handlers.features.making.dialogue_state import (
    asked_of,
    files_of,
    inputs_of,
    kept,
    offer_of,
)
from handlers.features.making.steps import answered, ask, go_on, search, settings, under
from handlers.features.making.words import say
from handlers.shop import wishes
from handlers.shop.offers import Offer
from handlers.words import intents
from handlers.words.texts import Markup, escape, shorten
from kie.catalogue.input import NUMBERS, Input, InputType

DRAFT_SHOWN = 300  #: UTF-16 units of a text that came before its model
NUMBER_LENGTH = 20  #: characters of a typed number


def text(facts: Facts, sent: Text) -> Effects:
    """A text: the answer to a question, a better description, a search, or the first word."""
    whole = drafts.joined(facts, sent)
    if whole is not None:
        joined = say(facts.language, "texts_joined")
        return drafts.remember(_words(facts, whole, joined), sent, whole)
    small = _small_talk(facts, sent.text)
    if small is not None:
        return small
    if sent.replied is not None and sent.replied.kind == "image":
        effects = photos.about(facts, [sent.replied], sent.text.strip(), date=sent.date)
        return drafts.remember(effects, sent, sent.text)
    lead: Markup | None = None
    if facts.dialogue.step in {IDLE, SEARCH} and photos.forgotten(facts, sent.date):
        facts, lead = photos.without(facts), say(facts.language, "files_forgotten")
    return drafts.remember(_words(facts, sent.text, None, above=lead), sent, sent.text)


def _small_talk(facts: Facts, words: str) -> Effects | None:
    """What is no wish and no answer; None: it may be one."""
    meant, step = intents.intent(words), facts.dialogue.step
    asked = asked_of(facts) if step == ASK else None
    if asked is not None and (asked.type is InputType.TEXT or meant in {intents.YES, intents.NO}):
        # What somebody was asked to write is written, whatever it is; a switch hears yes and no.
        open_text = asked.type is InputType.TEXT and facts.dialogue.answers.get("back") is None
        if not open_text or meant not in {intents.EMPTY, intents.NO, intents.PRICE, intents.HOW}:
            return None
    if meant is None or step == SEARCH:
        return None
    if meant == intents.YES and step in {CONFIRM, SETTINGS}:
        return _created(order.create(facts, Press("", facts.dialogue.version, "", facts.card)))
    if meant == intents.NO and step in {ASK, CONFIRM, SETTINGS}:
        return (Home(say(facts.language, "cancelled"), forget=True),)
    line = say(facts.language, f"said_{meant}")
    return (Again(line),) if step in {ASK, CONFIRM, SETTINGS} else (Say(Screen(line)),)


def _created(effects: Effects) -> Effects:
    """What "Create" leads to, without a press that could be answered: a refusal is said."""
    told = [each.text for each in effects if isinstance(each, Toast) and each.text]
    if told:
        return tuple(Again(escape(words)) for words in told)
    return tuple(each for each in effects if not isinstance(each, Toast))


def _words(
    facts: Facts, words: str, lead: Markup | None, *, above: Markup | None = None
) -> Effects:
    """``lead`` is said above what follows: the words may then replace their own beginning.
    ``above`` is said, too, and means nothing."""
    language, step, offer = facts.language, facts.dialogue.step, offer_of(facts)
    if step == SEARCH:
        return search(facts, None, words)
    asked = asked_of(facts) if step == ASK else None
    if offer is not None and step in {CONFIRM, SETTINGS}:
        if offer.prompt is None:
            return _wish(facts, words, lead)
        if lead is not None and offer.prompt.problem(words.strip()) is not None:
            return _wish(facts, words, lead)
        return _as_prompt(facts, offer, offer.prompt, words.strip(), lead)
    if lead is not None and offer is not None and offer.prompt is not None:
        return _as_prompt(facts, offer, offer.prompt, words.strip(), lead)
    if offer is None or asked is None:
        return _wish(facts, words, lead or above)
    if asked.is_file:
        return _instead_of_a_file(facts, offer, asked, words.strip())
    value = _typed(asked, words.strip(), language)
    if value is None and facts.dialogue.answers.get("back") and _is_wish(asked, offer, words):
        return _as_prompt(facts, offer, offer.prompt, words.strip(), lead)
    if value is None:
        choosing = bool(asking.choices(asked))
        return (Again(say(language, "choose_by_button" if choosing else "bad_not_a_number")),)
    problem = asked.problem(value)
    if problem is not None:
        return (Again(asking.refusal(problem, language)),)
    return answered(facts, offer, {**inputs_of(facts), asked.name: value}, None)


def _is_wish(asked: Input, offer: Offer, words: str) -> bool:
    """Whether words beside the buttons of a chip are a better description: they are many."""
    prompt = offer.prompt
    many = len(words.split()) > 1
    return bool(asking.choices(asked)) and many and prompt is not None and not prompt.problem(words)


def pick(facts: Facts, argument: str, at: int | None) -> Effects:
    """One of the choices of the question that is open."""
    offer, asked = offer_of(facts), asked_of(facts)
    options = asking.choices(asked) if asked is not None else ()
    value = next((each for each in options if asking.word(each) == argument), None)
    if offer is None or asked is None or value is None:
        return (Again(say(facts.language, "choose_by_button")),)
    return answered(facts, offer, {**inputs_of(facts), asked.name: value}, at)


def keep(facts: Facts, at: int | None) -> Effects:
    """The answer that was there is still right, or a list of files is complete."""
    offer, asked = offer_of(facts), asked_of(facts)
    inputs = inputs_of(facts)
    if offer is None or asked is None or asked.problem(inputs.get(asked.name)) is not None:
        return (Again(say(facts.language, "choose_by_button")),)
    return answered(facts, offer, inputs, at)


def clear(facts: Facts, at: int | None) -> Effects:
    """The answer is taken away: a setting is as if never set, files are sent anew."""
    offer, asked = offer_of(facts), asked_of(facts)
    if offer is None or asked is None:
        return (Again(say(facts.language, "choose_by_button")),)
    inputs = {name: value for name, value in inputs_of(facts).items() if name != asked.name}
    opened_from = facts.dialogue.answers.get("back")
    if opened_from == SETTINGS:
        return settings(facts, offer, inputs, at)
    if not asked.required:
        return go_on(facts, offer, inputs, at)
    return ask(facts, offer, asked, inputs, at, back=opened_from)


def undo(facts: Facts, at: int | None) -> Effects | None:
    """The words before the last ones; the last ones come back by the same button."""
    offer, inputs = offer_of(facts), inputs_of(facts)
    before = str(facts.dialogue.answers.get("before") or "")
    if offer is None or offer.prompt is None or not before:
        return None
    now = offer.words_of(inputs)
    return go_on(facts, offer, {**inputs, offer.prompt.name: before}, at, before=now)


def draw(facts: Facts, at: int | None) -> Effects | None:
    """The words of a search that found nothing are a wish."""
    words = str(facts.dialogue.answers.get("query") or "")
    return _wish(facts, words, None, at) if words else None


def resumed_wish(facts: Facts, at: int | None) -> Effects | None:
    """What was kept without a card: words, or a file with or without words. None: nothing."""
    state = kept(facts)
    files, words = files_of(state), str(state.get("draft") or "")
    if files:
        return photos.about(facts, files, words, date=int(state.get("files_at") or 0))
    return _wish(facts, words, None, at) if words else None


# ---------------------------------------------------------------- internal --


def _typed(asked: Input, words: str, language: str) -> Any:
    """The value that was typed; None: it is none of this question's."""
    if asked.type is InputType.TEXT:
        return words
    for each in asking.choices(asked):
        names = {asking.word(each), asking.shown(asked, each, language)}
        if words.casefold() in {name.casefold() for name in names}:
            return each
    return _number(words) if asked.type in NUMBERS else None


def _number(words: str) -> int | float | None:
    """A number as people write it; whole ones are whole."""
    try:
        found = Decimal(words[: NUMBER_LENGTH + 1].replace(",", ".").replace(" ", ""))
    except InvalidOperation:
        return None
    if not found.is_finite() or len(words) > NUMBER_LENGTH or abs(found.adjusted()) > NUMBER_LENGTH:
        return None
    return int(found) if found == found.to_integral_value() else float(found)


def _wish(facts: Facts, words: str, lead: Markup | None, at: int | None = None) -> Effects:
    """Words before a model is chosen: a wish is enough, the rest has defaults. Files that came
    before them are what the wish is about."""
    before = dict(kept(facts))
    files = files_of(before)
    if files:
        effects = photos.about(facts, files, words.strip(), date=int(before.get("files_at") or 0))
        return effects if lead is None else _above(effects, lead)
    offer = wishes.model_for(facts.shop, facts.account, words.strip(), ())
    if offer is not None:
        inputs = wishes.inputs_for(offer, words.strip(), ())
        return go_on(facts, offer, inputs, at, lead=lead, carried={})
    told = say(facts.language, "draft_kept", text=shorten(words, DRAFT_SHOWN))
    above = told if lead is None else Markup(f"{lead}\n\n{told}")
    return (Move(IDLE, {**before, "draft": words}), Say(menus.models(facts, facts.language, above)))


def _above(effects: Effects, lead: Markup) -> Effects:
    """The same effects, the sentence above what is said."""
    return tuple(
        Say(under(lead, each.screen), each.stays, each.settles) if isinstance(each, Say) else each
        for each in effects
    )


def _as_prompt(
    facts: Facts, offer: Offer, prompt: Input | None, words: str, lead: Markup | None = None
) -> Effects:
    if prompt is None:
        return _wish(facts, words, lead)
    problem = prompt.problem(words)
    if problem is not None:
        return (Again(asking.refusal(problem, facts.language)),)
    before = offer.words_of(inputs_of(facts)) if lead is None else ""
    inputs = {**inputs_of(facts), prompt.name: words}
    if lead is None and before:
        lead = say(facts.language, "prompt_replaced")
    return go_on(facts, offer, inputs, None, lead=lead, before=before)


def _instead_of_a_file(facts: Facts, offer: Offer, asked: Input, words: str) -> Effects:
    """A description that comes before the file it is about is kept."""
    prompt, inputs = offer.prompt, inputs_of(facts)
    if prompt is None or prompt.problem(words) is not None:
        return (Again(say(facts.language, "bad_no_file")),)
    back = facts.dialogue.answers.get("back")
    lead = say(facts.language, "prompt_kept")
    return ask(facts, offer, asked, {**inputs, prompt.name: words}, None, back=back, lead=lead)
