"""Buying credits on the chat page, in a real browser: from the pack to the receipt."""

import pytest

from tests.support.browser import browser, needs_chromium, page
from tests.support.world import World

pytestmark = [pytest.mark.browser, needs_chromium]


def test_three_taps_buy_credits_on_a_phone(world: World) -> None:
    from playwright.sync_api import expect

    world.bot().wait_state("ACTIVE")
    size = {"width": 390, "height": 780}
    with browser() as started, page(started, world.telegram_url, viewport=size) as opened:
        opened.get_by_label("Write as").select_option(label="Ben")
        opened.locator("#start").click()
        opened.get_by_label("Message", exact=True).fill("/topup")
        opened.get_by_label("Send", exact=True).click()
        opened.get_by_role("button", name="100 credits · 50 ⭐").click()
        opened.get_by_role("button", name="Pay ⭐ 50").click()

        expect(opened.get_by_text("+100 credits")).to_be_visible(timeout=20_000)
        expect(opened.get_by_text("Receipt no. 1")).to_be_visible()
        opened.get_by_role("button", name="Balance").last.click()
        expect(opened.get_by_text("100").first).to_be_visible()
        assert opened.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert world.telegram.violations() == []
