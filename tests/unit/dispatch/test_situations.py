"""What people do is answered helpfully: in their language, at the finger, for nothing unasked."""

import pytest

from handlers.dialogue.effects import Say, Show, Toast
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram
from tests.support.situations import ALL
from tests.support.situations.acts import Pressed, Situation


class Person(Talk):
    """Somebody who remembers the last button."""

    pressed = ""


def perform(talk: Person, act: object, language: str) -> None:
    if isinstance(act, Pressed):
        fits = [each for each in presses(talk) if each.startswith(act.data)]
        # A button that is shown no more is pressed once more.
        talk.pressed = fits[0] if fits else act.data if "|" in act.data else talk.pressed
        talk.hear(telegram.press(talk.pressed))
    elif isinstance(act, tuple):
        talk.says(act[language == "ru"])
    elif isinstance(act, dict):
        talk.hear(act)
    else:
        talk.says(str(act))


def presses(talk: Talk) -> list[str]:
    """The data of the buttons that the last screens show."""
    screens = [each.screen for each in talk.effects if isinstance(each, Say | Show)]
    return [button.press for each in screens for row in each.keyboard for button in row]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_what_people_do_is_answered_helpfully(row: Situation, language: str) -> None:
    talk = Person(**row.facts)
    talk.language = language

    for act in row.acts:
        perform(talk, act, language)

    shown = [each.screen for each in talk.effects if isinstance(each, Say | Show)]
    texts: list[str] = [each.text for each in shown]
    texts += [each.text for each in talk.effects if isinstance(each, Toast)]
    texts += [each.progress.text for each in talk.started]
    assert row.says[language == "ru"].lower() in "\n".join(texts).lower()
    assert len(shown) <= 1
    assert set(row.shows) <= {each.partition("|")[0] for each in presses(talk)}
    assert ("task||tools" in presses(talk)) == row.home
    assert len(talk.started) == row.orders


def test_each_situation_has_a_name_of_its_own() -> None:
    names = [each.name for each in ALL]

    assert sorted(names) == sorted(set(names))
