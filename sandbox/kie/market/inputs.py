"""What createTask accepts as input, and in which words it refuses the rest.

Codes and texts are those of the wire: a missing field and a wrong type come as code 500,
an unknown model and an empty value as 422. Where nobody showed the text (a value out of its
range, too many items, fields that exclude each other) it is this simulator's own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.kie.market.catalogue import Field, Inputs, MarketModel, market

_UNSUPPORTED = (
    "The model name you specified is not supported. Please verify your input and use one of the"
    " supported models provided by KIE."
)
#: The answer to an unknown field and to a file that cannot be fetched.
LOOKS_TRANSIENT = "Server exception, please try again later"
_EMPTY = "不能为空"
_NAMES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}


class Refusal(Exception):
    """kie.ai's code and text; always inside HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def model_of(model_id: str, withdrawn: frozenset[str]) -> MarketModel:
    """The model. Raises ``Refusal``: there is none, or no longer."""
    if model_id.count("/") > 1:
        raise Refusal(422, "model format is incorrect")
    model = market().get(model_id)
    if model is None or model.withdrawn or model_id in withdrawn:
        raise Refusal(422, _UNSUPPORTED)
    return model


def check(model: MarketModel, given: Any) -> dict[str, Any]:
    """The input, if it is acceptable. Raises ``Refusal``. Nothing is charged yet."""
    inputs = given if isinstance(given, dict) else {}
    refusals = []
    for form in model.inputs:
        try:
            _check_form(model, form, inputs)
        except Refusal as refusal:
            # Of several forms the one that was meant knows most of what was given.
            refusals.append((len(set(form) & set(inputs)), refusal))
        else:
            break
    else:
        raise max(refusals, key=lambda each: each[0])[1]
    used = [group for group in model.exclusive if set(group) & set(inputs)]
    if len(used) > 1:
        raise Refusal(422, f"{used[0][0]} and {used[1][0]} cannot be used together")
    return inputs


def urls(model: MarketModel, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Every file among the input: field, kind, URL."""
    fields = {name: field for form in model.inputs for name, field in form.items()}
    yield from _urls(fields, inputs)


def _urls(fields: Inputs, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for name, value in inputs.items():
        field = fields[name]
        items = value if isinstance(value, list) else [value]
        if field.media:
            yield from ((name, field.media, item) for item in items)
        elif field.item_fields:
            for item in items:
                yield from _urls(field.item_fields, item)


def _check_form(model: MarketModel, form: Inputs, inputs: Mapping[str, Any]) -> None:
    for name, field in form.items():
        if name in inputs:
            _check(name, field, inputs[name])
        elif field.required:
            raise Refusal(500, _missing(model, name, field))
    if set(inputs) - set(form):
        raise Refusal(500, LOOKS_TRANSIENT)


def _missing(model: MarketModel, name: str, field: Field) -> str:
    if "image-to-video" in model.id and field.media == "image":
        return "aspect_ratio is required for text-to-video"
    return model.missing or f"{name} is required"


def _check(name: str, field: Field, value: Any) -> None:
    kinds = _NAMES[field.type]
    # True is an int to Python, and to nobody else.
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise Refusal(500, f"{name} it must be a {field.type}")
    if value in ("", []) and not field.empty_is_fine:
        raise Refusal(422, _EMPTY)
    if field.enum and value not in field.enum:
        raise Refusal(500, f"{name} is not within the range of allowed options")
    if isinstance(value, str):
        _check_text(name, field, value)
    elif isinstance(value, list):
        _check_items(name, field, value)
    elif isinstance(value, (int, float)):
        _check_range(name, field, value)


def _check_text(name: str, field: Field, value: str) -> None:
    if field.max_length is not None and len(value) > field.max_length:
        raise Refusal(500, f"The text length cannot exceed the maximum limit {field.max_length}")
    if value and field.min_length is not None and len(value) < field.min_length:
        raise Refusal(500, f"{name} must have at least {field.min_length} characters")
    if field.min is not None or field.max is not None:  # a number that is written as text
        if not value.isdecimal():
            raise Refusal(500, f"{name} is not within the range of allowed options")
        _check_range(name, field, int(value))
    if field.media and not value.startswith(("http://", "https://")):
        raise Refusal(422, f"{name} is not a valid URL")


def _check_range(name: str, field: Field, value: float) -> None:
    low = field.min is not None and value < field.min
    if low or (field.max is not None and value > field.max):
        raise Refusal(500, f"{name} is not within the range of allowed options")


def _check_items(name: str, field: Field, value: list[Any]) -> None:
    if field.max_items is not None and len(value) > field.max_items:
        raise Refusal(500, f"{name} cannot have more than {field.max_items} items")
    if value and field.min_items is not None and len(value) < field.min_items:
        raise Refusal(500, f"{name} must have at least {field.min_items} items")
    item_field = Field(field.items, media=field.media, item_fields=field.item_fields)
    for item in value if field.items else ():
        _check(name, item_field, item)
        if not isinstance(item, dict) or not field.item_fields:
            continue
        for inner, inner_field in field.item_fields.items():
            if inner in item:
                _check(f"{name}.{inner}", inner_field, item[inner])
            elif inner_field.required:
                raise Refusal(500, f"{name}.{inner} is required")
        if set(item) - set(field.item_fields):
            raise Refusal(500, LOOKS_TRANSIENT)
    if field.total_length is not None:
        total = sum(len(text) for item in value for text in [item.get("text", "")])
        if total > field.total_length:
            raise Refusal(
                500, f"The text length cannot exceed the maximum limit {field.total_length}"
            )
