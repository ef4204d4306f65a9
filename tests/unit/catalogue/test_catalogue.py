"""The catalogue: strict, with a path for every complaint."""

import textwrap
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import yaml

from kie.catalogue.catalogue import Catalogue
from kie.catalogue.input import Input, InputType
from kie.catalogue.model import CATEGORIES, Model
from supervisor.runtime.errors import Misconfigured
from tests.support.edges.example_inputs import a_file, maximal, minimal
from tests.support.shipped import shipped

SHARED = """
markup: 2
files: {image: {formats: ["image/jpeg"], max_mb: 10}}
titles: {prompt: {ru: "В", en: "C"}}
values: {}
"""
BLOCK = """
models:
  - id: z-image
    kind: image
    title: {ru: "А", en: "A"}
    about: {ru: "Б", en: "B"}
    cost: {tiers: [{credits: 1, when: {size: "1K"}}, {credits: 2, when: {size: "2K"}}]}
    price: 3
    expected_seconds: 15
    inputs:
      - {name: prompt, type: text, required: true, max_length: 10}
      - name: size
        type: choice
        required: false
        choices: ["1K", "2K"]
        default: "1K"
        title: {ru: "Г", en: "D"}
      - {name: n, type: integer, required: false, min: 1, max: 4, title: {ru: "Д", en: "E"}}
      - {name: half, type: number, required: false, min: 1, max: 4, title: {ru: "Д", en: "E"}}
      - {name: decimal, type: choice, required: false, choices: ["2.5"], title: {ru: "Д", en: "E"}}
      - {name: arabic, type: choice, required: false, choices: ["٣"], title: {ru: "Д", en: "E"}}
      - {name: none, type: integer, required: false, min: 0, max: 4, title: {ru: "Д", en: "E"}}
      - {name: free, type: integer, required: false, title: {ru: "Д", en: "E"}}
      - {name: switched, type: switch, required: false, title: {ru: "Д", en: "E"}}
"""
SHIPPED = shipped()
MODELS = {model.id: model for model in SHIPPED.models()}


def complaints(old: str, new: str, shared: str = SHARED) -> str:
    block = textwrap.dedent(BLOCK)
    assert old in block + shared
    files = {"shared.yaml": shared.replace(old, new), "image.yaml": block.replace(old, new)}
    with pytest.raises(Misconfigured) as caught:
        Catalogue.parse(files)
    return "\n".join(caught.value.problems)


def z_image() -> Model:
    return MODELS["z-image"]


def test_the_catalogue_that_ships_has_models_of_every_category() -> None:
    assert len(MODELS) >= 40
    assert {model.category for model in MODELS.values()} == set(CATEGORIES)
    asked = [field.name for field in z_image().inputs if field.asked]
    assert asked == ["prompt", "aspect_ratio"]


