"""Files to Telegram: each climbs a ladder until one rung holds.

The file_ids that Telegram knows, the URLs, our own uploads of the bytes, the bytes as documents;
alike for one file and for an album. A URL is a rung only where it answers us as the right kind
of file and a small one: Telegram remembers for days that a URL failed. When no rung holds,
``Rejected`` is raised and the caller sends the links in words. A link that leads nowhere is
no rung: that is raised as it is.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit

from loguru import logger
from telegram import (
    InlineKeyboardMarkup,
    InputFile,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
)
from telegram.constants import ParseMode

from handlers.bot_api.calls import file_id, message_id
from handlers.bot_api.errors import Moved, TooLarge, Unreachable
from handlers.delivery.outbox import Payload
from handlers.delivery.outcome import Sent
from kie.api.transport import Gone, Label
from supervisor.runtime.errors import Rejected

PHOTO_LIMIT = 10 * 1024 * 1024  #: bytes; Telegram's for an uploaded photo
FORM_ROOM = 64 * 1024  #: bytes of the form around a file: its other fields, ten names
#: Bytes of a file, ours for all of an album. Telegram's limit of 50 MB is that of the request.
FILE_LIMIT = 50 * 1024 * 1024 - FORM_ROOM
UPLOADS_AT_ONCE = 2  #: each may hold its file in memory two or three times

URL_PHOTO_LIMIT = 5 * 1024 * 1024  #: bytes; Telegram's for a photo that it fetches
URL_LIMIT = 20 * 1024 * 1024  #: bytes; Telegram's for any other file that it fetches
#: Telegram fetches these by URL, of that type; of other documents it takes only uploads.
BY_URL = {"photo": "image/", "video": "video/", "audio": "audio/"}

_ITEMS: dict[str, Any] = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
}


class Telegram(Protocol):
    """What is used of PTB's ``Bot``."""

    async def send_photo(
        self,
        chat_id: int,
        photo: str | InputFile,
        *,
        caption: str,
        parse_mode: str | None,
        reply_markup: InlineKeyboardMarkup | None,
    ) -> object: ...

    async def send_video(
        self,
        chat_id: int,
        video: str | InputFile,
        *,
        caption: str,
        parse_mode: str | None,
        reply_markup: InlineKeyboardMarkup | None,
    ) -> object: ...

    async def send_audio(
        self,
        chat_id: int,
        audio: str | InputFile,
        *,
        caption: str,
        parse_mode: str | None,
        reply_markup: InlineKeyboardMarkup | None,
    ) -> object: ...

    async def send_document(
        self,
        chat_id: int,
        document: str | InputFile,
        *,
        caption: str,
        parse_mode: str | None,
        reply_markup: InlineKeyboardMarkup | None,
    ) -> object: ...

    async def send_media_group(self, chat_id: int, media: Sequence[Any]) -> object: ...


class Files(Protocol):
    """The files behind links; ``Spool`` in production."""

    def read(self, url: str, limit: int) -> bytes: ...

    def label(self, url: str) -> Label | None: ...


#: Awaits a call to Telegram, if it may be made now, with its errors translated.
Calling = Callable[[Awaitable[Any]], Awaitable[Any]]


