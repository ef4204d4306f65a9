"""Builds models from the values of the YAML files, and reports every error in them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kie.catalogue.cost import Cost, Tier
from kie.catalogue.follow import TAKES, Follow
from kie.catalogue.input import FILES, MEGABYTE, NUMBERS, UNASKED, Input, InputType
from kie.catalogue.model import CATEGORIES, DEADLINES, Model
from kie.catalogue.strict import Strict, fits
from kie.catalogue.user_file import TELEGRAM_LIMIT
from kie.money.packs import MOST_STARS, Pack

#: Names of inputs that count: seconds, pictures, steps. kie.ai's documentation calls some of them
#: numbers; half of one is refused there, or charged and not made.
COUNTS = {"duration", "n", "num_images", "max_images", "num_inference_steps", "seed"}

_MODEL = {
    "id": str,
    "kind": str,
    "title": dict,
    "about": dict,
    "cost": dict,
    "expected_seconds": float,
    "inputs": list,
}
_MODEL_OPTIONAL = {"category": str, "price": int, "free_per_day": int, "follows": list}
_COST_OPTIONAL = {
    "credits": float,
    "tiers": list,
    "times": str,
    "seconds_of": str,
    "characters_of": str,
    "extra": dict,
}
_FILE_LIMITS = {"formats": list, "max_mb": float, "max_seconds": float}
_FILE = {"many": bool, "min_items": int, "max_items": int, "timed": bool, **_FILE_LIMITS}
#: For each type of input: the keys it must have beside name and type, and those it may have.
_INPUT: Mapping[InputType, tuple[Mapping[str, type], Mapping[str, type]]] = {
    InputType.TEXT: ({"required": bool, "max_length": int}, {"min_length": int, "title": dict}),
    InputType.CHOICE: (
        {"required": bool, "choices": list},
        {"default": object, "title": dict, "labels": dict},
    ),
    InputType.INTEGER: (
        {"required": bool},
        {"default": int, "title": dict, "min": int, "max": int},
    ),
    InputType.NUMBER: (
        {"required": bool},
        {"default": float, "title": dict, "min": float, "max": float},
    ),
    InputType.SWITCH: ({"required": bool}, {"default": bool, "title": dict}),
    InputType.FIXED: ({"value": object}, {}),
    InputType.SOURCE: ({"takes": str}, {}),
    **{kind: ({"required": bool}, {"title": dict, **_FILE}) for kind in FILES},
}


class Reader(Strict):
    """Collects complaints instead of raising at the first one."""

    def __init__(self) -> None:
        super().__init__()
        self._ids: set[str] = set()
        self._markup = 1.0
        self.packs: tuple[Pack, ...] = ()
        self._titles: Mapping[str, Any] = {}
        self._values: Mapping[Any, Any] = {}
        self._files: Mapping[str, Any] = {}

    def shared(self, raw: Any) -> None:
        """``shared.yaml``: what the models read after it share."""
        at = "shared.yaml"
        wanted = {"markup": float, "files": dict, "titles": dict, "values": dict}
        found = self.mapping(raw, at, wanted, {"packs": list})
        for number, block in enumerate(found.get("packs", ())):
            self._pack(block, f"{at}.packs[{number}]")
        if self.problems:
            return
        self.positive(found["markup"], f"{at}.markup")
        self._markup = found["markup"]
        for part in ("titles", "values"):
            for word, title in found[part].items():
                self.languages(title, f"{at}.{part}.{word}")
        self._titles, self._values = found["titles"], found["values"]
        self.mapping(found["files"], f"{at}.files", {}, dict.fromkeys(FILES, dict))
        for kind, limits in found["files"].items():
            place = f"{at}.files.{kind}"
            self._limits(self.mapping(limits, place, {}, _FILE_LIMITS), place)
        if not self.problems:
            self._files = found["files"]

    def models(self, name: str, raw: Any) -> Iterator[Model]:
        """The models of the file ``name`` that are without complaint."""
        top = self.mapping(raw, name, {"models": list})
        blocks = top.get("models")
        if not isinstance(blocks, list) or not blocks:
            self.problems.append(f"{name}.models: is empty")
            return
        for number, block in enumerate(blocks):
            model = self._model(block, f"{name}.models[{number}]")
            if model is not None:
                if model.id in self._ids:
                    self.problems.append(
                        f"{name}.models[{number}].id: {model.id!r} is listed twice"
                    )
                self._ids.add(model.id)
                yield model

    # ------------------------------------------------------------- internal --

    def _pack(self, raw: Any, at: str) -> None:
        found = self.mapping(raw, at, {"credits": int, "stars": int}, {"monthly": bool})
        for name, most in (("credits", 2**31 - 1), ("stars", MOST_STARS)):
            value = found.get(name)
            if isinstance(value, int) and not 1 <= value <= most:
                self.problems.append(f"{at}.{name}: expected 1 to {most}, got {value}")
        if not self.problems:
            number, monthly = len(self.packs) + 1, found.get("monthly", False)
            self.packs += (Pack(number, found["credits"], found["stars"], monthly=monthly),)

    def _model(self, raw: Any, at: str) -> Model | None:
        before = len(self.problems)
        found = self.mapping(raw, at, _MODEL, _MODEL_OPTIONAL)
        self.one_of(found.get("kind"), tuple(DEADLINES), f"{at}.kind")
        category: Any = found.get("category", found.get("kind"))
        self.one_of(category, CATEGORIES, f"{at}.category")
        for key in ("title", "about"):
            self.languages(found.get(key), f"{at}.{key}")
        for key in ("price", "free_per_day"):
            if fits(found.get(key), int) and found[key] < 0:
                self.problems.append(f"{at}.{key}: must not be negative, got {found[key]!r}")
        self.positive(found.get("expected_seconds"), f"{at}.expected_seconds")
        self.word(found.get("id"), f"{at}.id", longest=50)
        listed = found.get("inputs")
        blocks: Sequence[Any] = listed if isinstance(listed, list) else ()
        inputs = [
            self._input(block, f"{at}.inputs[{number}]") for number, block in enumerate(blocks)
        ]
        cost = self._cost(found.get("cost"), f"{at}.cost")
        fields = {field.name: field for field in inputs if field is not None}
        if len(fields) < len(inputs) and len(self.problems) == before:
            self.problems.append(f"{at}.inputs: a name is used twice")
        follows = self._follows(found.get("follows", []), f"{at}.follows")
        if bool(follows) != any(each.type is InputType.SOURCE for each in fields.values()):
            self.problems.append(f"{at}.follows: belongs together with an input of type source")
        if cost is None or len(self.problems) > before:
            return None
        self.problems += [f"{at}.cost: {problem}" for problem in cost.problems(fields)]
        return Model(
            id=found["id"],
            kind=found["kind"],
            category=category,
            title=found["title"],
            about=found["about"],
            cost=cost,
            markup=self._markup,
            fixed_price=found.get("price"),
            free_per_day=found.get("free_per_day"),
            expected_seconds=found["expected_seconds"],
            inputs=tuple(fields.values()),
            follows=follows,
        )

    def _follows(self, raw: Sequence[Any], at: str) -> tuple[Follow, ...]:
        for number, each in enumerate(raw):
            self.mapping(each, f"{at}[{number}]", {"model": str}, {"when": dict})
        known = [each for each in raw if isinstance(each, dict) and "model" in each]
        return tuple(Follow(each["model"], each.get("when", {})) for each in known)

    def _cost(self, raw: Any, at: str) -> Cost | None:
        before = len(self.problems)
        found = self.mapping(raw, at, {}, _COST_OPTIONAL)
        if ("credits" in found) == ("tiers" in found):
            self.problems.append(f"{at}: expected either credits or tiers")
        extra = found.get("extra", {})
        if extra:
            self.mapping(extra, f"{at}.extra", {"of": str, "credits": float, "beyond": int})
        tiers = found.get("tiers", [{"credits": found.get("credits"), "when": {}}])
        for number, tier in enumerate(tiers if isinstance(tiers, list) else ()):
            place = f"{at}.tiers[{number}]" if "tiers" in found else at
            self.mapping(tier, place, {"credits": float, "when": dict})
            if isinstance(tier, dict) and fits(tier.get("credits"), float) and tier["credits"] < 0:
                self.problems.append(f"{place}.credits: must not be negative")
        if len(self.problems) > before:
            return None
        return Cost(
            tiers=tuple(Tier(tier["credits"], tier["when"]) for tier in tiers),
            times=found.get("times", ""),
            seconds_of=found.get("seconds_of", ""),
            characters_of=found.get("characters_of", ""),
            extra_of=extra.get("of", ""),
            extra=extra.get("credits", 0.0),
            extra_beyond=extra.get("beyond", 0),
        )

    def _input(self, raw: Any, at: str) -> Input | None:
        before = len(self.problems)
        kind: Any = raw.get("type") if isinstance(raw, dict) else None
        if not self.one_of(kind, tuple(InputType), f"{at}.type"):
            return None
        wanted, optional = _INPUT[InputType(kind)]
        found = self.mapping(raw, at, {"name": str, "type": str, **wanted}, optional)
        self.word(found.get("name"), f"{at}.name")
        title: Any = found.get("title", self._titles.get(str(found.get("name"))))
        if kind == InputType.SOURCE:
            self.one_of(found.get("takes"), TAKES, f"{at}.takes")
        if kind not in UNASKED:
            if title is None:
                self.problems.append(f"{at}.title: is missing, and so it is in shared.yaml")
            else:
                self.languages(title, f"{at}.title")
        if len(self.problems) > before:
            return None
        limits = self._files.get(kind, {})
        self._limits(found, at)
        if "choices" in found:
            self._choices(found, at)
        if len(self.problems) > before:
            return None
        rest = {key: value for key, value in found.items() if key not in _DERIVED}
        field = Input(
            **{**limits, **rest},
            type=InputType(kind),
            title=title or {},
            choices=tuple(found.get("choices", ())),
            labels={**self._values, **found.get("labels", {})},
        )
        self._sound(field, at)
        return field

    def _limits(self, found: Mapping[str, Any], at: str) -> None:
        """What an input of files may say, in its block or for all of its kind."""
        formats = found.get("formats", [])
        if not isinstance(formats, list) or not all(isinstance(each, str) for each in formats):
            self.problems.append(f"{at}.formats: expected texts, got {formats!r}")
        for key in ("max_mb", "max_seconds"):
            self.positive(found.get(key), f"{at}.{key}")
        if fits(found.get("max_mb"), float) and found["max_mb"] * MEGABYTE > TELEGRAM_LIMIT:
            self.problems.append(f"{at}.max_mb: a bot gets 20 MB of a user at most")

    def _choices(self, found: Mapping[str, Any], at: str) -> None:
        choices = found["choices"]
        if not isinstance(choices, list) or not choices:
            self.problems.append(f"{at}.choices: expected a list of values, got {choices!r}")
            return
        kinds = {type(each) for each in choices}
        if len(kinds) > 1 or not kinds <= {str, int, float}:
            self.problems.append(f"{at}.choices: expected all texts or all numbers, in {choices!r}")
        if len({str(each) for each in choices}) < len(choices):
            self.problems.append(f"{at}.choices: a value is listed twice")
        for each in choices:
            self.word(str(each), f"{at}.choices")
        for value, title in found.get("labels", {}).items():
            self.languages(title, f"{at}.labels.{value}")

    def _sound(self, field: Input, at: str) -> None:
        """What the keys say together."""
        if field.default is not None:
            problem = field.problem(field.default)
            if problem is not None:
                self.problems.append(f"{at}.default: {problem}")
        if field.type is InputType.NUMBER and field.name in COUNTS:
            self.problems.append(f"{at}.type: {field.name} counts something whole; use integer")
        if field.type in NUMBERS and field.min is not None and field.max is not None:
            self.ordered(field.min, field.max, f"{at}.min")
        if field.type is InputType.TEXT:
            self.ordered(max(1, field.min_length), field.max_length, f"{at}.max_length")
        if field.is_file:
            self.ordered(1, field.min_items, f"{at}.min_items")
            self.ordered(field.min_items, field.max_items, f"{at}.max_items")
            if field.max_items > 1 and not field.many:
                self.problems.append(f"{at}.max_items: only with many: true")


#: Keys of a block that become something else in ``Input``.
_DERIVED = {"type", "title", "choices", "labels"}
