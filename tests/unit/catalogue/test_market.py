"""The catalogue against the simulated kie.ai, which was written without looking at it."""

import pytest

from kie.api.families import MARKET, family_of
from kie.catalogue.model import Model
from sandbox.kie.market import inputs as market_inputs
from sandbox.kie.market import prices
from tests.support.edges.example_inputs import as_sent, maximal, minimal
from tests.support.shipped import shipped

MODELS = [model for model in shipped().models() if family_of(model.id) is MARKET]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_the_least_and_the_most_of_every_model_are_accepted(model: Model) -> None:
    theirs = market_inputs.model_of(model.id, frozenset())

    for inputs in (minimal(model), maximal(model)):
        sent = as_sent(inputs)
        assert market_inputs.check(theirs, sent) == sent


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_no_model_is_sold_for_less_than_kie_charges(model: Model) -> None:
    theirs = market_inputs.model_of(model.id, frozenset())

    for inputs in (minimal(model), maximal(model)):
        charged = prices.price(theirs, as_sent(inputs), {})
        assert model.cost.credits(inputs) >= charged - 0.01
        assert model.price(inputs) >= charged
