"""Models of kie.ai's families against the simulated endpoints, which were written without them."""

import pytest

from kie.api.families import MARKET, family_of
from kie.catalogue.model import Model
from sandbox.kie.families import suno, veo
from sandbox.kie.families.family import forms
from sandbox.kie.market import inputs as market_inputs
from tests.support.edges.example_inputs import as_sent, maximal, minimal
from tests.support.shipped import shipped

MODELS = [model for model in shipped().models() if family_of(model.id) is not MARKET]
CALLBACK = "https://bot.example.org/callbacks/kie/1/abc"


def charged(model: Model, inputs: dict[str, object]) -> float:
    if model.id.startswith("suno/"):
        return suno.PRICE
    if model.id in {"veo/1080p", "veo/4k"}:
        return veo.UPGRADES[model.id.partition("/")[2]]
    if model.id == "veo/extend":
        return veo.PRICES[veo.EXTENDED_BY[str(inputs["model"])]]["720p"]
    return veo.PRICES[str(inputs["model"])][str(inputs["resolution"])]


def test_everything_that_both_families_make_goes_on() -> None:
    followed = {each.model for model in MODELS for each in model.follows}

    assert followed == {
        *("veo/text-to-video", "veo/image-to-video", "veo/extend"),
        *("suno/song", "suno/lyrics", "suno/instrumental", "suno/cover", "suno/extend"),
    }


def test_both_families_are_on_sale() -> None:
    assert {model.id.partition("/")[0] for model in MODELS} == {"veo", "suno"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_the_least_and_the_most_of_every_model_are_accepted(model: Model) -> None:
    for inputs in (minimal(model), maximal(model)):
        assert model.check(inputs) == []
        wanted = family_of(model.id).creation(model.id, as_sent(inputs), CALLBACK)
        market_inputs.check(forms()[wanted.call], dict(wanted.body))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_no_model_is_sold_for_less_than_kie_charges(model: Model) -> None:
    for inputs in (minimal(model), maximal(model)):
        assert model.cost.credits(inputs) >= charged(model, inputs)


@pytest.mark.parametrize(("name", "place"), [("prompt", 0), ("style", 1), ("title", 2)])
def test_a_song_from_given_words_keeps_to_the_limits_of_every_version(
    name: str, place: int
) -> None:
    (model,) = (model for model in MODELS if model.id == "suno/lyrics")
    fields = {field.name: field for field in model.inputs}

    for version in fields["model"].choices:
        assert fields[name].max_length <= suno.LIMITS[version][place]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_a_simple_wish_is_not_longer_than_suno_takes(model: Model) -> None:
    fixed = {field.name: field.value for field in model.inputs if not field.asked}
    if fixed.get("customMode") is False:
        (prompt,) = (field for field in model.inputs if field.name == "prompt")
        assert prompt.max_length <= suno.SIMPLE_PROMPT
