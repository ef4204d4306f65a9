"""The models on offer: read from YAML once, checked strictly, immutable.

One file per category of the market's models under ``models/``, one per family with endpoints of
its own, ``shared.yaml`` with what they share (the markup of prices, the words for inputs and
values, the limits of files), ``does.yaml`` with what can be done to a file, and ``presets.yaml``
with models whose inputs are filled in. Adding a model is adding a block. Every complaint carries
its path in the file; all are collected before the start is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Self

import yaml

from kie.catalogue import follow
from kie.catalogue.file_actions import FileAction, FileActionReader
from kie.catalogue.model import CATEGORIES, Model
from kie.catalogue.presets import Preset, PresetReader
from kie.catalogue.reader import Reader
from kie.money.packs import Pack
from supervisor.runtime.errors import Misconfigured

#: Models whose tasks are made at endpoints of their own (``kie/api/families.py``).
FAMILIES = ("veo", "suno")
#: The files that are not lists of models.
SHARED, DOES, PRESETS = "shared.yaml", "does.yaml", "presets.yaml"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models, in the order of the files."""

    all: tuple[Model, ...]
    #: What can be done to a file that is there, by action.
    does: Mapping[str, FileAction] = field(default_factory=dict)
    presets: tuple[Preset, ...] = ()
    packs: tuple[Pack, ...] = ()  #: what a bot sells until its operator changes it

    def models(self) -> tuple[Model, ...]:
        return self.all

    def model(self, model_id: str) -> Model | None:
        """The model of that id, or None when it is not on offer (any more)."""
        return next((model for model in self.all if model.id == model_id), None)

    def cost(self, model_id: str, inputs: Mapping[str, Any]) -> float | None:
        """What kie.ai charges for these inputs; None when nobody can tell (any more)."""
        model = self.model(model_id)
        if model is None or model.check(inputs):
            return None
        return model.cost.credits(inputs)

    @classmethod
    def load(cls) -> Self:
        """The catalogue that ships with the code. Raises ``Misconfigured``."""
        folder = resources.files("kie.catalogue").joinpath("models")
        return cls.parse(
            {
                name: folder.joinpath(name).read_text(encoding="utf-8")
                for name in (
                    *(SHARED, DOES, PRESETS),
                    *(f"{each}.yaml" for each in (*CATEGORIES, *FAMILIES)),
                )
            }
        )

    @classmethod
    def parse(cls, files: Mapping[str, str]) -> Self:
        """Read a catalogue: ``shared.yaml``, ``does.yaml`` and ``presets.yaml`` if they are there,
        and the rest. Raises ``Misconfigured`` with a path for every complaint."""
        reader = Reader()
        raw = {name: _yaml(name, text, reader.problems) for name, text in files.items()}
        if reader.problems:
            raise Misconfigured(reader.problems)
        reader.shared(raw.pop(SHARED, None))
        does, presets = raw.pop(DOES, None), raw.pop(PRESETS, None)
        models = [model for name in raw for model in reader.models(name, raw[name])]
        known = {model.id: model for model in models}
        for model in models:
            reader.problems += follow.problems(model.id, model.follows, known)
        if reader.problems:
            raise Misconfigured(reader.problems)
        actions, specs = FileActionReader(models), PresetReader(models)
        table = {} if does is None else actions.read(DOES, does)
        listed = () if presets is None else specs.read(PRESETS, presets)
        problems = [*actions.problems, *specs.problems]
        if problems:
            raise Misconfigured(problems)
        return cls(tuple(models), table, listed, reader.packs)


# Ten times as fast, and the start waits for it; PyYAML's wheels have it everywhere.
_FAST: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FAST):  # type: ignore[misc,valid-type]  # one of two classes with one interface
    """YAML in which a key that is written twice is an error, not the last one."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key) for key, _ in node.value]
    for key in keys:
        if keys.count(key) > 1:
            raise yaml.constructor.ConstructorError(
                None, None, f"{key!r} is written twice", node.start_mark
            )
    found: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return found


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _yaml(name: str, text: str, problems: list[str]) -> Any:
    try:
        return yaml.load(text, _Loader)  # noqa: S506 a SafeLoader  # nosec B506
    except yaml.YAMLError as error:
        problems.append(f"{name}: is not YAML: {error}")
        return None
