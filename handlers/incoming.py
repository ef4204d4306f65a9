"""An update as the conversation sees it, from PTB's object to a handful of words.

What a user may have sent is one of: a command, a text, a file, a press, something else, a
change of membership, or nothing that needs an answer (edits, service messages, channels, bots).
"""

import json
import re
from dataclasses import dataclass, replace

from telegram import Message, Update, User

from handlers.media_sent import user_file
from kie.inputs import UserFile

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@(\w+))?(?=\s|$)")
#: Attributes of a message that a user may send where a text is expected, and their words.
KINDS = {
    "photo": "photo",
    "sticker": "sticker",
    "voice": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "audio": "audio",
    "document": "document",
    "contact": "other",
    "location": "other",
    "venue": "other",
    "poll": "other",
    "dice": "other",
    "game": "other",
    "story": "other",
    "paid_media": "other",
    "checklist": "other",
}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who did it, and where an answer goes."""

    chat_id: int
    user_id: int
    private: bool
    username: str | None
    first_name: str | None
    language_code: str | None


@dataclass(frozen=True, slots=True)
class Command:
    sender: Sender
    name: str  #: lower case, without slash
    bot: str | None  #: the name after ``@``
    arguments: str = ""  #: what follows the command


@dataclass(frozen=True, slots=True)
class Text:
    sender: Sender
    text: str


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a recording or a clip."""

    sender: Sender
    file: UserFile
    album: str | None  #: the same for all that were sent together
    caption: str
    kind: str  #: one of the values of ``KINDS``


@dataclass(frozen=True, slots=True)
class Pressed:
    sender: Sender
    query_id: str
    data: str
    message_id: int | None  #: the message with the button, if its text can be edited


@dataclass(frozen=True, slots=True)
class Other:
    sender: Sender
    kind: str  #: one of the values of ``KINDS``


@dataclass(frozen=True, slots=True)
class Membership:
    sender: Sender
    reachable: bool


@dataclass(frozen=True, slots=True)
class Checkout:
    """Somebody is about to pay, and Telegram asks whether we agree."""

    sender: Sender
    query_id: str


Incoming = Command | Text | Media | Pressed | Other | Membership | Checkout


def read(body: str) -> Incoming | None:
    """The update in ``body``; None: one that needs no answer.

    Raises whatever PTB or ``json`` raise for what they cannot read.
    """
    update = Update.de_json(json.loads(body), None)
    if update.message is not None:
        return _message(update.message)
    if update.callback_query is not None:
        return _press(update)
    if update.pre_checkout_query is not None:
        query = update.pre_checkout_query
        return Checkout(_sender(query.from_user, query.from_user.id, private=True), query.id)
    if update.my_chat_member is not None:
        change = update.my_chat_member
        sender = _sender(change.from_user, change.chat.id, change.chat.type == "private")
        status = change.new_chat_member.status
        return Membership(sender, status not in {"kicked", "left"}) if sender.private else None
    return None


def _message(message: Message) -> Incoming | None:
    user = message.from_user
    # Channels and anonymous admins have no user; bots get no answers from us.
    if user is None or user.is_bot or message.sender_chat is not None:
        return None
    sender = _sender(user, message.chat.id, message.chat.type == "private")
    if message.text is not None:
        text = storable(message.text)
        command = _COMMAND.match(text)
        if command is not None:
            return Command(sender, command[1].lower(), command[2], text[command.end() :].strip())
        return Text(sender, text) if sender.private else None
    if sender.private:
        for attribute, kind in KINDS.items():
            if getattr(message, attribute, None):
                return _file(message, sender, kind)
    return None


def _file(message: Message, sender: Sender, kind: str) -> Incoming:
    file = user_file(message)
    if file is None:
        return Other(sender, kind)
    stored = replace(file, name=storable(file.name), mime=storable(file.mime))
    caption = storable(message.caption or "").strip()
    return Media(sender, stored, message.media_group_id, caption, kind)


def _press(update: Update) -> Incoming | None:
    query = update.callback_query
    if query is None:
        return None
    message = query.message
    private = message is None or message.chat.type == "private"
    sender = _sender(query.from_user, message.chat.id if message else query.from_user.id, private)
    editable = isinstance(message, Message) and message.text is not None
    message_id = message.message_id if message is not None and editable else None
    return Pressed(sender, query.id, storable(query.data or ""), message_id)


def _sender(user: User, chat_id: int, private: bool) -> Sender:
    return Sender(
        chat_id=chat_id,
        user_id=user.id,
        private=private,
        username=storable(user.username) if user.username else None,
        first_name=storable(user.first_name)[:128] if user.first_name else None,
        language_code=user.language_code,
    )


def storable(text: str) -> str:
    """Without what PostgreSQL refuses: NUL and halves of surrogate pairs."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
