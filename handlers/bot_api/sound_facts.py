"""What players show with audio: title, performer, length, and the cover of a song."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from supervisor.runtime.errors import BotError

#: Bytes of a thumbnail as Telegram takes it: a small JPEG that is uploaded with its file.
COVER_LIMIT = 200 * 1000

Payload = Mapping[str, Any]  #: of a delivery
Described = Mapping[str, Any]  #: one of a payload's songs
ReleaseSlot = Callable[[], AbstractAsyncContextManager[None]]
Read = Callable[[str, int], Awaitable[bytes]]


def shown(payload: Payload, kind: str, url: str, cover: bytes | None = None) -> dict[str, Any]:
    """Telegram's parameters for the audio file behind ``url``; other kinds of files have none."""
    if kind != "audio":
        return {}
    song = _song(payload, url) or {}
    named = {
        "title": song.get("title") or payload.get("title"),
        "performer": song.get("performer") or payload.get("performer"),
        "duration": song.get("seconds"),
        "thumbnail": cover,
    }
    return {name: value for name, value in named.items() if value}


def all_shown(
    payload: Payload, files: Sequence[tuple[str, str]], covers: Sequence[bytes | None]
) -> list[dict[str, Any]]:
    """``shown`` for each file of an album."""
    pairs = zip(files, covers, strict=True)
    return [shown(payload, kind, url, cover) for (kind, url), cover in pairs]


async def covers_of(
    release_slot: ReleaseSlot, payload: Payload, urls: Sequence[str], read: Read
) -> list[bytes | None]:
    """The covers as Telegram takes them; None where there is none, or where it has the file
    already. They are downloaded within ``release_slot``."""
    known = payload.get("file_id") or payload.get("file_ids")
    if known or not payload.get("songs"):
        return [None] * len(urls)
    async with release_slot():
        return [await _cover(_song(payload, url), read) for url in urls]


def _song(payload: Payload, url: str) -> Described | None:
    found: Described | None = payload.get("songs", {}).get(url)
    return found


async def _cover(song: Described | None, read: Read) -> bytes | None:
    """None when it cannot be had: a song is sent without its cover, too."""
    if song is None or not song["cover"]:
        return None
    try:
        found = await read(song["cover"], COVER_LIMIT)
    except BotError:
        return None
    return found if found.startswith(b"\xff\xd8") else None
