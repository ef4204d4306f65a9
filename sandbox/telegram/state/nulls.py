"""Explicit nulls: what a server built on typed models sends where Telegram leaves a field out."""

from typing import Any

UPDATE_KINDS = (
    *("message", "edited_message", "channel_post", "edited_channel_post", "callback_query"),
    *("inline_query", "chosen_inline_result", "shipping_query", "pre_checkout_query", "poll"),
    *("poll_answer", "my_chat_member", "chat_member", "chat_join_request", "message_reaction"),
    *("message_reaction_count", "chat_boost", "removed_chat_boost", "business_connection"),
    *("business_message", "edited_business_message", "deleted_business_messages"),
    *("purchased_paid_media", "subscription", "stopped_message_generation", "managed_bot"),
    "guest_message",
)
#: The field by which an object is known, and its optional fields.
_OPTIONAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("update_id", UPDATE_KINDS),
    (
        "message_id",
        (
            *("message_thread_id", "sender_chat", "forward_origin", "is_topic_message"),
            *("reply_to_message", "quote", "via_bot", "edit_date", "media_group_id", "text"),
            *("entities", "link_preview_options", "rich_message", "animation", "audio"),
            *("document", "photo", "sticker", "video", "video_note", "voice", "caption"),
            *("caption_entities", "contact", "dice", "game", "poll", "location", "invoice"),
            *("successful_payment", "refunded_payment", "new_chat_members", "reply_markup"),
        ),
    ),
    ("is_bot", ("last_name", "username", "language_code", "is_premium")),
    ("file_unique_id", ("file_size", "file_name", "mime_type", "thumbnail")),
    ("offset", ("url", "user", "language", "custom_emoji_id")),
    ("chat_instance", ("message", "inline_message_id", "data", "game_short_name")),
    ("invoice_payload", ("shipping_option_id", "order_info")),
)
_CHAT_OPTIONAL = ("title", "username", "first_name", "last_name", "is_forum")


def with_nulls(value: Any) -> Any:
    """A copy in which every known object has its optional fields."""
    if isinstance(value, list):
        return [with_nulls(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {name: with_nulls(each) for name, each in value.items()}
    for sign, names in _OPTIONAL:
        if sign in value:
            return {**dict.fromkeys(names), **found}
    if value.get("type") in {"private", "group", "supergroup", "channel"}:
        return {**dict.fromkeys(_CHAT_OPTIONAL), **found}
    return found
