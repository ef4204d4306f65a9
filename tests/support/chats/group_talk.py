"""What is said in a group, and what the bot makes of it."""

from typing import Any

from handlers.dialogue.senders import ANONYMOUS_ADMIN, CHANNEL_BOT
from handlers.features.groups.effects import standing
from handlers.features.groups.rules import (
    Standing,
)
from kie.money.ledger import Account
from tests.support.chats.talk import Talk
from tests.support.edges import telegram_updates as telegram

GROUP = {"id": -100, "type": "supergroup", "title": "Us", "is_forum": True}
BOT = {"id": 1, "is_bot": True, "first_name": "Painter", "username": "Painter_Bot"}
PHOTO = [
    {"file_id": "sent-photo", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 900}
]
ADMIN = {"id": ANONYMOUS_ADMIN, "is_bot": True, "first_name": "Group"}
CHANNEL = {"id": CHANNEL_BOT, "is_bot": True, "first_name": "Channel"}
A_CHANNEL = {"id": -200, "type": "channel", "title": "News"}
#: A photo of another member.
THEIRS = {"message_id": 5, "date": 1, "chat": GROUP, "from": {"id": 9}, "photo": PHOTO}
HERE = Standing(silent=False, started=True)
RICH = Account(balance=1000)
COMMANDED = {"type": "bot_command", "offset": 0, "length": 18}
MARK = {"type": "text_mention", "offset": 0, "length": 7, "user": {}}


def said(text: str, **more: Any) -> dict[str, Any]:
    """A message in the group, with the marks that Telegram puts on it."""
    content = "caption" if "photo" in more else "text"
    marks = []
    for word in ("@painter_bot", "@Painter_Bot", "@other_bot"):
        if word in text:
            start = len(text[: text.index(word)].encode("utf-16-le")) // 2
            marks.append({"type": "mention", "offset": start, "length": len(word)})
    words = {content: text, "entities" if content == "text" else "caption_entities": marks}
    return telegram.message(**{**words, "chat": GROUP, **more})


def captioned(text: str) -> dict[str, Any]:
    """A photo in the group with a command as its caption."""
    command = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
    return said(text, photo=PHOTO, caption_entities=[command])


def pointed(text: str, **more: Any) -> dict[str, Any]:
    """A message in the group whose word "Painter" points to the bot, without its name."""
    start = len(text[: text.index("Painter")].encode("utf-16-le")) // 2
    mark = {"type": "text_mention", "offset": start, "length": 7, "user": BOT}
    name = "caption_entities" if "photo" in more else "entities"
    return said(text, **{name: [mark], **more})


def answer(text: str = "", *, message: Any = None, **more: Any) -> dict[str, Any]:
    """An answer to a message of the bot, or to that one."""
    replied = {"message_id": 5, "date": 1, "chat": GROUP, "from": BOT, "text": "x"}
    return said(text, reply_to_message=message or replied, **more)


def hear(update: dict[str, Any], at: Standing = HERE, **facts: Any) -> Talk:
    talk = Talk(loads={standing.__name__: at}, account=RICH, **facts)
    talk.language = facts.pop("language", "en")
    return talk.hear(update)
