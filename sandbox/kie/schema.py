"""What kie.ai accepts as input, model by model, and in which words it refuses the rest.

Texts and codes are those of the wire: a missing field comes as code 500, an unknown
model as 422, and a wrong type as 500 with a text of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class Refusal(Exception):
    """kie.ai's code and text; always inside HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Field:
    """One input field. ``missing`` is the text for its absence."""

    kind: type
    required: bool = False
    choices: tuple[str, ...] = ()
    max_length: int = 0
    missing: str = "This field is required"


@dataclass(frozen=True, slots=True)
class MarketModel:
    fields: Mapping[str, Field]
    price: float  #: credits
    seconds: float  #: how long a task takes


MODELS: Mapping[str, MarketModel] = {
    "z-image": MarketModel(
        fields={
            "prompt": Field(str, required=True, max_length=1000),
            "aspect_ratio": Field(
                str, required=True, choices=("1:1", "4:3", "3:4", "16:9", "9:16")
            ),
            "nsfw_checker": Field(bool),
        },
        price=0.8,
        seconds=5.0,
    ),
}


def check(model_id: str, given: Any) -> MarketModel:
    """The model, if its input is acceptable. Raises ``Refusal``. Nothing is charged yet."""
    if model_id.count("/") > 1:
        raise Refusal(422, "model format is incorrect")
    model = MODELS.get(model_id)
    if model is None:
        raise Refusal(
            422,
            "The model name you specified is not supported. Please verify your input and use one"
            " of the supported models provided by KIE.",
        )
    inputs = given if isinstance(given, dict) else {}
    for name, field in model.fields.items():
        if name not in inputs:
            if field.required:
                raise Refusal(500, field.missing)
            continue
        _check_value(name, field, inputs[name])
    if set(inputs) - set(model.fields):
        # An unknown field is answered as if it were a passing fault.
        raise Refusal(500, "Server exception, please try again later")
    return model


def _check_value(name: str, field: Field, value: Any) -> None:
    if type(value) is not field.kind:
        word = {bool: "boolean", str: "string", int: "number"}[field.kind]
        raise Refusal(500, f"{name} it must be a {word}")
    if field.kind is str and not value:
        raise Refusal(422, "不能为空")
    if field.choices and value not in field.choices:
        raise Refusal(500, f"{name} is not within the range of allowed options")
    if isinstance(value, str) and 0 < field.max_length < len(value):
        raise Refusal(500, f"The text length cannot exceed the maximum limit {field.max_length}")
