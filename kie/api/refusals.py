"""The meaning of kie.ai's error codes and messages.

Most errors come with HTTP status 200 and a ``code`` in the body. The code 500 is used for
maintenance, for missing credits and for wrong parameters, so the message is compared as well.
"""

from kie.api.limiter import Busy
from kie.api.outcome import Failure
from supervisor.runtime.errors import BotError, Rejected, Unavailable

#: Codes for "too many calls", and codes for "later": maintenance, a full queue.
BUSY = {429, 430}
_LATER = {455, 503, 550}
#: Codes of a generation that failed at once; the code of a feature that is switched off.
_BROKEN = {408, 501, 531}
_SWITCHED_OFF = 505
#: HTTP statuses of a request that was not processed.
UNREAD = {400, 404, 405, 411, 413, 414, 415, 421, 431}
#: Codes of problems that only the operator can solve, with the text for the operator.
OPERATOR = {
    401: "kie.ai refuses the key",
    402: "kie.ai has no credits left",
    403: "kie.ai refuses the key or this address",
    433: "the sub-key of kie.ai is over its cap",
}
#: Beginnings, in lower case, of messages that name the true cause. The rest of a message is not
#: compared, because kie.ai may quote a user there.
_MAINTENANCE = "the server is currently being maintained"
_NO_CREDITS = "credits insufficient"
_WITHDRAWN = ("the model name you specified is not supported", "the page does not exist or is not")
_WITHDRAWN_CODES = {404, 422}
#: kie.ai could not read a file that it has itself: neither the words nor the settings are wrong.
_NOT_FETCHED, _NOT_FETCHED_CODE = ("failed to fetch the image", "failed to get the file"), 451
CONTENT = ("prohibited", "sensitive", "nsfw content", "content policy", "violat")


class TaskRefused(Rejected):
    """kie.ai will not make this. ``failure`` decides what the user is told.

    ``operator`` is the text for the operator; None: the operator need not act.
    ``withdrawn``: kie.ai does not offer the model any more.
    ``once_more``: the message says "try again later". That may be true, or the parameters may be
    wrong, so the job is tried once more and not again.
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
    """kie.ai does not know the task. This is normal during its first seconds."""


def betrays(message: str) -> bool:
    """Whether the message of a server error is kie.ai's own, so that no task was created."""
    return begins(message, _MAINTENANCE, _NO_CREDITS)


def begins(message: str, *sentences: str) -> bool:
    """Whether a message begins with one of these sentences, in any case of letters."""
    return message.strip().lower().startswith(sentences)


def is_not_fetched(code: object, message: str) -> bool:
    """Whether kie.ai could not read one of the files. The code may be a text, or of any type."""
    return str(code) == str(_NOT_FETCHED_CODE) or begins(message, *_NOT_FETCHED)


def trouble(code: int, message: str) -> BotError:
    """The error for a readable refusal. After such an answer no task exists."""
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
    if is_not_fetched(code, message):
        return TaskRefused(f"kie.ai: {told}", Failure.BROKEN)
    if any(sign in text for sign in CONTENT):
        return TaskRefused(f"kie.ai: {told}", Failure.REFUSED_CONTENT)
    if code in _BROKEN:
        return TaskRefused(f"kie.ai: {told}", Failure.BROKEN)
    if code == _SWITCHED_OFF:
        return TaskRefused(f"kie.ai: {told}", Failure.UNAVAILABLE)
    once_more = code >= 500 and "try again later" in text
    return TaskRefused(f"kie.ai: {told}", Failure.REFUSED_INPUT, once_more=once_more)
