"""kie.ai as the jobs of a test see it: tasks that cost money, and answers as a test wants them."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kie.api.circuit import Circuit
from kie.api.client import Circuits
from kie.api.outcome import Failure, Result, Song
from kie.api.refusals import TaskRefused, TaskUnknown
from kie.api.wire import Failed, Report, Running, Succeeded
from supervisor.runtime.errors import OutcomeUnknown, Unavailable
from tests.support.edges.fakes import FakeClock
from tests.support.postgres.mortal_database import Crash

#: One model of each family, and its inputs. Those of Veo and Suno go on from an earlier job.
WISHES: Mapping[str, Mapping[str, Any]] = {
    "z-image": {"prompt": "a fox", "aspect_ratio": "1:1"},
    "veo/4k": {"taskId": "0f" * 16},
    "suno/extend": {"audioId": "0f" * 16, "model": "V5"},
}

#: Of tasks, messages and presses.
NUMBERS = itertools.count(1)


@dataclass
class Task:
    """A task at kie.ai: it has cost money, whoever knows of it."""

    id: str
    job: int
    end: str = ""  #: empty: still running


@dataclass
class KieAccount:
    """What kie.ai has and how its next answers are. Raises where a caller oversteps."""

    clock: FakeClock
    model: str
    tasks: list[Task] = field(default_factory=list)
    answer: str = "ok"
    report: str = "truth"
    #: What happens elsewhere while the call is under way.
    meanwhile: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self.circuits = Circuits(Circuit(self.clock), Circuit(self.clock))

    def pause(self, _kind: str) -> float:
        return 0.0

    def create_task(
        self,
        model: str,
        inputs: Mapping[str, Any],
        callback_url: str | None,
        *,
        before: Callable[[], None],
    ) -> str:
        assert model == self.model
        assert WISHES[model].items() <= inputs.items()
        assert callback_url is not None
        before()
        without_effect: dict[str, BaseException] = {
            "crash before": Crash(),
            "refused": TaskRefused("no", Failure.REFUSED_CONTENT),
            "refused once": TaskRefused("try later", Failure.REFUSED_INPUT, once_more=True),
            "later": Unavailable("maintenance"),
            "lost request": OutcomeUnknown("no answer"),
        }
        if self.answer in without_effect:
            raise without_effect[self.answer]
        task = Task(f"task-{next(NUMBERS)}", int(callback_url))
        self.tasks.append(task)
        self.meanwhile()
        if self.answer == "lost answer":
            raise OutcomeUnknown("no answer")
        if self.answer == "crash after":
            raise Crash
        assert self.answer == "ok", self.answer
        return task.id

    def record_info(self, task_id: str, model: str, job_id: int) -> Report:
        assert model == self.model
        self.meanwhile()
        if self.report == "unknown":
            raise TaskUnknown("recordInfo is null")
        if self.report == "unavailable":
            raise Unavailable("502")
        (task,) = [each for each in self.tasks if each.id == task_id]
        if task.end == "success":
            return Succeeded(_made(model, task.id), None)
        return Failed(Failure.BROKEN, "internal error") if task.end == "fail" else Running()

    def running(self) -> Sequence[Task]:
        return [task for task in self.tasks if not task.end]


def _made(model: str, task: str) -> Result:
    base = f"https://files.example/{task}"
    if not model.startswith("suno/"):
        return Result((f"{base}.png",))
    songs = tuple(Song(f"{base}-{number}.mp3", "The Fox", "Suno") for number in (1, 2))
    return Result(tuple(song.url for song in songs), songs=songs)


class NoTimer:
    def call_later(self, name: str, seconds: float, fn: Callable[[], None]) -> None:
        raise AssertionError(f"{name} wants to wait {seconds} s")

    def cancel(self, name: str) -> None:
        raise AssertionError(name)
