"""The methods that change or delete a message of the bot."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.messages import keyboards
from sandbox.telegram.messages.media import Media
from sandbox.telegram.messages.writing import Writing
from sandbox.telegram.protocol.limits import FloodLimits
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.store import Message, State

KINDS = ("photo", "video", "audio", "document", "voice")
MOST_DELETED = 100
DELETABLE_SECONDS = 48 * 3600.0
#: What may replace a part of an album.
_ALBUM = {
    "photo": {"photo", "video"},
    "video": {"photo", "video"},
    "audio": {"audio"},
    "document": {"document"},
}


@dataclass(frozen=True, slots=True)
class Editing:
    """Edits count as messages do."""

    state: State
    limits: FloodLimits
    media: Media
    writing: Writing

    def methods(self) -> Mapping[str, Handler]:
        return {
            "editMessageText": self._edit_message_text,
            "editMessageCaption": self._edit_message_caption,
            "editMessageReplyMarkup": self._edit_message_reply_markup,
            "editMessageMedia": self._edit_message_media,
            "deleteMessage": self._delete_message,
            "deleteMessages": self._delete_messages,
        }

    async def _edit_message_text(self, p: Mapping[str, Any]) -> Any:
        message = self._own_message(p)
        if "text" not in message:
            raise bad_request("there is no text in the message to edit")
        text, found = self.writing.text(p)
        markup = keyboards.checked(p.get("reply_markup"))
        return self._change(message, {"text": text, "entities": found, "reply_markup": markup})

    async def _edit_message_caption(self, p: Mapping[str, Any]) -> Any:
        message = self._own_message(p)
        if not any(kind in message for kind in KINDS):
            raise bad_request("there is no caption in the message to edit")
        caption, found = self.writing.caption(p)
        markup = keyboards.checked(p.get("reply_markup"))
        content = {"caption": caption, "caption_entities": found}
        return self._change(message, {**content, "reply_markup": markup})

    async def _edit_message_reply_markup(self, p: Mapping[str, Any]) -> Any:
        markup = keyboards.checked(p.get("reply_markup"))
        return self._change(self._own_message(p), {"reply_markup": markup})

    async def _edit_message_media(self, p: Mapping[str, Any]) -> Any:
        message = self._own_message(p)
        media = p["media"]
        if not isinstance(media, dict) or media.get("type") not in KINDS:
            raise bad_request("can't parse input media JSON object")
        if "media_group_id" in message and media["type"] not in _ALBUM[_kind(message)]:
            raise bad_request("can't use media of the specified type in the album")
        caption, found = self.writing.caption(media)
        markup = keyboards.checked(p.get("reply_markup"))
        file = await self.media.accept(media["type"], media.get("media"), media)
        old = {name: None for name in (*KINDS, "text", "entities") if name in message}
        content = {**file, "caption": caption, "caption_entities": found}
        return self._change(message, {**old, **content, "reply_markup": markup})

    async def _delete_message(self, p: Mapping[str, Any]) -> Any:
        chat_id = self.writing.chat(p)
        self._delete(chat_id, p["message_id"])
        return True

    async def _delete_messages(self, p: Mapping[str, Any]) -> Any:
        chat_id, numbers = self.writing.chat(p), p["message_ids"]
        if not isinstance(numbers, list) or not 1 <= len(numbers) <= MOST_DELETED:
            raise bad_request("message identifiers are not specified")
        for number in numbers:  # those that are not there are skipped
            if number in self.state.messages[chat_id]:
                self._delete(chat_id, number)
        return True

    def _delete(self, chat_id: int, number: int) -> None:
        message = self.state.messages[chat_id].get(number)
        if message is None:
            raise bad_request("message to delete not found")
        group = self.state.groups.get(chat_id)
        own = message["from"]["id"] == self.state.bot["id"]
        if group is not None and not own and group.bot_status != "administrator":
            raise bad_request("message can't be deleted")
        if time.time() - message["date"] > DELETABLE_SECONDS:
            raise bad_request("message can't be deleted for everyone")
        self.state.delete(chat_id, number)

    def _own_message(self, p: Mapping[str, Any]) -> Message:
        chat_id = self.writing.chat(p)
        message = self.state.messages[chat_id].get(p["message_id"])
        if message is None:
            raise bad_request("message to edit not found")
        if message["from"]["id"] != self.state.bot["id"]:
            raise bad_request("message can't be edited")
        return message

    def _change(self, message: Message, changes: Mapping[str, Any]) -> Message:
        if all((message.get(name) or None) == (value or None) for name, value in changes.items()):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are"
                " exactly the same as a current content and reply markup of the message"
            )
        self.limits.check(message["chat"]["id"])
        return self.state.changed(message, changes)


def _kind(message: Message) -> str:
    return next(kind for kind in KINDS if kind in message)
