"""Readers for fields of Telegram's JSON: a missing required field raises, an optional one is None.

An explicit null counts as absent. Raised are ``LookupError``, ``TypeError`` and ``ValueError``.
``SERVICE`` and ``ENVELOPE`` name the fields of a message (Bot API 10.3) that are not content; any
other field of a private message is content, also a field that a later Bot API adds.
"""

import re
from collections.abc import Mapping
from typing import Any

from supervisor.values import telegram_id
from supervisor.values.foreign import storable

Part = Mapping[str, Any]

#: What is copied from a page may begin with characters that nobody sees.
COMMAND = re.compile(
    "[\\s\u200b-\u200f\u2060-\u2069\ufeff]*" r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)"
)

#: Fields of service messages, which tell of an event and get no answer.
SERVICE = frozenset(
    {
        *("new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo"),
        *("delete_chat_photo", "group_chat_created", "supergroup_chat_created"),
        *("channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id"),
        *("migrate_from_chat_id", "pinned_message", "users_shared", "chat_shared"),
        *("connected_website", "write_access_allowed", "passport_data", "boost_added"),
        *("proximity_alert_triggered", "chat_background_set", "chat_owner_left"),
        *("chat_owner_changed", "checklist_tasks_done", "checklist_tasks_added"),
        *("direct_message_price_changed", "forum_topic_created", "forum_topic_edited"),
        *("forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden"),
        *("general_forum_topic_unhidden", "giveaway_created", "giveaway", "giveaway_winners"),
        *("giveaway_completed", "paid_message_price_changed", "video_chat_scheduled"),
        *("video_chat_started", "video_chat_ended", "video_chat_participants_invited"),
        "web_app_data",
    }
)

#: Fields of a message that tell sender, chat and form, and are not content.
ENVELOPE = frozenset(
    {
        *("message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat"),
        *("sender_boost_count", "sender_business_bot", "date", "guest_query_id", "chat"),
        *("business_connection_id", "forward_origin", "forward_from", "forward_from_chat"),
        *("forward_from_message_id", "forward_signature", "forward_sender_name", "forward_date"),
        *("is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply"),
        *("quote", "reply_to_story", "reply_to_checklist_task_id", "reply_to_poll_option_id"),
        *("via_bot", "edit_date", "has_protected_content", "is_from_offline", "is_paid_post"),
        *("media_group_id", "author_signature", "paid_star_count", "entities"),
        *("link_preview_options", "suggested_post_info", "effect_id", "caption"),
        *("caption_entities", "show_caption_above_media", "has_media_spoiler"),
        *("reply_markup", "sender_tag", "guest_bot_caller_user", "guest_bot_caller_chat"),
    }
)


def part(holder: Part, name: str) -> Part | None:
    """The object of that name; None: absent, or an explicit null."""
    found = holder.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise TypeError(f"{name} is not an object")
    return found


def optional(holder: Part, name: str) -> Part | None:
    """The object of that name, for what an update can be answered without; None: it is absent or
    has another shape."""
    found = holder.get(name)
    return found if isinstance(found, dict) else None


def needed(holder: Part, name: str) -> Part:
    found = part(holder, name)
    if found is None:
        raise LookupError(f"{name} is missing")
    return found


def id_of_user(user: Part) -> int:
    found = whole_number(user, "id")
    if not telegram_id.is_user(found):
        raise ValueError("id is not that of a user")
    return found


def id_of_chat(chat: Part) -> int:
    found = whole_number(chat, "id")
    if not telegram_id.is_chat(found):
        raise ValueError("id is not that of a chat")
    return found


def whole_number(holder: Part, name: str) -> int:
    found = holder[name]
    # bool is a subclass of int; JSON's true is no number.
    if type(found) is not int or not -(2**63) <= found < 2**63:
        raise TypeError(f"{name} is not a whole number that fits")
    return found


def word(holder: Part, name: str) -> str:
    found = holder[name]
    if not isinstance(found, str):
        raise TypeError(f"{name} is not a text")
    return found


def text(holder: Part, name: str, most: int) -> str:
    found = holder.get(name)
    return storable(found, most) if isinstance(found, str) else ""


def marks_of(message: Part, name: str) -> tuple[Any, ...]:
    """The formatting of a text, as Telegram's entities."""
    found = message.get(name)
    return tuple(found) if isinstance(found, list) else ()


def caption_of(message: Part) -> str:
    """The words under a file; none if a bot has made the message for its sender: they are the
    bot's, such as those under a work that is shared."""
    caption = message.get("caption")
    if not isinstance(caption, str) or optional(message, "via_bot"):
        return ""
    return storable(caption).strip()


def after_command(words: str) -> tuple[str, str]:
    """The command, and what is meant: "/image a fox", as other bots want it, gives what follows."""
    command = COMMAND.match(words)
    return (command[1].lower(), words[command.end() :].strip()) if command else ("", words)
