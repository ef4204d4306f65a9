"""What help, support and a change of language lead to."""

from dataclasses import dataclass

from handlers.dialogue.buttons import Press
from handlers.dialogue.effects import Again, Effect, Effects, Home, Say, Toast, present
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Command
from handlers.features.account import screens
from handlers.features.account.words import plain
from handlers.words.languages import following


@dataclass(frozen=True, slots=True)
class SetLanguage(Effect):
    """The user's own choice."""

    language: str


def ask_help(facts: Facts, _command: Command) -> Effects:
    """``/help``"""
    return (Say(screens.help_screen(facts)),)


def press_help(facts: Facts, press: Press) -> Effects:
    """The same in place of the message with the button."""
    return (present(screens.help_screen(facts), press.at),)


def ask_language(facts: Facts, _command: Command) -> Effects:
    """``/language``: the other language, and the step once more in it."""
    other = following(facts.language)
    return (SetLanguage(other), Again(language=other))


def press_language(facts: Facts, press: Press) -> Effects:
    """The button of the menu: the menu in the other language."""
    other = following(facts.language)
    return (Toast(plain(other, "toast_language")), SetLanguage(other), Home(None, press.at, other))
