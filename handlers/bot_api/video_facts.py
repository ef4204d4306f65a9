"""Width, height and length of an MP4 or MOV file, read from its own boxes (ISO 14496-12).

Telegram does not read them from an uploaded video of more than about 10 MB: without these numbers
it shows a square of zero seconds. Only ``moov/mvhd`` and the first ``trak/tkhd`` with a size are
read. The file is foreign: values that are not plausible are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

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


def upload_options(content: bytes) -> dict[str, int | bool]:
    """The parameters of sendVideo for this file."""
    facts = video_facts(content)
    found = {"width": facts.width, "height": facts.height, "duration": facts.seconds}
    known: dict[str, int | bool] = {
        name: value for name, value in found.items() if value is not None
    }
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
