"""What kie.ai charges for a task: a table of tiers in the catalogue.

The values of inputs select a tier. Its credits are multiplied by what kie.ai counts (seconds,
pictures, characters), and input files beyond a certain number may cost extra. At the start every
combination of the values must have a tier, so that every order has a price.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from kie.catalogue.input import Input, InputType, same
from kie.catalogue.user_file import UserFile
from supervisor.values.foreign import whole, whole_text

CHARACTERS = 1000  #: texts that are read aloud are charged per this many


@dataclass(frozen=True, slots=True)
class Tier:
    credits: float
    when: Mapping[str, Any]

    def fits(self, inputs: Mapping[str, Any]) -> bool:
        return all(same(inputs.get(name), value) for name, value in self.when.items())


@dataclass(frozen=True, slots=True)
class Cost:
    """kie.ai's price of one task. ``credits`` wants inputs that ``Model.check`` accepts."""

    tiers: tuple[Tier, ...]  #: the first that fits counts
    #: Input whose value multiplies: seconds or pictures, whole numbers, also written as text.
    times: str = ""
    seconds_of: str = ""  #: input whose file is charged for as long as it plays
    characters_of: str = ""  #: input whose text is charged by its length
    extra_of: str = ""  #: input whose files cost ``extra`` each, beyond ``extra_beyond``
    extra: float = 0.0
    extra_beyond: int = 0

    @property
    def varies(self) -> bool:
        """Whether the inputs decide."""
        counted = self.times or self.seconds_of or self.characters_of or self.extra_of
        return len(self.tiers) > 1 or bool(counted)

    def credits(self, inputs: Mapping[str, Any]) -> float:
        tier = next(each for each in self.tiers if each.fits(inputs))
        found = tier.credits
        if self.times:
            found *= _whole(inputs[self.times]) or 0
        if self.seconds_of:
            found *= math.ceil(sum(each.seconds or 0.0 for each in _files(inputs, self.seconds_of)))
        if self.characters_of:
            found *= len(inputs[self.characters_of]) / CHARACTERS
        charged = max(0, len(_files(inputs, self.extra_of)) - self.extra_beyond)
        return found + charged * self.extra

    def least(self, fields: Mapping[str, Input]) -> float:
        """The least that any accepted inputs cost: a second, a character, the smallest number."""
        found = min(each.credits for each in self.tiers)
        factor = fields.get(self.times)
        if factor is not None:
            found *= min(_whole(each) or 0 for each in _values(factor))
        return found / CHARACTERS if self.characters_of else found

    def problems(self, fields: Mapping[str, Input]) -> Iterator[str]:
        """What is wrong with the table for a model with these inputs."""
        for name in self._looked_at():
            field = fields.get(name)
            if field is None:
                yield f"looks at {name}, which is no input"
            elif not (field.required or field.default is not None or not field.asked):
                yield f"looks at {name}, which may be absent"
        for wanted, name in (("timed", self.seconds_of), ("text", self.characters_of)):
            field = fields.get(name)
            if field is not None and not (field.timed or field.type == wanted):
                yield f"{name} is not {wanted}"
        factor = fields.get(self.times)
        if factor is not None and not _counts(factor):
            yield f"{self.times} is not always a whole number from 1 on, and multiplies the price"
        for tier in self.tiers:
            for name, value in tier.when.items():
                if name in fields and not any(same(value, each) for each in _values(fields[name])):
                    yield f"{name} is never {value!r}"
        for values in self._combinations(fields):
            if not any(tier.fits(values) for tier in self.tiers):
                yield f"has no tier for {values}"

    def _looked_at(self) -> set[str]:
        names = {name for tier in self.tiers for name in tier.when}
        return names | ({self.times, self.seconds_of, self.characters_of} - {""})

    def _combinations(self, fields: Mapping[str, Input]) -> Iterator[Mapping[str, Any]]:
        names = sorted({name for tier in self.tiers for name in tier.when} & set(fields))
        for values in product(*(_values(fields[name]) for name in names)):
            yield dict(zip(names, values, strict=True))


def _values(field: Input) -> Sequence[Any]:
    match field.type:
        case InputType.CHOICE:
            return field.choices
        case InputType.SWITCH:
            return (False, True)
        case InputType.FIXED:
            return (field.value,)
        case InputType.INTEGER | InputType.NUMBER if field.min is not None:
            return (field.min,)
        case _:
            return ("a price cannot depend on it",)


def _counts(field: Input) -> bool:
    """Whether every value is a whole number from 1 on, be it written as text: nobody gets half
    a picture, so nobody is charged for one."""
    if field.type is InputType.INTEGER:
        return field.min is not None and field.min >= 1
    if field.type not in {InputType.CHOICE, InputType.FIXED}:
        return False
    return all(_whole(each) is not None for each in _values(field))


def _whole(value: Any) -> int | None:
    return whole_text(value, 1) if isinstance(value, str) else whole(value, 1)


def _files(inputs: Mapping[str, Any], name: str) -> Sequence[UserFile]:
    value = inputs.get(name)
    given = value if isinstance(value, list) else [value]
    return [file for file in map(UserFile.of, given) if file is not None]
