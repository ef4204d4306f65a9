"""The pictures that show what presets do: before on the left, after on the right.

python -m tests.pictures.samples [NAME ...] draws them into kie/catalogue/samples/. Everything is
painted here from circles and lines, so the pictures are the project's own.
"""

import math
import random
import struct
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "kie" / "catalogue" / "samples"
SIDE, GAP = 240, 16  #: pixels of a panel, and between the two
GRAIN = 2  #: samples of a pixel in each direction

Colour = tuple[float, float, float]
WHITE: Colour = (252, 252, 252)
INK: Colour = (46, 38, 44)
FOX: Colour = (232, 119, 46)
CREAM: Colour = (255, 240, 222)


@dataclass(frozen=True)
class Look:
    """How a panel is painted."""

    ground: str = "room"  #: room, studio, white, checks, plain, card
    subject: str = "fox"
    grey: bool = False
    worn: bool = False  #: scratches, stains, a low contrast
    blocks: int = 0  #: samples of a side; 0: as fine as it gets
    outline: bool = False
    mouth: float = 0.0  #: how far it is open
    waves: bool = False  #: sound beside the mouth
    turned: float = 0.0  #: of the head, to the side
    ghosts: bool = False  #: where the head was a moment ago
    words: bool = False  #: lines of handwriting in place of a picture
    lit: bool = False  #: light from one side


PAIRS: dict[str, tuple[Look, Look]] = {
    "restore": (Look(grey=True, worn=True), Look(grey=True)),
    "colour": (Look(grey=True), Look()),
    "animate": (Look(), Look(ghosts=True, turned=0.07)),
    "portrait": (Look(), Look(ground="studio", lit=True)),
    "product": (Look(subject="mug"), Look(ground="white", subject="mug")),
    "sticker": (Look(words=True), Look(ground="plain", outline=True)),
    "postcard": (Look(words=True), Look(ground="card")),
    "talking": (Look(), Look(mouth=0.05, waves=True)),
    "cutout": (Look(), Look(ground="checks")),
    "uhd": (Look(blocks=30), Look()),
}


def picture(name: str) -> bytes:
    """The PNG of that preset."""
    before, after = PAIRS[name]
    left, right = panel(before), panel(after)
    rows = []
    for y in range(SIDE):
        middle = b"".join(_arrow(x, y) for x in range(GAP))
        rows.append(b"\0" + left[y] + middle + right[y])
    return _png(b"".join(rows), 2 * SIDE + GAP, SIDE)


