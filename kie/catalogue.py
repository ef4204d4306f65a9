"""The models on offer: read from YAML once, checked strictly, immutable.

Types are strict because kie.ai's are: the text "5" is not the number 5, and a number
is not a boolean. Every complaint carries its path in the file; all are collected
before the start is refused.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Self

import yaml

from supervisor.errors import Misconfigured

LANGUAGES = ("ru", "en")
#: Seconds from the creation of a task to the point where nobody waits for it any more.
DEADLINES = {"image": 15 * 60.0, "video": 60 * 60.0, "audio": 30 * 60.0}


class InputType(enum.StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    SWITCH = "switch"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a model's input and how the user is asked for it."""

    name: str
    type: InputType
    required: bool
    title: Mapping[str, str]
    max_length: int = 0  #: characters; text only
    choices: tuple[str, ...] = ()
    default: Any = None
    value: Any = None  #: fixed only

    @property
    def asked(self) -> bool:
        """Whether the user gives it."""
        return self.type is not InputType.FIXED

    def problem(self, value: Any) -> str | None:
        """Why kie.ai would refuse ``value``; None: it is fine."""
        match self.type:
            case InputType.TEXT:
                if not isinstance(value, str) or not value.strip():
                    return f"{self.name}: expected a text"
                length = prompt_length(value)
                if length > self.max_length:
                    return f"{self.name}: {length} characters, at most {self.max_length}"
            case InputType.CHOICE:
                if value not in self.choices:
                    return f"{self.name}: expected one of {', '.join(self.choices)}"
            case InputType.SWITCH:
                if not isinstance(value, bool):
                    return f"{self.name}: expected true or false"
            case InputType.FIXED:
                if value != self.value or type(value) is not type(self.value):
                    return f"{self.name}: is always {self.value!r}"
        return None


