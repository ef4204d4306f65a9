"""The message of a broadcast: read from what an operator sends, and as each receiver gets it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from handlers.delivery.payloads import Payload, saying
from handlers.delivery.sent_messages import showing_kept
from handlers.dialogue.buttons import encode
from handlers.dialogue.effects import Button, Keyboard, Screen
from handlers.dialogue.incoming import Media, Text
from handlers.features.broadcast.words import plain
from handlers.words.formatting import as_html
from handlers.words.texts import Markup, units

MOST_TEXT, MOST_CAPTION = 4096, 1024  #: UTF-16 units; Telegram's limits
MOST_LABEL, MOST_URL = 40, 500  #: characters of a button

Content = Mapping[str, Any]


class Unfit(ValueError):
    """What was sent cannot be a broadcast; the argument is the key of a sentence, with fields."""

    def __init__(self, key: str, **fields: object) -> None:
        super().__init__(key)
        self.key = key
        self.fields = fields


def read(sent: Text | Media) -> Content:
    """The content. Raises ``Unfit``."""
    if isinstance(sent, Text):
        length = units(sent.text)
        if length > MOST_TEXT:
            raise Unfit("text_long", n=length, most=MOST_TEXT)
        if not sent.text.strip():
            raise Unfit("wants_message")
        return {"kind": "text", "text": as_html(sent.text, sent.marks), "file_id": ""}
    if sent.album is not None:
        raise Unfit("no_album")
    if sent.kind not in {"photo", "video"} or sent.more:
        raise Unfit("wants_message")
    length = units(sent.caption)
    if length > MOST_CAPTION:
        raise Unfit("caption_long", n=length, most=MOST_CAPTION)
    caption = as_html(sent.caption, sent.marks)
    return {"kind": sent.kind, "text": caption, "file_id": sent.file.file_id}


def read_button(words: str) -> Content:
    """``Text | https://…`` as label and url. Raises ``Unfit``."""
    label, bar, url = (part.strip() for part in words.partition("|"))
    if not bar or not label or not url or "\n" in words.strip():
        raise Unfit("button_form")
    if len(label) > MOST_LABEL or len(url) > MOST_URL:
        raise Unfit("button_long", label=MOST_LABEL, url=MOST_URL)
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port  # raises for one that is no number
    except ValueError:
        raise Unfit("link_bad") from None
    printable = url.isprintable() and not any(character.isspace() for character in url)
    if parts.scheme != "https" or "." not in host or not printable:
        raise Unfit("link_bad")
    return {"label": label, "url": url}


def payload(content: Content, number: int, language: str) -> Payload:
    """As a receiver gets it: with its button, and the one that ends news."""
    keyboard = keyboard_of(content, number, language, off=False)
    text = Markup(content["text"])
    if content["kind"] == "text":
        return saying(Screen(text, keyboard))
    file = (content["kind"], content["file_id"])
    return showing_kept(file, text, keyboard, message_id=None, lost=text, instead=keyboard)


def keyboard_of(content: Content, number: int, language: str, *, off: bool) -> Keyboard:
    """The operator's button, and the switch of news."""
    action = "news_on" if off else "news_off"
    switch = Button(plain(language, f"button_{action}"), encode(action, number))
    if not content.get("url"):
        return ((switch,),)
    return ((Button(content["label"], url=content["url"]),), (switch,))
