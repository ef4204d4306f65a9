"""What a user gave as an answer: a text, a press on a choice, a file."""

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effects, Home, Say, Screen, Toast
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Text
from handlers.features.making import asking, message_changes, order, photos, wish_card
from handlers.features.making.dialogue_state import (
    ASK,
    CONFIRM,
    SEARCH,
    SETTINGS,
    asked_of,
    inputs_of,
    offer_of,
    origin,
    refused,
    remember,
    remember_answer,
    remember_search,
    told,
)
from handlers.features.making.steps import answered, ask, go_on, search, settings
from handlers.features.making.words import say
from handlers.shop import tasks, wishes
from handlers.shop.offers import Offer
from handlers.words import intents, wished
from handlers.words.texts import Markup, escape
from kie.catalogue.input import Input, InputType
from kie.catalogue.user_file import UserFile

#: What is no description even where one is asked for.
_NO_DESCRIPTIONS = {
    *(intents.EMPTY, intents.NO, intents.PRICE, intents.HOW, intents.SCREENS),
    *(intents.AGAIN, intents.COMPLAINT, intents.BYE),
}


def text(facts: Facts, sent: Text) -> Effects:
    """A text: the answer to a question, a better description, a search, or the first word."""
    whole = message_changes.joined(facts, sent)
    if whole is not None:
        lead = say(facts.language, "texts_joined")
        effects = remember(_words(facts, whole, lead), sent, whole)
        return message_changes.with_rest(facts, effects, sent, "from")
    answer = message_changes.joined_answer(facts, sent)
    offer = offer_of(facts)
    if answer is not None and offer is not None:
        lead = say(facts.language, "texts_joined")
        effects = _answer(facts, offer, answer[0], sent, answer[1], lead)
        return message_changes.with_rest(facts, effects, sent, "answer")
    small = _small_talk(facts, sent)
    if sent.replied is not None and sent.replied.kind == "image" and _describes(sent.text):
        return of_picture(facts, sent.replied, sent)
    if small is not None:
        return small
    above: Markup | None = None
    if facts.dialogue.step in {IDLE, SEARCH} and photos.forgotten(facts, sent.date):
        facts, above = photos.without(facts), say(facts.language, "files_forgotten")
    if facts.dialogue.step == SEARCH:
        return remember_search(search(facts, None, sent.text), sent)
    asked = asked_of(facts) if facts.dialogue.step == ASK else None
    if asked is not None and offer is not None:
        return _at_question(facts, offer, asked, sent)
    effects = _words(facts, sent.text, None, above=above)
    if offer is not None and offer.prompt is not None and refused(effects):
        return remember_answer(facts, effects, sent, offer.prompt, sent.text)
    return remember(effects, sent, sent.text)


def of_picture(facts: Facts, picture: UserFile, sent: Text, command: str = "") -> Effects:
    """What is to become of the picture of the message that was answered."""
    words = sent.text.strip()
    effects = photos.about(facts, [picture], words, date=sent.date, command=command)
    if not words:
        return told(effects, {"wish": sent.message_id})
    return remember(effects, sent, sent.text, tasks.OF_COMMAND.get(command, ""))


def _at_question(facts: Facts, offer: Offer, asked: Input, sent: Text) -> Effects:
    """Words at an open question: its answer, or a description beside it."""
    words = sent.text.strip()
    if asked.is_file:
        return remember(_instead_of_a_file(facts, offer, asked, words), sent, sent.text)
    untyped = asking.typed(asked, words, facts.language) is None
    if untyped and facts.dialogue.answers.get("back") and _is_wish(asked, offer, words):
        return remember(_as_prompt(facts, offer, offer.prompt, words), sent, sent.text)
    return _answer(facts, offer, asked, sent, sent.text)


def _describes(words: str) -> bool:
    """Whether a reply to a picture is about what shall become of it."""
    said = {intents.YES, intents.NO, intents.THANKS, intents.EMPTY}
    return intents.intent(words) not in said


