"""copyMessage and forwardMessage."""

from collections.abc import Mapping
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.messages import keyboards
from sandbox.telegram.messages.writing import Writing
from sandbox.telegram.protocol.limits import FloodLimits
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.store import Message, State

#: Parts of a message that a copy has.
_CONTENT = {
    *("text", "entities", "caption", "caption_entities", "photo", "video", "audio", "voice"),
    *("document", "sticker", "rich_message"),
}


class Copying:
    """A copy is a message of the bot; a forwarded message names where it comes from."""

    def __init__(self, state: State, limits: FloodLimits, writing: Writing) -> None:
        self._state = state
        self._limits = limits
        self._writing = writing

    def methods(self) -> Mapping[str, Handler]:
        return {"copyMessage": self._copy_message, "forwardMessage": self._forward_message}

    async def _copy_message(self, p: Mapping[str, Any]) -> Any:
        content = self._content(p, "copy")
        if "caption" in p:
            caption, found = self._writing.caption(p)
            content.update(caption=caption, caption_entities=found)
        place = self._writing.place(p)
        markup = keyboards.checked(p.get("reply_markup"))
        self._limits.check(place.chat_id)
        made = self._state.new_message(
            place.chat_id, self._state.bot, **place.parts, **content, reply_markup=markup
        )
        return {"message_id": made["message_id"]}

    async def _forward_message(self, p: Mapping[str, Any]) -> Any:
        content = self._content(p, "forward")
        source = self._state.messages[p["from_chat_id"]][p["message_id"]]
        origin = {"type": "user", "date": source["date"], "sender_user": source["from"]}
        place = self._writing.place(p)
        self._limits.check(place.chat_id)
        return self._state.new_message(
            place.chat_id, self._state.bot, **place.parts, **content, forward_origin=origin
        )

    def _content(self, p: Mapping[str, Any], what: str) -> Message:
        source = self._state.messages.get(p["from_chat_id"], {}).get(p["message_id"])
        if source is None:
            raise bad_request(f"message to {what} not found")
        content = {name: value for name, value in source.items() if name in _CONTENT}
        if not content:
            raise bad_request(f"the message can't be {'copied' if what == 'copy' else 'forwarded'}")
        return content
