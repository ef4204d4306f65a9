"""Sends files to Telegram in the first form that it accepts.

The forms, in this order, for one file and for an album: the file_ids that Telegram knows, else the
URLs; uploads; uploads as documents. A URL is tried only if it answers us with the right type and a
size within Telegram's limit: Telegram remembers for days that a URL failed. Songs are uploaded,
since their title and cover go with the bytes. When no form is accepted, ``Rejected`` is raised and
the caller sends the links as a text. The error of a link that is gone is raised as it is.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Protocol

from loguru import logger

from handlers.bot_api.calls import file_id, message_id
from handlers.bot_api.errors import NotTheContent, TooLarge
from handlers.bot_api.media_facts import all_shown, covers_of, film_options, shown
from handlers.delivery.claimed import SendContext
from handlers.delivery.outcome import Sent
from handlers.delivery.payloads import Payload
from kie.files.link_reader import FETCHED, LinkReader, file_name, telegram_fetches
from kie.files.result_store import FILE_LIMIT
from kie.http.transport import Gone
from supervisor.runtime.errors import Rejected

if TYPE_CHECKING:
    from telegram import InlineKeyboardMarkup, InputFile, ReplyParameters

PHOTO_LIMIT = 10 * 1024 * 1024  #: bytes; Telegram's for an uploaded photo
UPLOADS_AT_ONCE = 2  #: each may hold its file in memory two or three times
MOST_IN_MEMORY = 4  #: files, or albums, that are in memory since the disk has refused them

HTML = "HTML"


class Telegram(Protocol):
    """What is used of PTB's ``Bot`` for files."""

    async def send_photo(
        self,
        chat_id: int,
        photo: "str | InputFile",
        *,
        caption: str,
        parse_mode: str | None,
        reply_markup: "InlineKeyboardMarkup | None",
        message_thread_id: int | None,
        reply_parameters: "ReplyParameters | None",
    ) -> object: ...

    async def send_video(
        self,
        chat_id: int,
        video: "str | InputFile",
        *,
        caption: str,
        parse_mode: str | None,
        reply_markup: "InlineKeyboardMarkup | None",
        message_thread_id: int | None,
        reply_parameters: "ReplyParameters | None",
        width: int | None = ...,
        height: int | None = ...,
        duration: int | None = ...,
        supports_streaming: bool | None = ...,
    ) -> object: ...

    async def send_audio(
        self,
        chat_id: int,
        audio: "str | InputFile",
        *,
        caption: str,
        parse_mode: str | None,
        reply_markup: "InlineKeyboardMarkup | None",
        message_thread_id: int | None,
        reply_parameters: "ReplyParameters | None",
        title: str | None = ...,
        performer: str | None = ...,
    ) -> object: ...

    async def send_document(
        self,
        chat_id: int,
        document: "str | InputFile",
        *,
        caption: str,
        parse_mode: str | None,
        reply_markup: "InlineKeyboardMarkup | None",
        message_thread_id: int | None,
        reply_parameters: "ReplyParameters | None",
    ) -> object: ...

    async def send_media_group(
        self,
        chat_id: int,
        media: Sequence[Any],
        *,
        message_thread_id: int | None,
        reply_parameters: "ReplyParameters | None",
    ) -> object: ...


