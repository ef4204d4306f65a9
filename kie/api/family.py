"""What a family of kie.ai's models is to the client: pure requests and readings, no HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from kie.api import wire
from kie.api.envelope import envelope
from kie.api.refusals import TaskUnknown
from kie.api.wire import Report
from kie.http.answer import Answer
from kie.http.link_policy import LinkPolicy

Inputs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Creation:
    """A request that makes a task."""

    call: str  #: its name in metrics
    path: str
    body: Mapping[str, Any]  #: of a POST; of a GET, the parameters
    method: str = "POST"
    #: A second call finds the task that the first one made, so a lost answer is no doubt.
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A request that asks how a task stands."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None


class Family(Protocol):
    """One kind of tasks: how one is made, asked for, and read."""

    def creation(self, model: str, inputs: Inputs, callback_url: str | None) -> Creation: ...

    def created(self, inputs: Inputs, answer: Answer) -> str:
        """The id of the task. Raises as ``wire.created_task`` does."""
        ...

    def question(self, task_id: str) -> Question: ...

    def report(self, answer: Answer, policy: LinkPolicy) -> Report:
        """Raises as ``wire.task_report`` does."""
        ...


def record(answer: Answer) -> Mapping[str, Any]:
    """The record of a task. Raises as ``wire.task_report`` does, and ``TaskUnknown``."""
    found = envelope(answer)
    if found is None:
        raise wire.unreadable(answer)
    if answer.status == 200 and found.code == 200:
        if isinstance(found.data, Mapping):
            return found.data
        raise TaskUnknown("kie.ai has no record of it")
    raise wire.query_trouble(found)
