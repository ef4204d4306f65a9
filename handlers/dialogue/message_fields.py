"""Fields of a message (Bot API 10.3) that are not content, and those of service messages.

Any other field of a private message is content, also a field that a later Bot API adds.
"""

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
