"""The features put together: one owner for each name, and the rules of the way."""

from dataclasses import replace
from typing import Any

import pytest

from handlers.dialogue.effects import Effect, Effects, Say
from handlers.dialogue.facts import Facts
from handlers.dialogue.incoming import Checkout
from handlers.dispatch.feature import Answer, CarryOut, Feature, Step
from handlers.dispatch.routing import Router
from handlers.features import COMMANDS, FEATURES, LAYOUT
from handlers.shop.shop import Payment
from handlers.words.texts import Markup
from tests.support import toy_feature
from tests.support.chats.talk import SHOP, Talk
from tests.support.edges import telegram_updates as telegram


class Odd(Effect):
    """An effect of nobody."""


def rule(facts: Facts, _what: object) -> Effects:
    return (Say(facts.sentence(Markup("x"))),)


def carry(_effect: Any, _work: Any) -> tuple[()]:
    return ()


def show(facts: Facts, language: str, lead: Any) -> Any:
    return facts.sentence(lead, language)


ANSWER = Answer(rule=rule)
CARRY: CarryOut = carry
STEP = Step(show=show, buttons={"x": ANSWER})
CLAIMS: dict[str, dict[str, Any]] = {
    "command 'x'": {"commands": {"x": ANSWER}},
    "operator command 'x'": {"operator_commands": {"x": ANSWER}},
    "button 'x'": {"buttons": {"x": ANSWER}},
    "step 'x'": {"steps": {"x": replace(STEP, buttons={})}},
    "kind of update Checkout": {"kinds": {Checkout: ANSWER}},
    "effect Odd": {"effects": {Odd: CARRY}},
    "answer to groups 'group'": {"group": ANSWER},
    "taking of orders 'compose'": {"compose": lambda _facts, _order: ()},
    "button of a place 'menu.x'": {"places": {"menu": {"x": lambda _spot: None}}},
}


@pytest.mark.parametrize("name", CLAIMS)
def test_two_features_that_claim_the_same_refuse_the_start(name: str) -> None:
    first, second = (Feature(name=each, **CLAIMS[name]) for each in ("first", "second"))

    with pytest.raises(ValueError, match=f"first and second both claim the {name}"):
        Router((first, second), {})


def test_a_button_of_a_step_and_a_free_one_of_another_feature_clash_too() -> None:
    free = Feature(name="free", buttons={"x": ANSWER})
    of_step = Feature(name="of_step", steps={"s": STEP})

    with pytest.raises(ValueError, match="both claim the button 'x'"):
        Router((free, of_step), {})


def test_two_features_of_the_same_name_are_refused() -> None:
    with pytest.raises(ValueError, match="both claim the name 'a'"):
        Router((Feature(name="a"), Feature(name="a")), {})


def test_a_listed_command_that_nobody_answers_is_refused() -> None:
    with pytest.raises(ValueError, match="/ghost is listed, and no feature answers it"):
        Router((Feature(name="a", listed={"ghost": lambda _shop: True}),), {})


def test_the_features_of_the_bot_claim_nothing_twice_and_every_name_of_the_layout_exists() -> None:
    router = Router(FEATURES, LAYOUT, COMMANDS)

    for place, rows in LAYOUT.items():
        for name in (name for row in rows for name in row):
            assert name in router.places.offered[place], f"{place}: {name}"
    for place, offered in router.places.offered.items():
        shown = {name for row in LAYOUT.get(place, ()) for name in row}
        assert set(offered) <= shown, f"{place}: {set(offered) - shown} stand nowhere"
    selling = replace(SHOP, payment=Payment(card="2200"))
    assert [name for name, _ in router.commands(selling, "ru")] == list(COMMANDS)


@pytest.mark.parametrize("gone", FEATURES, ids=lambda each: each.name)
def test_without_a_feature_what_it_answered_is_unknown_and_everything_else_goes_on(
    gone: Feature,
) -> None:
    router = Router([each for each in FEATURES if each is not gone], LAYOUT, COMMANDS)

    for each in FEATURES:
        for command in each.commands:
            talk = Talk(router=router, loads=_Nothing()).says(f"/{command}")
            assert talk.effects
            unknown = "/" + command in str(talk.effects) and "know" in str(talk.effects)
            assert unknown == (each is gone), command
    assert Talk(router=router).hear(telegram.press("nobody|1|")).toast


def test_a_rule_that_declines_leaves_the_command_to_everybody() -> None:
    operators = replace(SHOP, admins=frozenset({7}))

    assert "top-up" in Talk(operators).says("/topup").screen.text.lower()


def test_the_declaration_of_the_toy_fits_beside_the_real_ones() -> None:
    router = Router((*FEATURES, toy_feature.FEATURE), LAYOUT, (*COMMANDS, "note"))

    assert router.commands(SHOP, "en")[-1] == ("note", "keep a note")


class _Nothing(dict[str, Any]):
    """Whatever is loaded: there is none of it."""

    def get(self, key: str, default: Any = None) -> Any:
        del key, default
        return ()
