"""What all methods that write to a chat check: the chat, the text, the caption."""

from collections.abc import Mapping
from typing import Any

from sandbox.telegram import entities
from sandbox.telegram.errors import ApiError, bad_request
from sandbox.telegram.state.store import State

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024


class Writing:
    """Raises in Telegram's words."""

    def __init__(self, state: State) -> None:
        self._state = state

    def chat(self, p: Mapping[str, Any]) -> int:
        """The chat that the bot may write to."""
        chat_id = int(p["chat_id"])
        user = self._state.users.get(chat_id)
        if user is None:
            raise bad_request("chat not found")
        if user.deactivated:
            raise ApiError(403, "Forbidden: user is deactivated")
        if user.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return chat_id

    def text(self, p: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """``text`` and its entities."""
        return self._read(p["text"], p, "entities", TEXT_LIMIT, "message is too long")

    def caption(self, p: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
        """``caption`` and its entities."""
        raw = p.get("caption", "")
        return self._read(raw, p, "caption_entities", CAPTION_LIMIT, "message caption is too long")

    def _read(
        self, raw: str, p: Mapping[str, Any], given: str, limit: int, complaint: str
    ) -> tuple[str, list[dict[str, Any]]]:
        mode = p.get("parse_mode")
        if mode and mode.lower() != "html":
            self._state.violations.append(f"parse_mode {mode}: this simulator reads HTML only")
        text, found = entities.parse(raw, mode)
        if entities.utf16(text) > limit:
            raise bad_request(complaint)
        return text, found or p.get(given) or []
