"""A running deployment, and the ways in which a test breaks it."""

import json
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Callable

import psycopg2

from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.world import TOKEN, World
from tests.support.machine.waiting import until

BEN = 1002


def running(world: World) -> None:
    """A bot that works, with an operator who has written to it."""
    bot = world.bot(ADMIN_ID=str(BEN))
    bot.wait_line("WEBHOOK CONFIGURED")


def telegram_call(world: World, method: str, **parameters: object) -> None:
    """Call the Bot API as somebody else with our token would; its flood limit is waited for."""
    request = urllib.request.Request(
        f"{world.telegram_url}/bot{TOKEN}/{method}",
        json.dumps(parameters).encode(),
        {"Content-Type": "application/json"},
    )

    def called() -> bool:
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return bool(json.load(answer)["ok"])
        except urllib.error.HTTPError as error:
            with error:
                if error.code != 429:
                    raise
                return False

    until(called, 10, f"{method} is allowed")


def webhook_at(url: str) -> Callable[[World], None]:
    def set_it(world: World) -> None:
        telegram_call(world, "setWebhook", url=url.format(base=world.env()["WEBHOOK_BASE_URL"]))

    return set_it


def statement(text: str) -> Callable[[World], None]:
    def run(world: World) -> None:
        with psycopg2.connect(world.env()["DATABASE_URL"]) as connection:
            connection.cursor().execute(text)
        connection.close()

    return run


def stop_the_bot(world: World) -> None:
    world.bots[0].signal(signal.SIGTERM)
    world.bots[0].wait()


def freeze_the_bot(world: World) -> None:
    world.bots[0].signal(signal.SIGSTOP)


def without_a_secret(world: World) -> None:
    """Somebody set our own address without the secret, and a user wrote."""
    url = Identity(Secret(TOKEN)).webhook_url(world.env()["WEBHOOK_BASE_URL"])
    (asked,) = world.telegram.calls("setWebhook")
    allowed = asked["parameters"]["allowed_updates"]
    telegram_call(world, "setWebhook", url=url, allowed_updates=allowed)
    world.telegram.say(BEN, "hello?")
    until(lambda: telegram_error(world), 10, "an error of Telegram's")


def without_a_new_kind(world: World) -> None:
    """An older Bot API server leaves out what it does not know."""
    (asked,) = world.telegram.calls("setWebhook")
    given = asked["parameters"]
    kinds = [each for each in given["allowed_updates"] if each != "subscription"]
    told = {"url": given["url"], "secret_token": given["secret_token"], "allowed_updates": kinds}
    telegram_call(world, "setWebhook", **told)


def an_error_a_moment_ago(world: World) -> None:
    """Telegram could not reach us for a moment; it can again."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        world.telegram.options(route=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        world.telegram.say(BEN, "hello?")
        until(lambda: telegram_error(world), 10, "an error of Telegram's")
    world.telegram.options(route="")


def telegram_error(world: World) -> bool:
    address = f"{world.telegram_url}/bot{TOKEN}/getWebhookInfo"
    with urllib.request.urlopen(address, timeout=5) as answer:
        return "last_error_date" in json.load(answer)["result"]


def kie(**account: object) -> Callable[[World], None]:
    return lambda world: world.kie.account(**account)


def kie_fault(kind: str, value: object = True) -> Callable[[World], None]:
    return lambda world: world.kie.fault(kind, value, times=99)
