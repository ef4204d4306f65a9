"""Measures the length of a recording or clip from its bytes.

A price by length must not depend on the length that the sender's app declared. The length is read
from the part of the format that a player uses: the samples of an MP4 (with its edit list), the
last block of a WebM or Matroska file, the last page of an Ogg file, the frames of an MP3 or AAC,
the data of a WAV. A length in a header counts only when there is nothing better.

These readers are our own: no maintained package reads all of these formats without a native
library, and the bytes come from strangers: every loop here moves forward in them.
"""

import struct
from collections.abc import Callable, Iterator

from kie.files.stream_length import frames, matroska, ogg, wav

EBML = b"\x1a\x45\xdf\xa3"
#: Boxes with which an MP4 or QuickTime file may begin.
_MP4 = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_MOST_BOXES = 50_000  #: on one level; usual files have a few dozen, fragmented ones thousands
_FAULTS = (struct.error, IndexError, ValueError, OverflowError, ZeroDivisionError)


def seconds_of(content: bytes) -> float | None:
    """Seconds, more than 0; None: the length cannot be measured."""
    reader = _reader(content)
    if reader is None:
        return None
    try:
        found = reader(content)
    except _FAULTS:
        return None
    return found if found is not None and 0 < found < 1e7 else None


def _reader(content: bytes) -> Callable[[bytes], float | None] | None:
    if content[4:8] in _MP4:
        return _mp4
    if content.startswith(EBML):
        return matroska
    if content.startswith(b"OggS"):
        return ogg
    if content.startswith(b"RIFF") and content[8:12] == b"WAVE":
        return wav
    if content.startswith(b"ID3") or content[:1] == b"\xff":
        return frames
    return None


# ------------------------------------------------------------------------ MP4, QuickTime --

_Box = tuple[bytes, int, int]  #: kind, where its content begins, where it ends


def _boxes(content: bytes, start: int, end: int) -> Iterator[_Box]:
    at = start
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", content, at)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, at + 8)
            head = 16
        size = size or end - at
        if size < head:
            return
        yield kind, at + head, min(at + size, end)
        at += size


def _inside(content: bytes, boxes: Iterator[_Box], *path: bytes) -> Iterator[_Box]:
    """The boxes at the end of ``path``."""
    for kind, start, end in boxes:
        if kind == path[0]:
            if len(path) == 1:
                yield kind, start, end
            else:
                yield from _inside(content, _boxes(content, start, end), *path[1:])


def _times(content: bytes, start: int) -> tuple[int, int]:
    """Units per second and duration of an ``mvhd`` or ``mdhd``."""
    if content[start] == 1:
        scale, duration = struct.unpack_from(">IQ", content, start + 20)
        return scale, 0 if duration == 2**64 - 1 else duration
    scale, duration = struct.unpack_from(">II", content, start + 12)
    return scale, 0 if duration == 2**32 - 1 else duration


def _mp4(content: bytes) -> float | None:
    whole = len(content)
    movie_scale, movie_seconds = 0, 0.0
    for _, start, _ in _inside(content, _boxes(content, 0, whole), b"moov", b"mvhd"):
        movie_scale, units = _times(content, start)
        movie_seconds = units / movie_scale
    tracks = [
        _track(content, start, end, movie_scale)
        for _, start, end in _inside(content, _boxes(content, 0, whole), b"moov", b"trak")
    ]
    found = max(tracks, default=0.0) + _fragments(content)
    return found or movie_seconds or None


def _track(content: bytes, start: int, end: int, movie_scale: int) -> float:
    """The length of the samples that the edit list shows; all samples when there is none."""
    samples = 0.0
    for _, at, stop in _inside(content, _boxes(content, start, end), b"mdia"):
        scale = claimed = 0
        for _, header, _ in _inside(content, _boxes(content, at, stop), b"mdhd"):
            scale, claimed = _times(content, header)
        table = _inside(content, _boxes(content, at, stop), b"minf", b"stbl", b"stts")
        counted = sum(_counted(content, where, until) for _, where, until in table)
        samples = (counted or claimed) / scale
    shown = 0
    for _, at, _ in _inside(content, _boxes(content, start, end), b"edts", b"elst"):
        form, entries = ("QqI", 20) if content[at] == 1 else ("IiI", 12)
        (count,) = struct.unpack_from(">I", content, at + 4)
        for number in range(min(count, 1000)):
            units, media, _ = struct.unpack_from(f">{form}", content, at + 8 + number * entries)
            shown += units if media >= 0 else 0
    return min(samples, shown / movie_scale) if shown and samples else samples


def _counted(content: bytes, start: int, end: int) -> int:
    """The sum of an ``stts``, which has pairs of a number of samples and their duration."""
    (count,) = struct.unpack_from(">I", content, start + 4)
    count = min(count, (end - start - 8) // 8)
    pairs = struct.unpack_from(f">{2 * count}I", content, start + 8)
    return sum(many * long for many, long in zip(pairs[::2], pairs[1::2], strict=True))


def _fragments(content: bytes) -> float:
    """The longest track of a fragmented file, whose samples are outside ``moov``."""
    scales: dict[int, int] = {}
    usual: dict[int, int] = {}
    top = len(content)
    for _, start, end in _inside(content, _boxes(content, 0, top), b"moov", b"trak"):
        number = scale = 0
        for _, at, _ in _inside(content, _boxes(content, start, end), b"tkhd"):
            (number,) = struct.unpack_from(">I", content, at + (20 if content[at] == 1 else 12))
        for _, at, _ in _inside(content, _boxes(content, start, end), b"mdia", b"mdhd"):
            scale, _ = _times(content, at)
        scales[number] = scale
    for _, at, _ in _inside(content, _boxes(content, 0, top), b"moov", b"mvex", b"trex"):
        number, _, each = struct.unpack_from(">III", content, at + 4)
        usual[number] = each
    units: dict[int, int] = {}
    for _, start, end in _inside(content, _boxes(content, 0, top), b"moof", b"traf"):
        number, each = 0, 0
        for _, at, _ in _inside(content, _boxes(content, start, end), b"tfhd"):
            flags, number = struct.unpack_from(">II", content, at)
            skip = 8 * bool(flags & 1) + 4 * bool(flags & 2)
            each = usual.get(number, 0)
            if flags & 8:
                (each,) = struct.unpack_from(">I", content, at + 8 + skip)
        for _, at, stop in _inside(content, _boxes(content, start, end), b"trun"):
            units[number] = units.get(number, 0) + _run(content, at, stop, each)
    lengths = [many / scales[number] for number, many in units.items() if scales.get(number)]
    return max(lengths, default=0.0)


def _run(content: bytes, start: int, end: int, each: int) -> int:
    """The duration of a ``trun``."""
    flags, count = struct.unpack_from(">II", content, start)
    if not flags & 0x100:
        return int(count) * each
    at = start + 8 + 4 * bool(flags & 1) + 4 * bool(flags & 4)
    step = 4 * sum(bool(flags & bit) for bit in (0x100, 0x200, 0x400, 0x800))
    count = min(count, (end - at) // step)
    return sum(int(struct.unpack_from(">I", content, at + n * step)[0]) for n in range(count))
