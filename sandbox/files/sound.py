"""Real MP3 and Ogg files, made without any library: silence, MP3 with a text as the title.

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


# Ogg pages (RFC 3533) with Opus inside (RFC 7845): what Telegram calls a voice message.

_SILENT_PACKET = b"\xf8\xff\xfe"  # 20 ms
_PACKET_SAMPLES = 960
_SERIAL = 1


def voice(seconds: float) -> bytes:
    """An Ogg file with so much silence in Opus."""
    packets = max(1, round(seconds * 48_000 / _PACKET_SAMPLES))
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 3) + b"TRT" + struct.pack("<I", 0)
    pages = [_page(2, 0, 0, [head]), _page(0, 0, 1, [tags])]
    for first in range(0, packets, 255):
        count = min(255, packets - first)
        end = 4 if first + count == packets else 0
        samples = (first + count) * _PACKET_SAMPLES
        pages.append(_page(end, samples, len(pages), [_SILENT_PACKET] * count))
    return b"".join(pages)


def _page(flags: int, position: int, number: int, packets: list[bytes]) -> bytes:
    sizes = bytes(len(packet) for packet in packets)
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, _SERIAL, number, 0, len(sizes))
    page = head + sizes + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _checksum(page: bytes) -> int:
    """Ogg's CRC: polynomial 04C11DB7, nothing inverted."""
    found = 0
    for byte in page:
        found ^= byte << 24
        for _ in range(8):
            found = (found << 1) ^ 0x04C11DB7 if found & 0x80000000 else found << 1
        found &= 0xFFFFFFFF
    return found
