"""Models that go on from what an earlier job has made: a clip that is extended, a song likewise.

kie.ai knows the earlier result by a name of its own: that of the task, or that of one of its
songs. Users never see it; it is taken from the job that they point at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kie.catalogue.input import Input, InputType, same

#: What an input of the type ``source`` may take: the name of the task, that of a song, or the
#: earlier job's input of the same name.
TAKES = ("task", "song", "input")


@dataclass(frozen=True, slots=True)
class Follow:
    """Results of one model from which another model goes on."""

    model: str
    when: Mapping[str, Any] = field(default_factory=dict)  #: inputs of the earlier job

    def fits(self, model: str, inputs: Mapping[str, Any]) -> bool:
        """Whether a job of that model with these inputs is meant."""
        wanted = all(same(inputs.get(name), value) for name, value in self.when.items())
        return model == self.model and wanted


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of the job that another one goes on from."""

    model: str
    inputs: Mapping[str, Any]
    task_id: str
    songs: Sequence[str] = ()  #: kie.ai's names of its songs, in their order


def sources(fields: Sequence[Input], earlier: Earlier, part: int) -> dict[str, Any] | None:
    """The values of the inputs that come from the earlier job; ``part`` counts its songs from 0.
    None: it lacks one of them."""
    found: dict[str, Any] = {}
    for each in fields:
        if each.type is not InputType.SOURCE:
            continue
        match each.takes:
            case "task":
                value: Any = earlier.task_id
            case "song":
                value = earlier.songs[part] if 0 <= part < len(earlier.songs) else None
            case _:
                value = earlier.inputs.get(each.name)
        if each.problem(value) is not None:
            return None
        found[each.name] = value
    return found


def problems(model_id: str, follows: Sequence[Follow], known: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with what a model follows; ``known``: the models of the catalogue by id."""
    for each in follows:
        earlier = known.get(each.model)
        if earlier is None:
            yield f"{model_id} follows {each.model}, which is not listed"
            continue
        fields = {field.name: field for field in earlier.inputs}
        for name, value in each.when.items():
            if name not in fields or fields[name].problem(value) is not None:
                yield f"{model_id} follows {each.model}, whose {name} is never {value!r}"
