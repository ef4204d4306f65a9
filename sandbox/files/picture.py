"""Real PNG files that show the prompt, made with nothing but zlib.

A gradient and a disc whose colours come from the prompt, and the prompt itself in a
5 x 7 bitmap font of capital letters, Latin and Cyrillic.
"""

import colorsys
import hashlib
import struct
import zlib

#: Pixels for each aspect ratio.
SIZES = {
    "1:1": (768, 768),
    "4:3": (896, 672),
    "3:4": (672, 896),
    "16:9": (1024, 576),
    "9:16": (576, 1024),
}
PIXELS = 600_000  #: about so many for any other ratio
_RATIOS = {
    "portrait_4_3": "3:4",
    "portrait_3_2": "2:3",
    "portrait_16_9": "9:16",
    "landscape_4_3": "4:3",
    "landscape_3_2": "3:2",
    "landscape_16_9": "16:9",
    "landscape_21_9": "21:9",
}
MAX_LINES = 9

#: Five columns a glyph, the lowest bit on top.
_LATIN = (
    "0000000000 00005F0000 0007000700 147F147F14 242A7F2A12 2313086462 3649562050 0008070300"
    " 001C224100 0041221C00 2A1C7F1C2A 08083E0808 0080703000 0808080808 0000606000 2010080402"
    " 3E5149453E 00427F4000 7249494946 2141494D33 1814127F10 2745454539 3C4A494931 4121110907"
    " 3649494936 464949291E 0000140000 0040340000 0008142241 1414141414 0041221408 0201590906"
    " 3E415D594E 7C1211127C 7F49494936 3E41414122 7F4141413E 7F49494941 7F09090901 3E41415173"
    " 7F0808087F 00417F4100 2040413F01 7F08142241 7F40404040 7F021C027F 7F0408107F 3E4141413E"
    " 7F09090906 3E4151215E 7F09192946 2649494932 03017F0103 3F4040403F 1F2040201F 3F4038403F"
    " 6314081463 0304780403 6159494D43"
)
_CYRILLIC = {
    "Б": "7F49494931",
    "Г": "7F01010101",
    "Д": "603E213F60",
    "Ж": "77087F0877",
    "З": "2241494936",
    "И": "7F1008047F",
    "Й": "7C2112097C",
    "Л": "403E01017F",
    "П": "7F0101017F",
    "У": "074848483F",
    "Ф": "0E117F110E",
    "Ц": "3F20203F60",
    "Ч": "070808087F",
    "Ш": "7F407F407F",
    "Щ": "3F203F207F",
    "Ъ": "017F484830",
    "Ы": "7F4830007F",
    "Ь": "7F48484830",
    "Э": "224149493E",
    "Ю": "7F083E413E",
    "Я": "462919097F",
}
_ALIKE = str.maketrans("АВЕЁКМНОРСТХ«»—–…", 'ABEEKMHOPCTX""--.')
_GLYPHS = {
    **{chr(32 + number): bytes.fromhex(code) for number, code in enumerate(_LATIN.split())},
    **{letter: bytes.fromhex(code) for letter, code in _CYRILLIC.items()},
}


Rows = list[bytearray]


def draw(prompt: str, aspect_ratio: str, variant: int = 1) -> bytes:
    """A PNG in that aspect ratio that shows the prompt. The same input, the same bytes."""
    width, height = size_of(aspect_ratio)
    return picture_of(paint(prompt, width, height, variant), width, height)


def size_of(aspect_ratio: str) -> tuple[int, int]:
    """Pixels for ``16:9``, ``landscape_16_9`` or anything else that models call a format."""
    ratio = _RATIOS.get(aspect_ratio, aspect_ratio)
    if ratio in SIZES:
        return SIZES[ratio]
    across, _, down = ratio.partition(":")
    if not (across.isdecimal() and down.isdecimal()):
        return SIZES["1:1"]
    unit = (PIXELS / (int(across) * int(down))) ** 0.5
    return round(unit * int(across)), round(unit * int(down))


def paint(prompt: str, width: int, height: int, variant: int = 1) -> Rows:
    """The picture as rows of red, green and blue."""
    named = prompt if variant == 1 else f"{prompt}/{variant}"
    seed = hashlib.sha256(named.encode()).digest()
    hue = seed[0] / 255
    rows = [_background_row(y, height, width, hue) for y in range(height)]
    _disc(rows, width, height, seed, hue)
    _caption(rows, width, height, prompt)
    return rows


def _background_row(y: int, height: int, width: int, hue: float) -> bytearray:
    part = y / height
    return bytearray(_rgb(hue + 0.12 * part, 0.55, 0.35 + 0.45 * part) * width)


def _disc(rows: Rows, width: int, height: int, seed: bytes, hue: float) -> None:
    radius = min(width, height) // 5
    cx = radius + (width - 2 * radius) * seed[1] // 255
    cy = radius + (height // 2 - radius) * seed[2] // 255
    colour = _rgb(hue + 0.45, 0.45, 0.98)
    for y in range(max(0, cy - radius), min(height, cy + radius)):
        half = int((radius**2 - (y - cy) ** 2) ** 0.5)
        left, right = max(0, cx - half), min(width, cx + half)
        rows[y][left * 3 : right * 3] = colour * (right - left)


def _caption(rows: Rows, width: int, height: int, prompt: str) -> None:
    scale = max(2, min(width, height) // 115)  # pixels of one dot of the font
    margin = 10 * scale
    columns = max(1, (width - 2 * margin) // (6 * scale))
    most = max(1, (height - 2 * margin) // (10 * scale))
    lines = _wrap(prompt.upper().translate(_ALIKE), columns, min(MAX_LINES, most))
    top = height - margin - len(lines) * 10 * scale
    shade = max(1, scale // 2)
    for number, line in enumerate(lines):
        y = top + number * 10 * scale
        for column, letter in enumerate(line):
            glyph = _GLYPHS.get(letter, _GLYPHS["?"])
            x = margin + column * 6 * scale
            _glyph(rows, x + shade, y + shade, glyph, b"\x10\x10\x18", scale)
            _glyph(rows, x, y, glyph, b"\xff\xff\xff", scale)


def _wrap(text: str, columns: int, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        while len(word) > columns:
            lines, word = [*lines, word[:columns]], word[columns:]
        joined = f"{lines[-1]} {word}".strip()
        lines = [*lines[:-1], joined] if len(joined) <= columns else [*lines, word]
    lines = [line for line in lines if line]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: max(0, columns - 3)] + "..."]
    return lines


def _glyph(rows: Rows, x: int, y: int, glyph: bytes, colour: bytes, scale: int) -> None:
    dot = colour * scale
    for column, bits in enumerate(glyph):
        left = (x + column * scale) * 3
        for row in range(8):
            if bits >> row & 1:
                for line in range(y + row * scale, y + (row + 1) * scale):
                    if 0 <= line < len(rows):
                        rows[line][left : left + len(dot)] = dot


def _rgb(hue: float, saturation: float, value: float) -> bytes:
    return bytes(int(255 * part) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def picture_of(rows: Rows, width: int, height: int) -> bytes:
    """Painted rows as a PNG."""
    raw = b"".join(b"\0" + row for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(raw, 6)),
            (b"IEND", b""),
        )
    )
