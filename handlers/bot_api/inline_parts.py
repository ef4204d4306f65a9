"""PTB's objects from payloads: keyboards, answers to inline queries, lists of commands."""

from collections.abc import Awaitable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from telegram import (
        BotCommand,
        BotCommandScope,
        InlineKeyboardButton,
        InlineKeyboardMarkup,
        InlineQueryResult,
        InlineQueryResultsButton,
    )


#: What Telegram's id of a file begins with, by the kind as which it was sent; others are documents.
_SENT_AS = {"AgAC": "photo", "BAAC": "video", "CQAC": "audio", "CgAC": "animation"}


class InlineTelegram(Protocol):
    """What is used of PTB's ``Bot`` for them."""

    async def answer_inline_query(
        self,
        inline_query_id: str,
        results: "Sequence[InlineQueryResult]",
        *,
        cache_time: int,
        is_personal: bool,
        next_offset: str,
        button: "InlineQueryResultsButton | None",
    ) -> object: ...

    async def set_my_commands(
        self, commands: "Sequence[BotCommand]", *, scope: "BotCommandScope"
    ) -> object: ...


def set_commands(
    telegram: InlineTelegram, chat_id: int, payload: Mapping[str, Any]
) -> Awaitable[object]:
    """Set the commands of one chat, which Telegram shows there instead of the general list."""
    from telegram import BotCommand, BotCommandScopeChat

    commands = [BotCommand(name, told) for name, told in payload["commands"]]
    return telegram.set_my_commands(commands, scope=BotCommandScopeChat(chat_id))


def inline_results(
    listed: Sequence[Mapping[str, Any]], *, by_id: bool
) -> "list[InlineQueryResult]":
    """``listed``: id, kind, file_id, title, caption. ``by_id``: each is of the kind as which its
    file was sent, which is not always the kind that was meant."""
    return [_result(each, _sent_as(each["file_id"]) if by_id else each["kind"]) for each in listed]


def _sent_as(file_id: str) -> str:
    return _SENT_AS.get(file_id[:4], "document")


def _result(given: Mapping[str, Any], kind: str) -> "InlineQueryResult":
    from telegram import (
        InlineQueryResultCachedAudio,
        InlineQueryResultCachedDocument,
        InlineQueryResultCachedMpeg4Gif,
        InlineQueryResultCachedPhoto,
        InlineQueryResultCachedVideo,
    )

    number, file_id, title = given["id"], given["file_id"], given["title"]
    shown = {"caption": given["caption"], "parse_mode": "HTML"}
    match kind:
        case "photo":
            return InlineQueryResultCachedPhoto(number, file_id, title=title, **shown)
        case "video":
            return InlineQueryResultCachedVideo(number, file_id, title, **shown)
        case "audio":
            return InlineQueryResultCachedAudio(number, file_id, **shown)
        case "animation":
            return InlineQueryResultCachedMpeg4Gif(number, file_id, title=title, **shown)
        case _:
            return InlineQueryResultCachedDocument(number, title, file_id, **shown)


def inline_options(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What goes with the results. ``none``: what is said, with a way to the bot, in their place."""
    from telegram import InlineQueryResultsButton

    none = payload["none"]
    button = InlineQueryResultsButton(none, start_parameter="share") if none else None
    return {
        "cache_time": payload["cached"],
        "is_personal": True,
        "next_offset": payload["next_offset"],
        "button": button,
    }


def keyboard(payload: Mapping[str, Any]) -> "InlineKeyboardMarkup | None":
    """The buttons under a message; None: there are none."""
    from telegram import InlineKeyboardMarkup

    rows = payload["keyboard"]
    return (
        InlineKeyboardMarkup([[_button(*each) for each in row] for row in rows]) if rows else None
    )


def _button(
    text: str, press: str, url: str, share: str = "", copy: str = ""
) -> "InlineKeyboardButton":
    from telegram import CopyTextButton, InlineKeyboardButton

    if copy:
        return InlineKeyboardButton(text, copy_text=CopyTextButton(copy))
    if share:
        return InlineKeyboardButton(text, switch_inline_query=share)
    if url:
        return InlineKeyboardButton(text, url=url)
    return InlineKeyboardButton(text, callback_data=press)


def inline_keyboard(rows: list[list[list[str]]]) -> Mapping[str, Any] | None:
    """The buttons of a payload as the Bot API takes them; None: there are none."""
    if not rows:
        return None
    return {"inline_keyboard": [[_as_json(*each) for each in row] for row in rows]}


def _as_json(text: str, press: str, url: str, share: str = "", copy: str = "") -> Mapping[str, Any]:
    if copy:
        return {"text": text, "copy_text": {"text": copy}}
    if share:
        return {"text": text, "switch_inline_query": share}
    if url:
        return {"text": text, "url": url}
    return {"text": text, "callback_data": press}
