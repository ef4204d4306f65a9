"""The methods that change or delete a message of the bot."""

import time
from collections.abc import Mapping
from typing import Any

from sandbox.telegram.api import keyboards
from sandbox.telegram.api.limits import FloodLimits
from sandbox.telegram.api.methods import Handler
from sandbox.telegram.api.writing import Writing
from sandbox.telegram.errors import bad_request
from sandbox.telegram.state.store import State


class Editing:
    """Edits count as messages do."""

    def __init__(self, state: State, limits: FloodLimits, writing: Writing) -> None:
        self._state = state
        self._limits = limits
        self._writing = writing

    def methods(self) -> Mapping[str, Handler]:
        return {
            "editMessageText": self._edit_message_text,
            "editMessageCaption": self._edit_message_caption,
            "editMessageReplyMarkup": self._edit_message_reply_markup,
            "deleteMessage": self._delete_message,
        }

    async def _edit_message_text(self, p: Mapping[str, Any]) -> Any:
        message = self._own_message(p)
        if "text" not in message:
            raise bad_request("there is no text in the message to edit")
        text, found = self._writing.text(p)
        return self._change(message, text=text, entities=found, markup=p.get("reply_markup"))

    async def _edit_message_caption(self, p: Mapping[str, Any]) -> Any:
        message = self._own_message(p)
        caption, found = self._writing.caption(p)
        return self._change(
            message, caption=caption, caption_entities=found, markup=p.get("reply_markup")
        )

    async def _edit_message_reply_markup(self, p: Mapping[str, Any]) -> Any:
        return self._change(self._own_message(p), markup=p.get("reply_markup"))

    async def _delete_message(self, p: Mapping[str, Any]) -> Any:
        chat_id = self._writing.chat(p)
        if self._state.messages[chat_id].pop(p["message_id"], None) is None:
            raise bad_request("message to delete not found")
        self._state.events.tell(
            {"type": "delete", "chat_id": chat_id, "message_id": p["message_id"]}
        )
        return True

    def _own_message(self, p: Mapping[str, Any]) -> dict[str, Any]:
        chat_id = self._writing.chat(p)
        message = self._state.messages[chat_id].get(p["message_id"])
        if message is None:
            raise bad_request("message to edit not found")
        if message["from"]["id"] != self._state.bot["id"]:
            raise bad_request("message can't be edited")
        return message

    def _change(self, message: dict[str, Any], *, markup: Any, **content: Any) -> Any:
        changes = {**content, "reply_markup": keyboards.checked(markup)}
        if all((message.get(name) or None) == (value or None) for name, value in changes.items()):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are"
                " exactly the same as a current content and reply markup of the message"
            )
        self._limits.check(message["chat"]["id"])
        for name, value in changes.items():
            message.pop(name, None)
            if value:
                message[name] = value
        message["edit_date"] = int(time.time())
        chat_id = message["chat"]["id"]
        self._state.events.tell({"type": "edit", "chat_id": chat_id, "message": message})
        return message
