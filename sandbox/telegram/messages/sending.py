"""The methods that bring a message to a chat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.telegram.errors import bad_request
from sandbox.telegram.messages import keyboards
from sandbox.telegram.messages.media import Media
from sandbox.telegram.messages.writing import Place, Writing
from sandbox.telegram.protocol.limits import FloodLimits
from sandbox.telegram.protocol.methods import Handler
from sandbox.telegram.state.store import Message, State

GROUP_SIZES = range(2, 11)
#: What may stand together in one album.
_ALBUMS = ({"photo", "video"}, {"document"}, {"audio"})
_ITEM_FIELDS = {
    *("type", "media", "caption", "parse_mode", "caption_entities", "has_spoiler"),
    *("show_caption_above_media", "supports_streaming", "width", "height", "duration"),
    *("performer", "title", "disable_content_type_detection"),
}
ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location", "record_video_note"),
    "upload_video_note",
}


@dataclass(frozen=True, slots=True)
class Sending:
    """New messages."""

    state: State
    limits: FloodLimits
    media: Media
    writing: Writing

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
        place = self.writing.place(p)
        text, found = self.writing.text(p)
        if not text.strip():
            raise bad_request("message text is empty")
        return self._new(place, p, text=text, entities=found)

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
        place = self.writing.place(p)
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
                self.state.violations.append(f"sendMediaGroup: unknown {sorted(unknown)}")
        self.limits.check(place.chat_id)
        # All or nothing: one file that cannot be had spoils the whole album.
        files = [await self.media.accept(item["type"], item.get("media"), item) for item in items]
        captions = [self.writing.caption(item) for item in items]
        group = self.state.new_group()
        return [
            self.state.new_message(
                place.chat_id,
                self.state.bot,
                **place.parts,
                **file,
                media_group_id=group,
                caption=caption,
                caption_entities=found,
            )
            for item, file, (caption, found) in zip(items, files, captions, strict=True)
        ]

    async def _send_media(self, p: Mapping[str, Any], kind: str) -> Any:
        place = self.writing.place(p)
        caption, found = self.writing.caption(p)
        media = await self.media.accept(kind, p[kind], p)
        return self._new(place, p, **media, caption=caption, caption_entities=found)

    def _new(self, place: Place, p: Mapping[str, Any], **content: Any) -> Message:
        markup = keyboards.checked(p.get("reply_markup"))
        self.limits.check(place.chat_id)
        if keyboards.removes(p.get("reply_markup")):
            self.state.profile.reply_keyboards.pop(place.chat_id, None)
        return self.state.new_message(
            place.chat_id, self.state.bot, **place.parts, **content, reply_markup=markup
        )

    async def _send_chat_action(self, p: Mapping[str, Any]) -> Any:
        place = self.writing.place(p)
        if p["action"] not in ACTIONS:
            raise bad_request("wrong parameter action in request")
        thread = place.parts.get("message_thread_id", 0)
        told = {"chat_id": place.chat_id, "thread": thread, "action": p["action"]}
        self.state.events.tell({"type": "action", **told})
        return True
