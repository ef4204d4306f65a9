"""The chat page in a real browser: from /start to the picture, as a newcomer would."""

import shutil

import pytest

from tests.support.world import World

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
#: Some builds of Chromium come without this codec.
PLAYS_H264 = "document.createElement('video').canPlayType('video/mp4; codecs=\"avc1.42C015\"')"
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")
@pytest.mark.parametrize("width", [1280, 390])
def test_a_newcomer_gets_a_picture_on_the_page(world: World, width: int) -> None:
    from playwright.sync_api import expect, sync_playwright

    world.bot().wait_state("ACTIVE")
    errors: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": width, "height": 780})
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(world.telegram_url)

        page.get_by_label("Write as").select_option(label="Ben") if width < 900 else (
            page.get_by_role("button", name="Ben").click()
        )
        page.get_by_label("Message", exact=True).fill("/start")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Z-Image").press("Enter")
        expect(page.get_by_text("1 to 1000 characters")).to_be_visible()
        # Who uses the keyboard goes on where the message has changed.
        expect(page.get_by_role("button", name="Back")).to_be_focused()
        page.get_by_label("Message", exact=True).fill("<img src=x onerror=alert(1)> a cat")
        page.get_by_label("Send", exact=True).click()
        page.get_by_role("button", name="9:16").click()
        page.get_by_role("button", name="Create").click()

        picture = page.locator(".message img")
        expect(picture).to_be_visible(timeout=20_000)
        expect(page.get_by_role("button", name="Again")).to_be_visible()
        page.get_by_role("button", name="Open picture").press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
        page.get_by_label("Send a file").press("Enter")
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Album")).to_be_hidden()
        page.get_by_label("Send a file").press("Enter")
        page.get_by_role("button", name="Album").press("Enter")
        expect(page.locator(".mine .album > *")).to_have_count(3)
        if page.evaluate(PLAYS_H264):
            page.wait_for_function("document.querySelector('.album video').videoWidth === 256")
        if width < 900:
            page.locator("#panel-toggle").click()
        expect(page.locator("#state")).to_have_text("ACTIVE")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
    assert errors == []
    assert world.telegram.violations() == []
