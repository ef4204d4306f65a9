"""How long a file plays is measured from what plays, not from what claims."""

import io
import struct
import wave

import hypothesis
import hypothesis.strategies as st
import pytest

from kie.files.media_length import seconds_of
from sandbox.files.sound import silence, voice
from sandbox.files.video import film


def pcm(seconds: float, rate: int = 8000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as written:
        written.setnchannels(2)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(b"\0\0\0\0" * round(seconds * rate))
    return out.getvalue()


def aac(frames: int) -> bytes:
    """ADTS: 44.1 kHz, frames of 17 bytes."""
    return (bytes([0xFF, 0xF1, 0x50, 0x80, 0x02, 0x3F, 0xFC]) + b"\0" * 10) * frames


# -------------------------------------------------------------------------- MP4 by hand --


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def header(kind: bytes, scale: int, units: int) -> bytes:
    return box(kind, struct.pack(">IIIII", 0, 0, 0, scale, units), b"\0" * 80)


def track(*, claimed: int, samples: int, each: int, shown: int | None = None) -> bytes:
    edits = b""
    if shown is not None:
        edits = box(b"edts", box(b"elst", struct.pack(">IIIiI", 0, 1, shown, 0, 65536)))
    stts = box(b"stts", struct.pack(">IIII", 0, 1, samples, each))
    tkhd = box(b"tkhd", struct.pack(">IIII", 0, 0, 0, 1), b"\0" * 68)
    media = box(b"mdia", header(b"mdhd", 1000, claimed), box(b"minf", box(b"stbl", stts)))
    return box(b"trak", tkhd, edits, media)


def mp4(*tracks: bytes, claimed: int = 0, more: bytes = b"") -> bytes:
    moov = box(b"moov", header(b"mvhd", 600, claimed), *tracks)
    return box(b"ftyp", b"isom", b"\0" * 4) + moov + more + box(b"mdat", b"x" * 50)


def fragmented(samples: int, each: int) -> bytes:
    trex = box(b"mvex", box(b"trex", struct.pack(">IIIIII", 0, 1, 1, each, 0, 0)))
    run = box(b"trun", struct.pack(">II", 0, samples))
    own = box(b"trun", struct.pack(">IIII", 0x100, 2, each, each))
    usual = box(b"traf", box(b"tfhd", struct.pack(">II", 0, 1)), run)
    given = box(b"traf", box(b"tfhd", struct.pack(">III", 8, 1, each)), run, own)
    moov = box(b"moov", header(b"mvhd", 600, 0), track(claimed=0, samples=0, each=0), trex)
    return box(b"ftyp", b"isom") + moov + box(b"moof", usual) + box(b"moof", given)


# ------------------------------------------------------------------------- WebM by hand --

UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"


def element(kind: int, body: bytes) -> bytes:
    name = kind.to_bytes((kind.bit_length() + 7) // 8, "big")
    return name + struct.pack(">Q", len(body) | 1 << 56) + body


def webm(last: int, *, claimed: float | None = None, live: bool = False) -> bytes:
    """The last block begins after ``last`` ms. ``live``: sizes are unknown, as browsers leave
    them."""
    info = element(0x2AD7B1, (1_000_000).to_bytes(3, "big"))
    if claimed is not None:
        info += element(0x4489, struct.pack(">d", claimed))
    clusters = b""
    for start in range(0, last + 1, 1000):
        block = b"\x81" + struct.pack(">h", min(1000, last - start)) + b"\x80data"
        body = element(0xE7, start.to_bytes(4, "big")) + element(0xA3, block)
        clusters += b"\x1f\x43\xb6\x75" + UNKNOWN + body if live else element(0x1F43B675, body)
    inside = element(0x1549A966, info) + clusters
    segment = b"\x18\x53\x80\x67" + UNKNOWN + inside if live else element(0x18538067, inside)
    return element(0x1A45DFA3, b"\x42\x82\x84webm") + segment


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (silence("a title", 12), 12.0),
        (silence("", 300), 300.0),
        (voice(7), 7.0),
        (film("a film", "1:1", 5), 5.0),
        (pcm(3.5), 3.5),
        (aac(431), 10.0),
        (mp4(track(claimed=5000, samples=50, each=100), claimed=3000), 5.0),
        (webm(61_000, claimed=61_040.0), 61.0),
        (webm(61_000, live=True), 61.0),
        (fragmented(100, 20), 4.1),
    ],
    ids=["mp3", "long mp3", "ogg", "film", "wav", "aac", "mp4", "webm", "live webm", "fragments"],
)
def test_a_file_plays_for_as_long_as_its_content(content: bytes, seconds: float) -> None:
    assert seconds_of(content) == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        # Headers say one second, the samples play five minutes.
        (mp4(track(claimed=1000, samples=3000, each=100), claimed=600), 300.0),
        (webm(300_000, claimed=1000.0), 300.0),
        # Two tracks: the longer one is played.
        (
            mp4(
                track(claimed=1000, samples=10, each=100),
                track(claimed=0, samples=600, each=100),
                claimed=600,
            ),
            60.0,
        ),
        # An MP3 with a tag of another MP3's length before it.
        (b"ID3\x03\0\0\0\0\0\x0aTLEN\0\0\0\0\0\0" + silence("", 120)[10:], 120.0),
    ],
)
def test_a_header_that_claims_less_is_not_believed(content: bytes, seconds: float) -> None:
    assert seconds_of(content) == pytest.approx(seconds, abs=0.2)


