"""Reading kie.ai's answers: pure functions from status and body to what they mean.

Rules, each with its reason in kie.ai's documentation or in recorded traffic:

1. The HTTP status is read first. At 200 the integer ``code`` in the body decides: most
   errors come as HTTP 200.
2. A text may betray what the code hides: maintenance and missing credits also come as 500,
   and so do errors in the parameters.
3. Only ``state`` ends a task. A status or code that speaks of the query does not.
4. Only the taskId and the state of a callback are believed; the result is always asked for.
5. Every field but those may be missing, be null, or have another type tomorrow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kie.api.envelope import Answer, envelope, is_task_id, parsed
from kie.api.limiter import Busy
from kie.api.outcome import Failure, Result
from kie.api.reach import PUBLIC, Reach
from kie.api.result import raw_text, read_result
from supervisor.runtime.errors import BotError, OutcomeUnknown, Rejected, Unavailable
from supervisor.values.foreign import Printable, number, printable

#: Codes that say "too many calls", and those that say "later": maintenance, a full queue.
_BUSY = {429, 430}
_LATER = {455, 503, 550}
#: Codes of a generation that failed at once, and of a feature that is switched off.
_BROKEN = {408, 501, 531}
_SWITCHED_OFF = 505
#: HTTP statuses of a request that nobody has read.
_UNREAD = {400, 404, 405, 411, 413, 414, 415, 421, 431}
#: Codes that only the operator can mend, with what to tell them.
_OPERATOR = {
    401: "kie.ai refuses the key",
    402: "kie.ai has no credits left",
    403: "kie.ai refuses the key or this address",
    433: "the sub-key of kie.ai is over its cap",
}
#: The account's credits and what a task may have cost: more is a slip of the other side.
MOST_CREDITS = 1e9
#: Sentences that betray the true cause, by their beginning and in lower case. Only the beginning
#: counts: further on, kie.ai may quote what a user wrote.
_MAINTENANCE = "the server is currently being maintained"
_NO_CREDITS = "credits insufficient"
_WITHDRAWN = ("the model name you specified is not supported", "the page does not exist or is not")
_WITHDRAWN_CODES = {404, 422}
_CONTENT = ("prohibited", "sensitive", "nsfw content", "content policy", "violat")
_UNKNOWN_TASK = "recordinfo is null"


class TaskRefused(Rejected):
    """kie.ai will not make this; ``failure`` is what the user is told.

    ``operator`` is what the operator must know; None: it is the user's matter.
    ``withdrawn``: kie.ai does not offer the model any more.
    ``once_more``: the text says "try again later", which is true about as often as it hides
    a wrong parameter; one repetition is worth it, a loop is not.
    """

    def __init__(
        self,
        message: str,
        failure: Failure,
        *,
        operator: str | None = None,
        withdrawn: bool = False,
        once_more: bool = False,
    ) -> None:
        super().__init__(message)
        self.failure = failure
        self.operator = operator
        self.withdrawn = withdrawn
        self.once_more = once_more


class TaskUnknown(Unavailable):
    """kie.ai does not know the task; normal for the first moments of a new one."""


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
    operator: Printable | None = None  #: what the operator must see of it


Report = Running | Succeeded | Failed


def created_task(answer: Answer) -> str:
    """The task id of a createTask answer.

    Raises ``Unavailable`` (surely not created, later), ``TaskRefused`` (never), or
    ``OutcomeUnknown`` (no readable answer: a task may exist and cost money).
    """
    found = envelope(answer)
    if found is None:
        if answer.status in {401, 403, 429}:
            raise _trouble(answer.status, f"HTTP {answer.status}")
        if answer.status in _UNREAD:
            told = f"kie.ai answers createTask with HTTP {answer.status}"
            raise TaskRefused(told, Failure.UNAVAILABLE, operator=told)
        raise OutcomeUnknown(f"createTask answered HTTP {answer.status} without a readable body")
    if answer.status == 200 and found.code == 200:
        task_id = found.data.get("taskId") if isinstance(found.data, dict) else None
        if not is_task_id(task_id):
            raise OutcomeUnknown("createTask answered success without a taskId")
        return str(task_id)
    if answer.status >= 500 and not _betrays(found.message):
        # Some server on the way; kie.ai itself says this inside HTTP 200.
        raise OutcomeUnknown(f"createTask answered HTTP {answer.status} {found.message}")
    raise _trouble(found.code if answer.status == 200 else answer.status, found.message)


def task_report(answer: Answer, reach: Reach = PUBLIC) -> Report:
    """What recordInfo says of a task; ``reach`` judges the links of its result.

    Raises ``TaskUnknown``, ``Unavailable``, or ``TaskRefused`` for a matter of the operator's.
    """
    found = envelope(answer)
    if found is None:
        if answer.status in {401, 403, 429}:
            raise _trouble(answer.status, f"HTTP {answer.status}")
        raise Unavailable(f"recordInfo answered HTTP {answer.status} without a readable body")
    data = found.data if isinstance(found.data, dict) else {}
    state = data.get("state")
    if state == "success":
        return _success(data, reach)
    if state == "fail":
        return _failure(data)
    if answer.status == 200 and found.code == 200:
        return Running()
    if found.code in {408, 501}:
        # The outer code of a finished, failed task, whether or not its record came along.
        return Failed(Failure.BROKEN, f"{found.code} {found.message}")
    if found.code == 422 or _begins(found.message, _UNKNOWN_TASK):
        raise TaskUnknown(f"{found.code} {found.message}")
    if found.code in _OPERATOR or found.code in _BUSY:
        raise _trouble(found.code, found.message)
    raise Unavailable(f"recordInfo answered {found.code} {found.message}")


def credit_balance(answer: Answer) -> float:
    """The account's credits. Raises ``Unavailable`` or ``TaskRefused``."""
    found = number(_data_of_success(answer, "the credit query"), 0.0, MOST_CREDITS)
    if found is None:
        raise Unavailable("the credit query answered without a number that can be a balance")
    return found


