"""A text that the user's app has cut into messages, one of which is corrected."""

import pytest

from handlers.dialogue.effects import Say, Show
from kie.money.ledger import Account
from tests.support.chats.talk import Talk
from tests.support.situations.acts import corrected, written
from tests.support.words.wording import say

FIRST, SECOND, THIRD = "a fox " * 600 + "sits", "a dog " * 600 + "runs", "and a cat"
NUMBERS = {10: FIRST, 11: SECOND, 12: THIRD}


def cut(talk: Talk | None = None, command: str = "") -> Talk:
    """A talk in which a text came in three messages."""
    talk = talk or Talk(account=Account(balance=10_000))
    talk.hear(written(command + FIRST, 10)).hear(written(SECOND, 11))
    return talk.hear(written(THIRD, 12, 101))


def words(talk: Talk) -> str:
    return str(talk.dialogue.answers["inputs"]["prompt"])


def made(talk: Talk) -> str:
    return talk.shop.offers[str(talk.dialogue.answers["model"])].kind


def shown(talk: Talk) -> str:
    return "".join(str(e.screen.text) for e in talk.effects if isinstance(e, Say | Show))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_corrected_part_stands_between_the_others(number: int) -> None:
    talk = cut().hear(corrected("an owl sleeps", number))

    assert words(talk) == " ".join({**NUMBERS, number: "an owl sleeps"}.values())
    assert say("en", "edit_taken") in shown(talk)


def test_each_part_can_be_corrected_after_the_others() -> None:
    talk = cut()
    for number, text in ((12, "two"), (10, "a much longer first part"), (11, "x"), (12, "y")):
        talk.hear(corrected(text, number))

    assert words(talk) == "a much longer first part x y"


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("before", [None, "Create", "Video instead"])
@pytest.mark.parametrize("command", ["", "/image "])
def test_an_edit_that_changes_no_word_of_a_part_changes_nothing(
    number: int, before: str | None, command: str
) -> None:
    talk = cut(command=command)
    if before is not None:
        talk.presses(before)
    known = talk.dialogue

    talk.hear(corrected((command if number == 10 else "") + NUMBERS[number], number))

    assert (talk.effects, talk.dialogue) == ((), known)


@pytest.mark.parametrize("number", NUMBERS)
def test_the_command_before_the_first_part_is_that_of_all(number: int) -> None:
    talk = cut(command="/video ")
    assert made(talk) == "video"

    talk.hear(corrected(("/video " if number == 10 else "") + "an owl", number))
    assert (made(talk), words(talk)) == (
        "video",
        " ".join({**NUMBERS, number: "an owl"}.values()),
    )


def test_another_command_before_the_first_part_makes_another_kind_of_all() -> None:
    talk = cut(command="/image ")
    assert made(talk) == "image"

    talk.hear(corrected("/video an owl", 10))
    assert (made(talk), words(talk)) == ("video", f"an owl {SECOND} {THIRD}")


def test_a_part_that_is_corrected_after_the_order_is_a_wish_of_all() -> None:
    talk = cut().presses("Create").hear(corrected("and an owl", 12))

    assert words(talk) == f"{FIRST} {SECOND} and an owl"
    assert say("en", "edit_too_late") in shown(talk)


def test_a_part_can_be_corrected_on_the_card_that_was_left_for_the_menu() -> None:
    talk = cut().says("/start").hear(corrected("and an owl", 12))
    talk.says("/start").presses("Continue")

    assert words(talk) == f"{FIRST} {SECOND} and an owl"


def test_a_part_of_an_answer_to_a_question_stands_between_the_others() -> None:
    talk = Talk(account=Account(balance=10_000)).presses_model("google/nano-banana")
    cut(talk).hear(corrected("an owl", 11))

    assert words(talk) == f"{FIRST} an owl {THIRD}"


def test_a_part_of_a_text_that_has_been_replaced_changes_nothing() -> None:
    talk = cut().hear(written("a cat", 20, 200)).hear(corrected("an owl", 11))

    assert (talk.effects, words(talk)) == ((), "a cat")


def test_what_follows_a_corrected_last_part_at_once_is_a_wish_of_its_own() -> None:
    talk = cut().hear(corrected("and an owl", 12)).hear(written("a cat", 13, 101))

    assert words(talk) == "a cat"


def test_each_part_of_what_answered_another_question_can_be_corrected() -> None:
    talk = Talk(account=Account(balance=10_000)).presses_model("google/imagen4").says("a fox")
    talk.presses("Settings").presses("What to avoid")
    assert talk.dialogue.answers["asking"] == "negative_prompt"

    talk.hear(written(FIRST, 10)).hear(written("no dogs", 11))
    for number, text in ((10, "no cats"), (11, "no birds"), (10, "no owls")):
        talk.hear(corrected(text, number))

    assert talk.dialogue.answers["inputs"]["negative_prompt"] == "no owls no birds"
    assert words(talk) == "a fox"
