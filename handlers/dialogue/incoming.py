"""An update as the conversation sees it, from Telegram's JSON to a handful of words.

What a user may have sent is one of: a command, a text, a file, a press, something else, a
change of membership, or nothing that needs an answer (edits, service messages, channels, bots).

Only the fields that the conversation needs are looked at, and these strictly: Telegram may
add whatever it likes, and a whole object of PTB's would take ten times as long to make.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from handlers.dialogue.user_file import user_file
from kie.catalogue.user_file import UserFile
from supervisor.runtime import telegram_id
from supervisor.runtime.foreign import storable

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


_Part = Mapping[str, Any]


def read(body: str) -> Incoming | None:
    """The update in ``body``; None: one that needs no answer.

    Raises ``ValueError``, ``LookupError``, ``TypeError`` or ``RecursionError`` for what is not
    as the Bot API says, and for a file what PTB raises.
    """
    update = json.loads(body)
    if not isinstance(update, dict):
        raise TypeError("not an object")
    if "message" in update:
        return _message(_part(update, "message"))
    if "callback_query" in update:
        return _press(_part(update, "callback_query"))
    if "pre_checkout_query" in update:
        query = _part(update, "pre_checkout_query")
        user = _part(query, "from")
        return Checkout(_sender(user, _user(user), private=True), _word(query, "id"))
    if "my_chat_member" in update:
        change = _part(update, "my_chat_member")
        chat = _part(change, "chat")
        sender = _sender(_part(change, "from"), _chat(chat), private=_is_private(chat))
        status = _word(_part(change, "new_chat_member"), "status")
        return Membership(sender, status not in {"kicked", "left"}) if sender.private else None
    return None


def _message(message: _Part) -> Incoming | None:
    chat = _part(message, "chat")
    chat_id, private = _chat(chat), _is_private(chat)
    # Channels and anonymous admins have no user; bots get no answers from us.
    if "from" not in message or "sender_chat" in message:
        _whole(message, "message_id")
        return None
    user = _part(message, "from")
    if user.get("is_bot"):
        return None
    sender = _sender(user, chat_id, private=private)
    if "text" in message:
        text = storable(_word(message, "text"))
        command = _COMMAND.match(text)
        if command is not None:
            return Command(sender, command[1].lower(), command[2], text[command.end() :].strip())
        return Text(sender, text) if private else None
    if private:
        for attribute, kind in KINDS.items():
            if message.get(attribute):
                return _file(message, sender, kind)
    return None


def _file(message: _Part, sender: Sender, kind: str) -> Incoming:
    file = user_file(message)
    if file is None:
        return Other(sender, kind)
    stored = replace(file, name=storable(file.name), mime=storable(file.mime))
    caption = storable(_word_or_none(message, "caption") or "").strip()
    return Media(sender, stored, _word_or_none(message, "media_group_id"), caption, kind)


def _press(query: _Part) -> Incoming | None:
    user = _part(query, "from")
    chat_id, private, message_id = _user(user), True, None
    if "message" in query:
        message = _part(query, "message")
        chat = _part(message, "chat")
        chat_id, private = _chat(chat), _is_private(chat)
        # A message that the bot cannot reach any more has the date 0.
        if message.get("date") and "text" in message:
            message_id = _whole(message, "message_id")
    data = storable(_word(query, "data")) if "data" in query else ""
    return Pressed(_sender(user, chat_id, private=private), _word(query, "id"), data, message_id)


def _sender(user: _Part, chat_id: int, *, private: bool) -> Sender:
    first_name = _word_or_none(user, "first_name")
    username = _word_or_none(user, "username")
    return Sender(
        chat_id=chat_id,
        user_id=_user(user),
        private=private,
        username=storable(username) if username else None,
        first_name=storable(first_name)[:128] if first_name else None,
        language_code=_word_or_none(user, "language_code"),
    )


def _is_private(chat: _Part) -> bool:
    return _word(chat, "type") == "private"


def _part(holder: _Part, name: str) -> _Part:
    found = holder[name]
    if not isinstance(found, dict):
        raise TypeError(f"{name} is not an object")
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


def _word_or_none(holder: _Part, name: str) -> str | None:
    return None if holder.get(name) is None else _word(holder, name)
