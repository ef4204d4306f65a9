"""A broadcast before it is sent: the message, who gets it, what comes with it, the last question.

The draft is a row of ``broadcasts``, one for each operator, so it is still there after other
commands and after a restart. The dialogue holds only what its screen shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sql
from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effect, Effects, Move, Say, Screen, Toast, present
from handlers.dialogue.facts import IDLE, Facts
from handlers.dialogue.incoming import Media, Text
from handlers.dispatch.feature import Reading
from handlers.features.broadcast import message, screens
from handlers.features.broadcast.screens import AUDIENCES, MOST_BONUS, SILENT_DAYS
from handlers.features.broadcast.words import plain, say
from handlers.words.texts import Markup
from supervisor.database.transactions import Row
from supervisor.values.foreign import whole_text

WRITE, CARD, LINK, BONUS, SURE = "news_write", "news", "news_link", "news_bonus", "news_sure"
_SQL = sql.load("broadcast")


@dataclass(frozen=True, slots=True)
class ChangeDraft(Effect):
    """Change the draft, or begin one; a field that is None stays as it is."""

    content: Mapping[str, Any] | None = None
    audience: str | None = None
    bonus: int | None = None
    previews: bool = False  #: the operator sees the message as it arrives


@dataclass(frozen=True, slots=True)
class Discard(Effect):
    """Delete the draft."""


@dataclass(frozen=True, slots=True)
class Start(Effect):
    """The draft becomes a broadcast."""


@dataclass(frozen=True, slots=True)
class Found:
    """The operator's draft, and how many its audience has; the pressed audience, if one was."""

    content: Mapping[str, Any]
    audience: str
    bonus: int
    people: int


def draft(reading: Reading) -> Found | None:
    """The draft with the number of people of its audience, or of the one that is pressed."""
    row = reading.tx.one(_SQL["own_draft"], reading.named)
    if row is None:
        return None
    pressed = reading.press
    chosen = pressed.argument if pressed is not None and pressed.action == "news_to" else ""
    audience = chosen if chosen in AUDIENCES else row["audience"]
    named = {**reading.named, "audience": audience, "silent": SILENT_DAYS}
    groups = reading.tx.all(_SQL["audience"], named)
    return Found(row["content"], audience, row["bonus"], screens.people(groups, audience))


def overview(reading: Reading) -> tuple[Sequence[Row], bool]:
    """What runs and waits, and whether there is a draft."""
    rows = reading.tx.all(_SQL["list"], reading.named)
    return rows, reading.tx.one(_SQL["own_draft"], reading.named) is not None


# --------------------------------------------------------------------- rules --


def ask(facts: Facts, _command: object, found: tuple[Sequence[Row], bool]) -> Effects:
    """``/broadcast``"""
    rows, has_draft = found
    return (Say(screens.listed(rows, has_draft=has_draft, language=facts.language)),)


def press(facts: Facts, pressed: Press, found: tuple[Sequence[Row], bool]) -> Effects:
    """The button of the panel."""
    rows, has_draft = found
    screen = screens.listed(rows, has_draft=has_draft, language=facts.language)
    return (present(screen, pressed.at),)


def write(facts: Facts, pressed: Press, found: Found | None) -> Effects:
    """A new draft, or the one that is there."""
    if found is not None and found.content.get("text") is not None:
        return _card(facts, found, pressed.at, previews=True)
    return (ChangeDraft(), Move(WRITE), present(_writing(facts.language), pressed.at))


def rewrite(facts: Facts, pressed: Press) -> Effects:
    """Another message; audience, button and bonus stay."""
    return (Move(WRITE), present(_writing(facts.language), pressed.at))


def written(facts: Facts, sent: Text | Media, found: Found | None) -> Effects:
    """The message has come: it is shown as it arrives, with the card under it."""
    try:
        content = message.read(sent)
    except message.Unfit as unfit:
        return (Again(say(facts.language, unfit.key, **unfit.fields)),)
    if found is None:
        return _gone(facts, None)
    changed = replace(found, content={**found.content, **content})
    return (ChangeDraft(content=content), *_card(facts, changed, None, previews=True))


def no_message(facts: Facts, _sent: object) -> Effects:
    return (Again(say(facts.language, "wants_message")),)


def to(facts: Facts, pressed: Press, found: Found | None) -> Effects:
    """Another audience."""
    if found is None or pressed.argument not in AUDIENCES:
        return _gone(facts, pressed.at)
    return (ChangeDraft(audience=found.audience), *_card(facts, found, pressed.at))


def link(facts: Facts, pressed: Press) -> Effects:
    return _asked(facts, LINK, pressed)


def bonus(facts: Facts, pressed: Press) -> Effects:
    return _asked(facts, BONUS, pressed)


