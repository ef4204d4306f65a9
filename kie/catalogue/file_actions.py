"""What can be done with a file that is there: a table of actions, each with its models.

``models/does.yaml`` lists them. The check refuses a model that is not in the catalogue, that does
not take the file, or that makes something else than the action promises.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kie.catalogue.input import Input, InputType
from kie.catalogue.model import Model
from kie.catalogue.strict import Strict


@dataclass(frozen=True, slots=True)
class ActionKind:
    """What every model of an action has in common."""

    makes: str  #: kind of the result; empty: the kind that it takes
    takes: frozenset[str]  #: kinds of the file that it is done to
    beside: frozenset[str] = frozenset()  #: kinds of files that it asks for beside that one
    worded: bool = False  #: it asks what to do


_IMAGE = frozenset({"image"})
#: In the order in which people are offered them.
ACTIONS: Mapping[str, ActionKind] = {
    "edit": ActionKind("image", _IMAGE, worded=True),
    "animate": ActionKind("video", _IMAGE, worded=True),
    "upscale": ActionKind("", frozenset({"image", "video"})),
    "cutout": ActionKind("image", _IMAGE),
    "speak": ActionKind("video", _IMAGE, frozenset({"audio"}), worded=True),
}


@dataclass(frozen=True, slots=True)
class FileAction:
    """One action."""

    models: tuple[str, ...]  #: ids, the best default first
    #: Language → what is asked for when the user writes nothing; empty: the user has to write.
    words: Mapping[str, str] = field(default_factory=dict)


def file_input(model: Model, action: str) -> Input | None:
    """Where the file goes that the action is done to; None: the model takes none."""
    takes = ACTIONS[action].takes
    return next((each for each in _needed(model) if each.type in takes), None)


class FileActionReader(Strict):
    """Reads the table and compares it with the models."""

    def __init__(self, models: Sequence[Model]) -> None:
        super().__init__()
        self._models = {model.id: model for model in models}

    def read(self, name: str, raw: Any) -> Mapping[str, FileAction]:
        """The table of the file ``name``; what is wrong with it is in ``problems``."""
        top = self.mapping(raw, name, {"does": dict})
        at = f"{name}.does"
        blocks = self.mapping(top.get("does"), at, dict.fromkeys(ACTIONS, dict))
        found = {}
        for action in ACTIONS:
            if isinstance(blocks.get(action), dict):
                found[action] = self._action(action, blocks[action], f"{at}.{action}")
        return found

    def _action(self, action: str, raw: Any, at: str) -> FileAction:
        block = self.mapping(raw, at, {"models": list}, {"words": dict})
        if "words" in block:
            self.languages(block["words"], f"{at}.words")
            if not ACTIONS[action].worded:
                self.problems.append(f"{at}.words: its models ask for no description")
        listed = block.get("models")
        ids = listed if isinstance(listed, list) else []
        if not ids:
            self.problems.append(f"{at}.models: is empty")
        for number, each in enumerate(ids):
            place = f"{at}.models[{number}]"
            if each in ids[:number]:
                self.problems.append(f"{place}: {each!r} is listed twice")
            model = self._models.get(each) if isinstance(each, str) else None
            if model is None:
                self.problems.append(f"{place}: there is no model {each!r}")
            else:
                self.problems += [f"{place}: {each} {why}" for why in _misfits(action, model)]
        return FileAction(tuple(map(str, ids)), block.get("words", {}))


def _misfits(action: str, model: Model) -> Iterator[str]:
    kind, asked = ACTIONS[action], file_input(model, action)
    if asked is None:
        yield f"asks for no {' or '.join(sorted(kind.takes))}"
        return
    made = kind.makes or asked.type.value
    if model.kind != made:
        yield f"makes {model.kind}, expected {made}"
    others = {each.type.value for each in _needed(model) if each.is_file and each is not asked}
    if others != kind.beside:
        yield f"asks for {sorted(others)} beside the file, expected {sorted(kind.beside)}"
    if not kind.worded and any(each.type is InputType.TEXT for each in _needed(model)):
        yield "asks for a description"


def _needed(model: Model) -> Iterator[Input]:
    return (each for each in model.inputs if each.required and each.asked)
