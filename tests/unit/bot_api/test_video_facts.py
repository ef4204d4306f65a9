"""What an MP4 says of itself, and what a stranger's file may say."""

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.bot_api.media_facts import VideoFacts, film_options, video_facts

PLAIN = pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
TURNED = pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)


def box(name: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return pack(">I", 8 + len(content)) + name + content


def mvhd(seconds: float, scale: int = 600) -> bytes:
    return box(b"mvhd", bytes(12), pack(">II", scale, round(seconds * scale)), bytes(80))


def tkhd(width: int, height: int, matrix: bytes = PLAIN) -> bytes:
    return box(b"tkhd", bytes(40), matrix, pack(">HHHH", width, 0, height, 0))


def moov(*parts: bytes) -> bytes:
    return box(b"moov", *parts)


FTYP, MDAT = box(b"ftyp", b"isom"), box(b"mdat", bytes(100))
MOOV = moov(mvhd(5.04), box(b"trak", tkhd(0, 0)), box(b"trak", tkhd(1280, 720)))


def test_size_and_length_are_read_and_a_sound_track_has_no_size() -> None:
    assert video_facts(FTYP + MOOV + MDAT) == VideoFacts(1280, 720, 6, streams=True)


def test_an_upload_tells_telegram_what_is_known_and_nothing_else() -> None:
    assert film_options("video", FTYP + MOOV + MDAT) == {
        "width": 1280,
        "height": 720,
        "duration": 6,
        "supports_streaming": True,
    }
    assert film_options("video", FTYP + MDAT + moov(mvhd(2))) == {"duration": 2}
    assert film_options("video", b"no video") == {}
    assert film_options("photo", FTYP + MOOV + MDAT) == {}


def test_an_index_behind_the_pictures_does_not_stream() -> None:
    assert video_facts(FTYP + MDAT + MOOV) == VideoFacts(1280, 720, 6, streams=False)


def test_a_picture_that_is_turned_has_its_sides_as_they_are_shown() -> None:
    found = video_facts(FTYP + moov(mvhd(1), box(b"trak", tkhd(1280, 720, TURNED))))

    assert (found.width, found.height) == (720, 1280)


def test_the_wide_forms_of_the_boxes_are_read() -> None:
    wide_mvhd = box(b"mvhd", b"\x01", bytes(19), pack(">IQ", 1000, 7000), bytes(80))
    wide_tkhd = box(b"tkhd", b"\x01", bytes(51), PLAIN, pack(">HHHH", 640, 0, 480, 0))
    mdat = pack(">I4sQ", 1, b"mdat", 16 + 10) + bytes(10)

    found = video_facts(FTYP + mdat + moov(wide_mvhd, box(b"trak", wide_tkhd)))

    assert found == VideoFacts(640, 480, 7, streams=False)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + bytes(100),
        FTYP + MDAT,
        FTYP + moov(mvhd(0)),
        FTYP + moov(mvhd(10**6)),
        FTYP + moov(box(b"mvhd", bytes(12), pack(">II", 0, 5))),
        FTYP + moov(box(b"mvhd", bytes(3)), box(b"trak", box(b"tkhd", bytes(3)))),
        FTYP + moov(box(b"trak", tkhd(60_000, 60_000))),
        pack(">I", 4) + b"ftyp" + MOOV,
        pack(">I", 2**31) + b"ftyp" + MOOV,
    ],
)
def test_what_is_not_plausible_is_not_told(content: bytes) -> None:
    found = video_facts(content)

    assert (found.width, found.height, found.seconds) == (None, None, None)


@given(st.binary(max_size=200), st.integers(0, len(FTYP + MOOV)))
def test_no_file_breaks_the_reader(garbage: bytes, at: int) -> None:
    whole = FTYP + MOOV

    video_facts(whole[:at] + garbage + whole[at:])
