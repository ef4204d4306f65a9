"""What a user gave as an answer: a text, a press on a choice, a file."""

from decimal import Decimal, InvalidOperation
from typing import Any

from handlers.dialogue.effects import Again, Effects, Move, Say
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Media, Text
from handlers.features.making import asking, drafts, menus
from handlers.features.making.dialogue_state import asked_of, inputs_of, kept, offer_of
from handlers.features.making.names import ASK, CONFIRM, SEARCH, SETTINGS
from handlers.features.making.steps import answered, ask, go_on, settings
from handlers.features.making.words import say
from handlers.shop import wishes
from handlers.shop.offers import Offer
from handlers.words.texts import Markup, shorten
from kie.catalogue.input import NUMBERS, Input, InputType
from kie.catalogue.user_file import UserFile

DRAFT_SHOWN = 300  #: UTF-16 units of a text that came before its model
MOST_DRAFTS = 16  #: files that are kept before a model is chosen
NUMBER_LENGTH = 20  #: characters of a typed number


def text(facts: Facts, sent: Text) -> Effects:
    """A text: the answer to a question, a better description, a search, or the first word."""
    whole = drafts.joined(facts, sent)
    if whole is not None:
        lead = say(facts.language, "texts_joined")
        return drafts.remember(_words(facts, whole, lead), sent, whole)
    return drafts.remember(_words(facts, sent.text, None), sent, sent.text)


def _words(facts: Facts, words: str, lead: Markup | None) -> Effects:
    """``lead`` is said above what follows. The words may replace their own beginning."""
    language, step, offer = facts.language, facts.dialogue.step, offer_of(facts)
    if step == SEARCH:
        return (Say(menus.found(facts, words, language)),)
    asked = asked_of(facts) if step == ASK else None
    if offer is not None and step in {CONFIRM, SETTINGS}:
        if offer.prompt is None:
            return (Again(say(language, "choose_by_button")),)
        if lead is not None and offer.prompt.problem(words.strip()) is not None:
            return _wish(facts, words, lead)
        return _as_prompt(facts, offer, offer.prompt, words.strip(), lead)
    if lead is not None and offer is not None and offer.prompt is not None:
        return _as_prompt(facts, offer, offer.prompt, words.strip(), lead)
    if offer is None or asked is None:
        return _wish(facts, words, lead)
    if asked.is_file:
        return _instead_of_a_file(facts, offer, asked, words.strip())
    value = _typed(asked, words.strip(), language)
    if value is None:
        choosing = bool(asking.choices(asked))
        return (Again(say(language, "choose_by_button" if choosing else "bad_not_a_number")),)
    problem = asked.problem(value)
    if problem is not None:
        return (Again(asking.refusal(problem, language)),)
    return answered(facts, offer, {**inputs_of(facts), asked.name: value}, None)


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
    return ask(facts, offer, asked, inputs, at, back=opened_from)


def media(facts: Facts, sent: Media) -> Effects:
    """A file: the answer to a question, one more of a list, or the first of all."""
    language, step, offer = facts.language, facts.dialogue.step, offer_of(facts)
    asked = asked_of(facts) if step == ASK else None
    if _belongs_to_what_is_over(facts, asked, sent):
        return _left_out(facts, sent)
    if offer is None or step not in {ASK, CONFIRM, SETTINGS}:
        return _draft(facts, sent)
    if asked is None and step != ASK:
        asked = offer.takes(sent.file.kind)
    if asked is None or not asked.is_file:
        return (Again(say(language, f"other_{sent.kind}")),)
    problem = asked.file_problem(sent.file)
    if problem is not None:
        return (Again(asking.refusal(problem, language)),)
    return _add(facts, offer, asked, sent)


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


def _wish(facts: Facts, words: str, lead: Markup | None) -> Effects:
    """Words before a model is chosen: a wish is enough, the rest has defaults. Files that came
    before them are what the wish is about."""
    before = dict(kept(facts))
    files = [file for each in before.get("files", ()) if (file := UserFile.of(each)) is not None]
    offer = wishes.model_for(facts.shop, facts.account, words.strip(), files)
    if offer is not None:
        return go_on(facts, offer, wishes.inputs_for(offer, words.strip(), files), None, lead=lead)
    told = say(facts.language, "draft_kept", text=shorten(words, DRAFT_SHOWN))
    above = told if lead is None else Markup(f"{lead}\n\n{told}")
    move = Move(IDLE, {**before, "draft": words})
    if not files:
        return (move, Say(menus.menu(facts, facts.language, above)))
    above = Markup(above + say(facts.language, "kept_files", n=len(files)))
    return (move, Say(menus.accepting(facts, files[-1].kind, facts.language, above)))


