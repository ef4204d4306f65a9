"""The sender of a message, the chat and topic of the answer, and the names in the text.

Telegram's entities count UTF-16 units. An entity outside the text is ignored.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handlers.dialogue.incoming import Moved, Sender
from handlers.dialogue.json_fields import (
    Part,
    id_of_chat,
    id_of_user,
    needed,
    part,
    text,
    whole_number,
    word,
)
from supervisor.values.foreign import storable, whole

#: Who writes when an administrator of a group stays anonymous, and when a member writes in the
#: name of a channel.
ANONYMOUS_ADMIN, CHANNEL_BOT = 1087968824, 136817688
#: What turns the writing direction, since operators read names beside amounts, and what would make
#: a name look like the @name of somebody else.
_MISLEADS = re.compile("[@\ufe6b\uff20\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_NAME = re.compile(r"@(\w{4,32})")
LEAST_CHAT = -(2**52)  #: Telegram promises that its ids fit into that
NAME_LIMIT = 128  #: characters of a name that are kept


def writer(message: Part) -> Sender | None:
    """The user who wrote it; None: a channel, a bot, or nobody."""
    chat = needed(message, "chat")
    chat_id, private = id_of_chat(chat), is_private(chat)
    user = part(message, "from")
    whole_number(message, "message_id")
    if user is None:
        return None
    # Telegram forwards posts of a channel to its group: they have no user.
    on_behalf_of = part(message, "sender_chat")
    if on_behalf_of is not None and (private or message.get("is_automatic_forward")):
        return None
    standing_in = ANONYMOUS_ADMIN if _is_id(on_behalf_of, chat_id) else CHANNEL_BOT
    anonymous = on_behalf_of is not None and user.get("id") == standing_in
    if (on_behalf_of is not None or user.get("is_bot")) and not anonymous:
        return None
    thread = topic(message, private=private)
    found = sender(user, chat_id, private=private, thread=thread)
    author = _author(message)
    if not anonymous and author is None:
        return found
    return replace(found, anonymous=anonymous, forwarded=author)


def _author(message: Part) -> int | None:
    """The author of a forwarded message; 0: hidden, or no user. None: it is not forwarded."""
    origin = message.get("forward_origin")
    if origin is None:
        return None
    # An origin of another shape is one that is not known: the message itself is readable.
    author = origin.get("sender_user") if isinstance(origin, dict) else None
    return whole(author.get("id"), 1) or 0 if isinstance(author, dict) else 0


def sender(user: Part, chat_id: int, *, private: bool, thread: int | None = None) -> Sender:
    """The author of the message, with chat and topic of the answer."""
    code = user.get("language_code")
    return Sender(
        chat_id=chat_id,
        user_id=id_of_user(user),
        private=private,
        username=text(user, "username", NAME_LIMIT) or None,
        first_name=first_name(user),
        language_code=storable(code, 35) if isinstance(code, str) and code else None,
        thread=thread,
    )


def first_name(user: Part) -> str | None:
    """The name that its user has chosen freely, without what would mislead operators."""
    return _MISLEADS.sub("", text(user, "first_name", NAME_LIMIT)).strip() or None


def moved(message: Part) -> Moved | None:
    """A group has become a supergroup. Who made it one has nothing to do with us: the sender is
    nobody. None: it tells something else."""
    if "migrate_to_chat_id" not in message and "migrate_from_chat_id" not in message:
        return None
    here = whole(needed(message, "chat").get("id"), LEAST_CHAT, -1)
    to = whole(message.get("migrate_to_chat_id"), LEAST_CHAT, -1)
    come_from = whole(message.get("migrate_from_chat_id"), LEAST_CHAT, -1)
    if here is None or (to is None and come_from is None):
        return None
    nobody = Sender(here, ANONYMOUS_ADMIN, False, None, None, None, anonymous=True)
    return Moved(nobody, come_from or here, to or here)


def topic(message: Part, *, private: bool) -> int | None:
    """The topic. In a group a thread without a topic is only a chain of replies."""
    if private or message.get("is_topic_message"):
        return whole(message.get("message_thread_id"), 1)
    return None


def is_private(chat: Part) -> bool:
    """Whether it is the private chat of one user."""
    return word(chat, "type") == "private"


def _is_id(chat: Part | None, number: int) -> bool:
    return chat is not None and chat.get("id") == number


def called(words: str, marks: Any) -> tuple[str, frozenset[str]]:
    """The words, and the names in them, in lower case and without ``@``. A mention can point to a
    bot under any label: its name takes the place of the label."""
    units, names = words.encode("utf-16-le", "surrogatepass"), set()
    for place, user in _mentions(marks):
        said = units[place].decode("utf-16-le", "replace") if user is None else _name_of_bot(user)
        name = _NAME.fullmatch(said)
        if name is not None:
            names.add(name[1].lower())
        if name is not None and user is not None:
            units = units[: place.start] + said.encode("utf-16-le") + units[place.stop :]
            words = units.decode("utf-16-le", "replace")
    return words, frozenset(names)


def _mentions(marks: Any) -> Sequence[tuple[slice, Any]]:
    """The places of the mentions, from the last to the first; with the user of one that has no
    name in the text."""
    found = []
    for mark in marks if isinstance(marks, list) else ():
        if not isinstance(mark, dict) or mark.get("type") not in ("mention", "text_mention"):
            continue
        start, length = whole(mark.get("offset"), 0), whole(mark.get("length"), 1)
        if start is not None and length is not None:
            user = None if mark["type"] == "mention" else mark.get("user") or {}
            found.append((slice(2 * start, 2 * (start + length)), user))
    return sorted(found, key=lambda each: each[0].start, reverse=True)


def _name_of_bot(user: Any) -> str:
    """With ``@``; empty: it is no bot with a name."""
    is_bot = isinstance(user, dict) and user.get("is_bot") is True
    return f"@{text(user, 'username', NAME_LIMIT)}" if is_bot else ""


def without_name(text: str, name: str) -> str:
    """The words without the bot's name."""
    bare = re.sub(rf"@{re.escape(name)}\b[,:]?", " ", text, flags=re.IGNORECASE) if name else text
    return " ".join(bare.split(" ")).strip(" ,:") if bare != text else text.strip()
