"""Maintenance: who begins and ends it, and what everybody is told meanwhile."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.features.maintenance.rules import Begin, End
from kie.catalogue.availability import Maintenance
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

OPERATED = replace(SHOP, admins=frozenset({7}))
UNTIL = Maintenance(datetime(2026, 11, 29, 15, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("words", "effect"),
    [
        ("/maintenance on", Begin(None)),
        ("/maintenance 30", Begin(30)),
        ("/maintenance выкл", End()),
    ],
)
def test_a_command_begins_and_ends_it(words: str, effect: Any) -> None:
    assert Talk(OPERATED).says(words).effects == (effect,)


def test_the_buttons_begin_and_end_it() -> None:
    talk = Talk(OPERATED).says("/maintenance").presses("60 min")
    assert talk.effects[-1] == Begin(60, 50)

    talk = Talk(replace(OPERATED, maintenance=UNTIL)).says("/maintenance")
    assert "15:30" in talk.screen.text
    talk.presses("End it")
    assert talk.effects[-1] == End(50)


@pytest.mark.parametrize("words", ["0", "99999999", "10081", "-5", "soon", "3.5", "٣"])
def test_a_wrong_end_is_told_with_a_line_to_copy(words: str) -> None:
    talk = Talk(OPERATED).says(f"/maintenance {words}")

    assert "/maintenance 30" in talk.screen.text
    assert words in talk.screen.text or "10080" in talk.screen.text


def test_nobody_else_begins_it() -> None:
    talk = Talk(replace(SHOP, admins=frozenset({8})))

    for update in (
        telegram.message(text="/maintenance on"),
        telegram.press("maintenance_on||15"),
        telegram.press("maintenance_off||"),
    ):
        talk.hear(update)
        assert not any(isinstance(each, Begin | End) for each in talk.effects)


@pytest.mark.parametrize("words", ["0", "99999999", "10081", "-5"])
def test_a_number_out_of_range_is_told_as_one(words: str) -> None:
    told = Talk(OPERATED).says(f"/maintenance {words}").screen.text

    assert f"From 1 to 10080 minutes, not {words}" in told
