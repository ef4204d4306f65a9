"""Real MP4 files that show the prompt, made without any library.

The simplest H.264: one uncompressed picture a second (I_PCM), and skipped pictures in between
(P_Skip). A bar at the bottom shows the time. The names in the code are those of ISO/IEC 14496-10
(the picture) and 14496-12 (the boxes).
"""

import struct
from collections.abc import Iterable

from sandbox.files.picture import paint, size_of

FRAMES_PER_SECOND = 10
MOST_PIXELS = 256 * 144
MOST_SECONDS = 30  #: a longer clip would only be larger
_BLOCK = 16
_TIMESCALE = 1000


def film(prompt: str, aspect_ratio: str, seconds: int) -> bytes:
    """An MP4 of that length and about that shape. The same input, the same bytes."""
    seconds = max(1, min(seconds, MOST_SECONDS))
    width, height = _fit(*size_of(aspect_ratio))
    across, down = width // _BLOCK, height // _BLOCK
    planes = _planes(paint(prompt, width, height), width, height)
    samples = []
    for second in range(seconds):
        _show_time(planes[0], width, height, (second + 1) / seconds)
        samples.append(_unit(_stored_picture(planes, width, across, down, second)))
        samples += [
            _unit(_still_picture(across * down, number)) for number in range(1, FRAMES_PER_SECOND)
        ]
    return _mp4(samples, width, height)


def _fit(width: int, height: int) -> tuple[int, int]:
    """The shape in whole blocks, small."""
    factor = (MOST_PIXELS / (width * height)) ** 0.5

    def fitted(side: int) -> int:
        blocks: int = max(4, round(side * factor / _BLOCK))
        return blocks * _BLOCK

    return fitted(width), fitted(height)


# ------------------------------------------------------------------ the picture --


