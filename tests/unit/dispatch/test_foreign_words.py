"""What books, switches or orders is not taken from words that somebody else has written."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.effects import Effect
from handlers.dialogue.facts import Dialogue
from handlers.features import FEATURES
from handlers.features.making.job_effects import StartJob
from handlers.features.receipts.deciding import Decide
from handlers.shop.shop import Payment
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram

SHOWN = replace(SHOP, payment=Payment(card="2200"), admins=frozenset({7}))
#: Who has written it: somebody else, somebody who hides, another bot.
FOREIGN: dict[str, dict[str, Any]] = {
    "forwarded": {"forward_origin": {"type": "user", "sender_user": telegram.person(9)}},
    "of a hidden user": {"forward_origin": {"type": "hidden_user", "sender_user_name": "X"}},
    "through a bot": {"via_bot": {"id": 5, "is_bot": True, "first_name": "b"}},
}
#: Steps of operators that read words, and what they hold.
STEPS: dict[str, dict[str, Any]] = {
    "receipt_amount": {"receipt": 17},
    "person_amount": {"user": 9, "name": "X", "balance": 5, "sign": 1},
    "letter": {"user": 9, "name": "X"},
}


def kinds(effects: tuple[Effect, ...]) -> set[str]:
    return {type(each).__name__ for each in effects}


def test_each_step_of_operators_that_reads_words_is_known_here() -> None:
    reading = {
        name
        for feature in FEATURES
        for name, step in feature.steps.items()
        if step.text is not None and step.text.operators and not step.text.foreign
    }

    assert set(STEPS) <= reading
    # They only show their own screen again, or ask before anything changes.
    assert reading - set(STEPS) == {
        *("booking", "news_bonus", "news_link", "news_sure"),
        *("finding", "price_typed", "pricing"),
    }


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("more", FOREIGN.values(), ids=FOREIGN)
def test_an_operator_does_not_book_or_write_by_foreign_words(
    step: str, more: dict[str, Any]
) -> None:
    talk = Talk(SHOWN, loads={"person": {"user_id": 9, "balance": 5}})
    talk.dialogue = Dialogue(step, 4, STEPS[step])
    talk.hear(telegram.message(text="500", **more))

    assert "did not write this message yourself" in talk.screen.text
    assert kinds(talk.effects) <= {"Say", "Move"}
    assert talk.dialogue.step == step


def test_an_operator_books_by_own_words() -> None:
    talk = Talk(SHOWN)
    talk.dialogue = Dialogue("receipt_amount", 4, STEPS["receipt_amount"])
    talk.hear(telegram.message(text="500"))

    assert Decide(17, "approved", 500) in talk.effects


@pytest.mark.parametrize("words", ["ok", "/unheard ok"])
@pytest.mark.parametrize("more", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_ok_orders_nothing(words: str, more: dict[str, Any]) -> None:
    talk = Talk(SHOWN).says("a red fox in the snow")
    talk.hear(telegram.message(text=words, **more))

    assert not [each for each in talk.effects if isinstance(each, StartJob)]
    assert any("Create" in each.text for each in talk.buttons)
    assert talk.says("ok").started
