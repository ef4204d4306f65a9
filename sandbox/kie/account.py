"""The account at kie.ai: what it owns, what it may do, and what a test has switched on."""

import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.kie.answers import answer
from sandbox.kie.tasks import Fault, Task

FILE_SECONDS = 3 * 24 * 3600.0  #: an uploaded file lives so long


@dataclass(slots=True)
class Upload:
    """One uploaded file."""

    path: str
    url: str
    content: bytes
    mime: str
    how: str
    at: float
    before: bytes | None = None  #: the older content that the cache still serves

    def public(self) -> dict[str, Any]:
        return {
            "path": self.path,
            "url": self.url,
            "bytes": len(self.content),
            "mime": self.mime,
            "how": self.how,
        }


@dataclass
class Account:
    """Everything that more than one part of the simulator reads or writes."""

    api_key: str
    time_scale: float = 1.0
    credits: float = 1000.0
    hmac_key: str = ""
    #: True answers code 500 to every call; a number is the code itself.
    maintenance: bool | int = False
    #: Whether the files among the input must exist and be of their kind.
    fetch_inputs: bool = True
    limits_on: bool = True
    #: Whether every connection is cut, as by a host that is down.
    away: bool = False
    file_seconds: float = FILE_SECONDS
    withdrawn: set[str] = field(default_factory=set)
    dialects: set[str] = field(default_factory=set)
    url: str = ""
    tasks: dict[str, Task] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    uploads: dict[str, Upload] = field(default_factory=dict)

    def answer(
        self, code: int, message: str, data: Any = None, *, status: int = 200
    ) -> web.Response:
        """kie.ai's envelope, in the dialect that is switched on."""
        return answer(code, message, data, status=status, dialects=self.dialects)

    def note(self, call: str, **fields: Any) -> None:
        """Keep a call for the tests."""
        self.calls.append({"call": call, "at": time.time(), **fields})

    def charge(self, credits: float) -> None:
        """Take credits; a negative amount gives them back."""
        self.credits = round(self.credits - credits, 4)

    def take_fault(
        self, kind: str, call: str, model: str, prompt: str, *, after: bool = False
    ) -> Fault | None:
        """The first fault of that kind for this call. It is used up once."""
        for fault in self.faults:
            fits = fault.kind == kind and fault.after is after
            if fits and fault.matches(call, model, prompt):
                fault.times -= 1
                return fault
        return None

    def task_faults(
        self, call: str, model: str, prompt: str, without: Set[str]
    ) -> Mapping[str, Any]:
        """The faults of the task that this call makes. Each is used up once."""
        found: dict[str, Any] = {}
        for fault in self.faults:
            if fault.kind not in without and fault.matches(call, model, prompt):
                found[fault.kind] = fault.value
                fault.times -= 1
        return found