def test_a_catalogue_without_complaint_is_read() -> None:
    (model,) = Catalogue.parse({"shared.yaml": SHARED, "image.yaml": BLOCK}).models()

    assert model.check({"prompt": "x", "size": "2K", "n": 2}) == []
    assert model.title["en"] == "A"


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("price: 3", "price: free", "image.yaml.models[0].price: expected int, got 'free'"),
        ("price: 3", "price: true", "models[0].price: expected int, got True"),
        ("price: 3", "price: -1", "models[0].price: must not be negative"),
        ("price: 3", "prize: 3", "models[0].prize: is unknown"),
        ("expected_seconds: 15", "", "models[0].expected_seconds: is missing"),
        ("expected_seconds: 15", "expected_seconds: 0", "expected_seconds: must be more than 0"),
        ("expected_seconds: 15", "expected_seconds: .nan", "expected_seconds: expected float"),
        ("expected_seconds: 15", "expected_seconds: .inf", "expected_seconds: expected float"),
        ("max_mb: 10", "max_mb: 21", "shared.yaml.files.image.max_mb: a bot gets 20 MB"),
        ("kind: image", "kind: smell", "models[0].kind: expected one of"),
        ("kind: image", "kind: image\n    category: art", "models[0].category: expected one of"),
        ("type: text", "type: poem", "models[0].inputs[0].type: expected one of"),
        ("max_length: 10", 'max_length: "10"', "models[0].inputs[0].max_length: expected int"),
        ("max_length: 10", "max_length: 0", "models[0].inputs[0].max_length: 1 is more than 0"),
        ('{ru: "Г", en: "D"}', '{en: "D"}', "models[0].inputs[1].title.ru: is missing"),
        ("name: prompt", "name: poem", "models[0].inputs[0].title: is missing"),
        ("name: n,", "name: size,", "models[0].inputs: a name is used twice"),
        ('["1K", "2K"]', '["1K", 2]', "inputs[1].choices: expected all texts or all numbers"),
        ('["1K", "2K"]', '["1K", yes]', "inputs[1].choices: expected all texts or all numbers"),
        ('["1K", "2K"]', '["1K", "1K"]', "inputs[1].choices: a value is listed twice"),
        ('["1K", "2K"]', "[]", "inputs[1].choices: expected a list of values"),
        ('default: "1K"', 'default: "3K"', "inputs[1].default: size: expected one of 1K, 2K"),
        ("min: 1, max: 4", "min: 5, max: 4", "inputs[2].min: 5 is more than 4"),
        ("min: 1, max: 4", 'min: "1"', "inputs[2].min: expected int, got '1'"),
        ('when: {size: "2K"}', 'when: {size: "3K"}', "cost: has no tier for {'size': '2K'}"),
        ('when: {size: "2K"}', 'when: {size: "3K"}', "cost: size is never '3K'"),
        ('when: {size: "2K"}', "when: {n: 1}", "cost: looks at n, which may be absent"),
        ('when: {size: "2K"}', "when: {m: 1}", "cost: looks at m, which is no input"),
        ("cost: {tiers", "cost: {times: size, tiers", "cost: size is not always a whole number"),
        *(
            ("cost: {tiers", f"cost: {{times: {name}, tiers", f"cost: {name} is not always a whole")
            for name in ("half", "decimal", "arabic", "none", "free", "switched")
        ),
        ("name: n, type: integer", "name: n, type: number", "inputs[2].type: n counts something"),
        ("{name: n, type: integer", "{name: duration, type: number", "duration counts something"),
        ("cost: {tiers", "cost: {seconds_of: prompt, tiers", "cost: prompt is not timed"),
        ("cost: {tiers", "cost: {credits: 1, tiers", "cost: expected either credits or tiers"),
        ("models:", "modells:", "image.yaml.modells: is unknown"),
        ("price: 3", "price: 3\n    price: 4", "'price' is written twice"),
        ("markup: 2", "markup: 0", "shared.yaml.markup: must be more than 0"),
        ("markup: 2", "markup: much", "shared.yaml.markup: expected float, got 'much'"),
        ("max_mb: 10", "max_gb: 1", "shared.yaml.files.image.max_gb: is unknown"),
        ('{ru: "В", en: "C"}', '{ru: "В"}', "shared.yaml.titles.prompt.en: is missing"),
    ],
)
def test_a_mistake_is_refused_with_its_place(old: str, new: str, path: str) -> None:
    assert path in complaints(old, new)


def test_all_mistakes_are_told_at_once() -> None:
    told = complaints("price: 3", "price: free\n    wisdom: 1")

    assert "price: expected int" in told
    assert "wisdom: is unknown" in told


def test_a_model_that_is_listed_twice_is_refused() -> None:
    twice = textwrap.dedent(BLOCK) + textwrap.dedent(BLOCK).replace("\nmodels:", "")

    with pytest.raises(Misconfigured, match="listed twice"):
        Catalogue.parse({"shared.yaml": SHARED, "image.yaml": twice})


@pytest.mark.parametrize("text", ["", "models: []", "[]", "a: [", "models: {a: b}"])
def test_a_file_that_is_no_catalogue_is_refused(text: str) -> None:
    with pytest.raises(Misconfigured):
        Catalogue.parse({"shared.yaml": SHARED, "image.yaml": text})
    with pytest.raises(Misconfigured):
        Catalogue.parse({"shared.yaml": text, "image.yaml": BLOCK})


