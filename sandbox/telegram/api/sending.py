"""The methods that bring a message to a chat."""

from collections.abc import Mapping
from typing import Any

from sandbox.telegram.api import keyboards
from sandbox.telegram.api.limits import FloodLimits
from sandbox.telegram.api.media import Media
from sandbox.telegram.api.methods import Handler
from sandbox.telegram.api.writing import Writing
from sandbox.telegram.errors import bad_request
from sandbox.telegram.state.store import State

GROUP_SIZES = range(2, 11)
#: What may stand together in one album.
_ALBUMS = ({"photo", "video"}, {"document"}, {"audio"})
_ITEM_FIELDS = {
    *("type", "media", "caption", "parse_mode", "caption_entities", "has_spoiler"),
    *("show_caption_above_media", "supports_streaming", "width", "height", "duration"),
    *("performer", "title", "disable_content_type_detection"),
}


class Sending:
    """New messages."""

    def __init__(self, state: State, limits: FloodLimits, media: Media, writing: Writing) -> None:
        self._state = state
        self._limits = limits
        self._media = media
        self._writing = writing

    def methods(self) -> Mapping[str, Handler]:
        return {
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "sendVideo": self._send_video,
            "sendAudio": self._send_audio,
            "sendVoice": self._send_voice,
            "sendMediaGroup": self._send_media_group,
            "sendChatAction": self._send_chat_action,
        }

    async def _send_message(self, p: Mapping[str, Any]) -> Any:
        chat_id = self._writing.chat(p)
        text, found = self._writing.text(p)
        if not text.strip():
            raise bad_request("message text is empty")
        markup = keyboards.checked(p.get("reply_markup"))
        self._limits.check(chat_id)
        return self._state.new_message(
            chat_id, self._state.bot, text=text, entities=found, reply_markup=markup
        )

    async def _send_photo(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "photo")

    async def _send_document(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "document")

    async def _send_video(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "video")

    async def _send_audio(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "audio")

    async def _send_voice(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "voice")

    async def _send_media_group(self, p: Mapping[str, Any]) -> Any:
        chat_id = self._writing.chat(p)
        items = p["media"]
        if not isinstance(items, list) or len(items) not in GROUP_SIZES:
            raise bad_request("group send failed: expected 2-10 media")
        if not all(isinstance(item, dict) for item in items):
            raise bad_request("can't parse media JSON object")
        kinds = {item.get("type") for item in items}
        if not any(kinds <= together for together in _ALBUMS):
            raise bad_request("can't mix media of these types in one album")
        for item in items:
            unknown = set(item) - _ITEM_FIELDS
            if unknown:
                self._state.violations.append(f"sendMediaGroup: unknown {sorted(unknown)}")
        self._limits.check(chat_id)
        # All or nothing: one file that cannot be had spoils the whole album.
        files = [await self._media.accept(item["type"], item.get("media")) for item in items]
        captions = [self._writing.caption(item) for item in items]
        group = self._state.new_group()
        return [
            self._state.new_message(
                chat_id,
                self._state.bot,
                **file,
                media_group_id=group,
                caption=caption,
                caption_entities=found,
            )
            for item, file, (caption, found) in zip(items, files, captions, strict=True)
        ]

    async def _send_media(self, p: Mapping[str, Any], kind: str) -> Any:
        chat_id = self._writing.chat(p)
        caption, found = self._writing.caption(p)
        markup = keyboards.checked(p.get("reply_markup"))
        self._limits.check(chat_id)
        media = await self._media.accept(kind, p[kind])
        return self._state.new_message(
            chat_id,
            self._state.bot,
            **media,
            caption=caption,
            caption_entities=found,
            reply_markup=markup,
        )

    async def _send_chat_action(self, p: Mapping[str, Any]) -> Any:
        chat_id = self._writing.chat(p)
        self._state.events.tell({"type": "action", "chat_id": chat_id, "action": p["action"]})
        return True