def test_an_edit_list_says_what_is_shown_and_never_more_than_there_is() -> None:
    cut = mp4(track(claimed=10_000, samples=100, each=100, shown=1800), claimed=1800)
    long = mp4(track(claimed=10_000, samples=100, each=100, shown=600_000), claimed=600_000)

    assert seconds_of(cut) == pytest.approx(3.0)
    assert seconds_of(long) == pytest.approx(10.0)


def test_a_recording_that_was_stopped_early_plays_what_is_there() -> None:
    whole = pcm(4)
    at = whole.index(b"data") + 4
    for size in (0, 0xFFFFFFFF):
        assert seconds_of(whole[:at] + struct.pack("<I", size) + whole[at + 4 :]) == 4.0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a file",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        box(b"ftyp", b"isom"),
        b"\x1a\x45\xdf\xa3",
        b"OggS",
        b"RIFF\0\0\0\0WAVE",
        b"ID3",
        b"\xff" * 1000,
        mp4(track(claimed=0, samples=0, each=0)),
    ],
)
def test_what_does_not_tell_its_length_has_none(content: bytes) -> None:
    assert seconds_of(content) is None


@pytest.mark.parametrize("good", [silence("t", 2), voice(2), pcm(1), webm(3000), fragmented(9, 9)])
def test_a_file_that_was_cut_off_breaks_nothing(good: bytes) -> None:
    for length in range(0, min(len(good), 4000), 7):
        seconds_of(good[:length])


BEGINNINGS = [b"\0\0\0\x08ftyp", b"\x1a\x45\xdf\xa3", b"OggS", b"RIFF\0\0\0\0WAVE", b"ID3", b"\xff"]


@hypothesis.given(st.sampled_from(BEGINNINGS), st.binary(max_size=300))
def test_any_bytes_have_a_length_or_none(beginning: bytes, rest: bytes) -> None:
    found = seconds_of(beginning + rest)

    assert found is None or found > 0


@hypothesis.given(st.data())
@hypothesis.settings(max_examples=200)
def test_a_file_with_wrong_bytes_in_it_breaks_nothing(data: st.DataObject) -> None:
    good = data.draw(
        st.sampled_from([mp4(track(claimed=9, samples=9, each=9)), webm(2000), voice(1)])
    )
    wrong = bytearray(good)
    for _ in range(data.draw(st.integers(1, 6))):
        wrong[data.draw(st.integers(0, len(wrong) - 1))] = data.draw(st.integers(0, 255))

    found = seconds_of(bytes(wrong))

    assert found is None or found > 0
