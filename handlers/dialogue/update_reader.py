"""Reads an update from Telegram's JSON into one of the types of ``incoming.py``.

Only the fields that rules need are read. Required fields (user, chat) are read strictly. Another
field that cannot be used counts as absent, and so does an explicit null, which some Bot API servers
write for every field. A new kind of content gets an answer, too: in private every message except
service messages becomes at least ``Other``.
"""

from dataclasses import replace
from typing import Any

from handlers.dialogue import rich_text, senders
from handlers.dialogue.incoming import (
    KINDS,
    OTHER,
    Checkout,
    Command,
    Edited,
    Incoming,
    InlineQuery,
    Media,
    Membership,
    Mention,
    Other,
    Paid,
    Pressed,
    Sender,
    SubscriptionNews,
    Text,
)
from handlers.dialogue.json_fields import (
    COMMAND,
    ENVELOPE,
    SERVICE,
    Part,
    after_command,
    caption_of,
    id_of_chat,
    id_of_user,
    marks_of,
    needed,
    optional,
    part,
    text,
    whole_number,
    word,
)
from handlers.dialogue.user_file import answered_file, attachment, is_heic, photo_file, user_file
from supervisor.values.foreign import from_json, storable, whole

QUERY_LIMIT = 256  #: characters of an inline query
PAYLOAD_LIMIT = 512  #: characters of an invoice's payload that are kept


def read(body: str) -> Incoming | None:
    """As ``incoming``, for the text of an update."""
    return incoming(from_json(body))


def incoming(update: Any) -> Incoming | None:
    """The update; None: one that needs no answer. Raises ``ValueError``, ``LookupError``,
    ``TypeError`` or ``RecursionError`` for what is not as the Bot API says."""
    if not isinstance(update, dict):
        raise TypeError("not an object")
    if (message := part(update, "message")) is not None:
        return _message(message)
    if (message := part(update, "edited_message")) is not None:
        return _edited(message)
    if (query := part(update, "callback_query")) is not None:
        return _press(query)
    if (query := part(update, "inline_query")) is not None:
        return _inline(query)
    if (query := part(update, "pre_checkout_query")) is not None:
        return _checkout(query)
    if (change := part(update, "my_chat_member")) is not None:
        return _membership(change)
    if (news := part(update, "subscription")) is not None:
        return _subscription(news)
    return None


def who(body: str) -> Sender | None:
    """The sender of a private message or press; None: there is nobody to answer. It reads only user
    and chat, so it works where ``read`` has failed."""
    try:
        update = from_json(body)
        message = part(update, "message") or part(part(update, "callback_query") or {}, "message")
        chat = needed(message or {}, "chat")
        if not senders.is_private(chat):
            return None
        user = part(message or {}, "from") or {}
        sender = senders.sender({**user, "id": chat["id"]}, id_of_chat(chat), private=True)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return sender


# ------------------------------------------------------------------- messages --


def _message(message: Part) -> Incoming | None:
    if (moved := senders.moved(message)) is not None:
        return moved
    sender = senders.writer(message)
    if sender is None:
        return None
    words = _words(message)
    if not sender.private:
        return None if optional(message, "via_bot") else _in_group(message, sender, words)
    if words is not None and not optional(message, "rich_message"):
        return _written(message, sender, words)
    return _content(message, sender, words)


def _in_group(message: Part, sender: Sender, words: str | None) -> Incoming | None:
    """A command, or words for a bot; other content is ignored, also a work that is shared there."""
    said = words if words is not None else caption_of(message)
    command = COMMAND.match(said)
    if command is not None and (words is not None or command[2]):
        return _written(message, sender, said)
    said, names = senders.called(said, message.get("entities") or message.get("caption_entities"))
    replied = optional(message, "reply_to_message")
    # In a topic each message answers the one that opened it.
    if replied is not None and replied.get("forum_topic_created"):
        replied = None
    author = optional(replied, "from") if replied is not None else None
    answers = ""
    if author and author.get("is_bot"):
        answers = text(author, "username", senders.NAME_LIMIT)
    if not names and not answers:
        return None
    own, number = user_file(message), whole_number(message, "message_id")
    to_us = said.strip(), number, names, answers.lower()
    return Mention(sender, *to_us, own or answered_file(message), own=own is not None)


def _words(message: Part) -> str | None:
    text = message.get("text")
    if isinstance(text, str):
        return storable(text)
    rich = optional(message, "rich_message")
    return storable(rich_text.words(rich)) if rich is not None else None


def _written(message: Part, sender: Sender, text: str) -> Incoming | None:
    command = COMMAND.match(text)
    own = not any([message.get(key) for key in ("forward_origin", "forward_date", "via_bot")])
    number, date = whole_number(message, "message_id"), whole(message.get("date"), 0) or 0
    if command is not None:
        named = command[1].lower(), command[2], text[command.end() :].strip()
        file = user_file(message) or answered_file(message, "image")
        return Command(sender, *named, own, number, date, file=file)
    marks = marks_of(message, "entities")
    return Text(sender, text, number, date, answered_file(message), marks, own)