def _as_prompt(
    facts: Facts, offer: Offer, prompt: Input, words: str, lead: Markup | None = None
) -> Effects:
    problem = prompt.problem(words)
    if problem is not None:
        return (Again(asking.refusal(problem, facts.language)),)
    inputs = {**inputs_of(facts), prompt.name: words}
    return go_on(facts, offer, inputs, None, lead=lead or say(facts.language, "prompt_replaced"))


def _instead_of_a_file(facts: Facts, offer: Offer, asked: Input, words: str) -> Effects:
    """A description that comes before the file it is about is kept."""
    prompt, inputs = offer.prompt, inputs_of(facts)
    if prompt is None or prompt.problem(words) is not None:
        return (Again(say(facts.language, "bad_no_file")),)
    back, album = (facts.dialogue.answers.get(key) for key in ("back", "album"))
    lead = say(facts.language, "prompt_kept")
    kept = {**inputs, prompt.name: words}
    return ask(facts, offer, asked, kept, None, back=back, lead=lead, album=album)


def _add(facts: Facts, offer: Offer, asked: Input, sent: Media) -> Effects:
    language, dialogue = facts.language, facts.dialogue
    inputs = inputs_of(facts)
    given = inputs.get(asked.name)
    if isinstance(given, list) and len(given) >= asked.max_items > 1:
        return (Again(say(language, "bad_too_many_files", n=len(given), max=asked.max_items)),)
    inputs = _with_caption(offer, offer.with_file(inputs, asked, sent.file), sent.caption)
    if not asked.many or len(inputs[asked.name]) >= asked.max_items:
        return answered(facts, offer, inputs, None, album=sent.album)
    follows = sent.album is not None and dialogue.answers.get("album") == sent.album
    if follows and dialogue.step == ASK:
        # The first of the album was answered, and its buttons stay right.
        return (Move(ASK, {**dialogue.answers, "inputs": inputs}, quiet=True),)
    opened_from = dialogue.answers.get("back") if dialogue.step == ASK else dialogue.step
    lead = say(language, "album_comes") if sent.album is not None else None
    return ask(facts, offer, asked, inputs, None, back=opened_from, lead=lead, album=sent.album)


def _with_caption(offer: Offer, inputs: dict[str, Any], caption: str) -> dict[str, Any]:
    """Words under a file are the description, if there is none yet."""
    prompt = offer.prompt
    if prompt is None or prompt.name in inputs or prompt.problem(caption) is not None:
        return inputs
    return {**inputs, prompt.name: caption}


def _belongs_to_what_is_over(facts: Facts, asked: Input | None, sent: Media) -> bool:
    """One more of an album of which as many were taken as are needed."""
    same = sent.album is not None and facts.dialogue.answers.get("album") == sent.album
    waiting = asked is not None and asked.type == sent.file.kind
    return same and facts.dialogue.step in {ASK, CONFIRM} and not waiting


def _left_out(facts: Facts, sent: Media) -> Effects:
    """Said once an album."""
    answers = facts.dialogue.answers
    move = Move(facts.dialogue.step, {**answers, "left_out": sent.album}, quiet=True)
    if answers.get("left_out") == sent.album:
        return (move,)
    return (move, Again(say(facts.language, "left_out")))


def _draft(facts: Facts, sent: Media) -> Effects:
    """Kept until a model is chosen."""
    answers, language = dict(facts.dialogue.answers), facts.language
    sent_now = [each.as_json() for each in (sent.file, *sent.more)]
    files = [*answers.get("files", ()), *sent_now][-MOST_DRAFTS:]
    answers = {**answers, "files": files, "album": sent.album, "model": None, "started": None}
    if sent.caption:
        answers["draft"] = sent.caption
    step = facts.dialogue.step if facts.dialogue.step == SEARCH else IDLE
    if sent.album is not None and facts.dialogue.answers.get("album") == sent.album:
        return (Move(step, answers, quiet=True),)
    if sent.caption and sent.album is None:
        given = [file for each in files if (file := UserFile.of(each)) is not None]
        offer = wishes.model_for(facts.shop, facts.account, sent.caption, given)
        if offer is not None:
            return go_on(facts, offer, wishes.inputs_for(offer, sent.caption, given), None)
    lead = say(language, f"file_kept_{sent.file.kind}")
    return (
        Move(IDLE, answers),
        Say(menus.accepting(facts, sent.file.kind, language, Markup(lead))),
    )
