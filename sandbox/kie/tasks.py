"""Tasks and faults: plain state, no HTTP."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.kie.odd import SHAPES
from sandbox.proxy_answers import PAGES

#: Every fault that a test can switch on, with what it does.
FAULTS: Mapping[str, str] = {
    "code": "the call answers HTTP 200 with this code and msg",
    "status": "answers this HTTP status with a page of something in between",
    "body": "does everything, then answers 200 with this text; $ANSWER in it is the real answer",
    "balance": "answers this text where the balance stands; see sandbox.kie.odd.BALANCES",
    "same_task": "a call that makes a task answers with the id of this task, which is another's",
    "drop_before": "cuts the connection before anything happened",
    "drop_after": "does everything, then cuts the connection",
    "slow": "answers after so many seconds",
    "slow_body": "sends the head of its answer, then one byte a second for so many seconds",
    "state": "the task shows this state until it ends",
    "stuck": "the task never leaves its state",
    "fail": "the task fails with failCode and failMsg (Veo: successFlag; Suno: status)",
    "no_urls": "the task succeeds with an empty list of results",
    "shape": "resultJson has another form; see sandbox.kie.odd.SHAPES",
    "links": "resultUrls holds these texts; examples in sandbox.kie.odd.BAD_LINKS",
    "consumed": "creditsConsumed is this value",
    "expired": "the task succeeds with a link that answers 404 for ever",
    "link_life": "the link answers 404 so many seconds after the task's end",
    "late_link": "the link answers 404 for the first seconds",
    "page_link": "the link answers 200 with a page of something in between for the first seconds",
    "result_bytes": "the result is filled up to so many bytes",
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
#: Faults of a call; all others belong to the task that it makes.
CALL_FAULTS = frozenset(
    {
        *("slow", "slow_body", "drop_before", "drop_after"),
        *("status", "code", "same_task", "body", "balance"),
    }
)
#: Faults that strike after the effect when ``after`` is set.
EITHER_WAY = frozenset({"status", "code", "slow", "same_task"})
CALLS = frozenset(
    {
        *("createTask", "recordInfo", "credit", "download-url"),
        *("file-stream-upload", "file-base64-upload", "file-url-upload"),
        *("veo/generate", "veo/extend", "veo/record-info", "veo/1080p", "veo/4k"),
        *("suno/generate", "suno/extend", "suno/upload-cover", "suno/record-info"),
    }
)
#: Those of them that make a task and answer with its id.
CREATIONS = frozenset(
    {
        "createTask",
        "veo/generate",
        "veo/extend",
        "suno/generate",
        "suno/extend",
        "suno/upload-cover",
    }
)


@dataclass(slots=True)
class Fault:
    """``kind`` of ``FAULTS``, for the next ``times`` tasks or calls that match.

    ``call`` is one of ``CALLS``; for a fault of a task it is the call that makes the task."""

    kind: str
    value: Any = True
    times: int = 1
    call: str = "createTask"
    model: str = ""
    prompt: str = ""  #: part of the prompt
    message: str = ""
    html: bool = False  #: short for page="nginx"
    page: str = ""  #: one of ``sandbox.proxy_answers.PAGES``; otherwise a line of plain text
    after: bool = False  #: do what was asked first

    def check(self) -> None:
        """A mistake in a fault is a ``ValueError``."""
        if self.kind not in FAULTS:
            raise ValueError(f"no such fault; known: {FAULTS}")
        if self.call not in CALLS:
            raise ValueError(f"no such call; known: {sorted(CALLS)}")
        if self.page and self.page not in PAGES:
            raise ValueError(f"no such page; known: {sorted(PAGES)}")
        if self.after and self.kind not in EITHER_WAY:
            raise ValueError(f"after is for {sorted(EITHER_WAY)}")
        if self.kind == "shape" and self.value not in SHAPES:
            raise ValueError(f"no such shape; known: {sorted(SHAPES)}")
        if self.kind == "links" and not isinstance(self.value, list):
            raise ValueError("links is a list of texts")
        if self.kind == "same_task" and self.call not in CREATIONS:
            raise ValueError(f"same_task is for {sorted(CREATIONS)}")
        if self.kind in {"body", "balance", "same_task"} and not isinstance(self.value, str):
            raise ValueError(f"{self.kind} is a text")

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
    kind: str  #: of the result: image, video, audio, data, text
    inputs: Mapping[str, Any]  #: with the server's defaults
    callback_url: str | None
    price: float
    ready_at: float
    faults: Mapping[str, Any]
    #: The body of a callback of the named stage, in the form of the family.
    describe: Callable[["Task", str], dict[str, Any]]
    #: The callbacks that a task sends, in order. The market sends one, Suno three.
    stages: tuple[str, ...] = ("",)
    stage: int = 0  #: how many stages are done
    files: int = 1  #: how many results
    family: str = "market"
    callback_refused: bool = False  #: whether the last callback was never taken
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
        return prompt_of(self.inputs)

    @property
    def fail_number(self) -> int | None:
        """The code of the failure, if it is a number."""
        code = self.fail_code or ""
        return int(code) if code.isascii() and code.isdecimal() else None

    @property
    def last_stage(self) -> str:
        """What the last callback is called."""
        return self.stages[-1]

    def callback_body(self, stage: str) -> dict[str, Any]:
        return self.describe(self, stage)

    def finish(self) -> None:
        """Reach the end that the faults ask for."""
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


def prompt_of(inputs: Any) -> str:
    """What was asked for, wherever the model wants it."""
    if not isinstance(inputs, Mapping):
        return ""
    return str(inputs.get("prompt") or inputs.get("text") or "")
