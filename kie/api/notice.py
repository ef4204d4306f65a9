"""A notice for operators as a value: the name of its sentence and the fields.

The sentences stand in ``handlers/words/kie_notices.py``, in every language. The texts of kie.ai, of
exceptions and of our log are fields: they are shown as they are, shortened.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union

from kie.api.refusals import OPERATOR

#: Several notices are lines of their own.
Field = Union[str, int, float, "Notice", tuple["Notice", ...]]

_REFUSALS = {
    OPERATOR[401]: "kie_key",
    OPERATOR[402]: "kie_credits",
    OPERATOR[403]: "kie_address",
    OPERATOR[433]: "kie_cap",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """``str()`` is its form in the log."""

    name: str
    fields: Mapping[str, Field] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={_logged(value)}" for name, value in self.fields.items())
        return f"{self.name}({shown})"


def refusal(reason: str) -> Notice:
    """kie.ai refuses our work. ``reason`` is a text of ``refusals.py``, or of its answer."""
    if reason in _REFUSALS:
        return Notice(_REFUSALS[reason])
    return Notice("kie_refuses", {"reason": reason})


def of_another(task_id: str, job_id: int) -> Notice:
    """kie.ai answers with the task of this other job."""
    return Notice("task_of_another", {"task": task_id, "other": str(job_id)})


def _logged(value: Field) -> str:
    if isinstance(value, tuple):
        return "; ".join(str(each) for each in value)
    return str(value)