@dataclass(frozen=True, slots=True)
class Model:
    """One model of kie.ai's market as this bot offers it."""

    id: str
    kind: str
    title: Mapping[str, str]
    about: Mapping[str, str]
    price: int  #: credits of this bot
    kie_credits: float  #: what kie.ai charges
    expected_seconds: float
    inputs: tuple[Input, ...]

    @property
    def deadline(self) -> float:
        """Seconds after which a task of this model is given up."""
        return DEADLINES[self.kind]

    def check(self, inputs: Mapping[str, Any]) -> list[str]:
        """Everything that kie.ai would complain about; [] means it will be accepted."""
        known = {field.name: field for field in self.inputs}
        problems = [f"{name}: is unknown" for name in inputs if name not in known]
        for field in self.inputs:
            if field.name in inputs:
                problem = field.problem(inputs[field.name])
                if problem is not None:
                    problems.append(problem)
            elif field.required:
                problems.append(f"{field.name}: is missing")
        return problems

    def complete(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """The user's answers with what is always sent added."""
        fixed = {field.name: field.value for field in self.inputs if not field.asked}
        return {**answers, **fixed}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models, in the order of the menu."""

    all: tuple[Model, ...]

    def models(self) -> tuple[Model, ...]:
        return self.all

    def model(self, model_id: str) -> Model | None:
        """The model of that id, or None when it is not on offer (any more)."""
        return next((model for model in self.all if model.id == model_id), None)

    @classmethod
    def load(cls) -> Self:
        """The catalogue that ships with the code. Raises ``Misconfigured``."""
        text = resources.files("kie").joinpath("models.yaml").read_text(encoding="utf-8")
        return cls.parse(text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a catalogue. Raises ``Misconfigured`` with a path for every complaint."""
        try:
            raw = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise Misconfigured([f"models.yaml: is not YAML: {error}"]) from None
        reader = _Reader()
        top = reader.mapping(raw, "models.yaml", {"models": list})
        models = [
            reader.model(entry, f"models[{number}]")
            for number, entry in enumerate(top.get("models", []))
        ]
        seen: set[str] = set()
        for number, model in enumerate(models):
            if model is not None and model.id in seen:
                reader.problems.append(f"models[{number}].id: {model.id!r} is listed twice")
            seen |= {model.id} if model is not None else set()
        if not models:
            reader.problems.append("models: is empty")
        if reader.problems:
            raise Misconfigured(reader.problems)
        return cls(tuple(model for model in models if model is not None))


def prompt_length(text: str) -> int:
    """The length of a prompt as kie.ai's limit counts it.

    kie.ai does not say whether it counts characters or UTF-16 units; characters (code
    points) are assumed.
    """
    return len(text)


class _Reader:
    """Collects complaints instead of raising at the first one."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def mapping(
        self,
        raw: Any,
        at: str,
        wanted: Mapping[str, type],
        optional: Mapping[str, type] | None = None,
    ) -> dict[str, Any]:
        """``raw`` with exactly the keys of ``wanted`` and any of ``optional``, types checked."""
        if not isinstance(raw, dict):
            self.problems.append(f"{at}: expected a mapping, got {raw!r}")
            return {}
        allowed = {**wanted, **(optional or {})}
        for key, value in raw.items():
            if key not in allowed:
                self.problems.append(f"{at}.{key}: is unknown")
            elif not _fits(value, allowed[key]):
                expected = allowed[key].__name__
                self.problems.append(f"{at}.{key}: expected {expected}, got {value!r}")
        self.problems += [f"{at}.{key}: is missing" for key in wanted if key not in raw]
        return raw

    def model(self, raw: Any, at: str) -> Model | None:
        before = len(self.problems)
        found = self.mapping(
            raw,
            at,
            {
                "id": str,
                "kind": str,
                "title": dict,
                "about": dict,
                "price": int,
                "kie_credits": float,
                "expected_seconds": float,
                "inputs": list,
            },
        )
        if found.get("kind") not in DEADLINES:
            self.problems.append(f"{at}.kind: expected one of {', '.join(DEADLINES)}")
        for key in ("title", "about"):
            self.languages(found.get(key), f"{at}.{key}")
        for key in ("price", "kie_credits"):
            value = found.get(key, 0)
            if _fits(value, float) and value < 0:
                self.problems.append(f"{at}.{key}: must not be negative, got {value!r}")
        listed = found.get("inputs")
        entries: Sequence[Any] = listed if isinstance(listed, list) else ()
        inputs = [
            self.input(entry, f"{at}.inputs[{number}]") for number, entry in enumerate(entries)
        ]
        if len(self.problems) > before:
            return None
        return Model(**{**found, "inputs": tuple(field for field in inputs if field is not None)})

    def input(self, raw: Any, at: str) -> Input | None:
        before = len(self.problems)
        kind = raw.get("type") if isinstance(raw, dict) else None
        if kind not in {member.value for member in InputType}:
            words = ", ".join(member.value for member in InputType)
            self.problems.append(f"{at}.type: expected one of {words}, got {kind!r}")
            return None
        wanted, optional = _INPUT_KEYS[InputType(kind)]
        found = self.mapping(raw, at, {"name": str, "type": str, **wanted}, optional)
        if kind != InputType.FIXED:
            self.languages(found.get("title"), f"{at}.title")
        choices = found.get("choices", [])
        if isinstance(choices, list) and not all(isinstance(word, str) for word in choices):
            self.problems.append(f"{at}.choices: expected texts in quotes, got {choices!r}")
        if kind == InputType.CHOICE and found.get("default", choices[:1]) not in [
            *choices,
            choices[:1],
        ]:
            self.problems.append(f"{at}.default: is not one of the choices")
        if len(self.problems) > before:
            return None
        return Input(
            name=found["name"],
            type=InputType(kind),
            required=found.get("required", True),
            title=found.get("title", {}),
            max_length=found.get("max_length", 0),
            choices=tuple(choices),
            default=found.get("default"),
            value=found.get("value"),
        )

    def languages(self, raw: Any, at: str) -> None:
        self.mapping(raw, at, dict.fromkeys(LANGUAGES, str))


#: For each type of input: the keys it must have, and those it may have.
_INPUT_KEYS: Mapping[InputType, tuple[Mapping[str, type], Mapping[str, type]]] = {
    InputType.TEXT: ({"required": bool, "max_length": int, "title": dict}, {}),
    InputType.CHOICE: ({"required": bool, "choices": list, "title": dict}, {"default": str}),
    InputType.SWITCH: ({"required": bool, "title": dict}, {"default": bool}),
    InputType.FIXED: ({"value": object}, {}),
}


def _fits(value: Any, kind: type) -> bool:
    """Strict: a boolean is no number, and only a whole number may stand for a float."""
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, kind)