def panel(look: Look) -> list[bytes]:
    """The rows of one side."""
    paint = _notes if look.words else _scene(look)
    rows = []
    for y in range(SIDE):
        row = bytearray()
        for x in range(SIDE):
            if look.blocks:
                step = SIDE / look.blocks
                u, v = (x // step + 0.5) / look.blocks, (y // step + 0.5) / look.blocks
                row += bytes(int(part) for part in paint(u, v))
                continue
            parts = [
                paint((x + (i + 0.5) / GRAIN) / SIDE, (y + (j + 0.5) / GRAIN) / SIDE)
                for i in range(GRAIN)
                for j in range(GRAIN)
            ]
            row += bytes(int(sum(each) / len(parts)) for each in zip(*parts, strict=True))
        rows.append(bytes(row))
    return rows


def _scene(look: Look) -> Callable[[float, float], Colour]:
    wear = _wear() if look.worn else None
    past = [replace(look, turned=shift, ghosts=False) for shift in (-0.07, 0.0)]

    def paint(u: float, v: float) -> Colour:
        subject = _fox(u, v, look) if look.subject == "fox" else _mug(u, v)
        found = subject or _ground(u, v, look)
        if look.ghosts and subject is None:
            for number, each in enumerate(past):
                ghost = _fox(u, v, each)
                if ghost is not None:
                    found = _mixed(found, ghost, 0.25 + 0.15 * number)
        if look.outline and subject is None and _near(u, v, look):
            found = WHITE
        if look.waves and _wave(u, v):
            found = (86, 140, 220)
        if look.lit:
            found = _mixed(found, (20, 20, 28), max(0.0, min(0.5, (u - 0.35) * 0.9)))
        if look.grey:
            level = 0.3 * found[0] + 0.59 * found[1] + 0.11 * found[2]
            found = (level, level * 0.97, level * 0.9)
        return found if wear is None else wear(u, v, found)

    return paint


def _fox(u: float, v: float, look: Look) -> Colour | None:
    x, y = u - 0.5 - look.turned, v - 0.56
    side = abs(x)
    eyes, nose = math.hypot(side - 0.115, (y + 0.03) * 0.9), math.hypot(x, (y - 0.125) * 1.3)
    if eyes < 0.012 and x + 0.004 < 0.5:
        return WHITE
    if eyes < 0.038 or nose < 0.04:
        return INK
    if look.mouth and math.hypot(x, (y - 0.2) * 1.1) < look.mouth:
        return (150, 40, 50)
    head = math.hypot(x / 0.29, y / 0.25)
    ear = -0.36 < y < -0.1 and abs(side - 0.2) < (y + 0.36) * 0.42
    if ear and abs(side - 0.2) < (y + 0.28) * 0.3:
        return INK
    if head < 1.0:
        cheek = math.hypot((side - 0.15) / 0.16, (y - 0.11) / 0.15) < 1.0
        return CREAM if cheek or (side < 0.05 + y * 0.4 and y > 0.02) else FOX
    return FOX if ear else None


def _mug(u: float, v: float) -> Colour | None:
    x, y = u - 0.47, v - 0.55
    if abs(x) < 0.2 and abs(y) < 0.22:
        band = abs(y) < 0.06
        shade = 1.0 - 0.35 * max(0.0, x / 0.2)
        base: Colour = (244, 205, 80) if band else (54, 128, 150)
        return (base[0] * shade, base[1] * shade, base[2] * shade)
    ring = math.hypot((x - 0.21) / 0.9, y)
    return (44, 104, 122) if x > 0.19 and 0.075 < ring < 0.125 else None


def _ground(u: float, v: float, look: Look) -> Colour:
    match look.ground:
        case "studio":
            far = math.hypot(u - 0.5, v - 0.45)
            level = 118 - 120 * far
            return (level, level, level + 6)
        case "white":
            shadow = math.hypot((u - 0.5) / 0.32, (v - 0.79) / 0.04)
            return (205, 205, 205) if shadow < 1 else WHITE
        case "checks":
            return (225, 225, 225) if (int(u * 16) + int(v * 16)) % 2 else WHITE
        case "plain":
            return (226, 229, 233)
        case "card":
            edge = min(u, v, 1 - u, 1 - v)
            if edge < 0.05:
                return (247, 240, 226)
            if edge < 0.065:
                return (178, 60, 60)
            star = (int(u * 12) * 7 + int(v * 12) * 3) % 11 == 0
            near = math.hypot(u * 12 % 1 - 0.5, v * 12 % 1 - 0.5) < 0.16
            return WHITE if star and near else (60, 84, 128)
        case _:
            if v > 0.82:
                return (139, 96, 70) if int(u * 9) % 2 else (150, 105, 78)
            frame = 0.06 < u < 0.26 and 0.1 < v < 0.34
            inner = 0.08 < u < 0.24 and 0.12 < v < 0.32
            if frame:
                return (160, 205, 232) if inner else (110, 74, 52)
            return (186, 205, 170) if int(u * 14) % 2 else (178, 198, 162)


def _near(u: float, v: float, look: Look) -> bool:
    """Whether the subject is so near that its white border is here."""
    angles = (math.tau * number / 24 for number in range(24))
    return any(
        _fox(u + 0.04 * math.cos(each), v + 0.04 * math.sin(each), look) is not None
        for each in angles
    )


def _wave(u: float, v: float) -> bool:
    far = math.hypot(u - 0.62, v - 0.76)
    return (
        u > 0.72
        and abs(v - 0.76) < (u - 0.6)
        and any(abs(far - each) < 0.012 for each in (0.18, 0.25, 0.32))
    )


def _wear() -> Callable[[float, float, Colour], Colour]:
    dice = random.Random(7)
    lines = [(dice.random(), dice.uniform(-0.4, 0.4)) for _ in range(9)]
    stains = [(dice.random(), dice.random(), dice.uniform(0.04, 0.12)) for _ in range(5)]

    def worn(u: float, v: float, found: Colour) -> Colour:
        found = _mixed(found, (214, 196, 160), 0.45)
        if any(math.hypot(u - x, v - y) < size for x, y, size in stains):
            found = _mixed(found, (120, 92, 60), 0.3)
        if any(abs(u - start - lean * v) < 0.004 for start, lean in lines):
            return (244, 238, 224)
        grain = ((int(u * 480) * 7919 + int(v * 480) * 104729) % 97) / 97 - 0.5
        return _mixed(found, (255, 255, 255) if grain > 0 else (0, 0, 0), abs(grain) * 0.25)

    return worn


def _notes(u: float, v: float) -> Colour:
    """Handwriting on paper: words are all that is given."""
    line = int(v * 8)
    middle = (line + 0.5) / 8 + 0.018 * math.sin(u * 90 + line * 2)
    written = 2 <= line <= 5 and 0.15 < u < (0.85 if line < 5 else 0.5)
    if written and abs(v - middle) < 0.008 and int(u * 17 + line) % 5:
        return (60, 76, 140)
    return (247, 240, 226)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def _arrow(x: int, y: int) -> bytes:
    far = abs(y - SIDE // 2)
    return b"\x2e\x26\x2c" if 3 <= x < GAP - 3 and far < (GAP - 3 - x) else b"\xff\xff\xff"


def _png(rows: bytes, width: int, height: int) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(rows, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for wanted in sys.argv[1:] or PAIRS:
        (FOLDER / f"{wanted}.png").write_bytes(picture(wanted))
