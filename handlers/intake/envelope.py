"""What the inbox needs of an update: its number, its kind, its lane. Pure.

Any body gives an ``Envelope``. An update that cannot be read becomes one that is set aside.
"""

import codecs
import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from supervisor.values import telegram_id
from supervisor.values.foreign import from_json, storable
from supervisor.values.record import record

#: The kinds of updates that setWebhook and getUpdates ask for.
ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "inline_query",
    "pre_checkout_query",
    "subscription",
)
#: Of these, what an older Bot API server does not know, and leaves out when it is asked for it.
NEW_KINDS = frozenset({"subscription"})

#: Lanes up to this number are those of pre-checkout queries, one for each payer. Telegram cancels
#: such a query after ten seconds, so it does not wait for the other updates of the chat.
LAST_CHECKOUT_LANE = -(2**61)

_BIGINT = 2**63
_CHECKOUT_LANES = -(2**62)
_LONGEST_ID = 64  #: characters of a query's id; Telegram's have 19 digits
#: Characters of an unreadable body that are kept for the operator.
_KEEP = 20_000


@record
class Envelope:
    """One row of the inbox before it is stored."""

    update_id: int | None
    lane: int
    kind: str
    body: str
    error: str | None = None  #: why it is set aside from the start
    query_id: str | None = None  #: of a button press: it must be answered in time

    @property
    def is_checkout(self) -> bool:
        return self.lane <= LAST_CHECKOUT_LANE

    @property
    def state(self) -> str:
        return "new" if self.error is None else "dead"


def envelope_of(body: bytes) -> Envelope:
    """The envelope of a webhook's body."""
    return opened(body)[0]


def opened(body: bytes) -> tuple[Envelope, Any]:
    """The envelope of a webhook's body, and the JSON in it; None: it cannot be read."""
    # Whoever reads the stored text later takes it for no JSON if it begins with the mark.
    body = body.removeprefix(codecs.BOM_UTF8)
    try:
        update = from_json(body)
    except ValueError as error:
        return unreadable(body, str(error)), None
    return _seal(update, body), update


def envelope_of_update(update: Any) -> Envelope:
    """The envelope of an update from getUpdates."""
    return _seal(update, json.dumps(update).encode())


def unreadable(body: bytes, error: str) -> Envelope:
    """The envelope of a body that is kept only for the operator."""
    return Envelope(None, 0, "unreadable", storable(body, _KEEP), storable(error, 500))


def _seal(update: Any, body: bytes) -> Envelope:
    if not isinstance(update, dict):
        return unreadable(body, "not an object")
    number = update.get("update_id")
    if not _is_bigint(number) or number < 0:
        return unreadable(body, "no readable update_id")
    kind, content = _content(update)
    lane = _checkout_lane(content) if kind == "pre_checkout_query" else _lane(content)
    query = content.get("id") if kind == "callback_query" else None
    # An id that cannot be stored is not Telegram's, and cannot be answered.
    known = isinstance(query, str) and 0 < len(query) <= _LONGEST_ID and storable(query) == query
    query_id = query if known else None
    # JSON in UTF-8 has neither NUL nor halves of a pair: it can be stored as it is.
    return Envelope(number, lane, kind, body.decode(), query_id=query_id)


def _content(update: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    for kind, content in update.items():
        if kind != "update_id" and isinstance(content, dict):
            return storable(kind, 64), content
    return "empty", {}


def _lane(content: Mapping[str, Any]) -> int:
    """The chat; for a button press the chat of its message; else the user."""
    message = content.get("message")
    for holder in (content, message if isinstance(message, dict) else {}):
        chat = holder.get("chat")
        number = chat.get("id") if isinstance(chat, dict) else None
        if telegram_id.is_chat(number):
            return number
    return _user(content)


def _checkout_lane(content: Mapping[str, Any]) -> int:
    return _CHECKOUT_LANES + _user(content)


def _user(content: Mapping[str, Any]) -> int:
    user = content.get("from") or content.get("user")
    number = user.get("id") if isinstance(user, dict) else None
    return number if telegram_id.is_user(number) else 0


def _is_bigint(value: Any) -> TypeGuard[int]:
    # bool is a subclass of int; JSON's true is no number.
    return type(value) is int and -_BIGINT <= value < _BIGINT
