"""Where and as whom a user writes, and whether the bot sees it."""

import time
from dataclasses import dataclass, fields
from typing import Any

from sandbox.telegram.entities import utf16_slice
from sandbox.telegram.state.people import ANONYMOUS, CHANNEL, User
from sandbox.telegram.state.store import Message, State

#: Origins of a forwarded message that a test can ask for.
ORIGINS = ("user", "hidden", "nameless", "channel", "chat")


@dataclass(frozen=True, slots=True)
class Where:
    """``chat`` 0 is the private chat with the bot. ``forward`` is one of ``ORIGINS``."""

    chat: int = 0
    thread: int = 0
    reply_to: int = 0
    anonymous: bool = False  #: an admin writes in the name of the group
    as_channel: str = ""  #: a member writes in the name of this channel
    forward: str = ""

    @classmethod
    def of(cls, given: dict[str, Any]) -> "Where":
        """What a control call says about the place."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in names})


def parts(state: State, user: User, where: Where) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Chat, sender and the parts of the message that say where it stands.

    Raises ``KeyError`` for what is not there and ``ValueError`` for what cannot be."""
    chat_id = where.chat or user.id
    group = state.groups.get(chat_id)
    if chat_id != user.id and (group is None or user.id not in group.members):
        raise ValueError(f"user {user.id} is not in chat {chat_id}")
    found: dict[str, Any] = {}
    sender = user.as_api()
    if where.anonymous:
        if group is None or user.id not in group.admins:
            raise ValueError("only an admin of a group is anonymous")
        sender, found["sender_chat"] = dict(ANONYMOUS), group.as_chat()
    if where.as_channel:
        sender = dict(CHANNEL)
        found["sender_chat"] = {"id": -1002000000000, "type": "channel", "title": where.as_channel}
    if where.forward:
        found["forward_origin"] = _origin(state, user, where.forward)
    return chat_id, sender, {**found, **_thread(state, chat_id, where)}


def _thread(state: State, chat_id: int, where: Where) -> dict[str, Any]:
    """The topic, and the message that is replied to."""
    if where.thread and where.thread not in state.topics(chat_id):
        raise KeyError(f"no topic {where.thread}")
    topic: dict[str, Any] = {}
    if where.thread:
        topic = {"message_thread_id": where.thread, "is_topic_message": True}
    if not where.reply_to:
        return topic
    replied = state.replied(chat_id, where.reply_to)
    if replied is None:
        raise KeyError(f"no message {where.reply_to}")
    group = state.groups.get(chat_id)
    if group is not None and not group.forum and group.kind == "supergroup":
        # A thread of replies has a number, too, and is no topic.
        root = replied.get("message_thread_id") or replied["message_id"]
        topic = {"message_thread_id": root}
    elif not topic and replied.get("is_topic_message"):
        topic = {"message_thread_id": replied["message_thread_id"], "is_topic_message": True}
    return {**topic, "reply_to_message": replied}


def _origin(state: State, user: User, kind: str) -> dict[str, Any]:
    date = int(time.time()) - 3600
    channel = {"id": -1002000000001, "type": "channel", "title": "A channel"}
    others = [each.as_api() for each in state.users.values() if each.id != user.id]
    origins: dict[str, dict[str, Any]] = {
        "user": {"type": "user", "sender_user": others[0] if others else user.as_api()},
        "hidden": {"type": "hidden_user", "sender_user_name": "Somebody"},
        "nameless": {"type": "hidden_user", "sender_user_name": ""},
        "channel": {"type": "channel", "chat": channel, "message_id": 5},
        "chat": {"type": "chat", "sender_chat": {**channel, "type": "supergroup"}},
    }
    if kind not in origins:
        raise ValueError(f"known origins: {ORIGINS}")
    return {**origins[kind], "date": date}


def bot_sees(state: State, message: Message) -> bool:
    """Whether a message of a group reaches the bot: with privacy mode only commands, mentions of
    the bot and replies to it do. Service messages always do."""
    group = state.groups.get(message["chat"]["id"])
    if group is None or not state.privacy or group.bot_status == "administrator":
        return group is None or group.bot_status in {"member", "administrator", "restricted"}
    if group.bot_status in {"kicked", "left"}:
        return False
    replied = message.get("reply_to_message")
    if replied is not None and replied["from"]["id"] == state.bot["id"]:
        return True
    text = message.get("text") or message.get("caption")
    if text is None:
        return not any(kind in message for kind in _CONTENT)
    name = f"@{state.bot['username']}".lower()
    for entity in message.get("entities") or message.get("caption_entities") or []:
        said = utf16_slice(text, entity["offset"], entity["length"]).lower()
        if entity["type"] == "bot_command" and ("@" not in said or said.endswith(name)):
            return True
        if entity["type"] == "mention" and said == name:
            return True
    return False


_CONTENT = ("photo", "video", "audio", "voice", "document", "sticker", "rich_message")
