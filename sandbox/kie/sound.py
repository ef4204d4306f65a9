"""Real MP3 files, made without any library: silence, with the text as the title.

MPEG-1 Layer III frames whose side information is all zero decode as silence. The title
stands in an ID3v2.3 tag, where players show it.
"""

import struct

FRAMES_PER_SECOND = 44_100 / 1152
#: Sync, MPEG-1 Layer III without a checksum, 32 kbit/s, 44.1 kHz, mono.
_HEAD = b"\xff\xfb\x10\xc4"
_FRAME = _HEAD + b"\0" * (144 * 32_000 // 44_100 - len(_HEAD))


def silence(title: str, seconds: float) -> bytes:
    """An MP3 of that length."""
    frames = max(1, round(seconds * FRAMES_PER_SECOND))
    return _tag(title[:200]) + _FRAME * frames


def _tag(title: str) -> bytes:
    text = b"\x01" + title.encode("utf-16")
    frame = b"TIT2" + struct.pack(">IH", len(text), 0) + text
    size = bytes(len(frame) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + size + frame
