"""What the payload of a delivery says, and functions that make it.

It is a JSON object:

``{"do": "say", "text", "keyboard"}`` · ``{"do": "edit", "message_id", "text", "keyboard",
"or_say"}`` · ``{"do": "toast", "query_id", "text", "alert"}`` · ``{"do": "checkout",
"query_id", "refusal"}`` · ``{"do": "invoice", "title", "description", "payload", "stars"}`` ·
``{"do": "subscribe", "period", "text", "button"}`` and the fields of an invoice ·
``{"do": "refund", "user_id", "charge_id"}`` · ``{"do": "end_subscription", "user_id",
"charge_id"}`` · ``{"do": "media", "kind", "urls", "caption",
"keyboard", "link"}`` · ``{"do": "album", "files", "caption", "link"}`` · ``{"do": "inline",
"query_id", "results", "next_offset", "cached", "none"}`` · ``{"do": "commands", "commands"}`` ·
``{"do": "text_file", "text", "caption", "keyboard", "name"}`` · ``{"do": "remove",
"message_id"}`` · ``{"do": "buttons", "message_id", "keyboard"}`` · ``{"do": "kept", "kind",
"file_id", "caption", "keyboard", "message_id", "instead"}``. A keyboard is rows of ``[text, press,
url]``, or with a fourth text for an inline query in another chat, or a fifth one to copy.
``"first"`` is an edit that is tried just before; ``"lost"`` is the text for the user when the
delivery is given up; ``"unkey"`` is the text of a message that removes the reply keyboard of an
earlier bot; ``"reply_to"`` is the message that it answers, if that still exists; ``"scrub"``
deletes ``text`` when it has been sent. ``"card"`` makes the message the card of its chat, the only
one with the buttons of the dialogue: the one before is removed (``chat_state.py``, table
``cards``).
"""

from collections.abc import Sequence
from typing import Any

from handlers.dialogue.effects import Button, Keyboard, Screen, Toast
from handlers.words.texts import Markup

Payload = dict[str, Any]


def saying(screen: Screen) -> Payload:
    return {"do": "say", "text": screen.text, "keyboard": rows(screen.keyboard)}


def editing(message_id: int, screen: Screen, *, or_say: bool) -> Payload:
    """``or_say``: what cannot be edited any more is sent as a new message."""
    return {
        "do": "edit",
        "message_id": message_id,
        "text": screen.text,
        "keyboard": rows(screen.keyboard),
        "or_say": or_say,
    }


def as_card(payload: Payload, screen: Screen) -> Payload:
    """Make the message the card of its chat if it has buttons. Of an edited message without
    buttons it is noted that it is no card, since it may have been one."""
    card = any([each.press for row in screen.keyboard for each in row])
    return {**payload, "card": card} if card or payload["do"] == "edit" else payload


def replying(payload: Payload, message_id: int | None) -> Payload:
    """Send it as a reply to that message, if that one still exists."""
    return payload if message_id is None else {**payload, "reply_to": message_id}


def removing(message_id: int) -> Payload:
    """Delete the message; where Telegram does not allow it, remove its buttons."""
    return {"do": "remove", "message_id": message_id}


def toasting(query_id: str, toast: Toast) -> Payload:
    """The answer to a button press."""
    return {"do": "toast", "query_id": query_id, "text": toast.text, "alert": toast.alert}


def showing(
    kind: str,
    urls: Sequence[str],
    caption: Markup,
    keyboard: Keyboard,
    *,
    link: Markup,
    lost: Markup | None = None,
) -> Payload:
    """``link`` is the text when Telegram takes the file in no form, ``lost`` when the delivery
    is given up."""
    return {
        "do": "media",
        "kind": kind,
        "urls": list(urls),
        "caption": caption,
        "keyboard": rows(keyboard),
        "link": link,
        "lost": lost,
    }


def showing_album(
    files: Sequence[tuple[str, str]], caption: Markup, *, link: Markup, lost: Markup
) -> Payload:
    """``files`` are kind and URL, two to ten."""
    return {
        "do": "album",
        "files": [list(file) for file in files],
        "caption": caption,
        "keyboard": [],
        "link": link,
        "lost": lost,
    }


def showing_text(text: str, caption: Markup, keyboard: Keyboard, *, lost: Markup | None) -> Payload:
    """A text that is too long for a message goes as a file."""
    return {
        "do": "text_file",
        "text": text,
        "caption": caption,
        "keyboard": rows(keyboard),
        "lost": lost,
    }


def giving_document(name: str, text: str, caption: Markup) -> Payload:
    """A document with data of its user; the text does not stay in the table."""
    shown = {"do": "text_file", "text": text, "caption": caption, "keyboard": []}
    return {**shown, "name": name, "scrub": True}


def rows(keyboard: Keyboard) -> list[list[list[str]]]:
    return [[_button(each) for each in row] for row in keyboard]


def presses(keyboard: list[list[list[str]]]) -> list[list[list[str]]]:
    """The rows of a payload with only those buttons that have callback data."""
    kept = [[each for each in row if each[1]] for row in keyboard]
    return [row for row in kept if row]


def _button(button: Button) -> list[str]:
    more = [button.share, button.copy] if button.copy else [button.share] if button.share else []
    return [button.text, button.press, button.url, *more]
