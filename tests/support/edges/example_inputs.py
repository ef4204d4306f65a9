"""Inputs of a model at the edges of what it accepts, from the catalogue alone."""

from typing import Any

from kie.catalogue.input import Input, InputType
from kie.catalogue.model import Model
from kie.catalogue.user_file import UserFile

_MIMES = {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4"}


def minimal(model: Model) -> dict[str, Any]:
    """What a user has to give at least, each value as small as it may be."""
    needed = {each.name: least(each) for each in model.inputs if each.required}
    return model.complete({**needed, **earlier(model)})


def maximal(model: Model) -> dict[str, Any]:
    """Everything that a user can give, each value as large as it may be."""
    asked = {each.name: most(each) for each in model.inputs if each.asked}
    return model.complete({**asked, **earlier(model)})


def earlier(model: Model) -> dict[str, Any]:
    """What an earlier job gives."""
    given = (each for each in model.inputs if each.type is InputType.SOURCE)
    return {each.name: "V5" if each.takes == "input" else "0f" * 16 for each in given}


def least(field: Input) -> Any:
    match field.type:
        case InputType.TEXT:
            return "x" * field.min_length
        case InputType.CHOICE:
            return field.choices[0]
        case InputType.SWITCH:
            return False
        case InputType.INTEGER | InputType.NUMBER:
            return 0 if field.min is None else field.min
        case _:
            return _files(field, field.min_items)


def most(field: Input) -> Any:
    match field.type:
        case InputType.TEXT:
            return "x" * field.max_length
        case InputType.CHOICE:
            return field.choices[-1]
        case InputType.SWITCH:
            return True
        case InputType.INTEGER | InputType.NUMBER:
            return 2**31 - 1 if field.max is None else field.max
        case _:
            return _files(field, field.max_items)


def a_file(kind: str, number: int = 0) -> UserFile:
    return UserFile(f"file-{number}", kind, 1000, f"{number}.bin", _MIMES[kind], 5.0)


def _files(field: Input, count: int) -> Any:
    files = [a_file(field.type, number).as_json() for number in range(count)]
    return files if field.many else files[0]


def as_sent(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs as kie.ai gets them: links instead of a user's files."""
    return {name: _linked(value) for name, value in inputs.items()}


def _linked(value: Any) -> Any:
    if isinstance(value, list):
        return [_linked(each) for each in value]
    file = UserFile.of(value)
    return value if file is None else f"https://files.example.org/{file.file_id}"