class _Bits:
    """Bits in a row, as a slice header is written."""

    def __init__(self) -> None:
        self._text = ""

    def u(self, value: int, bits: int) -> "_Bits":
        self._text += f"{value:0{bits}b}"
        return self

    def ue(self, value: int) -> "_Bits":
        code = f"{value + 1:b}"
        self._text += "0" * (len(code) - 1) + code
        return self

    def se(self, value: int) -> "_Bits":
        return self.ue(2 * value - 1 if value > 0 else -2 * value)

    def aligned(self) -> bytes:
        """Filled up with zeros to whole bytes."""
        filled = self._text + "0" * (-len(self._text) % 8)
        return int(filled, 2).to_bytes(len(filled) // 8, "big")

    def ended(self) -> bytes:
        """With ``rbsp_trailing_bits``."""
        self._text += "1"
        return self.aligned()


def _parameter_sets(width: int, height: int) -> tuple[bytes, bytes]:
    """What a decoder must know: Constrained Baseline, level 2.1, one reference picture."""
    sps = _Bits().u(66, 8).u(0xC0, 8).u(21, 8).ue(0)
    # frame_num has 4 bits; the order of display is the order of decoding.
    sps.ue(0).ue(2).ue(1).u(0, 1).ue(width // _BLOCK - 1).ue(height // _BLOCK - 1)
    sps.u(1, 1).u(1, 1).u(0, 1).u(0, 1)
    pps = _Bits().ue(0).ue(0).u(0, 1).u(0, 1).ue(0).ue(0).ue(0).u(0, 1).u(0, 2)
    pps.se(0).se(0).se(0).u(1, 1).u(0, 1).u(0, 1)
    return b"\x67" + _escaped(sps.ended()), b"\x68" + _escaped(pps.ended())


def _stored_picture(
    planes: list[bytearray], width: int, across: int, down: int, number: int
) -> bytes:
    """One IDR picture, every macroblock I_PCM."""
    luma, blue, red = planes
    head = _Bits().ue(0).ue(7).ue(0).u(0, 4).ue(number % 2)
    # No deblocking, or it would smear the letters.
    head.u(0, 1).u(0, 1).se(0).ue(1)
    parts: list[bytes | bytearray] = [head.ue(25).aligned()]
    half = width // 2
    for row in range(down):
        for column in range(across):
            if row or column:
                parts.append(b"\x0d\x00")  # mb_type I_PCM, then up to the next whole byte
            for y in range(row * 16, row * 16 + 16):
                parts.append(luma[y * width + column * 16 :][:16])
            for plane in (blue, red):
                for y in range(row * 8, row * 8 + 8):
                    parts.append(plane[y * half + column * 8 :][:8])
    # Samples are never below 16, so nothing here looks like a start code.
    return b"\x65" + b"".join(parts) + b"\x80"


def _still_picture(blocks: int, number: int) -> bytes:
    """One P picture in which every macroblock is skipped."""
    head = _Bits().ue(0).ue(5).ue(0).u(number, 4).u(0, 1).u(0, 1).u(0, 1).se(0).ue(1)
    return b"\x41" + _escaped(head.ue(blocks).ended())


def _escaped(payload: bytes) -> bytes:
    """With ``emulation_prevention_three_byte``."""
    found, zeros = bytearray(), 0
    for byte in payload:
        if zeros >= 2 and byte <= 3:
            found.append(3)
            zeros = 0
        found.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(found)


def _planes(rows: list[bytearray], width: int, height: int) -> list[bytearray]:
    """Luma and the two halved chromas, by ITU-R BT.601, in 16 to 240."""
    luma, blue, red = bytearray(), bytearray(), bytearray()
    for y in range(height):
        row = rows[y]
        for x in range(0, width * 3, 3):
            r, g, b = row[x], row[x + 1], row[x + 2]
            luma.append(16 + (66 * r + 129 * g + 25 * b) // 256)
        for x in range(0, width * 3, 6) if y % 2 == 0 else ():
            r, g, b = row[x], row[x + 1], row[x + 2]
            blue.append(128 + (-38 * r - 74 * g + 112 * b) // 256)
            red.append(128 + (112 * r - 94 * g - 18 * b) // 256)
    return [luma, blue, red]


def _show_time(luma: bytearray, width: int, height: int, part: float) -> None:
    bright = int(width * part)
    for y in range(height - 6, height - 2):
        luma[y * width : (y + 1) * width] = b"\xeb" * bright + b"\x40" * (width - bright)


# -------------------------------------------------------------------- the boxes --


def _unit(nal: bytes) -> bytes:
    return struct.pack(">I", len(nal)) + nal


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


_MATRIX = _words(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)


def _mp4(samples: list[bytes], width: int, height: int) -> bytes:
    kind = _box(b"ftyp", b"isom", _words(512), b"isomiso2avc1mp41")
    duration = len(samples) * _TIMESCALE // FRAMES_PER_SECOND
    size = len(_movie(samples, width, height, duration, 0))
    movie = _movie(samples, width, height, duration, len(kind) + size + 8)
    return kind + movie + _box(b"mdat", *samples)


def _movie(samples: list[bytes], width: int, height: int, duration: int, offset: int) -> bytes:
    header = _full(
        b"mvhd",
        *(_words(0, 0, _TIMESCALE, duration, 0x10000, 0x01000000, 0, 0), _MATRIX),
        _words(0, 0, 0, 0, 0, 0, 2),
    )
    track = _full(
        b"tkhd",
        *(_words(0, 0, 1, 0, duration, 0, 0, 0, 0), _MATRIX, _words(width << 16, height << 16)),
        flags=3,
    )
    media = _box(
        b"mdia",
        _full(b"mdhd", _words(0, 0, _TIMESCALE, duration, 0x55C40000)),
        _full(b"hdlr", _words(0), b"vide", _words(0, 0, 0), b"video\0"),
        _box(
            b"minf",
            _full(b"vmhd", _words(0, 0), flags=1),
            _box(b"dinf", _full(b"dref", _words(1), _full(b"url ", flags=1))),
            _table(samples, width, height, offset),
        ),
    )
    return _box(b"moov", header, _box(b"trak", track, media))


def _table(samples: list[bytes], width: int, height: int, offset: int) -> bytes:
    whole: Iterable[int] = range(1, len(samples) + 1, FRAMES_PER_SECOND)
    key_frames = list(whole)
    return _box(
        b"stbl",
        _full(b"stsd", _words(1), _entry(width, height)),
        _full(b"stts", _words(1, len(samples), _TIMESCALE // FRAMES_PER_SECOND)),
        _full(b"stss", _words(len(key_frames), *key_frames)),
        _full(b"stsc", _words(1, 1, len(samples), 1)),
        _full(b"stsz", _words(0, len(samples), *(len(sample) for sample in samples))),
        _full(b"stco", _words(1, offset)),
    )


def _entry(width: int, height: int) -> bytes:
    sps, pps = _parameter_sets(width, height)
    configuration = _box(
        b"avcC",
        bytes([1, sps[1], sps[2], sps[3], 0xFF, 0xE1]),
        *(struct.pack(">H", len(sps)), sps, b"\x01", struct.pack(">H", len(pps)), pps),
    )
    return _box(
        b"avc1",
        *(b"\0" * 6, struct.pack(">H", 1), b"\0" * 16, struct.pack(">HH", width, height)),
        *(_words(0x480000, 0x480000, 0), struct.pack(">H", 1), b"\0" * 32, b"\0\x18\xff\xff"),
        configuration,
    )
