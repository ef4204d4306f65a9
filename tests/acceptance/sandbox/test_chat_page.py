"""The chat page with the bot, in a real browser: from START to the picture, as a newcomer would."""

import pytest

from tests.support.bots.world import World
from tests.support.pages.browser import browser, needs_chromium, page

pytestmark = [pytest.mark.browser, needs_chromium]

#: Some builds of Chromium come without this codec.
PLAYS_H264 = "document.createElement('video').canPlayType('video/mp4; codecs=\"avc1.42C015\"')"


@pytest.mark.parametrize("width", [1280, 390])
def test_a_newcomer_gets_a_picture_on_the_page(world: World, width: int) -> None:
    from playwright.sync_api import expect

    world.bot().wait_state("ACTIVE")
    size = {"width": width, "height": 780}
    with browser() as started, page(started, world.telegram_url, viewport=size) as opened:
        people = opened.locator("#user-list button", has_text="Ben")
        if width < 900:
            opened.get_by_label("Write as").select_option(label="Ben")
        else:
            people.click()
        opened.locator("#start").click()
        # Three samples come with the greeting.
        pictures = opened.locator(".message img")
        expect(pictures).to_have_count(3)
        opened.get_by_role("button", name="🎨 Picture").press("Enter")
        expect(opened.get_by_text("What should I draw")).to_be_visible()
        # Who uses the keyboard goes on where the message has changed.
        expect(opened.get_by_role("button", name="Back")).to_be_focused()
        opened.get_by_label("Message", exact=True).fill("<img src=x onerror=alert(1)> a cat")
        opened.get_by_label("Send", exact=True).click()
        opened.get_by_role("button", name="1:1").click()
        opened.get_by_role("button", name="9:16").click()
        # The card shows the choice; a press under the choices would be one of an earlier step.
        expect(opened.get_by_role("button", name="3:4")).to_be_hidden()
        opened.get_by_role("button", name="Create").click()

        expect(pictures).to_have_count(4)
        expect(opened.get_by_role("button", name="Another one")).to_be_visible()
        opened.get_by_role("button", name="Open picture").last.press("Enter")
        expect(opened.locator("#lightbox")).to_be_visible()
        opened.keyboard.press("Escape")
        expect(opened.locator("#lightbox")).to_be_hidden()
        opened.get_by_label("Send a file").press("Enter")
        opened.keyboard.press("Escape")
        expect(opened.get_by_role("button", name="Album")).to_be_hidden()
        opened.get_by_label("Send a file").press("Enter")
        opened.get_by_role("button", name="Album").press("Enter")
        expect(opened.locator(".mine .album > *")).to_have_count(3)
        if opened.evaluate(PLAYS_H264):
            opened.wait_for_function("document.querySelector('.album video').videoWidth === 256")
        if width < 900:
            opened.locator("#panel-toggle").click()
        expect(opened.locator("#state")).to_have_text("ACTIVE")
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    assert world.telegram.violations() == []
