"""Measures the length of formats that are a stream of blocks, pages or frames.

The whole stream is read, because a length at its beginning may be wrong.
"""

import struct

_MOST_PARTS = 1_000_000  #: blocks or frames that are read; a file of 20 MB has fewer

# ------------------------------------------------------------------------ WebM, Matroska --

_SEGMENT, _INFO, _CLUSTER, _GROUP = 0x18538067, 0x1549A966, 0x1F43B675, 0xA0
_INTO = {_SEGMENT, _INFO, _CLUSTER, _GROUP}
_SCALE, _DURATION, _TIME, _SIMPLE, _BLOCK = 0x2AD7B1, 0x4489, 0xE7, 0xA3, 0xA1


def _number(content: bytes, at: int, *, keep: bool) -> tuple[int, int]:
    """An EBML number and the position after it. ``keep``: with its length marker, as in ids."""
    first = content[at]
    width = 9 - first.bit_length()
    if width > 8:
        raise ValueError("no number begins with 0")
    value = int.from_bytes(content[at : at + width], "big")
    if not keep:
        value -= 1 << (7 * width)
    return value, at + width


def matroska(content: bytes) -> float | None:
    """The time of the last block, or the declared duration if that is longer."""
    at, scale, declared, cluster, last = 0, 1_000_000, 0.0, 0, 0
    for _ in range(_MOST_PARTS):
        if at >= len(content):
            break
        kind, start = _number(content, at, keep=True)
        size, data = _number(content, start, keep=False)
        if kind in _INTO:
            at = data
            continue
        value = content[data : data + size]
        if kind == _SCALE:
            scale = int.from_bytes(value, "big")
        elif kind == _DURATION:
            (declared,) = struct.unpack(">f" if size == 4 else ">d", value)
        elif kind == _TIME:
            cluster = int.from_bytes(value, "big")
        elif kind in {_SIMPLE, _BLOCK}:
            _, after = _number(content, data, keep=False)
            (ahead,) = struct.unpack_from(">h", content, after)
            last = max(last, cluster + ahead)
        at = data + size
    return max(declared, last) * scale / 1e9 or None


# ----------------------------------------------------------------------------------- Ogg --


def ogg(content: bytes) -> float | None:
    """The position of the last page of each stream; the lengths of all streams are added."""
    at = 0
    rates: dict[int, tuple[int, int]] = {}
    ends: dict[int, int] = {}
    while (at := content.find(b"OggS", at)) >= 0 and at + 27 <= len(content):
        position, stream = struct.unpack_from("<qI", content, at + 6)
        table = content[at + 27 : at + 27 + content[at + 26]]
        body = at + 27 + len(table)
        if stream not in rates:
            rates[stream] = _ogg_rate(content[body : body + 80])
        ends[stream] = max(ends.get(stream, 0), position)
        at = body + sum(table)
    found = sum(
        max(0, ends[stream] - skip) / rate for stream, (rate, skip) in rates.items() if rate
    )
    return found or None


def _ogg_rate(head: bytes) -> tuple[int, int]:
    """Positions per second, and the number of positions before the sound begins."""
    if head.startswith(b"OpusHead"):
        return 48_000, int(struct.unpack_from("<H", head, 10)[0])
    if head.startswith(b"\x01vorbis"):
        return int(struct.unpack_from("<I", head, 12)[0]), 0
    if head.startswith(b"Speex   "):
        return int(struct.unpack_from("<I", head, 36)[0]), 0
    if head.startswith(b"\x7fFLAC"):
        return int.from_bytes(head[27:30], "big") >> 4, 0
    return 0, 0


# ----------------------------------------------------------------------------------- WAV --


def wav(content: bytes) -> float | None:
    at, per_second = 12, 0
    while at + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, at)
        if kind == b"fmt ":
            form, channels, rate, claimed, _, bits = struct.unpack_from("<HHIIHH", content, at + 8)
            plain = form in {1, 3, 0xFFFE}
            per_second = rate * channels * (bits // 8) if plain else claimed
        if kind == b"data":
            # If a recorder was stopped early, the size is missing or too large.
            left = len(content) - at - 8
            return (min(size, left) or left) / per_second
        at += 8 + size + size % 2
    return None


# ------------------------------------------------------------------------------ MP3, AAC --

_RATES = (44100, 48000, 32000)
_KBITS = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_AAC_RATES = (
    *(96000, 88200, 64000, 48000, 44100, 32000, 24000),
    *(22050, 16000, 12000, 11025, 8000, 7350),
)


def frames(content: bytes) -> float | None:
    """The sum of all frames of an MP3, or of AAC without a container."""
    at, found = 0, 0.0
    if content.startswith(b"ID3"):
        high, upper, lower, low = content[6:10]
        at = 10 + (high << 21 | upper << 14 | lower << 7 | low)
    for _ in range(_MOST_PARTS):
        at = content.find(b"\xff", at)
        if at < 0 or at + 7 > len(content):
            break
        length, lasts = _frame(content, at)
        at += length or 1
        found += lasts
    return found or None


def _frame(content: bytes, at: int) -> tuple[int, float]:
    """Bytes and seconds of the frame at this position; 0: there is none."""
    one, two, three = content[at + 1 : at + 4]
    if one & 0xF6 == 0xF0:  # AAC: the layer is 0
        rate = two >> 2 & 15
        length = (three & 3) << 11 | content[at + 4] << 3 | content[at + 5] >> 5
        if rate >= len(_AAC_RATES) or length < 7:
            return 0, 0.0
        return length, 1024 * (1 + (content[at + 6] & 3)) / _AAC_RATES[rate]
    version, layer = one >> 3 & 3, 4 - (one >> 1 & 3)
    if one & 0xE0 != 0xE0 or version == 1 or layer == 4:
        return 0, 0.0
    bits, index, padding = two >> 4, two >> 2 & 3, two >> 1 & 1
    if bits in {0, 15} or index == 3:
        return 0, 0.0
    kbits = _KBITS[1 if version == 3 else 2, layer if version == 3 else min(layer, 2)][bits]
    rate = _RATES[index] >> {3: 0, 2: 1, 0: 2}[version]
    if layer == 1:
        return (12 * kbits * 1000 // rate + padding) * 4, 384 / rate
    samples = 576 if layer == 3 and version != 3 else 1152
    return samples // 8 * kbits * 1000 // rate + padding, samples / rate
