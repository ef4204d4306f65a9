"""The parameters for an uploaded file beside its bytes.

Audio: what players show, that is title, performer, length, and the cover of a song. Video: width,
height and length of an MP4 or MOV file, read from its own boxes (ISO 14496-12). Telegram does not
read them from a video of more than about 10 MB: without these numbers it shows a square of zero
seconds. Only ``moov/mvhd`` and the first ``trak/tkhd`` with a size are read. The file is
foreign: values that are not plausible are left out.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
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


MOST_PIXELS = 16_384  #: of a side
MOST_SECONDS = 24 * 3600
_MOST_BOXES = 1000  #: of one level that are read

#: Names of the boxes a file of this kind begins with.
_FIRST = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """What the file says of itself; None: nothing plausible."""

    width: int | None = None
    height: int | None = None
    seconds: int | None = None
    streams: bool = False  #: its index comes before its data


def video_facts(content: bytes) -> VideoFacts:
    """Never raises; a file of another format has no facts."""
    moov: tuple[int, int] | None = None
    streams = seen_data = False
    for name, start, end in _boxes(content, 0, len(content)):
        if start == 8 and name not in _FIRST:
            return VideoFacts()
        seen_data = seen_data or name == b"mdat"
        if name == b"moov" and moov is None:
            moov, streams = (start, end), not seen_data
    if moov is None:
        return VideoFacts()
    seconds: int | None = None
    size: tuple[int, int] | None = None
    for name, start, end in _boxes(content, *moov):
        if name == b"mvhd":
            seconds = _seconds(content[start:end])
        elif name == b"trak" and size is None:
            size = next(
                (
                    _size(content[a:b])
                    for kind, a, b in _boxes(content, start, end)
                    if kind == b"tkhd"
                ),
                None,
            )
    width, height = size or (None, None)
    return VideoFacts(width, height, seconds, streams)


def film_options(kind: str, content: bytes) -> dict[str, Any]:
    """The parameters of an uploaded video; other kinds of files have none."""
    if kind != "video":
        return {}
    facts = video_facts(content)
    found = {"width": facts.width, "height": facts.height, "duration": facts.seconds}
    known: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    return {**known, "supports_streaming": True} if facts.streams else known


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of the contents of each box between ``start`` and ``end``."""
    for _ in range(_MOST_BOXES):
        if end - start < 8:
            return
        length, head = int.from_bytes(content[start : start + 4], "big"), 8
        if length == 1 and end - start >= 16:
            length, head = int.from_bytes(content[start + 8 : start + 16], "big"), 16
        elif length == 0:
            length = end - start
        if length < head or length > end - start:
            return
        yield content[start + 4 : start + 8], start + head, start + length
        start += length


def _seconds(mvhd: bytes) -> int | None:
    """Its length, rounded up to a whole second."""
    wide = mvhd[:1] == b"\x01"
    at, size = (20, 8) if wide else (12, 4)
    scale = int.from_bytes(mvhd[at : at + 4], "big")
    units = mvhd[at + 4 : at + 4 + size]
    if len(units) < size or not scale or units == b"\xff" * size:
        return None
    seconds = -(-int.from_bytes(units, "big") // scale)
    return seconds if 0 < seconds <= MOST_SECONDS else None


def _size(tkhd: bytes) -> tuple[int, int] | None:
    """Width and height as shown: a picture turned by 90 degrees has them swapped."""
    at = 88 if tkhd[:1] == b"\x01" else 76
    if len(tkhd) < at + 8:
        return None
    width, height = (int.from_bytes(tkhd[i : i + 2], "big") for i in (at, at + 4))
    # The matrix before the sizes: turned when its first number is 0 and its second is not.
    turned = not any(tkhd[at - 36 : at - 32]) and any(tkhd[at - 32 : at - 28])
    if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS):
        return None
    return (height, width) if turned else (width, height)
