"""Changes of messages that were sent: another file, other buttons, removal.

A file that Telegram has is shown by its file_id, in an existing message or in a new one. A file_id
keeps the kind with which the file was sent, so a picture may have to be shown as a document. If
Telegram does not have the file any more, the user is told, with buttons for what is possible.
"""

import contextlib
from collections.abc import Mapping
from typing import Any, Protocol

from loguru import logger

from handlers.bot_api.calls import file_id, message_id
from handlers.bot_api.errors import MessageGone, NothingToDo, NotTheContent, Undeletable
from handlers.delivery.claimed import SendContext
from handlers.delivery.media import HTML, item
from handlers.delivery.media import Telegram as MediaTelegram
from handlers.delivery.outcome import Sent
from handlers.delivery.payloads import Payload, rows
from handlers.dialogue.effects import Keyboard
from handlers.words.texts import Markup
from supervisor.runtime.errors import Rejected


class Telegram(MediaTelegram, Protocol):
    """What is used of the bot."""

    async def edit_message_media(
        self,
        media: Any,
        *,
        chat_id: int,
        message_id: int,
        reply_markup: Any,
    ) -> object: ...

    async def edit_message_reply_markup(
        self, *, chat_id: int, message_id: int, reply_markup: Any
    ) -> object: ...

    async def direct(self, method: str, fields: Mapping[str, Any]) -> object: ...


def showing_kept(
    file: tuple[str, str],
    caption: Markup,
    keyboard: Keyboard,
    *,
    message_id: int | None,
    lost: Markup,
    instead: Keyboard,
) -> Payload:
    """A file by its kind and file_id, in place of the file of a message or as a new message. If
    Telegram does not have it any more, ``lost`` is the text, with the buttons ``instead``."""
    return {
        "do": "kept",
        "kind": file[0],
        "file_id": file[1],
        "caption": caption,
        "keyboard": rows(keyboard),
        "message_id": message_id,
        "instead": {"text": lost, "keyboard": rows(instead)},
    }


def changing_buttons(message_id: int, keyboard: Keyboard) -> Payload:
    """Replace the buttons of a message."""
    return {"do": "buttons", "message_id": message_id, "keyboard": rows(keyboard)}


class FileLost(Rejected):
    """Telegram does not have the file any more, as no kind."""


class SentMessages:
    """Raises only children of ``BotError``."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    async def show(self, context: SendContext, payload: Payload, markup: Any) -> Sent:
        """Show the file. Raises ``FileLost``, or the error of the last call."""
        at = payload["message_id"]
        for shape in dict.fromkeys((payload["kind"], "document")):
            try:
                if at is not None:
                    return await self._edit(context, payload, shape, markup)
                return await self._send(context, payload, shape, markup)
            except MessageGone:
                if at is None:
                    raise
                return await self.show(context, {**payload, "message_id": None}, markup)
            except (NotTheContent, NothingToDo):
                raise
            except Rejected as error:
                logger.bind(error=str(error), shape=shape).info("kept_file_refused")
        raise FileLost("Telegram keeps the file no more")

    async def remove(self, context: SendContext, number: int) -> Sent:
        """Delete the message; one that is already gone is no error."""
        telegram, chat_id = self._telegram, context.chat_id
        try:
            gone = {"chat_id": chat_id, "message_id": number}
            await context.call(telegram.direct("deleteMessage", gone))
        except Undeletable:
            bare = telegram.edit_message_reply_markup(
                chat_id=chat_id, message_id=number, reply_markup=None
            )
            with contextlib.suppress(MessageGone):  # it has no buttons then, either
                await context.call(bare)
        return Sent()

    async def change_buttons(self, context: SendContext, payload: Payload, markup: Any) -> Sent:
        """Replace the buttons; the content stays."""
        number = payload["message_id"]
        made = self._telegram.edit_message_reply_markup(
            chat_id=context.chat_id, message_id=number, reply_markup=markup
        )
        await context.call(made)
        return Sent(number)

    async def _edit(
        self,
        context: SendContext,
        payload: Payload,
        shape: str,
        markup: Any,
    ) -> Sent:
        media = item(shape)(payload["file_id"], caption=payload["caption"], parse_mode=HTML)
        made = self._telegram.edit_message_media(
            media, chat_id=context.chat_id, message_id=payload["message_id"], reply_markup=markup
        )
        await context.call(made)
        return Sent(payload["message_id"], payload["file_id"])

    async def _send(
        self,
        context: SendContext,
        payload: Payload,
        shape: str,
        markup: Any,
    ) -> Sent:
        method: Any = {
            "photo": self._telegram.send_photo,
            "video": self._telegram.send_video,
            "audio": self._telegram.send_audio,
        }.get(shape, self._telegram.send_document)
        made = method(
            context.chat_id,
            payload["file_id"],
            caption=payload["caption"],
            parse_mode=HTML,
            reply_markup=markup,
            **context.where,
        )
        found = await context.call(made)
        return Sent(message_id(found), file_id(found))