FULL = """
models:
  - id: a
    kind: image
    category: tools
    title: {ru: "А", en: "A"}
    about: {ru: "Б", en: "B"}
    cost:
      tiers: [{credits: 1, when: {size: "1K"}}, {credits: 2, when: {size: "2K"}}]
      times: n
      seconds_of: clip
      characters_of: prompt
      extra: {of: image, credits: 0.5, beyond: 1}
    price: 3
    free_per_day: 1
    expected_seconds: 15
    inputs:
      - {name: prompt, type: text, required: true, min_length: 2, max_length: 10}
      - {name: size, type: choice, required: true, choices: ["1K", "2K"], default: "1K",
         labels: {"1K": {ru: "Г", en: "D"}}, title: {ru: "Г", en: "D"}}
      - {name: n, type: integer, required: true, min: 1, max: 4, default: 2,
         title: {ru: "Д", en: "E"}}
      - {name: s, type: switch, required: false, default: true, title: {ru: "Д", en: "E"}}
      - {name: f, type: fixed, value: 5}
      - {name: image, type: image, required: false, many: true, min_items: 1, max_items: 3,
         formats: ["image/png"], max_mb: 5, title: {ru: "Д", en: "E"}}
      - {name: clip, type: video, required: true, timed: true, max_seconds: 5,
         title: {ru: "Д", en: "E"}}
"""


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(child, (*path, key))


def planted(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[path[0]] = planted(tree[path[0]], path[1:], value)
    return copy


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -1,
        0,
        1.5,
        float("nan"),
        float("inf"),
        "x",
        [],
        [[]],
        [{}],
        {},
        {"x": {}},
        "y" * 99,
    ],
    ids=lambda value: repr(value)[:9],
)
def test_a_wrong_value_in_any_place_is_a_complaint_or_fits_but_never_a_crash(value: Any) -> None:
    """Each place of the files in turn holds the value."""
    trees = {"shared.yaml": yaml.safe_load(SHARED), "image.yaml": yaml.safe_load(FULL)}
    assert Catalogue.parse({name: yaml.safe_dump(tree) for name, tree in trees.items()})
    accepted = []
    for name, tree in trees.items():
        for path in places(tree):
            wrong = {**trees, name: planted(tree, path, value)}
            with suppress(Misconfigured):
                Catalogue.parse({name: yaml.safe_dump(tree) for name, tree in wrong.items()})
                accepted.append(path)
    # Few places take anything: a label, a title, the value of a fixed input …
    assert len(accepted) <= 30


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
    model = z_image()

    assert any(problem in str(found) for found in model.check(model.complete(inputs)))


def field_of(kind: str, **rest: Any) -> Input:
    return Input("it", InputType(kind), required=True, **rest)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        (field_of("choice", choices=("5", "10")), 5, "not_a_choice"),
        (field_of("choice", choices=(5, 10)), "5", "not_a_choice"),
        (field_of("choice", choices=(0, 1)), True, "not_a_choice"),
        (field_of("choice", choices=(1,)), 1.0, "not_a_choice"),
        (field_of("integer"), 1.5, "not_whole"),
        (field_of("integer"), True, "not_a_number"),
        (field_of("integer"), "5", "not_a_number"),
        (field_of("integer", min=3), 2, "too_small"),
        (field_of("number", max=1), 1.1, "too_big"),
        (field_of("number"), float("nan"), "not_a_number"),
        (field_of("number"), float("inf"), "not_a_number"),
        (field_of("number"), 10**400, "not_a_number"),
        (field_of("integer"), 2.5, "not_whole"),
        (field_of("integer"), 2.0, "not_whole"),
        (field_of("switch"), 1, "not_a_switch"),
        (field_of("text", max_length=5, min_length=3), "ab", "too_short"),
        (field_of("image"), "https://example.org/a.png", "no_file"),
        (field_of("image"), [a_file("image").as_json()], "no_file"),
        (field_of("image", many=True), a_file("image").as_json(), "no_file"),
        (field_of("image"), a_file("audio").as_json(), "wrong_kind"),
        (field_of("image", formats=("image/png",)), a_file("image").as_json(), "wrong_format"),
        (field_of("image", max_mb=0.0005), a_file("image").as_json(), "too_heavy"),
        (field_of("audio", max_seconds=4), a_file("audio").as_json(), "plays_too_long"),
        (field_of("image", many=True), [], "too_few_files"),
        (field_of("image", many=True), [a_file("image").as_json()] * 2, "too_many_files"),
        (field_of("fixed", value=True), 1, "not_fixed"),
    ],
)
def test_types_are_as_strict_as_kie(field: Input, value: object, problem: str) -> None:
    found = field.problem(value)

    assert found is not None
    assert found.key == problem
    assert str(found).startswith("it: ")


