"""The catalogue with the prices that the operator has changed."""

from dataclasses import replace

from kie.catalogue.catalogue import Catalogue
from kie.catalogue.model import Model
from kie.money.tariffs import Tariffs


def priced(catalogue: Catalogue, tariffs: Tariffs) -> Catalogue:
    """Each model at its price in force. The price of a model is the one of its cheapest task; the
    dearer ones keep their relation to it."""
    models = tuple(_priced(each, tariffs) for each in catalogue.models())
    specs = tuple(replace(each, model=_priced(each.model, tariffs)) for each in catalogue.presets)
    return replace(catalogue, all=models, presets=specs)


def _priced(model: Model, tariffs: Tariffs) -> Model:
    found = model
    if tariffs.markup is not None:
        found = replace(found, markup=tariffs.markup)
    price = tariffs.prices.get(model.id)
    if price is not None:
        cost = model.least_cost
        varies = model.cost.varies and cost > 0
        found = (
            replace(found, fixed_price=None, markup=price / cost)
            if varies
            else replace(found, fixed_price=price)
        )
    free = tariffs.free.get(model.id)
    if free is not None:
        found = replace(found, free_per_day=free or None)
    return found
