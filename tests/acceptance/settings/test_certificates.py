"""A certificate of Telegram or kie.ai that expires, belongs to another host, or is not trusted: at
the start and in the middle of work. Nothing is sent, nothing is lost, and people are told."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from sandbox.client import buttons, content
from tests.support.bots.ordering import order
from tests.support.bots.world import Bot, World
from tests.support.machine.waiting import until
from tests.support.network.tls_front import CERTIFICATES, TlsFront, tls_front

BEN = 1002
BAD = ("expired", "of_another_host", "of_another_authority")
#: In the middle of work; after each one the circuit to kie.ai stays open for up to two minutes.
BAD_LATER = BAD if os.environ.get("LONG") else BAD[:1]


@pytest.fixture
def telegram(world: World) -> Iterator[TlsFront]:
    with tls_front(urlsplit(world.telegram_url).port or 0) as front:
        yield front


@pytest.fixture
def kie(world: World) -> Iterator[TlsFront]:
    with tls_front(urlsplit(world.kie_url).port or 0) as front:
        yield front


def bot_behind(world: World, telegram: TlsFront, kie: TlsFront) -> Bot:
    return world.bot(
        TELEGRAM_API_URL=telegram.url,
        KIE_API_URL=kie.url,
        KIE_UPLOAD_URL=kie.url,
        SSL_CERT_FILE=str(CERTIFICATES / "authority.pem"),
        ADMIN_ID=str(BEN),
    )


def wait_count(bot: Bot, part: str, count: int) -> None:
    until(lambda: bot.text().count(part) >= count, 40, f"{count} x {part}")


@pytest.mark.forked
def test_telegram_is_waited_for_at_the_start_and_in_the_middle(
    world: World, telegram: TlsFront, kie: TlsFront
) -> None:
    telegram.show("expired")
    bot = bot_behind(world, telegram, kie)
    bot.wait_line("[WEBHOOK_SETUP] ❌ Failed to set webhook!", 40)
    assert "certificate" in bot.text()
    until(lambda: bot.health().get("status") == "degraded", 20, "health tells of it")
    telegram.show("good")
    bot.wait_line("WEBHOOK CONFIGURED", 60)

    for number, kind in enumerate(BAD):
        user = world.telegram.new_user(f"User {number}")
        telegram.show(kind)
        seen = bot.text().count("delivery_later")
        world.telegram.say(user, "/start")
        wait_count(bot, "delivery_later", seen + 1)
        assert world.telegram.messages(user, of_bot=True) == []

        telegram.show("good")

        world.telegram.wait_for(user, lambda m: bool(buttons(m)), 90)
        assert sum("Hi," in content(m) for m in world.telegram.messages(user, of_bot=True)) == 1


@pytest.mark.forked
def test_kie_is_waited_for_at_the_start_and_in_the_middle(
    world: World, telegram: TlsFront, kie: TlsFront
) -> None:
    kie.show("of_another_authority")
    bot = bot_behind(world, telegram, kie)
    bot.wait_line("WEBHOOK CONFIGURED", 40)
    until(lambda: bot.health().get("reason") == "kie", 30, "health tells of it")
    kie.show("good")
    until(lambda: bot.health().get("status") == "ok", 60, "it is over")

    for number, kind in enumerate(BAD_LATER):
        user = world.telegram.new_user(f"User {number}")
        kie.show(kind)
        order(world, user, f"a lighthouse, {kind}")
        world.telegram.press(user, "Create")
        until(lambda: bot.health().get("reason") == "kie", 60, "health tells of it")
        assert world.kie.calls("createTask") == [] or number > 0

        kie.show("good")

        world.telegram.wait_photo(user, 120)
        assert len(world.kie.calls("createTask")) == number + 1
    assert "submit_unclear" not in bot.text()
    world.telegram.wait_for(BEN, lambda m: "certificate" in content(m), 30)