class Media:
    """Raises only children of ``BotError``."""

    def __init__(self, telegram: Telegram, files: Files) -> None:
        self._telegram = telegram
        self._files = files
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)

    async def one(
        self, call: Calling, chat_id: int, payload: Payload, markup: InlineKeyboardMarkup | None
    ) -> Sent:
        """One file with its caption and buttons."""
        options = {
            "caption": payload["caption"],
            "parse_mode": ParseMode.HTML,
            "reply_markup": markup,
        }
        kind, url = payload["kind"], payload["urls"][0]
        known = payload.get("file_id")
        if known:
            for shape in dict.fromkeys((kind, "document")):
                try:
                    return await self._send(call, shape, chat_id, known, options)
                except Rejected as error:
                    _raise_if_final(error)
        elif await self._fetchable([(kind, url)]):
            try:
                return await self._send(call, kind, chat_id, url, options)
            except Rejected as error:
                _raise_if_final(error)
                logger.bind(error=str(error)).info("file_uploaded_instead")
        async with self._uploads:
            content = await asyncio.to_thread(self._files.read, url, FILE_LIMIT)
            name = _file_name(url)
            if kind != "document" and (kind != "photo" or len(content) <= PHOTO_LIMIT):
                try:
                    return await self._send(call, kind, chat_id, InputFile(content, name), options)
                except Rejected as error:
                    _raise_if_final(error)
                    logger.bind(error=str(error)).info("file_sent_as_document")
            return await self._send(call, "document", chat_id, InputFile(content, name), options)

    async def text(
        self, call: Calling, chat_id: int, payload: Payload, markup: InlineKeyboardMarkup | None
    ) -> Sent:
        """A long text as a file."""
        options = {
            "caption": payload["caption"],
            "parse_mode": ParseMode.HTML,
            "reply_markup": markup,
        }
        file = InputFile(payload["text"].encode(), "result.txt")
        return await self._send(call, "document", chat_id, file, options)

    async def album(self, call: Calling, chat_id: int, payload: Payload) -> Sent:
        """Several files as one message, the caption under the first."""
        caption = payload["caption"]
        files: list[tuple[str, Any]] = [(kind, url) for kind, url in payload["files"]]
        known = payload.get("file_ids")
        if known:
            for group in _named(files, known):
                try:
                    return await self._group(call, chat_id, group, caption)
                except Rejected as error:
                    _raise_if_final(error)
        elif await self._fetchable(files):
            try:
                return await self._group(call, chat_id, files, caption)
            except Rejected as error:
                _raise_if_final(error)
                logger.bind(error=str(error)).info("album_uploaded_instead")
        async with self._uploads:
            contents = await self._all([url for _, url in files])
            uploads = [
                (kind, InputFile(content, _file_name(url), attach=True))
                for (kind, url), content in zip(files, contents, strict=True)
            ]
            fits = all(
                kind != "photo" or len(content) <= PHOTO_LIMIT
                for (kind, _), content in zip(files, contents, strict=True)
            )
            if fits:
                try:
                    return await self._group(call, chat_id, uploads, caption)
                except Rejected as error:
                    _raise_if_final(error)
                    logger.bind(error=str(error)).info("album_sent_as_documents")
            documents = [("document", file) for _, file in uploads]
            return await self._group(call, chat_id, documents, caption)

    # ------------------------------------------------------------- internal --

    async def _fetchable(self, files: Sequence[tuple[str, str]]) -> bool:
        """Whether Telegram will surely get all of them by their URLs."""
        if not all(kind in BY_URL for kind, _ in files):
            return False
        asked = [asyncio.to_thread(self._files.label, url) for _, url in files]
        labels = await asyncio.gather(*asked)
        return all(_is_small(kind, label) for (kind, _), label in zip(files, labels, strict=True))

    async def _all(self, urls: Sequence[str]) -> list[bytes]:
        """Every file, one after the other, all of them together within the limit."""
        contents: list[bytes] = []
        for url in urls:
            left = FILE_LIMIT - sum(len(content) for content in contents)
            contents.append(await asyncio.to_thread(self._files.read, url, left))
        return contents

    async def _send(
        self, call: Calling, kind: str, chat_id: int, file: str | InputFile, options: dict[str, Any]
    ) -> Sent:
        method = {
            "photo": self._telegram.send_photo,
            "video": self._telegram.send_video,
            "audio": self._telegram.send_audio,
        }.get(kind, self._telegram.send_document)
        found = await call(method(chat_id, file, **options))
        return Sent(message_id(found), file_id(found))

    async def _group(
        self, call: Calling, chat_id: int, files: Sequence[tuple[str, Any]], caption: str
    ) -> Sent:
        media = [
            _ITEMS[kind](
                file, **({"caption": caption, "parse_mode": ParseMode.HTML} if not number else {})
            )
            for number, (kind, file) in enumerate(files)
        ]
        found = await call(self._telegram.send_media_group(chat_id, media))
        messages = found if isinstance(found, list) else []
        ids = [file_id(message) for message in messages]
        # Several in one text: the table has one column for them.
        known = json.dumps(ids) if len(ids) == len(files) and all(ids) else None
        return Sent(message_id(messages[0]) if messages else None, known)


def _is_small(kind: str, label: Label | None) -> bool:
    limit = URL_PHOTO_LIMIT if kind == "photo" else URL_LIMIT
    return label is not None and label.size <= limit and label.mime.startswith(BY_URL[kind])


def _named(
    files: Sequence[tuple[str, Any]], file_ids: Sequence[str]
) -> Iterator[Sequence[tuple[str, Any]]]:
    """The same album by names: as it was meant, then as documents, as it may have been sent."""
    kinds = [kind for kind, _ in files]
    yield list(zip(kinds, file_ids, strict=True))
    if set(kinds) != {"document"}:
        yield [("document", name) for name in file_ids]


def _raise_if_final(error: Rejected) -> None:
    """Another form of the same file would not help."""
    if isinstance(error, Unreachable | Moved | Gone | TooLarge):
        raise error


def _file_name(url: str) -> str:
    """The last part of the URL's path: Telegram judges a file by its extension."""
    name = urlsplit(url).path.rpartition("/")[2]
    return name[-60:] or "result"
