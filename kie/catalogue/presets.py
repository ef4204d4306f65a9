"""Presets: a model with fixed inputs and words, of which its user gives a photo or a few words.

``models/presets.yaml`` lists them. The check refuses a preset whose model is not there, whose
inputs the model does not take, or that would leave something open.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import Any

from kie.catalogue.input import Complaint, Input, InputType
from kie.catalogue.model import Model
from kie.catalogue.strict import Strict

#: What a preset is called among the models.
PREFIX = "fx-"
#: The place of the user's words in a template, and the input in which they are given.
PLACE, WORDS = "{words}", "words"
SAMPLES = "samples"  #: the folder with a picture for each preset, next to ``models``
LONGEST_WORDS = 500  #: characters of a user's words in a template

_PRESET = {"id": str, "model": str, "title": dict, "about": dict}
_OPTIONAL = {"inputs": dict, "template": str, "asks": list, "words": dict}


@dataclass(frozen=True, slots=True)
class Preset:
    """One preset."""

    name: str
    model: Model
    title: Mapping[str, str]
    about: Mapping[str, str]
    questions: tuple[Input, ...]  #: files of the model, and the words
    fixed: Mapping[str, Any] = field(default_factory=dict)
    template: str = ""

    @property
    def id(self) -> str:
        """What it is called where models are named."""
        return f"{PREFIX}{self.name}"

    def complete(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """What the model gets for these answers."""
        words = str(answers.get(WORDS, ""))
        given = {name: value for name, value in answers.items() if name != WORDS}
        prompt = prompt_of(self.model)
        if prompt is not None and self.template and (WORDS in answers or not self.worded):
            given[prompt.name] = self.template.replace(PLACE, words)
        return self.model.complete({**self.fixed, **given})

    @property
    def worded(self) -> bool:
        """Whether the user gives words."""
        return PLACE in self.template

    def words_of(self, inputs: Mapping[str, Any]) -> str | None:
        """What its user wrote, from the inputs of a job; empty: nothing. None: another job."""
        prompt = prompt_of(self.model)
        if not self.template or prompt is None:
            return None
        told = str(inputs.get(prompt.name, ""))
        before, _, after = self.template.partition(PLACE)
        if not self.worded:
            return "" if told == self.template else None
        long_enough = len(told) > len(before) + len(after)
        if long_enough and told.startswith(before) and told.endswith(after):
            return told[len(before) : len(told) - len(after)]
        return None

    def check(self, complete: Mapping[str, Any]) -> list[Complaint]:
        """As ``Model.check``, for what ``complete`` made."""
        return self.model.check(complete)


def prompt_of(model: Model) -> Input | None:
    """The text in which a model is told what to make."""
    texts = [each for each in model.inputs if each.type is InputType.TEXT and each.required]
    named = [each for each in model.inputs if each.name == "prompt"]
    return next(iter((*texts, *named)), None)


def sample(name: str) -> bytes:
    """The picture that shows what the preset does. Raises ``OSError``: there is none."""
    folder = resources.files("kie.catalogue").joinpath(SAMPLES)
    return folder.joinpath(f"{name}.png").read_bytes()


class PresetReader(Strict):
    """Reads the list and compares it with the models."""

    def __init__(self, models: Sequence[Model]) -> None:
        super().__init__()
        self._models = {model.id: model for model in models}

    def read(self, name: str, raw: Any) -> tuple[Preset, ...]:
        """The presets of the file ``name``; what is wrong with them is in ``problems``."""
        listed = self.mapping(raw, name, {"presets": list}).get("presets")
        found: dict[str, Preset] = {}
        for number, block in enumerate(listed if isinstance(listed, list) else ()):
            at = f"{name}.presets[{number}]"
            preset = self._preset(block, at)
            if preset is None:
                continue
            if preset.name in found:
                self.problems.append(f"{at}.id: {preset.name!r} is listed twice")
            found[preset.name] = preset
        return tuple(found.values())

    def _preset(self, raw: Any, at: str) -> Preset | None:
        before = len(self.problems)
        block = self.mapping(raw, at, _PRESET, _OPTIONAL)
        for key in ("title", "about", "words"):
            if key in block:
                self.languages(block[key], f"{at}.{key}")
        self.word(block.get("id"), f"{at}.id", longest=20)
        model = self._models.get(str(block.get("model")))
        if model is None:
            self.problems.append(f"{at}.model: there is no model {block.get('model')!r}")
        if model is None or len(self.problems) > before:
            return None
        made = Preset(
            name=block["id"],
            model=model,
            title=block["title"],
            about=block["about"],
            questions=(*_files(model, block.get("asks", ())), *_words(model, block)),
            fixed=block.get("inputs", {}),
            template=block.get("template", ""),
        )
        self.problems += [f"{at}: {why}" for why in _misfits(made, block)]
        return made if len(self.problems) == before else None


def _files(model: Model, names: Sequence[Any]) -> Iterator[Input]:
    """What the user sends: one file for each, however many the model takes."""
    for each in model.inputs:
        if each.name in names:
            yield replace(each, required=True, min_items=1, max_items=1)


def _words(model: Model, block: Mapping[str, Any]) -> Iterator[Input]:
    template, prompt = str(block.get("template", "")), prompt_of(model)
    if PLACE in template and prompt is not None:
        room = prompt.max_length - len(template) + len(PLACE)
        title = block.get("words", prompt.title)
        most = min(LONGEST_WORDS, room)
        yield Input(WORDS, InputType.TEXT, title, required=True, max_length=most)


def _misfits(preset: Preset, block: Mapping[str, Any]) -> Iterator[str]:
    model, fields = preset.model, {each.name: each for each in preset.model.inputs}
    if model.follows:
        yield f"{model.id} goes on from an earlier job"
    for name, value in preset.fixed.items():
        known = fields.get(name)
        if known is None or not known.asked or known.problem(value) is not None:
            yield f"inputs.{name}: {model.id} does not take {value!r}"
    for name in block.get("asks", ()):
        if name not in fields or not fields[name].is_file:
            yield f"asks: {name!r} is no file of {model.id}"
    if preset.template and prompt_of(model) is None:
        yield f"template: {model.id} takes no words"
    if preset.template.count(PLACE) > 1 or "{" in preset.template.replace(PLACE, ""):
        yield f"template: {PLACE} may stand in it once, and nothing else in braces"
    if ("words" in block) != preset.worded:
        yield f"words: belongs together with {PLACE} in the template"
    if any(each.max_length < 1 for each in preset.questions if each.name == WORDS):
        yield f"template: is too long for {model.id}"
    given = {each.name for each in preset.questions}
    given |= set(preset.complete({WORDS: "x"} if preset.worded else {}))
    for each in model.inputs:
        if each.required and each.asked and each.name not in given:
            yield f"{each.name} of {model.id} stays open"
