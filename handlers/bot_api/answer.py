"""What an answer of the Bot API means. Pure.

Only JSON with ``"ok": false`` and the ``error_code`` of its own HTTP status is a refusal by
Telegram. Any other error comes from something in between: a proxy, a load balancer, a server that
is starting. It says nothing about a token, a chat or a message, whatever its status.

===================  =======================================================================
answer               meaning
===================  =======================================================================
2xx, ``ok: true``    it happened, whatever the result looks like
2xx, anything else   ``OutcomeUnknown``: it may have happened
5xx, of anybody      ``OutcomeUnknown``: the effect may have happened before the error
413, of anybody      ``TooLarge``: refuses this form of the call
refusal              what its code and its text say: 429 is ``TooManyRequests``; ``errors.py``
everything else      ``Unavailable``: something in between did not let the call through
===================  =======================================================================
"""

import re
from typing import Any

from handlers.bot_api.errors import (
    ChatMigrated,
    ChatUnreachable,
    Conflict,
    NotServed,
    TokenRefused,
    TooLarge,
    TooManyRequests,
    UnreadableAnswer,
    refusal,
)
from supervisor.runtime.errors import BotError, OutcomeUnknown, Rejected, Unavailable
from supervisor.values import foreign

#: Seconds to wait after a 429 without a readable ``retry_after``, and the longest that is accepted.
FLOOD_PAUSE, MOST_FLOOD = 5.0, 86_400.0
#: Telegram's own words for a wait, which its servers now and then pass on as they are.
_WAITS = re.compile(r"(?:FLOOD|SLOWMODE)_WAIT_([0-9]{1,6})\b")
#: After ``logOut``; and of a server that Telegram does not admit.
_NOT_SERVED = re.compile(r"^logged out$|\binvalid api-id\b", re.IGNORECASE)
_MOST_ID = 2**52  #: Telegram promises that its ids fit into that


def result(status: int, body: bytes) -> Any:
    """Telegram's result as JSON; None when the call happened and its result cannot be read.

    Raises the child of ``BotError`` that says what is known about the call.
    """
    try:
        answer = foreign.from_json(body)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    if 200 <= status < 300 and answer.get("ok") is True:
        return answer.get("result")
    refused = answer.get("ok") is False and answer.get("error_code") == status
    if refused and 400 <= status < 500:
        raise _refused(status, answer)
    raise _in_between(status, body)


def _in_between(status: int, body: bytes) -> BotError:
    if 200 <= status < 300:
        return UnreadableAnswer(f"Telegram: an answer that is not readable (HTTP {status})", body)
    if status >= 500:
        return OutcomeUnknown(f"Telegram: no answer (HTTP {status})")
    if status == 413:
        return TooLarge("Telegram: the request is too large (HTTP 413)")
    return Unavailable(f"Telegram: not reached (HTTP {status} of something in between)")


def _refused(code: int, answer: dict[str, Any]) -> BotError:
    text = foreign.printable(answer.get("description") or f"error {code}")
    parameters = answer.get("parameters")
    if not isinstance(parameters, dict):
        parameters = {}
    moved_to = foreign.whole(parameters.get("migrate_to_chat_id"), -_MOST_ID, -1)
    match code:
        case _ if moved_to is not None:
            return ChatMigrated(text, moved_to)
        case 404 if "method not found" in text.lower():
            # An own server that is older than a method; the token is good.
            return Rejected(text)
        case 400 | 401 if _NOT_SERVED.search(text):
            return NotServed(f"Telegram: this Bot API server does not serve the bot ({text})")
        case 401 | 404:
            return TokenRefused(code)
        case 403:
            return ChatUnreachable(text)
        case 409:
            return Conflict(text)
        case 413:
            return TooLarge(text)
        case 429:
            asked = foreign.number(parameters.get("retry_after"), 0.0) or FLOOD_PAUSE
            return TooManyRequests(text, retry_after=min(asked, MOST_FLOOD))
        case 400 | 420 if (waits := _WAITS.search(text)) is not None:
            asked = float(waits.group(1)) or FLOOD_PAUSE
            return TooManyRequests(text, retry_after=min(asked, MOST_FLOOD))
        case 400:
            return refusal(text)
        case _:
            return Rejected(text)
