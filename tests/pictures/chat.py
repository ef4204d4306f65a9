"""Makes docs/images/chat-<language>.webp: the chat of `run.py demo` on a phone, in Chromium.

python tests/pictures/chat.py
"""

import base64
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.sync_api import Page, expect, sync_playwright

from tests.support.bots.world import ROOT
from tests.support.machine.ports import free_port
from tests.support.pages.browser import CHROMIUM, QUIET

IMAGES = ROOT / "docs" / "images"
#: Language, user of the page, what the user writes, the buttons that lead to a picture.
SCENES = (
    ("en", "Ben", "A red fox in a hat", ("1:1", "4:3", "Create"), "Another one"),
    ("ru", "Анна", "Рыжий лис в шляпе", ("1:1", "4:3", "Создать"), "Ещё вариант"),
)
PHONE = {"width": 390, "height": 760}


@contextmanager
def demo() -> Iterator[str]:
    """`run.py demo`; yields the address of the chat page."""
    port = free_port()
    words = [sys.executable, "run.py", "demo", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if "write /start" in line:
                break
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.communicate()


def order(page: Page, user: str, wish: str, buttons: tuple[str, str, str], end: str) -> None:
    """From /start to the picture."""
    page.locator("#user-select").select_option(label=user)
    page.locator("#start").click()
    pictures = page.locator(".message img")
    # Three samples come with the greeting.
    expect(pictures).to_have_count(3)
    message = page.locator("#input")
    message.fill(wish)
    message.press("Enter")
    chip, choice, create = buttons
    page.get_by_role("button", name=chip).click()
    page.get_by_role("button", name=choice).click()
    # A button of the screen before creates nothing: its price may have been another one.
    expect(page.get_by_role("button", name=f"{choice} ▾")).to_be_visible()
    page.get_by_role("button", name=create).click()
    expect(pictures).to_have_count(4, timeout=60_000)
    expect(page.get_by_role("button", name=end)).to_be_visible()
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)


def shoot(page: Page, path: Path) -> None:
    """Playwright writes no WebP; Chromium does."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": 80})
    path.write_bytes(base64.b64decode(shot["data"]))
    print(f"{path.name}: {path.stat().st_size / 1024:.0f} KB")


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        for language, user, wish, buttons, end in SCENES:
            page = browser.new_page(viewport=PHONE, device_scale_factor=2, locale=language)  # type: ignore[arg-type]  # width and height
            page.goto(address)
            order(page, user, wish, buttons, end)
            shoot(page, IMAGES / f"chat-{language}.webp")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
