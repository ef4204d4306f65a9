"""Buying credits on the chat page, in a real browser: from the pack to the receipt."""

import pytest

from tests.support.bots.world import World
from tests.support.pages.browser import browser, needs_chromium, page

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

        expect(opened.get_by_text("+100 credits")).to_be_visible()
        expect(opened.get_by_text("Receipt no. 1")).to_be_visible()
        opened.get_by_role("button", name="Balance").last.click()
        expect(opened.get_by_text("100").first).to_be_visible()
        assert opened.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert world.telegram.violations() == []


def test_an_approved_receipt_and_a_subscription_bring_the_order_back_in_russian(
    world: World,
) -> None:
    from playwright.sync_api import expect

    telegram, operator = world.telegram, 1002
    world.bot(ADMIN_ID=str(operator), PAYMENT_BANK="Банк", PAYMENT_CARD="0000").wait_state("ACTIVE")
    telegram.say(operator, "/start")
    for change in ("pack 250 120 199 ₽", "monthly 500 200"):
        telegram.say(operator, f"/prices {change}")
        telegram.wait_for(operator, lambda m: "→" in m.get("text", ""))
        telegram.press(operator, "Set it")
        telegram.wait_text(operator, "in force")
    user = telegram.new_user("Анна", "ru")
    size = {"width": 390, "height": 844}
    with browser() as started, page(started, world.telegram_url, viewport=size) as opened:
        opened.locator("#user-select").select_option(value=str(user))
        opened.locator("#start").click()

        def says(words: str) -> None:
            opened.locator("#input").fill(words)
            opened.locator("#send").click()

        def press(name: str) -> None:
            opened.get_by_role("button", name=name).last.click()

        says("/video волны ночью")
        expect(opened.get_by_text("Не хватает").first).to_be_visible()
        says("/topup")
        press("переводом")
        press("250 кредитов · 199 ₽")
        expect(opened.get_by_text("пришлите чек сюда")).to_be_visible()
        opened.locator("#attach").click()
        opened.locator("#attach-menu [data-kind=photo]").click()
        expect(opened.get_by_text("у оператора")).to_be_visible()
        telegram.wait_for(operator, lambda m: "photo" in m)
        telegram.press(operator, "✅")
        expect(opened.get_by_text("+250 кредитов")).to_be_visible()
        expect(opened.get_by_role("button", name="Создать · 20")).to_be_visible()

        says("/topup")
        press("500 кредитов в месяц · 200 ⭐")
        press("Подписаться · 200 ⭐ в месяц")
        expect(opened.get_by_text("+500 кредитов")).to_be_visible()
        says("/balance")
        press("Отключить подписку")
        expect(opened.get_by_text("Подписка отключена: больше")).to_be_visible()
        assert opened.evaluate("document.documentElement.scrollWidth") <= size["width"]
    (subscription,) = telegram.state()["subscriptions"]
    assert not subscription["renews"]
    assert telegram.violations() == []