def uploaded_file(answer: Answer, reach: Reach = PUBLIC) -> str:
    """The public link of an uploaded file. Raises as ``credit_balance`` does."""
    data = _data_of_success(answer, "the upload")
    link = reach.link(data.get("downloadUrl")) if isinstance(data, dict) else None
    if link is None:
        raise Unavailable("the upload was answered without a link")
    return link


def download_link(answer: Answer, reach: Reach = PUBLIC) -> str:
    """The short-lived link to a result. Raises as ``credit_balance`` does."""
    link = reach.link(_data_of_success(answer, "the query for a link"))
    if link is None:
        raise Unavailable("the query for a link was answered without one")
    return link


def callback_task_id(body: bytes) -> str | None:
    """The task a callback speaks of; None when it names none. Never raises: anybody may
    have written it."""
    raw = parsed(body)
    if not isinstance(raw, dict):
        return None
    data = raw.get("data")
    for place in (data if isinstance(data, dict) else {}, raw):
        for key in ("taskId", "task_id"):
            if is_task_id(place.get(key)):
                return str(place[key])
    return None


def _data_of_success(answer: Answer, call: str) -> Any:
    """``data`` of an answer to a call that costs nothing and may be repeated."""
    found = envelope(answer)
    if found is None:
        if answer.status in {401, 403, 429}:
            raise _trouble(answer.status, f"HTTP {answer.status}")
        raise Unavailable(f"{call} was answered with HTTP {answer.status}, unreadable")
    if answer.status == 200 and found.code == 200:
        return found.data
    raise _trouble(found.code if answer.status == 200 else answer.status, found.message)


def _betrays(message: str) -> bool:
    """Whether a text of a server error is kie.ai's own, so that nothing was created."""
    return _begins(message, _MAINTENANCE, _NO_CREDITS)


def _begins(message: str, *sentences: str) -> bool:
    return message.strip().lower().startswith(sentences)


def _trouble(code: int, message: str) -> BotError:
    """What a readable refusal means. A readable answer without a task id means that no
    task exists."""
    text = message.lower()
    told = f"{code} {message}".strip()
    if code in _BUSY:
        return Busy(f"kie.ai: {told}")
    if code in _LATER or _begins(message, _MAINTENANCE):
        return Unavailable(f"kie.ai: {told}")
    if _begins(message, _NO_CREDITS):
        code = 402
    if code in _OPERATOR:
        return TaskRefused(f"kie.ai: {told}", Failure.UNAVAILABLE, operator=_OPERATOR[code])
    if code in _WITHDRAWN_CODES and _begins(message, *_WITHDRAWN):
        return TaskRefused(f"kie.ai: {told}", Failure.UNAVAILABLE, withdrawn=True)
    if any(sign in text for sign in _CONTENT):
        return TaskRefused(f"kie.ai: {told}", Failure.REFUSED_CONTENT)
    if code in _BROKEN:
        return TaskRefused(f"kie.ai: {told}", Failure.BROKEN)
    if code == _SWITCHED_OFF:
        return TaskRefused(f"kie.ai: {told}", Failure.UNAVAILABLE)
    once_more = code >= 500 and "try again later" in text
    return TaskRefused(f"kie.ai: {told}", Failure.REFUSED_INPUT, once_more=once_more)


def _success(data: Mapping[str, Any], reach: Reach = PUBLIC) -> Succeeded | Failed:
    result = read_result(data, reach)
    if not result.urls and not result.text:
        told = f"kie.ai says success and gives no result that can be used: {raw_text(data)}"
        return Failed(Failure.NO_RESULT, "success without a result", operator=printable(told, 1000))
    return Succeeded(result, number(data.get("creditsConsumed"), 0.0, MOST_CREDITS))


def _failure(data: Mapping[str, Any]) -> Failed:
    # failCode is any text, a number as text, or a word; failMsg may be null.
    code, text = data.get("failCode"), data.get("failMsg")
    told = printable(" ".join(printable(part) for part in (code, text) if part))
    if str(code) in {"400", "422"} or any(sign in told.lower() for sign in _CONTENT):
        return Failed(Failure.REFUSED_CONTENT, told)
    return Failed(Failure.BROKEN, told)