def _content(message: Part, sender: Sender, words: str | None) -> Incoming | None:
    """The content of a private message that is not only a text."""
    rich = optional(message, "rich_message")
    if rich is not None:
        files = [file for sizes in rich_text.pictures(rich) if (file := photo_file(sizes))]
        if not files:
            return _written(message, sender, words or "") if words else Other(sender, OTHER, "rich")
        number = whole_number(message, "message_id")
        first, *more = files
        date = whole(message.get("date"), 0) or 0
        return Media(sender, first, None, words or "", "photo", number, tuple(more), date=date)
    for attribute, refunded in (("successful_payment", False), ("refunded_payment", True)):
        payment = part(message, attribute)
        if payment is not None:
            return _paid(payment, sender, refunded=refunded)
    for attribute, kind in KINDS.items():
        if message.get(attribute):
            return _file(message, sender, attribute, kind)
    content = [key for key, value in message.items() if key not in ENVELOPE and value is not None]
    if any(key in SERVICE for key in content):
        return None
    return Other(sender, OTHER, storable(content[0], 64) if content else "nothing")


def _file(message: Part, sender: Sender, attribute: str, kind: str) -> Incoming:
    file, heic = user_file(message), is_heic(message)
    album = message.get("media_group_id")
    group = storable(album, 64) if isinstance(album, str) and album else None
    if file is None or heic:
        hint = "send_as_photo" if heic else ""
        there = attachment(message), group, whole_number(message, "message_id")
        return Other(sender, kind, attribute, hint, *there)
    name, words = after_command(caption_of(message))
    return Media(
        sender,
        file,
        group,
        words,
        kind,
        whole_number(message, "message_id"),
        attachment=attachment(message),
        date=whole(message.get("date"), 0) or 0,
        marks=() if name else marks_of(message, "caption_entities"),
        command=name,
    )


def _edited(message: Part) -> Incoming | None:
    sender, words, sent = senders.writer(message), _words(message), None
    if sender is None or not sender.private:
        return None
    if words is None:
        words, sent = caption_of(message), _content(message, sender, None)
    name, words = after_command(words)
    there = Edited(sender, whole_number(message, "message_id"), words, name)
    if isinstance(sent, Media | Other) and sent.attachment is not None:
        there = replace(there, attachment=sent.attachment, album=sent.album)
    answered = answered_file(message, "image")
    there = replace(there, media=sent if isinstance(sent, Media) else None, answered=answered)
    return there if words or there.media or there.attachment else None


def _paid(payment: Part, sender: Sender, *, refunded: bool) -> Paid:
    return Paid(
        sender,
        text(payment, "telegram_payment_charge_id", 256),
        text(payment, "currency", 16),
        whole(payment.get("total_amount"), 0) or 0,
        text(payment, "invoice_payload", PAYLOAD_LIMIT),
        refunded,
        whole(payment.get("subscription_expiration_date"), 0),
        payment.get("is_recurring") is True,
        payment.get("is_first_recurring") is True,
    )


# ---------------------------------------------------------------- other updates --


def _press(query: Part) -> Incoming:
    user = needed(query, "from")
    chat_id, private, thread = id_of_user(user), True, None
    message_id, under = None, None
    if (message := part(query, "message")) is not None:
        chat = needed(message, "chat")
        chat_id, private = id_of_chat(chat), senders.is_private(chat)
        thread = senders.topic(message, private=private)
        # A message that is inaccessible to the bot has the date 0.
        if message.get("date"):
            under = whole_number(message, "message_id")
            message_id = under if message.get("text") is not None else None
    data = query.get("data")
    return Pressed(
        senders.sender(user, chat_id, private=private, thread=thread),
        storable(word(query, "id"), 256),
        storable(data, 256) if isinstance(data, str) else "",
        message_id,
        under,
    )


def _inline(query: Part) -> Incoming:
    user = needed(query, "from")
    return InlineQuery(
        senders.sender(user, id_of_user(user), private=True),
        storable(word(query, "id"), 256),
        text(query, "query", QUERY_LIMIT),
        text(query, "offset", QUERY_LIMIT),
    )


def _checkout(query: Part) -> Incoming:
    user = needed(query, "from")
    return Checkout(
        senders.sender(user, id_of_user(user), private=True),
        storable(word(query, "id"), 256),
        text(query, "currency", 16),
        whole(query.get("total_amount"), 0) or 0,
        text(query, "invoice_payload", PAYLOAD_LIMIT),
    )


def _subscription(news: Part) -> Incoming:
    user = needed(news, "user")
    return SubscriptionNews(
        senders.sender(user, id_of_user(user), private=True),
        text(news, "invoice_payload", PAYLOAD_LIMIT),
        text(news, "state", 16),
    )


def _membership(change: Part) -> Incoming | None:
    chat = needed(change, "chat")
    sender = senders.sender(
        needed(change, "from"), id_of_chat(chat), private=senders.is_private(chat)
    )
    status = word(needed(change, "new_chat_member"), "status")
    return Membership(sender, status not in {"kicked", "left"}) if sender.private else None
