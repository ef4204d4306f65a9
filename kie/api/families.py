"""Families of models: groups with the same endpoints.

The models of kie.ai's market share one endpoint. Veo 3.1 (``veo.py``) and Suno (``suno.py``) have
endpoints, states and bodies of their own. ``KieClient`` treats all alike: a task is created,
queried, and ends in a ``Report``. The name of a model tells its family: ``veo/…``, ``suno/…``, or
the market.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from kie.api import wire
from kie.api.suno import Suno
from kie.api.veo import UPGRADES, Veo
from kie.api.wire import Creation, Question, Report
from kie.http.answer import Answer
from kie.http.link_policy import LinkPolicy

Inputs = Mapping[str, Any]


class Family(Protocol):
    """How the tasks of a family are created, queried and read."""

    def creation(self, model: str, inputs: Inputs, callback_url: str | None) -> Creation: ...

    def created(self, inputs: Inputs, answer: Answer) -> str:
        """The id of the task. Raises as ``wire.created_task`` does."""
        ...

    def question(self, task_id: str) -> Question: ...

    def report(self, answer: Answer, policy: LinkPolicy) -> Report:
        """Raises as ``wire.task_report`` does."""
        ...


def family_of(model: str) -> Family:
    """The family that makes tasks of this model."""
    upgrade = UPGRADES.get(model)
    return upgrade if upgrade is not None else _FAMILIES.get(model.partition("/")[0], MARKET)


def calls_back(model: str) -> bool:
    """Whether the end of such a task is told by a callback."""
    return model not in UPGRADES


class _Market:
    def creation(self, model: str, inputs: Inputs, callback_url: str | None) -> Creation:
        body: dict[str, Any] = {"model": model, "input": dict(inputs)}
        if callback_url is not None:
            body["callBackUrl"] = callback_url
        return Creation("createTask", "/api/v1/jobs/createTask", body)

    def created(self, inputs: Inputs, answer: Answer) -> str:
        del inputs
        return wire.created_task(answer)

    def question(self, task_id: str) -> Question:
        return Question("GET", "/api/v1/jobs/recordInfo", {"taskId": task_id}, task_id=task_id)

    def report(self, answer: Answer, policy: LinkPolicy) -> Report:
        return wire.task_report(answer, policy)


MARKET: Family = _Market()
_FAMILIES: Mapping[str, Family] = {"veo": Veo(), "suno": Suno()}