class Media:
    """Raises only children of ``BotError``."""

    def __init__(self, telegram: Telegram, links: LinkReader) -> None:
        self._telegram = telegram
        self._links = links
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._in_memory = asyncio.Semaphore(MOST_IN_MEMORY)

    async def one(
        self, context: SendContext, payload: Payload, markup: "InlineKeyboardMarkup | None"
    ) -> Sent:
        """One file with its caption and buttons."""
        from telegram import InputFile

        options = _options(payload, markup)
        kind, url = payload["kind"], payload["urls"][0]
        known = payload.get("file_id")
        (cover,) = await covers_of(context.release_slot, payload, [url], self._links.read)
        if known:
            for shape in dict.fromkeys((kind, "document")):
                try:
                    return await self._send(
                        context, shape, known, options | shown(payload, shape, url)
                    )
                except Rejected as error:
                    _raise_if_final(error)
        elif not payload.get("songs") and await self._fetchable(context, [(kind, url)]):
            try:
                return await self._send(context, kind, url, options | shown(payload, kind, url))
            except Rejected as error:
                _raise_if_final(error)
                logger.bind(error=str(error)).info("file_uploaded_instead")
        async with self._contents(context, [url]) as (content,):
            name = file_name(url)
            if kind != "document" and (kind != "photo" or len(content) <= PHOTO_LIMIT):
                try:
                    file = InputFile(content, name)
                    facts = options | shown(payload, kind, url, cover)
                    facts |= film_options(kind, content)
                    return await self._send(context, kind, file, facts)
                except Rejected as error:
                    _raise_if_final(error)
                    logger.bind(error=str(error)).info("file_sent_as_document")
            return await self._send(context, "document", InputFile(content, name), options)

    async def text(
        self, context: SendContext, payload: Payload, markup: "InlineKeyboardMarkup | None"
    ) -> Sent:
        """A long text as a file."""
        from telegram import InputFile

        file = InputFile(payload["text"].encode(), payload.get("name", "result.txt"))
        return await self._send(context, "document", file, _options(payload, markup))

    async def album(self, context: SendContext, payload: Payload) -> Sent:
        """Several files as one message, the caption under the first."""
        from telegram import InputFile

        caption = payload["caption"]
        files: list[tuple[str, Any]] = [(kind, url) for kind, url in payload["files"]]
        known = payload.get("file_ids")
        urls = [url for _, url in files]
        covers = (
            [None] * len(files)
            if known
            else await covers_of(context.release_slot, payload, urls, self._links.read)
        )
        facts = all_shown(payload, files, covers)
        if known:
            for group in _named(files, known):
                try:
                    return await self._group(context, group, caption)
                except Rejected as error:
                    _raise_if_final(error)
        elif not payload.get("songs") and await self._fetchable(context, files):
            try:
                return await self._group(context, files, caption, facts)
            except Rejected as error:
                _raise_if_final(error)
                logger.bind(error=str(error)).info("album_uploaded_instead")
        async with self._contents(context, urls) as contents:
            uploads = [
                (kind, InputFile(content, file_name(url), attach=True))
                for (kind, url), content in zip(files, contents, strict=True)
            ]
            sizes = zip(files, map(len, contents), strict=True)
            if all(kind != "photo" or size <= PHOTO_LIMIT for (kind, _), size in sizes):
                films = map(film_options, (kind for kind, _ in files), contents)
                facts = [fact | film for fact, film in zip(facts, films, strict=True)]
                try:
                    return await self._group(context, uploads, caption, facts)
                except Rejected as error:
                    _raise_if_final(error)
                    logger.bind(error=str(error)).info("album_sent_as_documents")
            documents = [("document", file) for _, file in uploads]
            return await self._group(context, documents, caption)

    # ------------------------------------------------------------- internal --

    async def _fetchable(self, context: SendContext, files: Sequence[tuple[str, str]]) -> bool:
        """Whether Telegram can fetch all of them by their URLs, and shows them as they are."""
        if not all(kind in FETCHED for kind, _ in files):
            return False
        async with context.release_slot():
            infos = await asyncio.gather(*(self._links.file_info(url) for _, url in files))
        kinds = [kind for kind, _ in files]
        return telegram_fetches(list(zip(kinds, infos, strict=True)), FILE_LIMIT)

    @asynccontextmanager
    async def _contents(
        self, context: SendContext, urls: Sequence[str]
    ) -> AsyncIterator[Sequence[bytes]]:
        """The bytes of every file, with a place among the uploads.

        A download takes neither a slot nor such a place, and the wait for a place takes no slot.
        Files are downloaded to the disk; those that it refuses into memory, a few at a time.
        """
        async with AsyncExitStack() as places:
            async with context.release_slot():
                kept = [await self._links.fetch(url, FILE_LIMIT) for url in urls]
                if not all(kept):
                    await places.enter_async_context(self._in_memory)
                    contents = await self._all(urls)
                await places.enter_async_context(self._uploads)
            yield await self._all(urls) if all(kept) else contents

    async def _all(self, urls: Sequence[str]) -> list[bytes]:
        """The bytes of every file, together within the limit."""
        contents: list[bytes] = []
        for url in urls:
            left = FILE_LIMIT - sum(len(content) for content in contents)
            contents.append(await self._links.read(url, left))
        return contents

    async def _send(
        self, context: SendContext, kind: str, file: "str | InputFile", options: dict[str, Any]
    ) -> Sent:
        method: Any = {
            "photo": self._telegram.send_photo,
            "video": self._telegram.send_video,
            "audio": self._telegram.send_audio,
        }.get(kind, self._telegram.send_document)
        made = method(context.chat_id, file, **options, **context.where)
        found = await context.call(made)
        return Sent(message_id(found), file_id(found))

    async def _group(
        self,
        context: SendContext,
        files: Sequence[tuple[str, Any]],
        caption: str,
        facts: Sequence[dict[str, Any]] = (),
    ) -> Sent:
        first = {"caption": caption, "parse_mode": HTML}
        described = zip(files, facts or [{}] * len(files), strict=True)
        media = [
            item(kind)(file, **({} if number else first), **extra)
            for number, ((kind, file), extra) in enumerate(described)
        ]
        made = self._telegram.send_media_group(context.chat_id, media, **context.where)
        found = await context.call(made)
        messages = found if isinstance(found, list) else []
        ids = [file_id(message) for message in messages]
        # Several ids as one JSON text: the table has one column.
        known = json.dumps(ids) if len(ids) == len(files) and all(ids) else None
        return Sent(message_id(messages[0]) if messages else None, known)


def item(kind: str) -> Any:
    """PTB's class for a file in an album, or in a message that is edited."""
    import telegram

    return getattr(telegram, f"InputMedia{kind.title()}")


def _options(payload: Payload, markup: "InlineKeyboardMarkup | None") -> dict[str, Any]:
    return {"caption": payload["caption"], "parse_mode": HTML, "reply_markup": markup}


def _named(
    files: Sequence[tuple[str, Any]], file_ids: Sequence[str]
) -> Iterator[Sequence[tuple[str, Any]]]:
    """The same album by file_id: with its kinds, then as documents, as it may have been sent."""
    kinds = [kind for kind, _ in files]
    yield list(zip(kinds, file_ids, strict=True))
    if set(kinds) != {"document"}:
        yield [("document", name) for name in file_ids]


def _raise_if_final(error: Rejected) -> None:
    """Raise the error if no other form of the file can help."""
    if isinstance(error, NotTheContent | TooLarge | Gone):
        raise error
