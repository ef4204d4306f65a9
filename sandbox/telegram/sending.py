"""The Bot API's methods that bring a message to a chat."""

from collections.abc import Mapping
from typing import Any

from sandbox.telegram import entities, keyboards
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.limits import FloodLimits
from sandbox.telegram.media import Media
from sandbox.telegram.state import State, User

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
GROUP_SIZES = range(2, 11)
#: What may stand together in one album.
_ALBUMS = ({"photo", "video"}, {"document"}, {"audio"})
_ITEM_FIELDS = {
    *("type", "media", "caption", "parse_mode", "caption_entities", "has_spoiler"),
    *("show_caption_above_media", "supports_streaming", "width", "height", "duration"),
    *("performer", "title", "disable_content_type_detection"),
}


class Sending:
    """New messages, with the checks and the words of the real ones."""

    def __init__(self, state: State, limits: FloodLimits, media: Media) -> None:
        self._state = state
        self._limits = limits
        self._media = media

    async def _sendMessage(self, p: Mapping[str, Any]) -> Any:
        user = self._writable(p["chat_id"])
        text, found = self._text(p["text"], p, TEXT_LIMIT, "message is too long")
        if not text.strip():
            raise bad_request("message text is empty")
        markup = keyboards.checked(p.get("reply_markup"))
        self._limits.check(user.id)
        return self._state.new_message(
            user.id, self._state.bot, text=text, entities=found, reply_markup=markup
        )

    async def _sendPhoto(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "photo")

    async def _sendDocument(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "document")

    async def _sendVideo(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "video")

    async def _sendAudio(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "audio")

    async def _sendVoice(self, p: Mapping[str, Any]) -> Any:
        return await self._send_media(p, "voice")

    async def _sendMediaGroup(self, p: Mapping[str, Any]) -> Any:
        user = self._writable(p["chat_id"])
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
        self._limits.check(user.id)
        # All or nothing: one file that cannot be had spoils the whole album.
        files = [await self._media.accept(item["type"], item.get("media")) for item in items]
        captions = [self._caption(item) for item in items]
        group = self._state.new_group()
        return [
            self._state.new_message(
                user.id,
                self._state.bot,
                **file,
                media_group_id=group,
                caption=caption,
                caption_entities=found,
            )
            for item, file, (caption, found) in zip(items, files, captions, strict=True)
        ]

    async def _send_media(self, p: Mapping[str, Any], kind: str) -> Any:
        user = self._writable(p["chat_id"])
        caption, found = self._caption(p)
        markup = keyboards.checked(p.get("reply_markup"))
        self._limits.check(user.id)
        media = await self._media.accept(kind, p[kind])
        return self._state.new_message(
            user.id,
            self._state.bot,
            **media,
            caption=caption,
            caption_entities=found,
            reply_markup=markup,
        )

    async def _sendChatAction(self, p: Mapping[str, Any]) -> Any:
        user = self._writable(p["chat_id"])
        self._state.tell({"type": "action", "chat_id": user.id, "action": p["action"]})
        return True

    def _writable(self, chat_id: int) -> User:
        user = self._state.users.get(chat_id)
        if user is None:
            raise bad_request("chat not found")
        if user.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if user.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return user

    def _caption(self, p: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        given = {**p, "entities": p.get("caption_entities")}
        return self._text(p.get("caption", ""), given, CAPTION_LIMIT, "message caption is too long")

    def _text(
        self, raw: str, p: Mapping[str, Any], limit: int, complaint: str
    ) -> tuple[str, list[dict[str, Any]]]:
        text, found = entities.parse(raw, p.get("parse_mode"))
        if entities.utf16(text) > limit:
            raise bad_request(complaint)
        return text, found or p.get("entities") or []