def typed(facts: Facts, text: Text, found: Found | None) -> Effects:
    """The button, or the bonus."""
    if found is None:
        return _gone(facts, None)
    if facts.dialogue.step == BONUS:
        number = whole_text(text.text, 0, MOST_BONUS)
        if number is None:
            return (Again(say(facts.language, "bonus_bad", most=MOST_BONUS)),)
        return (ChangeDraft(bonus=number), *_card(facts, replace(found, bonus=number), None))
    try:
        button = message.read_button(text.text)
    except message.Unfit as unfit:
        return (Again(say(facts.language, unfit.key, **unfit.fields)),)
    return _with_content(facts, found, button, None)


def without(facts: Facts, pressed: Press, found: Found | None) -> Effects:
    """No button, or no bonus."""
    if found is None:
        return _gone(facts, pressed.at)
    if facts.dialogue.step == BONUS:
        return (ChangeDraft(bonus=0), *_card(facts, replace(found, bonus=0), pressed.at))
    return _with_content(facts, found, {"label": "", "url": ""}, pressed.at)


def back(facts: Facts, pressed: Press, found: Found | None) -> Effects:
    """The card again."""
    return _gone(facts, pressed.at) if found is None else _card(facts, found, pressed.at)


def send(facts: Facts, pressed: Press, found: Found | None) -> Effects:
    """The last question."""
    if found is None:
        return _gone(facts, pressed.at)
    if not found.people:
        return (Toast(plain(facts.language, "nobody"), alert=True),)
    shown = _shown(found)
    screen = screens.sure(shown, facts.language, facts.dialogue.version + 1)
    return (Move(SURE, shown), present(screen, pressed.at))


def start(facts: Facts, pressed: Press, found: Found | None) -> Effects:
    """Sent from now on, by the service."""
    if found is None:
        return _gone(facts, pressed.at)
    if not found.people:
        return (
            Toast(plain(facts.language, "nobody"), alert=True),
            *_card(facts, found, pressed.at),
        )
    return (Start(), Move(IDLE))


def words(_facts: Facts, _text: object) -> Effects:
    """A text does not confirm: the question once more."""
    return (Again(),)


def discard(facts: Facts, pressed: Press) -> Effects:
    said = facts.at_desk(say(facts.language, "news_discarded"))
    return (Discard(), Move(IDLE), present(said, pressed.at))


# ------------------------------------------------------------------- screens --


def show_writing(facts: Facts, language: str, lead: Markup | None) -> Screen:
    del facts  # the question is the same for everybody
    return _under(lead, _writing(language))


def show(facts: Facts, language: str, lead: Markup | None) -> Screen:
    """The card, or the question that is open."""
    shown, version = facts.dialogue.answers, facts.dialogue.version
    match facts.dialogue.step:
        case "news_link":
            screen = screens.asked("link_wanted", "no_link", language, version)
        case "news_bonus":
            screen = screens.asked("bonus_wanted", "no_bonus", language, version, most=MOST_BONUS)
        case "news_sure":
            screen = screens.sure(shown, language, version)
        case _:
            screen = screens.draft(shown, language, version)
    return _under(lead, screen)


def _under(lead: Markup | None, screen: Screen) -> Screen:
    return screen if lead is None else Screen(Markup(f"{lead}\n\n{screen.text}"), screen.keyboard)


def _writing(language: str) -> Screen:
    return Screen(say(language, "write_news"))


def _asked(facts: Facts, step: str, pressed: Press) -> Effects:
    here = replace(facts.dialogue, step=step, version=facts.dialogue.version + 1)
    screen = show(replace(facts, dialogue=here), facts.language, None)
    return (Move(step, facts.dialogue.answers), present(screen, pressed.at))


def _with_content(facts: Facts, found: Found, more: Mapping[str, Any], at: int | None) -> Effects:
    changed = replace(found, content={**found.content, **more})
    return (
        ChangeDraft(content=more, previews=True),
        *_card(facts, changed, None if more["url"] else at),
    )


def _card(facts: Facts, found: Found, at: int | None, *, previews: bool = False) -> Effects:
    shown = _shown(found)
    screen = screens.draft(shown, facts.language, facts.dialogue.version + 1)
    if previews:
        return (ChangeDraft(previews=True), Move(CARD, shown), Say(screen))
    return (Move(CARD, shown), present(screen, at))


def _shown(found: Found) -> dict[str, Any]:
    return {
        "audience": found.audience,
        "n": found.people,
        "bonus": found.bonus,
        "label": found.content.get("label", ""),
        "url": found.content.get("url", ""),
    }


def _gone(facts: Facts, at: int | None) -> Effects:
    return (Move(IDLE), present(facts.at_desk(say(facts.language, "news_gone")), at))
