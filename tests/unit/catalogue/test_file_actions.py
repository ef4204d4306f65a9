"""What can be done with a file: the table names models that fit."""

from typing import Any

import pytest
import yaml

from handlers.shop.offers import offers_of
from handlers.shop.shop import Shop, Support
from kie.catalogue.catalogue import DOES
from kie.catalogue.file_actions import ACTIONS, FileActionReader, file_input
from tests.support.shipped import shipped

SHIPPED = shipped()
MODELS = {model.id: model for model in SHIPPED.models()}
FITTING: dict[str, Any] = {
    "edit": {"models": ["google/nano-banana-edit"]},
    "animate": {"models": ["kling/v2-1-standard"]},
    "upscale": {"models": ["recraft/crisp-upscale"]},
    "cutout": {"models": ["recraft/remove-background"]},
    "speak": {"models": ["infinitalk/from-audio"]},
}


def complaints(**changed: Any) -> str:
    reader = FileActionReader(SHIPPED.models())
    reader.read(DOES, yaml.safe_load(yaml.safe_dump({"does": {**FITTING, **changed}})))
    return "\n".join(reader.problems)


def test_every_action_has_models_that_take_the_file() -> None:
    assert set(SHIPPED.does) == set(ACTIONS)
    for action, found in SHIPPED.does.items():
        assert all(file_input(MODELS[each], action) is not None for each in found.models)


def test_a_table_that_fits_has_no_complaint() -> None:
    assert complaints() == ""


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"edit": {"models": []}}, "does.edit.models: is empty"),
        (
            {"edit": {"models": ["gone"]}},
            "does.edit.models[0]: there is no model 'gone'",
        ),
        ({"edit": {"models": ["z-image"]}}, "z-image asks for no image"),
        (
            {"cutout": {"models": ["kling/v2-1-standard"]}},
            "makes video, expected image",
        ),
        (
            {"animate": {"models": ["google/nano-banana-edit"]}},
            "makes image, expected video",
        ),
        (
            {"upscale": {"models": ["google/nano-banana-edit"]}},
            "asks for a description",
        ),
        (
            {"animate": {"models": ["infinitalk/from-audio"]}},
            "asks for ['audio'] beside the file",
        ),
        ({"speak": {"models": ["kling/v2-1-standard"]}}, "expected ['audio']"),
        (
            {"edit": {"models": ["qwen/image-edit"] * 2}},
            "'qwen/image-edit' is listed twice",
        ),
        (
            {"edit": {"models": ["qwen/image-edit"], "words": {"ru": "А"}}},
            "words.en: is missing",
        ),
        (
            {
                "cutout": {
                    "models": ["recraft/remove-background"],
                    "words": {"ru": "А", "en": "A"},
                }
            },
            "does.cutout.words: its models ask for no description",
        ),
        ({"paint": {"models": ["z-image"]}}, "does.paint: is unknown"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(changed: Any, complaint: str) -> None:
    assert complaint in complaints(**changed)


def test_a_model_that_is_off_sale_gives_way_to_the_next_one() -> None:
    offers = offers_of(SHIPPED)
    shop = Shop(offers, Support(), does=SHIPPED.does)
    first, second = [each.model for each in shop.able_to("edit", "image")][:2]
    without = Shop({name: each for name, each in offers.items() if name != first}, Support())

    assert without.able_to("edit", "image") == []
    left = Shop(dict(without.offers), Support(), does=SHIPPED.does)
    assert left.able_to("edit", "image")[0].model == second


def test_a_clip_is_improved_by_a_model_for_clips() -> None:
    shop = Shop(offers_of(SHIPPED), Support(), does=SHIPPED.does)

    assert [each.model for each in shop.able_to("upscale", "video")] == ["topaz/video-upscale"]
    assert shop.able_to("animate", "video") == []
