"""One call of PTB's ``Bot``, and its result as Telegram's JSON.

PTB builds objects from answers and fails for a shape that it does not know. This bot needs few
fields of an answer and reads them from the JSON: the request class that answers PTB
(``ptb_request.py``) stores the result of the call here, for the caller.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from loguru import logger

from handlers.bot_api.endpoint import Endpoint
from supervisor.runtime.errors import BotError
from supervisor.values import foreign

if TYPE_CHECKING:
    from telegram import LinkPreviewOptions, ReplyKeyboardRemove, ReplyParameters

READ_WITHIN = 12.0  #: seconds for an answer; longer than a slow upload takes to be accepted
_MOST_ID = 2**52  #: Telegram promises that its ids fit into that
_JSON: Mapping[str, str] = {"Content-Type": "application/json"}


class Members(Protocol):
    """What is asked of PTB's ``Bot`` about who is in a chat."""

    async def get_chat_member(self, chat_id: int, user_id: int) -> object: ...

    async def get_chat_administrators(self, chat_id: int) -> object: ...


@dataclass(slots=True)
class _Call:
    """A call under way; ``answered`` once Telegram has confirmed it."""

    answered: bool = False
    result: Any = None


_call: ContextVar[_Call | None] = ContextVar("bot_api_call", default=None)


async def result_of(call: Awaitable[object]) -> Any:
    """Await ``call`` of PTB's ``Bot`` and return its result as Telegram's JSON.

    Raises only children of ``BotError``.
    """
    current = _Call()
    token = _call.set(current)
    try:
        await call
    except Exception as failed:
        error = getattr(failed, "error", None)  # of ``CallFailed``
        if isinstance(error, BotError):
            raise error from None
        # Telegram confirmed the call; only PTB could not build its object from the answer.
        if not current.answered:
            raise
    finally:
        _call.reset(token)
    return current.result


def keep_result(result: object) -> None:
    """Store ``result`` as Telegram's answer to the call under way."""
    call = _call.get()
    if call is not None:
        call.answered, call.result = True, result


async def call_with(
    endpoint: Endpoint, method: str, fields: Mapping[str, Any], within: float = READ_WITHIN
) -> None:
    """Call ``method`` with the fields that are not None, as JSON, which the Bot API takes for every
    call without files. Its result is kept for ``result_of``. Raises only children of
    ``BotError``."""
    given = {name: value for name, value in fields.items() if value is not None}
    data = json.dumps(given, ensure_ascii=False).encode()
    keep_result(await endpoint.call(method, within=within, data=data, headers=_JSON))


def replying_to(number: int | None) -> "ReplyParameters | None":
    """A reply to this message; outside of topics it is sent even if the message was deleted."""
    if number is None:
        return None
    from telegram import ReplyParameters

    return ReplyParameters(number, allow_sending_without_reply=True)


def message_id(result: Any) -> int | None:
    """The number of the message that was sent; None when the answer does not tell."""
    found = result.get("message_id") if isinstance(result, dict) else None
    return foreign.whole(found, 1, _MOST_ID)


def file_id(result: Any) -> str | None:
    """The id by which Telegram sends the file of this message again; None: there is none."""
    if not isinstance(result, dict):
        return None
    sizes = result.get("photo")
    largest = sizes[-1] if isinstance(sizes, list) and sizes else None
    files = (largest, *(result.get(kind) for kind in ("video", "audio", "animation", "document")))
    for file in files:
        name = file.get("file_id") if isinstance(file, dict) else None
        if isinstance(name, str) and name and foreign.storable(name) == name:
            return name
    return None


class ReplyKeyboardTelegram(Protocol):
    """What is used of PTB's ``Bot``."""

    async def send_message(
        self,
        chat_id: int,
        text: str,
        *,
        parse_mode: str | None,
        reply_markup: "ReplyKeyboardRemove",
        link_preview_options: "LinkPreviewOptions",
        message_thread_id: int | None,
        reply_parameters: "ReplyParameters | None",
        disable_notification: bool,
    ) -> object: ...

    async def delete_message(self, chat_id: int, message_id: int) -> object: ...


async def remove_reply_keyboard(
    telegram: ReplyKeyboardTelegram,
    chat_id: int,
    text: str,
    call: Callable[[Awaitable[object]], Any],
) -> None:
    """Take away the reply keyboard that an earlier bot with this token left in a chat.

    Its buttons send their texts as messages, which this bot would take for wishes. Only a message
    with ``ReplyKeyboardRemove`` removes it, and that message cannot have inline buttons: so a
    silent message is sent and deleted at once. Failures are ignored, since the answer has been sent
    before; ``text`` is seen only if the message cannot be deleted. ``call`` makes a call if the
    gate is open.
    """
    from telegram import LinkPreviewOptions, ReplyKeyboardRemove

    try:
        sent = await call(
            telegram.send_message(
                chat_id,
                text,
                parse_mode=None,
                reply_markup=ReplyKeyboardRemove(),
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                message_thread_id=None,
                reply_parameters=None,
                disable_notification=True,
            )
        )
        number = message_id(sent)
        if number is not None:
            await call(telegram.delete_message(chat_id, number))
    except BotError as error:
        logger.bind(error=str(error)).debug("reply_keyboard_not_removed")
