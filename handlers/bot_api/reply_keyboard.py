"""The reply keyboard of an earlier bot with this token: taken away once, at the first contact.

Its buttons send their words as messages, which this bot would take for wishes. Only a message
with ``ReplyKeyboardRemove`` takes it away, and a message with inline buttons cannot be that one.
So a silent message goes out behind the first answer and is deleted at once.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from loguru import logger
from telegram import LinkPreviewOptions, ReplyKeyboardRemove, ReplyParameters

from handlers.bot_api.calls import message_id
from supervisor.runtime.errors import BotError


class Telegram(Protocol):
    """What is used of PTB's ``Bot``."""

    async def send_message(
        self,
        chat_id: int,
        text: str,
        *,
        parse_mode: str | None,
        reply_markup: ReplyKeyboardRemove,
        link_preview_options: LinkPreviewOptions,
        message_thread_id: int | None,
        reply_parameters: ReplyParameters | None,
        disable_notification: bool,
    ) -> object: ...

    async def delete_message(self, chat_id: int, message_id: int) -> object: ...


async def remove(
    telegram: Telegram, chat_id: int, text: str, call: Callable[[Awaitable[object]], Any]
) -> None:
    """No failure counts: the answer before it has been sent. ``text`` stays if the message cannot
    be deleted. ``call`` makes a call if it may be made now."""
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
