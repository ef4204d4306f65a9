"""Requests as data, and pure functions from kie.ai's answers to their meaning.

Rules, each based on kie.ai's documentation or on recorded traffic:

1. The HTTP status is read first. At 200 the integer ``code`` in the body decides: most
   errors come as HTTP 200.
2. Maintenance, missing credits and wrong parameters also come with the code 500, so the message
   is compared as well (``refusals.py``).
3. Only ``state`` ends a task, or, without a record, the code of a failed one. The status or
   another code of a query does not.
4. Only the taskId of a callback is used; how the task ended is always queried. A record that
   names another task is no answer; one with the callback's URL of another job is that job's.
5. Every other field may be missing, be null, or have another type.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kie.api.envelope import Envelope, envelope, is_task_id, parsed
from kie.api.notice import Notice, of_another
from kie.api.outcome import Failure, Result
from kie.api.refusals import (
    BUSY,
    CONTENT,
    OPERATOR,
    UNREAD,
    TaskRefused,
    TaskUnknown,
    begins,
    betrays,
    is_not_fetched,
    trouble,
)
from kie.api.result import raw_text, read_result
from kie.http.answer import Answer
from kie.http.link_policy import PUBLIC, LinkPolicy
from supervisor.runtime.errors import BotError, OutcomeUnknown, Unavailable
from supervisor.values.foreign import number, printable, whole_text

#: Upper limit of a balance and of the cost of a task; larger numbers are errors.
MOST_CREDITS = 1e9
_UNKNOWN_TASK = "recordinfo is null"
#: kie.ai knows the task, and it has no result yet; the code is that of an unknown task.
_NOT_YET = ("record status is not success", "record result data")
#: The codes of a task that has failed, with or without its record.
_ENDED = {408, 501}
#: The end of the URL that createTask was given, under any base.
_CALLBACK = re.compile(r"/callbacks/kie/(?P<job>[0-9]{1,20})/[0-9a-f]{32}\Z")


@dataclass(frozen=True, slots=True)
class Running:
    """Not finished yet."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    result: Result
    credits_consumed: float | None


@dataclass(frozen=True, slots=True)
class Failed:
    failure: Failure
    message: str
    operator: Notice | None = None  #: what operators are told of it


Report = Running | Succeeded | Failed


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
    task_id: str = ""  #: of the record that answers it; empty: the record has no id of its own


def answers(asked: Question, answer: Answer) -> None:
    """Raise ``Unavailable`` when the record is that of another task: something in between, such as
    a cache, has mixed them up, and it may be somebody else's picture."""
    found = envelope(answer) if asked.task_id else None
    named = found.data.get("taskId") if found is not None and isinstance(found.data, dict) else None
    if named and str(named) != asked.task_id:
        raise Unavailable(f"recordInfo answered about another task ({printable(named, 100)})")


def of_another_job(answer: Answer, job_id: int) -> Failed | None:
    """The end of a job whose task was made for another job, by the callback's URL in its record.
    None: the record has none of ours, or this job's."""
    found = envelope(answer)
    data = found.data if found is not None and isinstance(found.data, dict) else {}
    for name in ("param", "paramJson"):
        given = data.get(name)
        given = parsed(given.encode("utf-8", "replace")) if isinstance(given, str) else given
        url = given.get("callBackUrl") if isinstance(given, dict) else None
        named = _CALLBACK.search(url) if isinstance(url, str) else None
        other = None if named is None else whole_text(named["job"], 1)
        if other is not None and other != job_id:
            told = of_another(printable(data.get("taskId"), 100), other)
            return Failed(Failure.UNCLEAR, str(told), operator=told)
    return None


def created_task(answer: Answer) -> str:
    """The task id of a createTask answer.

    Raises ``Unavailable`` (surely not created, later), ``TaskRefused`` (never), or
    ``OutcomeUnknown`` (no readable answer: a task may exist and cost money).
    """
    found = envelope(answer)
    if found is None:
        if answer.status in {401, 403, 429}:
            raise trouble(answer.status, f"HTTP {answer.status}")
        if answer.status in UNREAD:
            told = f"kie.ai answers createTask with HTTP {answer.status}"
            raise TaskRefused(told, Failure.UNAVAILABLE, operator=told)
        raise OutcomeUnknown(f"createTask answered HTTP {answer.status} without a readable body")
    if answer.status == 200 and found.code == 200:
        task_id = found.data.get("taskId") if isinstance(found.data, dict) else None
        if not is_task_id(task_id):
            raise OutcomeUnknown("createTask answered success without a taskId")
        return str(task_id)
    if answer.status >= 500 and not betrays(found.message):
        # From a proxy or load balancer: kie.ai's own errors have HTTP status 200.
        raise OutcomeUnknown(f"createTask answered HTTP {answer.status} {found.message}")
    raise trouble(found.code if answer.status == 200 else answer.status, found.message)


def task_report(answer: Answer, policy: LinkPolicy = PUBLIC) -> Report:
    """The state of a task from recordInfo. ``policy`` decides which links of its result count.

    Raises ``TaskUnknown``, ``Unavailable``, or ``TaskRefused`` when the operator must act.
    """
    found = envelope(answer)
    if found is None:
        raise unreadable(answer)
    data = found.data if isinstance(found.data, dict) else {}
    state = data.get("state")
    if state == "success":
        return success_of(read_result(data, policy), data)
    if state == "fail":
        return failure_of(data.get("failCode"), data.get("failMsg"))
    if answer.status == 200 and found.code == 200:
        return Running()
    return without_record(found)


