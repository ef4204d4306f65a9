"""Tasks, faults and the account, as plain state without HTTP."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Every fault that a test can switch on, with what it does.
FAULTS: Mapping[str, str] = {
    "code": "createTask or recordInfo answers HTTP 200 with this code and msg",
    "status": "answers this HTTP status, with HTML when html is true",
    "drop_before": "cuts the connection before anything happened",
    "drop_after": "does everything, then cuts the connection",
    "slow": "answers after so many seconds",
    "slow_body": "sends the head of its answer, then one byte a second for so many seconds",
    "stuck": "the task never leaves its state",
    "fail": "the task fails with failCode and failMsg",
    "no_urls": "the task succeeds with an empty list of results",
    "expired": "the task succeeds with a link that answers 404 for ever",
    "late_link": "the link answers 404 for the first seconds",
    "outer_code": "recordInfo answers a finished, failed task with this outer code",
    "fresh_gap": "recordInfo does not know the task for its first seconds",
    "no_callback": "no callback is sent",
    "early_callback": "the callback is sent before createTask is answered",
    "callbacks": "the callback is sent so many times",
    "late_callback": "the callback is sent so many seconds late",
    "forged_callback": "the callback reports a failure that did not happen",
    "bad_signature": "the callback's signature is wrong",
    "snake_callback": "the callback names the task as data.task_id",
}


@dataclass(slots=True)
class Fault:
    """``kind`` of ``FAULTS``, for the next ``times`` tasks or calls that match."""

    kind: str
    value: Any = True
    times: int = 1
    call: str = "createTask"  #: for code, status, drop_*, slow: which call
    model: str = ""
    prompt: str = ""  #: part of the prompt
    message: str = ""
    html: bool = False

    def matches(self, call: str, model: str, prompt: str) -> bool:
        return (
            self.times > 0
            and self.call == call
            and self.model in {"", model}
            and self.prompt in prompt
        )


@dataclass(slots=True)
class Task:
    """One task. Times are seconds of this process; ``*_ms`` are epoch milliseconds."""

    model: str
    inputs: Mapping[str, Any]
    callback_url: str | None
    price: float
    ready_at: float
    faults: dict[str, Any]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created_at: float = field(default_factory=time.monotonic)
    created_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    completed_ms: int | None = None
    state: str = "waiting"
    fail_code: str | None = None
    fail_message: str | None = None
    polls: int = 0
    callbacks_sent: int = 0
    callback_answers: list[int] = field(default_factory=list)

    @property
    def prompt(self) -> str:
        return str(self.inputs.get("prompt", ""))

    def record(self, base_url: str) -> dict[str, Any]:
        """``data`` of recordInfo and of the callback: every key in every state."""
        done = self.completed_ms is not None
        urls = [] if "no_urls" in self.faults else [f"{base_url}/r/{self.id}.png"]
        param = {"model": self.model, "input": json.dumps(dict(self.inputs), sort_keys=True)}
        if self.callback_url is not None:
            param["callBackUrl"] = self.callback_url
        return {
            "taskId": self.id,
            "model": self.model,
            "state": self.state,
            "param": json.dumps(param),
            "resultJson": json.dumps({"resultUrls": urls}) if self.state == "success" else "",
            "failCode": self.fail_code,
            "failMsg": self.fail_message,
            "costTime": ((self.completed_ms or 0) - self.created_ms) // 1000 if done else None,
            "completeTime": self.completed_ms,
            "createTime": self.created_ms,
            "creditsConsumed": self.price if self.state == "success" else 0.0,
        }

    def finish(self) -> None:
        """Reach the end that the faults ordain."""
        if self.completed_ms is not None:
            return
        self.completed_ms = int(time.time() * 1000)
        failure = self.faults.get("fail")
        if failure is None:
            self.state = "success"
            return
        self.state = "fail"
        given = failure if isinstance(failure, dict) else {}
        self.fail_code = str(given.get("failCode", "500"))
        self.fail_message = given.get("failMsg", "Internal Error, Please try again later.")
