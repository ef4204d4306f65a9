"""A dialogue that this version cannot read fails no update of its user: it counts as absent."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.effects import Effects, Move, Say
from handlers.dialogue.facts import IDLE, Dialogue, Facts
from handlers.dispatch.answering import readably
from handlers.dispatch.routing import Router
from handlers.features import FEATURES, LAYOUT
from handlers.shop.shop import Payment
from supervisor.runtime.errors import Unavailable
from tests.support.chats.talk import ROUTER, SHOP, Talk
from tests.support.chats.unreadable import CARD, ROWS, updates
from tests.support.edges import telegram_updates as telegram

PAID = replace(SHOP, payment=Payment(card="2200"), admins=frozenset({4711}))


def heard(update: dict[str, Any], row: tuple[str, int, Any]) -> tuple[Facts, Effects]:
    step, version, answers = row
    talk = Talk(PAID)
    talk.dialogue = Dialogue.stored({"step": step, "version": version, "answers": answers})
    return readably(
        ROUTER.knows, lambda there: ROUTER.decide(there, talk._ask), talk.facts_of(update)
    )


def said(effects: Effects) -> list[str]:
    return [each.screen.text for each in effects if isinstance(each, Say)]


@pytest.mark.parametrize("number", range(len(updates())))
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_whatever_its_user_does_is_answered(row: tuple[str, int, Any], number: int) -> None:
    facts, effects = heard(updates()[number], row)

    assert effects
    # The next row is one that can be read and written.
    move = next((each for each in reversed(effects) if isinstance(each, Move)), None)
    assert 0 <= facts.dialogue.version < 2**31 - 1
    if facts.dialogue.step != row[0]:
        assert move is not None


@pytest.mark.parametrize("name", ["a step of a newer version", "answers that lack a field"])
def test_its_user_is_told_what_became_of_it(name: str) -> None:
    _, effects = heard(telegram.message(text="a cat"), ROWS[name])

    assert "could not read what you had begun" in said(effects)[0]
    assert "a cat" in said(effects)[1]


def test_what_does_not_lead_on_writes_the_row_anew() -> None:
    _, effects = heard(telegram.message(text="/help"), ROWS["a step of a newer version"])

    assert Move(IDLE, {}, quiet=True) in effects


def test_the_step_before_an_unreadable_one_stays() -> None:
    row = ("receipt", 3, {"before": {"step": "confirm", "answers": CARD}})
    facts, effects = heard(telegram.message(text="and snow"), row)

    assert facts.dialogue.step == "confirm"
    (move,) = [each for each in effects if isinstance(each, Move)]
    assert (move.step, move.answers["model"]) == ("confirm", "z-image")


def test_a_mistake_that_has_nothing_to_do_with_the_dialogue_is_raised() -> None:
    asked = []

    def decide(facts: Facts) -> Effects:
        asked.append(facts.dialogue.step)
        raise KeyError(len(asked))

    facts = Talk().facts_of(telegram.message(text="x"))
    there = replace(facts, dialogue=Dialogue("confirm", 3, CARD))
    with pytest.raises(KeyError, match="1"):
        readably(ROUTER.knows, decide, there)
    assert asked == ["confirm", IDLE]


def test_an_outage_is_no_matter_of_the_dialogue() -> None:
    def decide(facts: Facts) -> Effects:
        raise Unavailable(facts.dialogue.step)

    facts = Talk().facts_of(telegram.message(text="x"))
    with pytest.raises(Unavailable, match="confirm"):
        readably(ROUTER.knows, decide, replace(facts, dialogue=Dialogue("confirm", 3, CARD)))


def test_the_step_of_a_feature_that_was_taken_off_counts_as_absent() -> None:
    router = Router([each for each in FEATURES if each.name != "receipts"], LAYOUT)

    assert ROUTER.knows("receipt")
    assert not router.knows("receipt")
    assert router.knows(IDLE)


def test_a_statement_that_failed_is_no_fault_of_the_dialogue() -> None:
    tried: list[str] = []

    def decide(facts: Facts) -> Effects:
        tried.append(facts.dialogue.step)
        raise ValueError("the statement was refused")

    facts = Talk(PAID).facts_of(telegram.message(7, text="a cat"))
    facts = replace(facts, dialogue=Dialogue("confirm", 3, CARD))
    with pytest.raises(ValueError, match="refused"):
        readably(ROUTER.knows, decide, facts, lambda: True)
    assert tried == ["confirm"]
