"""What all methods that write to a chat check: the chat, the topic, the reply, the text."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.telegram import entities
from sandbox.telegram.errors import ApiError, bad_request, forbidden
from sandbox.telegram.state.people import Group
from sandbox.telegram.state.store import State

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_REPLY = {
    *("message_id", "chat_id", "allow_sending_without_reply", "quote", "quote_parse_mode"),
    *("quote_entities", "quote_position"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message goes. ``parts`` are the parts of the message that say so."""

    chat_id: int
    parts: Mapping[str, Any]


class Writing:
    """Raises in Telegram's words."""

    def __init__(self, state: State) -> None:
        self._state = state

    def chat(self, p: Mapping[str, Any]) -> int:
        """The chat that the bot may write to."""
        chat_id = int(p["chat_id"])
        group = self._state.groups.get(chat_id)
        if group is not None:
            _check_group(group)
            return chat_id
        user = self._state.users.get(chat_id)
        if user is None:
            raise bad_request("chat not found")
        if user.deactivated:
            raise forbidden("user is deactivated")
        if user.blocked:
            raise forbidden("bot was blocked by the user")
        return chat_id

    def place(self, p: Mapping[str, Any]) -> Place:
        """The chat, the topic and the message that is replied to."""
        chat_id = self.chat(p)
        parts: dict[str, Any] = {}
        thread = p.get("message_thread_id")
        if thread and thread not in self._state.topics(chat_id):
            raise bad_request("message thread not found")
        replied = self._replied(chat_id, p.get("reply_parameters"), parts, bool(thread))
        if replied is not None and not thread and replied.get("is_topic_message"):
            thread = replied["message_thread_id"]
        group = self._state.groups.get(chat_id)
        if group is not None and thread in group.closed and group.bot_status != "administrator":
            raise bad_request("TOPIC_CLOSED")
        if thread:
            parts.update(message_thread_id=thread, is_topic_message=True)
        return Place(chat_id, parts)

    def _replied(
        self, chat_id: int, given: Any, parts: dict[str, Any], in_topic: bool
    ) -> Mapping[str, Any] | None:
        """The message that is replied to; it and its quote go into ``parts``. In a topic
        ``allow_sending_without_reply`` counts as false."""
        if given is None:
            return None
        if not isinstance(given, dict):
            raise bad_request("can't parse reply parameters JSON object")
        if set(given) - _REPLY:
            self._state.violations.append(f"reply_parameters: {sorted(set(given) - _REPLY)}")
        if given.get("chat_id", chat_id) != chat_id:
            raise bad_request("message to be replied not found")
        replied = self._state.replied(chat_id, given.get("message_id", 0))
        if replied is None:
            if given.get("allow_sending_without_reply") and not in_topic:
                return None
            raise bad_request("message to be replied not found")
        parts["reply_to_message"] = replied
        quote = given.get("quote")
        if quote:
            text = str(replied.get("text") or replied.get("caption") or "")
            if quote not in text:
                raise bad_request("QUOTE_TEXT_INVALID")
            before = entities.utf16(text[: text.index(quote)])
            parts["quote"] = {"text": quote, "position": before, "is_manual": True}
        return replied

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


def _check_group(group: Group) -> None:
    if group.migrated_to:
        raise ApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to=group.migrated_to,
        )
    if group.bot_status == "kicked":
        raise forbidden(f"bot was kicked from the {group.kind} chat")
    if group.bot_status == "left":
        raise forbidden(f"bot is not a member of the {group.kind} chat")
    if group.bot_status == "restricted":
        raise bad_request("not enough rights to send text messages to the chat")
