"""From Telegram's JSON to what a user did.

Only the fields that the conversation needs are read. What must be there (who, where) is read
strictly; what is not usable otherwise counts as absent, and so does an explicit null: servers
that are built on typed models write one for each field. A new kind of content loses no answer:
in private everything but service messages becomes at least ``Other``.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from handlers.dialogue import rich_text
from handlers.dialogue.incoming import (
    KINDS,
    OTHER,
    Checkout,
    Command,
    Edited,
    Incoming,
    Media,
    Membership,
    Other,
    Paid,
    Pressed,
    Sender,
    Text,
)
from handlers.dialogue.user_file import is_heic, photo_file, user_file
from supervisor.runtime import telegram_id
from supervisor.runtime.foreign import storable, whole

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)")
#: Who writes when an administrator of a group stays anonymous.
ANONYMOUS_ADMIN = 1087968824
#: Messages that nobody wrote: they say that something happened, and stay without an answer.
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
NAME_LIMIT = 128  #: characters of a name that are kept
PAYLOAD_LIMIT = 512  #: characters of what an invoice carries

_Part = Mapping[str, Any]


def read(body: str) -> Incoming | None:
    """The update in ``body``; None: one that needs no answer.

    Raises ``ValueError``, ``LookupError``, ``TypeError`` or ``RecursionError`` for what is not
    as the Bot API says.
    """
    update = json.loads(body)
    if not isinstance(update, dict):
        raise TypeError("not an object")
    if (message := _part(update, "message")) is not None:
        return _message(message)
    if (message := _part(update, "edited_message")) is not None:
        return _edited(message)
    if (query := _part(update, "callback_query")) is not None:
        return _press(query)
    if (query := _part(update, "pre_checkout_query")) is not None:
        return _checkout(query)
    if (change := _part(update, "my_chat_member")) is not None:
        return _membership(change)
    return None


def who(body: str) -> Sender | None:
    """Whoever wrote the message in ``body``, in private; None: nobody to be told anything.

    It reads who and where alone, so that it works where ``read`` has failed.
    """
    try:
        update = json.loads(body)
        message = _part(update, "message") or _part(
            _part(update, "callback_query") or {}, "message"
        )
        chat = _needed(message or {}, "chat")
        if not _is_private(chat):
            return None
        user = _part(message or {}, "from") or {}
        sender = _sender({**user, "id": chat["id"]}, _chat(chat), private=True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return sender


# ------------------------------------------------------------------- messages --


def _message(message: _Part) -> Incoming | None:
    sender = _writer(message)
    if sender is None:
        return None
    words = _words(message)
    if words is not None and not _part(message, "rich_message"):
        return _written(message, sender, words)
    if not sender.private:
        # A command is answered wherever it was written; other content of groups is not ours.
        return _written(message, sender, words) if words and words.startswith("/") else None
    return _content(message, sender, words)


def _writer(message: _Part) -> Sender | None:
    """Who wrote it; None: a channel, a bot, or nobody."""
    chat = _needed(message, "chat")
    chat_id, private = _chat(chat), _is_private(chat)
    user = _part(message, "from")
    _whole(message, "message_id")
    if user is None:
        return None
    on_behalf_of = _part(message, "sender_chat")
    if on_behalf_of is not None and (private or on_behalf_of.get("id") != chat_id):
        return None
    anonymous = on_behalf_of is not None and user.get("id") == ANONYMOUS_ADMIN
    if (on_behalf_of is not None or user.get("is_bot")) and not anonymous:
        return None
    return _sender(user, chat_id, private=private, thread=_thread(message, private=private))


def _words(message: _Part) -> str | None:
    text = message.get("text")
    if isinstance(text, str):
        return storable(text)
    rich = _part(message, "rich_message")
    return storable(rich_text.words(rich)) if rich is not None else None


def _written(message: _Part, sender: Sender, text: str) -> Incoming | None:
    command = _COMMAND.match(text)
    if command is not None:
        arguments = text[command.end() :].strip()
        own = not any(message.get(key) for key in ("forward_origin", "forward_date", "via_bot"))
        return Command(sender, command[1].lower(), command[2], arguments, own)
    if not sender.private:
        return None
    replied = _part(message, "reply_to_message")
    return Text(
        sender,
        text,
        _whole(message, "message_id"),
        whole(message.get("date"), 0) or 0,
        user_file(replied) if replied is not None else None,
    )


def _content(message: _Part, sender: Sender, words: str | None) -> Incoming | None:
    """What a private message holds beside or instead of a text."""
    rich = _part(message, "rich_message")
    if rich is not None:
        files = [file for sizes in rich_text.pictures(rich) if (file := photo_file(sizes))]
        if not files:
            return _written(message, sender, words or "") if words else Other(sender, OTHER, "rich")
        number = _whole(message, "message_id")
        first, *more = files
        return Media(sender, first, None, words or "", "photo", number, tuple(more))
    for attribute, refunded in (("successful_payment", False), ("refunded_payment", True)):
        payment = _part(message, attribute)
        if payment is not None:
            return _paid(payment, sender, refunded=refunded)
    for attribute, kind in KINDS.items():
        if message.get(attribute):
            return _file(message, sender, attribute, kind)
    content = [key for key, value in message.items() if key not in _ENVELOPE and value is not None]
    if any(key in SERVICE for key in content):
        return None
    return Other(sender, OTHER, storable(content[0], 64) if content else "nothing")


def _file(message: _Part, sender: Sender, attribute: str, kind: str) -> Incoming:
    file = user_file(message)
    heic = is_heic(message)
    if file is None or heic:
        return Other(sender, kind, attribute, "send_as_photo" if heic else "")
    caption = message.get("caption")
    words = storable(caption).strip() if isinstance(caption, str) else ""
    album = message.get("media_group_id")
    group = storable(album, 64) if isinstance(album, str) and album else None
    return Media(sender, file, group, words, kind, _whole(message, "message_id"))


def _edited(message: _Part) -> Incoming | None:
    sender = _writer(message)
    words = _words(message)
    if words is None and isinstance(message.get("caption"), str):
        words = storable(message["caption"])
    if sender is None or not sender.private or not words or _COMMAND.match(words):
        return None
    return Edited(sender, _whole(message, "message_id"), words)


def _paid(payment: _Part, sender: Sender, *, refunded: bool) -> Paid:
    return Paid(
        sender,
        _text(payment, "telegram_payment_charge_id", 256),
        _text(payment, "currency", 16),
        whole(payment.get("total_amount"), 0) or 0,
        _text(payment, "invoice_payload", PAYLOAD_LIMIT),
        refunded,
    )


# ---------------------------------------------------------------- other updates --


def _press(query: _Part) -> Incoming:
    user = _needed(query, "from")
    chat_id, private, message_id, thread = _user(user), True, None, None
    if (message := _part(query, "message")) is not None:
        chat = _needed(message, "chat")
        chat_id, private = _chat(chat), _is_private(chat)
        thread = _thread(message, private=private)
        # A message that the bot cannot reach any more has the date 0.
        if message.get("date") and message.get("text") is not None:
            message_id = _whole(message, "message_id")
    data = query.get("data")
    return Pressed(
        _sender(user, chat_id, private=private, thread=thread),
        storable(_word(query, "id"), 256),
        storable(data, 256) if isinstance(data, str) else "",
        message_id,
    )


def _checkout(query: _Part) -> Incoming:
    user = _needed(query, "from")
    return Checkout(
        _sender(user, _user(user), private=True),
        storable(_word(query, "id"), 256),
        _text(query, "currency", 16),
        whole(query.get("total_amount"), 0) or 0,
        _text(query, "invoice_payload", PAYLOAD_LIMIT),
    )


def _membership(change: _Part) -> Incoming | None:
    chat = _needed(change, "chat")
    sender = _sender(_needed(change, "from"), _chat(chat), private=_is_private(chat))
    status = _word(_needed(change, "new_chat_member"), "status")
    return Membership(sender, status not in {"kicked", "left"}) if sender.private else None


# --------------------------------------------------------------------- fields --


def _sender(user: _Part, chat_id: int, *, private: bool, thread: int | None = None) -> Sender:
    code = user.get("language_code")
    return Sender(
        chat_id=chat_id,
        user_id=_user(user),
        private=private,
        username=_text(user, "username", NAME_LIMIT) or None,
        first_name=_text(user, "first_name", NAME_LIMIT) or None,
        language_code=storable(code, 35) if isinstance(code, str) and code else None,
        thread=thread,
    )


def _thread(message: _Part, *, private: bool) -> int | None:
    """The topic; in a group a thread that is no topic is only a chain of replies."""
    if private or message.get("is_topic_message"):
        return whole(message.get("message_thread_id"), 1)
    return None


def _is_private(chat: _Part) -> bool:
    return _word(chat, "type") == "private"


def _part(holder: _Part, name: str) -> _Part | None:
    """The object of that name; None: absent, or an explicit null."""
    found = holder.get(name)
    if found is None:
        return None
    if not isinstance(found, dict):
        raise TypeError(f"{name} is not an object")
    return found


def _needed(holder: _Part, name: str) -> _Part:
    found = _part(holder, name)
    if found is None:
        raise LookupError(f"{name} is missing")
    return found


def _user(user: _Part) -> int:
    found = _whole(user, "id")
    if not telegram_id.is_user(found):
        raise ValueError("id is not that of a user")
    return found


def _chat(chat: _Part) -> int:
    found = _whole(chat, "id")
    if not telegram_id.is_chat(found):
        raise ValueError("id is not that of a chat")
    return found


def _whole(holder: _Part, name: str) -> int:
    found = holder[name]
    # bool is a subclass of int; JSON's true is no number.
    if type(found) is not int or not -(2**63) <= found < 2**63:
        raise TypeError(f"{name} is not a whole number that fits")
    return found


def _word(holder: _Part, name: str) -> str:
    found = holder[name]
    if not isinstance(found, str):
        raise TypeError(f"{name} is not a text")
    return found


def _text(holder: _Part, name: str, most: int) -> str:
    found = holder.get(name)
    return storable(found, most) if isinstance(found, str) else ""


#: Fields of a message that say who, where and how, and are no content.
_ENVELOPE = frozenset(
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
