"""Makes docs/images/stage-<language>.webp: steps 2 to 4 of the tour of `run.py demo`, as a film.

Chromium takes the pictures while the tour runs, as it runs: a deploy under load, kill -9 in the
middle of an order, freeze and thaw. They are put into one animated WebP (RIFF with one ANMF chunk
for each picture), with the pauses that were measured.

    python tests/pictures/stage.py [LANGUAGE …]
"""

import base64
import json
import struct
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.sync_api import Page, sync_playwright

from tests.pictures.chat import IMAGES, demo
from tests.support.bots.world import ROOT
from tests.support.pages.browser import CHROMIUM, QUIET

SIZE = {"width": 1280, "height": 760}
EVERY = 1.0  #: seconds between two pictures
STEPS = range(2, 5)
QUALITY = 25
MOST_BYTES = 900_000


def stage(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}sandbox/stage", timeout=10) as answer:
        found: dict[str, Any] = json.loads(answer.read())
        return found


def film(page: Page, address: str) -> list[tuple[bytes, int]]:
    """WebP pictures and how long each is to be seen, in milliseconds."""
    session = page.context.new_cdp_session(page)
    taken: list[tuple[bytes, float]] = []
    page.locator("#tour:not([disabled])").click(timeout=90_000)
    while True:
        now = stage(address)
        if now["step"] > max(STEPS) or (taken and not now["act"]):
            break
        if now["step"] in STEPS:
            shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
            taken.append((base64.b64decode(shot["data"]), time.monotonic()))
        time.sleep(EVERY)
    ends = [at for _, at in taken[1:]] + [taken[-1][1] + 3.0]
    return [(shot, round(1000 * (end - at))) for (shot, at), end in zip(taken, ends, strict=True)]


def animated(frames: list[tuple[bytes, int]]) -> bytes:
    """One file of many; the same picture twice is one that is seen longer."""
    merged: list[tuple[bytes, int]] = []
    for shot, lasts in frames:
        if merged and merged[-1][0] == shot:
            merged[-1] = shot, merged[-1][1] + lasts
        else:
            merged.append((shot, lasts))
    size = _three(SIZE["width"] - 1) + _three(SIZE["height"] - 1)
    chunks = [_chunk(b"VP8X", b"\x02\0\0\0" + size), _chunk(b"ANIM", b"\xff\xff\xff\xff\0\0")]
    for shot, lasts in merged:
        head = _three(0) + _three(0) + size + _three(min(lasts, 2**24 - 1)) + b"\x02"
        chunks.append(_chunk(b"ANMF", head + _picture(shot)))
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _picture(shot: bytes) -> bytes:
    """The VP8 chunk of a still WebP."""
    at = 12
    while at < len(shot):
        name, length = shot[at : at + 4], struct.unpack("<I", shot[at + 4 : at + 8])[0]
        if name in {b"VP8 ", b"VP8L"}:
            return shot[at : at + 8 + length + length % 2]
        at += 8 + length + length % 2
    raise ValueError("no picture in this file")


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def _three(number: int) -> bytes:
    return struct.pack("<I", number)[:3]


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    for language in sys.argv[1:] or ["en", "ru"]:
        with demo() as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = browser.new_page(viewport=SIZE, locale=language)  # type: ignore[arg-type]  # width and height
            page.goto(address)
            made = animated(film(page, address))
            browser.close()
        path = IMAGES / f"stage-{language}.webp"
        path.write_bytes(made)
        print(f"{path.relative_to(ROOT)}: {len(made) / 1024:.0f} KB")
        if len(made) > MOST_BYTES:
            sys.exit(f"more than {MOST_BYTES} bytes: take fewer pictures")


if __name__ == "__main__":
    main()
