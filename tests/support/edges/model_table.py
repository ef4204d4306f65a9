"""The catalogue as the table of docs/catalogue.md.

python -m tests.support.edges.model_table > table; a test compares the two.
"""

import sys

from kie.catalogue.model import CATEGORIES, Model
from tests.support.shipped import shipped


def table(models: tuple[Model, ...]) -> str:
    """One row a model, in the order of the menu."""
    lines = ["| model | id | credits | asks for |", "|---|---|---|---|"]
    for category in CATEGORIES:
        lines += [_row(model) for model in models if model.category == category]
    return "\n".join(lines) + "\n"


def _row(model: Model) -> str:
    price = f"{'from ' if model.varies else ''}{model.least_price}"
    if model.free_per_day is not None:
        price += f", {model.free_per_day} a day free"
    asked = ", ".join(f"`{field.name}`" for field in model.inputs if field.required and field.asked)
    return f"| {model.title['en']} | `{model.id}` | {price} | {asked} |"


if __name__ == "__main__":
    sys.stdout.write(table(shipped().models()))
