"""Every model of the catalogue agrees with what is known of kie.ai."""

from typing import Any

import pytest

from kie.api.families import MARKET, family_of
from kie.catalogue.input import FILES, Input, InputType
from kie.catalogue.model import Model
from tests.support.edges.outside_facts import kie_models
from tests.support.shipped import shipped

SHIPPED = shipped()
MODELS = {model.id: model for model in SHIPPED.models()}


def differences(model: Model, facts: dict[str, Any]) -> list[str]:
    found = [] if facts["current"] else ["is not current"]
    (known,) = facts["inputs"]
    always = {f.name for f in model.inputs if f.required or not f.asked or f.default is not None}
    found += [f"{name}: kie.ai requires it" for name in known if known[name]["required"]
              and name not in always]  # fmt: skip
    for field in model.inputs:
        if field.name not in known:
            found.append(f"{field.name}: kie.ai does not know it")
        else:
            found += [f"{field.name}: {each}" for each in disagreements(field, known[field.name])]
    return found


def disagreements(field: Input, fact: dict[str, Any]) -> list[str]:
    """Where the catalogue would let through what kie.ai refuses."""
    kind = fact["type"]
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array"}
    match field.type:
        case InputType.FIXED:
            ours = kinds[type(field.value)]
        case InputType.CHOICE:
            ours = kinds[type(field.choices[0])]
        case InputType.TEXT:
            ours = "string"
        case InputType.SWITCH:
            ours = "boolean"
        case InputType.INTEGER | InputType.NUMBER:
            ours = field.type.value
        case _:
            ours = "array" if field.many else "string"
    found = []
    if ours != kind and not (ours == "integer" and kind == "number"):
        found.append(f"is {kind}, not {ours}")
    values = [field.value] if field.type is InputType.FIXED else list(field.choices)
    if "enum" in fact and (not values or not all(each in fact["enum"] for each in values)):
        found.append(f"{values} are not all in {fact['enum']}")
    limits = (
        ("max_length", field.max_length, 1),
        ("max_items", field.max_items, 1),
        ("max", field.max, 1),
        ("min", field.min, -1),
        ("min_items", field.min_items, -1),
        ("min_length", field.min_length, -1),
    )
    asked_freely = field.type not in {InputType.CHOICE, InputType.FIXED}
    for key, ours_is, sign in limits:
        if key in fact and asked_freely and (ours_is is None or (ours_is - fact[key]) * sign > 0):
            found.append(f"{key} is {fact[key]}, not {ours_is}")
    return found


@pytest.mark.parametrize(
    "model",
    [model for model in MODELS.values() if family_of(model.id) is MARKET],
    ids=lambda model: model.id,
)
def test_every_model_agrees_with_what_is_known_of_kie(model: Model) -> None:
    facts = kie_models()[model.id]

    assert differences(model, facts) == []
    assert model.kind == facts["kind"]


def test_files_that_are_charged_by_the_second_are_bounded() -> None:
    timed = [field for model in MODELS.values() for field in model.inputs if field.timed]

    assert timed
    assert all(field.type in FILES and field.max_seconds is not None for field in timed)


@pytest.mark.parametrize("model", [model for model in SHIPPED.models() if model.cost.times])
def test_what_multiplies_a_price_is_whole_in_every_model(model: Model) -> None:
    (factor,) = (field for field in model.inputs if field.name == model.cost.times)

    for half in (2.5, 6.5, "2.5", "٣", True):
        assert factor.problem(half) is not None
    assert list(model.cost.problems({field.name: field for field in model.inputs})) == []