def task_record(answer: Answer, state: str) -> Mapping[str, Any] | Failed:
    """The record of a task that has the field ``state``, whatever the code beside it. Raises as
    ``task_report`` does, and ``TaskUnknown``."""
    found = envelope(answer)
    if found is None:
        raise unreadable(answer)
    is_success = answer.status == 200 and found.code == 200
    if isinstance(found.data, Mapping) and (is_success or found.data.get(state) is not None):
        return found.data
    if is_success:
        raise TaskUnknown("kie.ai has no record of it")
    return without_record(found)


def without_record(found: Envelope) -> Failed:
    """The end of a task that is told by the code alone. Raises as ``query_trouble`` says, if the
    code tells none."""
    is_refused = found.code == 400 and any(sign in found.message.lower() for sign in CONTENT)
    if is_refused or found.code in _ENDED or is_not_fetched(found.code, found.message):
        return failure_of(found.code, found.message)
    raise query_trouble(found)


def query_trouble(found: Envelope) -> BotError:
    """The error for a query without a record."""
    if begins(found.message, *_NOT_YET):
        return Unavailable(f"recordInfo answered {found.code} {found.message}")
    if found.code == 422 or begins(found.message, _UNKNOWN_TASK):
        return TaskUnknown(f"{found.code} {found.message}")
    if found.code in OPERATOR or found.code in BUSY:
        return trouble(found.code, found.message)
    return Unavailable(f"recordInfo answered {found.code} {found.message}")


def unreadable(answer: Answer) -> BotError:
    """The error for a query that was not answered with kie.ai's envelope."""
    if answer.status in {401, 403, 429}:
        return trouble(answer.status, f"HTTP {answer.status}")
    return Unavailable(f"recordInfo answered HTTP {answer.status} without a readable body")


def credit_balance(answer: Answer) -> float:
    """The account's credits. Raises ``Unavailable`` or ``TaskRefused``."""
    found = number(_data_of_success(answer, "the credit query"), 0.0, MOST_CREDITS)
    if found is None:
        raise Unavailable("the credit query answered without a number that can be a balance")
    return found


def uploaded_file(answer: Answer, policy: LinkPolicy = PUBLIC) -> str:
    """The public link of an uploaded file. Raises as ``credit_balance`` does."""
    data = _data_of_success(answer, "the upload")
    link = policy.link(data.get("downloadUrl")) if isinstance(data, dict) else None
    if link is None:
        raise Unavailable("the upload was answered without a link")
    return link


def download_link(answer: Answer, policy: LinkPolicy = PUBLIC) -> str:
    """The short-lived link to a result. Raises as ``credit_balance`` does."""
    link = policy.link(_data_of_success(answer, "the query for a link"))
    if link is None:
        raise Unavailable("the query for a link was answered without one")
    return link


def callback_task_id(body: bytes) -> str | None:
    """The task id in a callback; None: there is none. Never raises: anybody may have sent it."""
    raw = parsed(body)
    if not isinstance(raw, dict):
        return None
    data = raw.get("data")
    for place in (data if isinstance(data, dict) else {}, raw):
        for key in ("taskId", "task_id"):
            if is_task_id(place.get(key)):
                return str(place[key])
    return None


def callback_is_early(body: bytes) -> bool:
    """Whether the task of a callback still runs: Suno calls back after each stage."""
    raw = parsed(body)
    data = raw.get("data") if isinstance(raw, dict) else None
    return isinstance(data, dict) and data.get("callbackType") in ("text", "first")


def _data_of_success(answer: Answer, call: str) -> Any:
    """``data`` of an answer to a call that costs nothing and may be repeated."""
    found = envelope(answer)
    if found is None:
        if answer.status in {401, 403, 429}:
            raise trouble(answer.status, f"HTTP {answer.status}")
        raise Unavailable(f"{call} was answered with HTTP {answer.status}, unreadable")
    if answer.status == 200 and found.code == 200:
        return found.data
    raise trouble(found.code if answer.status == 200 else answer.status, found.message)


def success_of(result: Result, data: Mapping[str, Any]) -> Succeeded | Failed:
    """The report for a finished task with this result and record."""
    if not result.urls and not result.text:
        told = Notice("no_result", {"answer": printable(raw_text(data), 1000)})
        return Failed(Failure.NO_RESULT, "success without a result", operator=told)
    return Succeeded(result, number(data.get("creditsConsumed"), 0.0, MOST_CREDITS))


def failure_of(code: object, text: object) -> Failed:
    """The report for a failed task. The code may be any text or number; the text may be null."""
    told = printable(" ".join(printable(part) for part in (code, text) if part))
    if is_not_fetched(code, printable(text)):
        return Failed(Failure.BROKEN, told)
    if str(code) in {"400", "422"} or any(sign in told.lower() for sign in CONTENT):
        return Failed(Failure.REFUSED_CONTENT, told)
    return Failed(Failure.BROKEN, told)