def _small_talk(facts: Facts, sent: Text) -> Effects | None:
    """What is no wish and no answer; None: it may be one."""
    meant, step = intents.intent(sent.text), facts.dialogue.step
    asked = asked_of(facts) if step == ASK else None
    if asked is not None and asked.name == tasks.SPOKEN and meant != intents.EMPTY:
        return None  # whatever it is, it is read aloud
    if asked is not None and (asked.type is InputType.TEXT or meant in {intents.YES, intents.NO}):
        # What somebody was asked to write is written, whatever it is; a switch hears yes and no.
        open_text = asked.type is InputType.TEXT and facts.dialogue.answers.get("back") is None
        if not open_text or meant not in _NO_DESCRIPTIONS:
            return None
    if meant is None or step == SEARCH:
        return None
    if meant == intents.YES and step in {CONFIRM, SETTINGS} and (facts.covered or not sent.own):
        return (Again(),)  # nobody orders what they do not see, or by the words of somebody else
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
    """Words that answer no question. ``lead`` and ``above`` are sentences above the screen that
    follows. ``lead`` also means that the words may be a longer form of words sent before, which
    they replace."""
    offer = offer_of(facts)
    if facts.dialogue.step == SEARCH:
        return search(facts, None, words)
    if offer is None or facts.dialogue.step not in {ASK, CONFIRM, SETTINGS}:
        return wish_card.wish(facts, words, lead or above)
    prompt = offer.prompt
    joined = lead is not None and facts.dialogue.step != ASK
    if lead is None and facts.dialogue.step != ASK:
        other = wish_card.of_another_kind(facts, offer, words)
        if other is not None:
            return other
    if prompt is None or (joined and prompt.problem(words.strip()) is not None):
        return wish_card.wish(facts, words, lead)
    return _as_prompt(facts, offer, prompt, words.strip(), lead)


def _answer(
    facts: Facts, offer: Offer, asked: Input, sent: Text, words: str, lead: Markup | None = None
) -> Effects:
    """The answer to a question: what the user writes there is the answer, not a wish."""
    value = asking.typed(asked, words.strip(), facts.language)
    problem = asked.problem(value) if value is not None else None
    effects: Effects
    if value is None:
        choosing = bool(asking.choices(asked))
        key = "choose_by_button" if choosing else "bad_not_a_number"
        effects = (Again(say(facts.language, key)),)
    elif problem is not None:
        effects = (Again(asking.refusal(problem, facts.language)),)
    else:
        inputs = {**inputs_of(facts), asked.name: value}
        effects = answered(facts, offer, inputs, None, lead=lead)
        if asked is offer.prompt:
            return remember(effects, sent, words)
    return remember_answer(facts, effects, sent, asked, words)


def _is_wish(asked: Input, offer: Offer, words: str) -> bool:
    """Whether words beside the buttons of a chip are a new description: more than one word."""
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
    other = wish_card.elsewhere(facts, offer, now, before, None, at)
    if other is not None:
        return told(other, origin(facts.dialogue.answers))
    return go_on(facts, offer, {**inputs, offer.prompt.name: before}, at, before=now)


def draw(facts: Facts, at: int | None) -> Effects | None:
    """The words of a search that found nothing are a wish."""
    answers = facts.dialogue.answers
    words = str(answers.get("query") or "")
    if not words:
        return None
    searched = answers.get("searched")
    known = {"from": searched, "words": words} if searched else {}
    return told(wish_card.wish(facts, words, None, at), known)


# ---------------------------------------------------------------- internal --


def _as_prompt(
    facts: Facts, offer: Offer, prompt: Input | None, words: str, lead: Markup | None = None
) -> Effects:
    if prompt is None:
        return wish_card.wish(facts, words, lead)
    if prompt.name == tasks.SPOKEN:
        words = wished.spoken(words) or words
    problem = prompt.problem(words)
    if problem is not None:
        return order.longer(facts, words, problem) or (
            Again(asking.refusal(problem, facts.language)),
        )
    before = offer.words_of(inputs_of(facts)) if lead is None else ""
    inputs = {**inputs_of(facts), **wishes.format_in(offer, words), prompt.name: words}
    if lead is None and before:
        lead = say(facts.language, "prompt_replaced")
    return go_on(facts, offer, inputs, None, lead=lead, before=before)


def _instead_of_a_file(facts: Facts, offer: Offer, asked: Input, words: str) -> Effects:
    """A description that comes before the file it is about is kept; after the files it says that
    they are all."""
    prompt, inputs = offer.prompt, inputs_of(facts)
    if prompt is None or prompt.problem(words) is not None:
        return (Again(say(facts.language, "bad_no_file")),)
    given = inputs.get(asked.name)
    if given and asked.problem(given) is None:
        return go_on(facts, offer, {**inputs, prompt.name: words}, None)
    back = facts.dialogue.answers.get("back")
    lead = say(facts.language, "prompt_kept")
    return ask(facts, offer, asked, {**inputs, prompt.name: words}, None, back=back, lead=lead)
