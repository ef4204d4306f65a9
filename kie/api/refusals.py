"""What kie.ai's codes and sentences mean when it does not do what it was asked.

Its errors come mostly inside HTTP 200, with a ``code``. A text may betray what the code hides:
maintenance and missing credits also come as 500, and so do errors in the parameters.
"""

from kie.api.limiter import Busy
from kie.api.outcome import Failure
from supervisor.runtime.errors import BotError, Rejected, Unavailable

#: Codes that say "too many calls", and those that say "later": maintenance, a full queue.
BUSY = {429, 430}
_LATER = {455, 503, 550}
#: Codes of a generation that failed at once, and of a feature that is switched off.
_BROKEN = {408, 501, 531}
_SWITCHED_OFF = 505
#: HTTP statuses of a request that nobody has read.
UNREAD = {400, 404, 405, 411, 413, 414, 415, 421, 431}
#: Codes that only the operator can mend, with what to tell them.
OPERATOR = {
    401: "kie.ai refuses the key",
    402: "kie.ai has no credits left",
    403: "kie.ai refuses the key or this address",
    433: "the sub-key of kie.ai is over its cap",
}
#: Sentences that betray the true cause, by their beginning and in lower case. Only the beginning
#: counts: further on, kie.ai may quote what a user wrote.
_MAINTENANCE = "the server is currently being maintained"
_NO_CREDITS = "credits insufficient"
_WITHDRAWN = ("the model name you specified is not supported", "the page does not exist or is not")
_WITHDRAWN_CODES = {404, 422}
CONTENT = ("prohibited", "sensitive", "nsfw content", "content policy", "violat")


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


def betrays(message: str) -> bool:
    """Whether a text of a server error is kie.ai's own, so that nothing was created."""
    return begins(message, _MAINTENANCE, _NO_CREDITS)


def begins(message: str, *sentences: str) -> bool:
    """Whether a text is one of these sentences; further on it may quote what a user wrote."""
    return message.strip().lower().startswith(sentences)


def trouble(code: int, message: str) -> BotError:
    """What a readable refusal means. A readable answer without a task id means that no
    task exists."""
    text = message.lower()
    told = f"{code} {message}".strip()
    if code in BUSY:
        return Busy(f"kie.ai: {told}")
    if code in _LATER or begins(message, _MAINTENANCE):
        return Unavailable(f"kie.ai: {told}")
    if begins(message, _NO_CREDITS):
        code = 402
    if code in OPERATOR:
        return TaskRefused(f"kie.ai: {told}", Failure.UNAVAILABLE, operator=OPERATOR[code])
    if code in _WITHDRAWN_CODES and begins(message, *_WITHDRAWN):
        return TaskRefused(f"kie.ai: {told}", Failure.UNAVAILABLE, withdrawn=True)
    if any(sign in text for sign in CONTENT):
        return TaskRefused(f"kie.ai: {told}", Failure.REFUSED_CONTENT)
    if code in _BROKEN:
        return TaskRefused(f"kie.ai: {told}", Failure.BROKEN)
    if code == _SWITCHED_OFF:
        return TaskRefused(f"kie.ai: {told}", Failure.UNAVAILABLE)
    once_more = code >= 500 and "try again later" in text
    return TaskRefused(f"kie.ai: {told}", Failure.REFUSED_INPUT, once_more=once_more)
