"""What a user gave stays until they remove it: words, their corrections, files.

What is kept (``dialogues.answers``): ``draft`` and ``files`` before a model is chosen, ``inputs``
after that; ``from`` says which message the words came from, so that its continuation and its
correction find them.
"""

from dataclasses import replace

from handlers.dialogue.effects import Effects, Move, Say, Screen
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Edited, Text
from handlers.features.making import asking, menus
from handlers.features.making.dialogue_state import inputs_of, kept, offer_of
from handlers.features.making.steps import go_on
from handlers.features.making.words import say
from handlers.shop import wishes
from handlers.words.texts import Markup, shorten, units

#: Telegram's apps cut a longer text into messages of at most 4096 units, at a blank.
CUT_AT = 3500
#: Seconds between the parts of one text, by Telegram's clock.
TOGETHER = 3
SHOWN = 300  #: UTF-16 units of kept words on the menu


def remember(effects: Effects, sent: Text, words: str) -> Effects:
    """The same effects; the dialogue knows where the words came from."""
    source = {"id": sent.message_id, "date": sent.date, "tail": units(sent.text)}
    return tuple(
        replace(each, answers={**each.answers, "from": source, "words": words})
        if isinstance(each, Move)
        else each
        for each in effects
    )


def joined(facts: Facts, sent: Text) -> str | None:
    """The whole text, if ``sent`` is the rest of one that the app has cut; None: it is not."""
    answers = facts.dialogue.answers
    source = answers.get("from")
    if not isinstance(source, dict) or not sent.message_id:
        return None
    follows = sent.message_id == source.get("id", 0) + 1
    at_once = 0 <= sent.date - source.get("date", 0) <= TOGETHER
    if follows and at_once and source.get("tail", 0) >= CUT_AT:
        return f"{answers.get('words', '')} {sent.text.lstrip()}"
    return None


def edited(facts: Facts, change: Edited) -> Effects:
    """A corrected message replaces what it said; a request that has gone out keeps its words."""
    answers, language = facts.dialogue.answers, facts.language
    source = answers.get("from")
    if not isinstance(source, dict) or source.get("id") != change.message_id:
        return ()
    words = change.text.strip()
    sent = Text(change.sender, words, change.message_id, source.get("date", 0))
    if answers.get("started") is not None:
        return _too_late(facts, sent)
    offer = offer_of(facts)
    if offer is None or offer.prompt is None:
        return (
            Move(facts.dialogue.step, {**answers, "draft": words}, quiet=True),
            Say(Screen(say(language, "edit_kept"))),
        )
    problem = offer.prompt.problem(words)
    if problem is not None:
        return (Say(Screen(asking.refusal(problem, language))),)
    inputs = {**inputs_of(facts), offer.prompt.name: words}
    lead, before = say(language, "edit_taken"), offer.words_of(inputs_of(facts))
    return remember(go_on(facts, offer, inputs, facts.card, lead=lead, before=before), sent, words)


def line(facts: Facts, language: str) -> Markup:
    """What is kept, for the menu; nothing for nothing."""
    found = kept(facts)
    lines = ""
    if found.get("draft"):
        lines += say(language, "kept_words", text=shorten(str(found["draft"]), SHOWN))
    if found.get("files"):
        lines += say(language, "kept_files", n=len(found["files"]))
    return Markup(lines)


def _too_late(facts: Facts, sent: Text) -> Effects:
    """The request has gone out with the words as they were: these are a wish of their own."""
    lead = say(facts.language, "edit_too_late")
    offer = wishes.model_for(facts.shop, facts.account, sent.text, ())
    if offer is None:
        return (Move(IDLE, {"draft": sent.text}), Say(menus.menu(facts, facts.language, lead)))
    inputs = wishes.inputs_for(offer, sent.text, ())
    effects = go_on(facts, offer, inputs, None, lead=lead, carried={})
    return remember(effects, sent, sent.text)
