"""Presets: checked against their models, complete by construction."""

import struct

import pytest
import yaml

from kie.catalogue.presets import LONGEST_WORDS, WORDS, Preset, PresetReader, sample
from tests.pictures.samples import PAIRS, SIDE, panel
from tests.support.edges.example_inputs import least, most
from tests.support.shipped import shipped

SHIPPED = shipped()
PRESET = """
presets:
  - id: gold
    model: google/nano-banana-edit
    title: {ru: А, en: A}
    about: {ru: Б, en: B}
    asks: [image_urls]
    words: {ru: Д, en: D}
    template: "Make {words} of gold."
"""


def complaint(old: str, new: str) -> str:
    assert old in PRESET
    reader = PresetReader(SHIPPED.models())
    reader.read("presets.yaml", yaml.safe_load(PRESET.replace(old, new)))
    assert reader.problems
    return "\n".join(reader.problems)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("google/nano-banana-edit", "gone", "there is no model 'gone'"),
        ("google/nano-banana-edit", "veo/extend", "goes on from an earlier job"),
        ("google/nano-banana-edit", "recraft/remove-background", "asks: 'image_urls' is no file"),
        ("asks: [image_urls]", "asks: []", "image_urls of google/nano-banana-edit stays open"),
        ("asks: [image_urls]", "asks: [prompt]", "asks: 'prompt' is no file"),
        (
            "asks: [image_urls]",
            "asks: [image_urls]\n    inputs: {output_format: gif}",
            "does not take 'gif'",
        ),
        ("asks: [image_urls]", "asks: [image_urls]\n    inputs: {size: 1}", "does not take 1"),
        ('"Make {words} of gold."', '"Make gold."', "words: belongs together"),
        ('"Make {words} of gold."', '"{words} {words}"', "may stand in it once"),
        ('"Make {words} of gold."', '"{words} {other}"', "may stand in it once"),
        ("    words: {ru: Д, en: D}\n", "", "words: belongs together"),
        ('template: "Make {words} of gold."', "price: 3", "price: is unknown"),
        ("about: {ru: Б, en: B}", "about: {ru: Б}", "about.en: is missing"),
        ("id: gold", "id: " + "g" * 30, "expected 1 to 20 bytes"),
    ],
)
def test_a_preset_that_does_not_fit_its_model_is_refused(old: str, new: str, told: str) -> None:
    assert told in complaint(old, new)


def test_a_preset_that_is_listed_twice_is_refused() -> None:
    block = PRESET.partition("presets:\n")[2]
    assert "listed twice" in complaint(block, block + block)


def test_there_are_ten_presets_and_one_that_is_free() -> None:
    assert len(SHIPPED.presets) == 10
    assert any(each.model.free_per_day for each in SHIPPED.presets)


@pytest.mark.parametrize("preset", SHIPPED.presets, ids=lambda each: each.name)
def test_what_a_preset_makes_of_any_answers_its_model_takes(preset: Preset) -> None:
    for given in (least, most):
        answers = {each.name: given(each) for each in preset.questions}
        assert preset.check(preset.complete(answers)) == []


@pytest.mark.parametrize("preset", SHIPPED.presets, ids=lambda each: each.name)
def test_every_preset_has_a_small_picture_of_before_and_after(preset: Preset) -> None:
    content = sample(preset.name)

    assert content.startswith(b"\x89PNG")
    assert len(content) < 40_000
    width, height = struct.unpack(">II", content[16:24])
    assert width > 2 * SIDE == 2 * height


def test_the_pictures_show_the_presets_and_differ_before_and_after() -> None:
    assert set(PAIRS) == {each.name for each in SHIPPED.presets}
    before, after = PAIRS["uhd"]
    assert panel(before)[SIDE // 2] != panel(after)[SIDE // 2]


def test_the_words_of_a_user_are_put_into_the_template_as_they_are() -> None:
    (sticker,) = (each for each in SHIPPED.presets if each.name == "sticker")

    made = sticker.complete({WORDS: "a {fox} & <b>"})

    assert "sticker of a {fox} & <b>," in made["prompt"]
    assert made["nsfw_checker"] is True
    assert next(each.max_length for each in sticker.questions) == LONGEST_WORDS
    assert [each.key for each in sticker.check(sticker.complete({}))] == ["missing"]


@pytest.mark.parametrize("preset", SHIPPED.presets, ids=lambda each: each.name)
def test_the_words_of_a_user_are_found_again_in_what_the_model_got(preset: Preset) -> None:
    made = preset.complete({WORDS: "a {fox}"} if preset.worded else {})
    expected = "a {fox}" if preset.worded else "" if preset.template else None

    assert preset.words_of(made) == expected
    assert preset.words_of({"prompt": "a fox"}) is None
    others = [each for each in SHIPPED.presets if each is not preset and each.template]
    assert all(each.words_of(made) is None for each in others if preset.template)
