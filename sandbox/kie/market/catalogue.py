"""kie.ai's models as this simulator knows them: ``market.yaml``, read and typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sandbox.kie import facts

FILE = Path(__file__).with_name("market.yaml")


@dataclass(frozen=True, slots=True)
class Field:
    """One input field; the names are those of ``market.yaml``."""

    type: str
    required: bool = False
    enum: tuple[Any, ...] = ()
    default: Any = None
    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    items: str = ""
    item_fields: Mapping[str, "Field"] = field(default_factory=dict)
    media: str = ""
    may_be_empty: bool = False
    total_length: int | None = None

    @property
    def empty_is_fine(self) -> bool:
        none_needed = 0 in (self.min_length, self.min_items)
        return self.may_be_empty or none_needed or self.default in ("", [])


Inputs = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class MarketModel:
    id: str
    kind: str  #: image, video, audio, data or text
    withdrawn: bool = False
    price: Mapping[str, Any] | None = None
    inputs: tuple[Inputs, ...] = ()
    count: int | str = 1
    exclusive: tuple[tuple[str, ...], ...] = ()
    missing: str = ""
    callback: bool = False

    def complete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The input with the server's defaults filled in, as ``param`` shows it."""
        # The form that the input fits: the one that knows most of what was given.
        form = max(self.inputs, key=lambda form: len(set(form) & set(given)))
        defaults = {name: field.default for name, field in form.items()}
        return {**{n: value for n, value in defaults.items() if value is not None}, **given}


@cache
def market() -> Mapping[str, MarketModel]:
    """Every model by its id."""
    raw = facts.read(FILE)
    return {model_id: _model(model_id, each) for model_id, each in raw.items()}


def _model(model_id: str, raw: dict[str, Any]) -> MarketModel:
    return MarketModel(
        id=model_id,
        kind=raw["kind"],
        withdrawn=raw.get("withdrawn", False),
        price=raw.get("price"),
        inputs=tuple(fields(form) for form in raw.get("inputs", ())),
        count=raw.get("count", 1),
        exclusive=tuple(tuple(group) for group in raw.get("exclusive", ())),
        missing=raw.get("missing", ""),
        callback=raw.get("callback", False),
    )


def fields(raw: dict[str, Any]) -> Inputs:
    """A form in the language of ``market.yaml``."""
    found = {}
    for name, each in raw.items():
        parts = {**each, "enum": tuple(each.get("enum", ()))}
        found[name] = Field(**{**parts, "item_fields": fields(each.get("item_fields", {}))})
    return found