def test_a_clip_that_is_paid_by_the_second_must_say_how_long_it_plays() -> None:
    field = field_of("audio", timed=True)
    silent = {**a_file("audio").as_json(), "seconds": None}

    assert field.problem(a_file("audio").as_json()) is None
    assert str(field.problem(silent)) == "it: how long it plays is unknown"


def test_a_thousand_characters_of_any_script_fit() -> None:
    model = z_image()

    for text in ("x" * 1000, "ж" * 1000, "🐈" * 1000):
        assert model.check(model.complete({"prompt": text, "aspect_ratio": "1:1"})) == []


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.id)
def test_the_least_and_the_most_of_every_model_are_accepted_and_have_a_price(model: Model) -> None:
    for inputs in (minimal(model), maximal(model)):
        assert model.check(inputs) == []
        assert model.price(inputs) >= 1
        assert set(inputs) >= {field.name for field in model.inputs if field.required}


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.id)
def test_every_choice_of_every_model_has_a_price(model: Model) -> None:
    for field in model.inputs:
        for choice in field.choices:
            assert model.price({**minimal(model), field.name: choice}) >= 1


@pytest.mark.parametrize(
    ("model", "answers", "price"),
    [
        ("google/nano-banana", {}, 8),
        ("z-image", {}, 2),  # 0.8 x 2, rounded up
        ("nano-banana-2", {"resolution": "4K"}, 36),
        ("bytedance/seedream-v4-text-to-image", {"max_images": 3}, 30),
        ("kling-2.6/text-to-video", {"duration": "10", "sound": True}, 440),
        ("kling/v3-turbo-text-to-video", {"duration": "3", "resolution": "1080p"}, 135),
        ("bytedance/seedance-1.5-pro", {"duration": 4, "resolution": "480p"}, 14),
        ("qwen3/image-to-image", {"image_urls": [a_file("image").as_json()] * 3}, 13),
        ("kling/ai-avatar-pro", {"audio_url": {**a_file("audio").as_json(), "seconds": 4.2}}, 160),
        ("elevenlabs/text-to-speech-turbo-2-5", {"text": "x" * 500}, 6),
        ("recraft/crisp-upscale", {}, 1),
    ],
)
def test_a_price_follows_the_inputs_as_kie_charges(
    model: str, answers: dict[str, Any], price: int
) -> None:
    inputs = {**minimal(MODELS[model]), **answers}

    assert MODELS[model].check(inputs) == []
    assert MODELS[model].price(inputs) == price


def test_a_price_is_rounded_up_but_not_for_the_errors_of_floating_point() -> None:
    optional, required = (
        f"{{name: n, type: integer, required: {word}" for word in ("false", "true")
    )
    block = BLOCK.replace("    price: 3\n", "").replace(optional, required)
    start = block.index("cost:")
    block = block[:start] + "cost: {credits: 0.1, times: n}" + block[block.index("\n", start) :]
    shared = SHARED.replace("markup: 2", "markup: 10")
    (model,) = Catalogue.parse({"shared.yaml": shared, "image.yaml": block}).models()

    assert model.cost.credits({"n": 3}) * 10 > 3  # 3.0000000000000004
    assert [model.price({"n": n}) for n in (1, 3, 4)] == [1, 3, 4]
    assert model.least_price == 1
