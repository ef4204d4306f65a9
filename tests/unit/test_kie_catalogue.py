"""The catalogue: strict, with a path for every complaint."""

import textwrap

import pytest

from kie.catalogue import Catalogue, InputType
from supervisor.errors import Misconfigured

BLOCK = """
models:
  - id: z-image
    kind: image
    title: {ru: "А", en: "A"}
    about: {ru: "Б", en: "B"}
    price: 0
    kie_credits: 0.8
    expected_seconds: 15
    inputs:
      - name: prompt
        type: text
        required: true
        max_length: 10
        title: {ru: "В", en: "C"}
"""


def complaints(old: str, new: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        Catalogue.parse(textwrap.dedent(BLOCK).replace(old, new))
    return "\n".join(caught.value.problems)


def test_the_catalogue_that_ships_is_good() -> None:
    model = Catalogue.load().model("z-image")

    assert model is not None
    assert [field.name for field in model.inputs if field.asked] == ["prompt", "aspect_ratio"]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("price: 0", "price: free", "models[0].price: expected int, got 'free'"),
        ("price: 0", "price: true", "models[0].price: expected int, got True"),
        ("price: 0", "price: -1", "models[0].price: must not be negative"),
        ("price: 0", "prize: 0", "models[0].prize: is unknown"),
        ("price: 0", "prize: 0", "models[0].price: is missing"),
        ("kind: image", "kind: smell", "models[0].kind: expected one of"),
        ("type: text", "type: poem", "models[0].inputs[0].type: expected one of"),
        ("max_length: 10", 'max_length: "10"', "models[0].inputs[0].max_length: expected int"),
        ('{ru: "В", en: "C"}', '{en: "C"}', "models[0].inputs[0].title.ru: is missing"),
        ("models:", "modells:", "models.yaml.modells: is unknown"),
    ],
)
def test_a_mistake_is_refused_with_its_place(old: str, new: str, path: str) -> None:
    assert path in complaints(old, new)


def test_a_model_that_is_listed_twice_is_refused() -> None:
    twice = textwrap.dedent(BLOCK) + textwrap.dedent(BLOCK).replace("\nmodels:", "")

    with pytest.raises(Misconfigured, match="listed twice"):
        Catalogue.parse(twice)


@pytest.mark.parametrize("text", ["", "models: []", "[]", "a: [", "models: {a: b}"])
def test_a_file_that_is_no_catalogue_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        Catalogue.parse(text)


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({}, "prompt: is missing"),
        ({"prompt": "   "}, "prompt: expected a text"),
        ({"prompt": 5}, "prompt: expected a text"),
        ({"prompt": "x" * 1001}, "prompt: 1001 characters, at most 1000"),
        ({"prompt": "x", "aspect_ratio": "2:1"}, "aspect_ratio: expected one of"),
        ({"prompt": "x", "seed": 1}, "seed: is unknown"),
    ],
)
def test_what_kie_would_refuse_is_found_before_it_is_sent(
    inputs: dict[str, object], problem: str
) -> None:
    model = Catalogue.load().model("z-image")
    assert model is not None

    assert any(problem in found for found in model.check(model.complete(inputs)))


def test_a_thousand_characters_of_any_script_fit() -> None:
    model = Catalogue.load().model("z-image")
    assert model is not None

    for text in ("x" * 1000, "ж" * 1000, "🐈" * 1000):
        assert model.check(model.complete({"prompt": text, "aspect_ratio": "1:1"})) == []


def test_what_is_always_sent_cannot_be_changed() -> None:
    model = Catalogue.load().model("z-image")
    assert model is not None
    fixed = next(field for field in model.inputs if field.type is InputType.FIXED)

    assert fixed.problem(1) is not None  # True in Python, not in JSON
    assert fixed.problem(True) is None
