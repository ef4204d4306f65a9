"""Help, support, language."""

from dataclasses import replace

import pytest

from handlers.dialogue.facts import COVERED, Dialogue
from handlers.dialogue.places import Spot
from handlers.features.account.asking import AskSupport
from handlers.shop.shop import Payment, Support
from tests.support.chats.talk import ROUTER, SHOP, Talk, needs_making


def test_support_is_hidden_when_there_is_none() -> None:
    shop = replace(SHOP, support=Support())
    rows = ROUTER.places.keyboard("menu", Spot("en", shop))

    assert not [button for row in rows for button in row if "Support" in button.text]
    assert "/support" not in Talk(shop).says("/help").screen.text


def test_where_nothing_can_be_bought_a_human_is_the_way_to_credits() -> None:
    for payment, shown in ((Payment(), True), (Payment(card="2200"), False)):
        rows = ROUTER.places.keyboard(
            "not_enough", Spot("en", replace(SHOP, payment=payment, admins=frozenset({8})))
        )
        found = [button.press for row in rows for button in row]
        assert ("support||" in found) == shown


def test_support_texts_of_the_operator_are_escaped() -> None:
    talk = Talk().says("/support")

    assert "Ask &lt;us&gt;" in talk.screen.text
    assert "@help_desk" in talk.screen.text


@pytest.mark.parametrize("language", ["en", "ru"])
def test_help_names_every_command_that_telegram_lists(language: str) -> None:
    talk = Talk(replace(SHOP, payment=Payment(card="2200")))
    talk.language = language
    talk.says("/help")

    listed = ROUTER.commands(talk.shop, language)
    assert {"help", "support"} <= {name for name, _ in listed}
    shown = talk.screen.text.splitlines()
    assert [line for line in shown if line.startswith("/")] == [
        f"/{name} — {what}" for name, what in listed
    ]


def test_a_text_after_support_goes_to_the_operators_and_the_draft_stays() -> None:
    talk = Talk(replace(SHOP, admins=frozenset({8})))
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
    talk.says("/support").says("it does not work")

    assert [each for each in talk.effects if isinstance(each, AskSupport)] == [
        AskSupport("it does not work")
    ]
    assert (talk.dialogue.step, talk.dialogue.answers) == ("confirm", {"model": "z-image"})
    assert [
        each
        for each in talk.says("/support my <picture> is gone").effects
        if isinstance(each, AskSupport)
    ] == [AskSupport("my <picture> is gone")]


def test_who_leaves_the_question_sends_nothing() -> None:
    talk = Talk(replace(SHOP, admins=frozenset({8}))).says("/support").presses("Leave")

    assert talk.dialogue.step == "idle"
    assert "Nothing was sent" in talk.screen.text


def test_a_command_ends_the_question_so_the_next_words_are_a_wish() -> None:
    talk = Talk(replace(SHOP, admins=frozenset({8})))
    talk.dialogue = Dialogue("confirm", 4, {"model": "z-image"})
    talk.says("/support").says("/help")

    answers = {name: value for name, value in talk.dialogue.answers.items() if name != COVERED}
    assert (talk.dialogue.step, answers) == ("confirm", {"model": "z-image"})
    talk.says("a red fox")
    assert not any(isinstance(each, AskSupport) for each in talk.effects)


def test_without_operators_support_asks_for_no_text() -> None:
    assert Talk().says("/support").dialogue.step == "idle"


def test_operators_find_their_commands_in_help_and_nobody_else_does() -> None:
    talk = Talk(replace(SHOP, admins=frozenset({7}))).says("/help")
    assert "For operators" in talk.screen.text
    assert (
        "For operators" not in Talk(replace(SHOP, admins=frozenset({8}))).says("/help").screen.text
    )
    for name, what in ROUTER.places.operator_commands("en"):
        assert f"/{name}" in talk.screen.text
        assert what in talk.screen.text.replace("&amp;", "&")


@needs_making
def test_the_order_that_a_question_has_interrupted_is_shown_again() -> None:
    for act in ("it does not work", ""):
        talk = Talk(replace(SHOP, admins=frozenset({8}))).says("a fox").says("/support")
        said = talk.says(act) if act else talk.presses("Leave")

        assert "“a fox”" in said.screen.text
        assert said.button("Create")
