"""The scan for secrets: every scenario at the most verbose level, and nothing slips out.

Looked through is everything that leaves the process: log lines, HTTP bodies and headers,
process titles, the text and the buttons of messages, and what is sent to each side about the
other. Looked for is every secret, its parts, its halves and its encoded forms. Only Telegram
may see the token and the webhook's secret, and only kie.ai its key. The title of the real command
is seen in a day of work and with wrong settings; what fails meanwhile does not change it.
"""

import contextlib
import json
import os
import signal
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import psycopg2
import pytest

from sandbox.client import buttons
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.ordering import order
from tests.support.bots.world import KIE_KEY, TOKEN, Bot, World
from tests.support.machine.proc import of_the_living
from tests.support.machine.waiting import until

BEN, ANNA = 1002, 1001
PASSWORD = "s3cret-of-the-Database/+0815"
HMAC_KEY = "hmac-key-of-kie.ai-4711-0815"
IDENTITY = Identity(Secret(TOKEN))
ROUTES = (
    ("GET", "/health"),
    ("GET", "/ready"),
    ("GET", "/metrics"),
    ("GET", "/"),
    ("GET", "/../../etc/passwd"),
    ("POST", f"/telegram/{IDENTITY.webhook_id}"),
    ("POST", "/telegram/wrong"),
    ("POST", "/callbacks/kie/1/wrong"),
    ("POST", "/callbacks/kie"),
    ("DELETE", "/health"),
)


def forms(secret: str) -> set[str]:
    """The secret, what stands behind a colon, both halves, and how a URL writes them."""
    _, _, tail = secret.partition(":")
    middle = len(secret) // 2
    parts = {secret, tail or secret, secret[:middle], secret[middle:]}
    return {form for part in parts for form in (part, urllib.parse.quote(part, safe=""))}


SECRETS = {
    "token": forms(TOKEN),
    "kie key": forms(KIE_KEY),
    "database password": forms(PASSWORD),
    "hmac key": forms(HMAC_KEY),
    "webhook secret": forms(IDENTITY.webhook_secret.reveal()),
    "webhook id": forms(IDENTITY.webhook_id),
}


def leaks(text: str, names: Iterable[str] = SECRETS) -> list[str]:
    return [f"{name}: {form}" for name in names for form in SECRETS[name] if form in text]


def environment(world: World) -> dict[str, str]:
    """With a password in the address, and everything that has a secret switched on."""
    address = world.env()["DATABASE_URL"]
    quoted = urllib.parse.quote(PASSWORD, safe="")
    return {
        "LOG_LEVEL": "TRACE",
        "DATABASE_URL": address.replace("postgres:@", f"postgres:{quoted}@"),
        "KIE_WEBHOOK_HMAC_KEY": HMAC_KEY,
        "ADMIN_ID": str(ANNA),
    }


def answers(bot: Bot) -> str:
    """What anybody gets from the port, with its headers."""
    found = []
    for method, path in ROUTES:
        request = urllib.request.Request(
            f"http://127.0.0.1:{bot.port}{path}",
            method=method,
            data=b'{"data":{"taskId":"unknown"}}' if method == "POST" else None,
        )
        with contextlib.suppress(OSError):
            try:
                reply = urllib.request.urlopen(request, timeout=3)
            except urllib.error.HTTPError as error:
                reply = error
            with reply:
                body = reply.read().decode(errors="replace")
            found.append(f"{reply.status} {reply.headers} {body}")
    return "\n".join(found)


def titles(bot: Bot) -> str:
    """Command lines and thread names of the process and of its children."""
    found = []
    pids = [bot.popen.pid]
    while pids:
        pid = pids.pop()
        process = Path(f"/proc/{pid}")
        tasks: list[str] = of_the_living(partial(os.listdir, process / "task"), [])
        for task in tasks:
            thread = process / "task" / task
            found.append(of_the_living((thread / "comm").read_text, ""))
            children = of_the_living((thread / "children").read_text, "")
            pids += [int(child) for child in children.split()]
        command = of_the_living((process / "cmdline").read_text, "")
        found.append(command.replace("\0", " "))
    return "\n".join(found)


@contextlib.contextmanager
def scanned(world: World, **changes: str) -> Iterator[Bot]:
    """A bot that is looked through from outside while it runs and after it has ended."""
    bot = world.bot(**{**environment(world), **changes})
    yield bot
    if bot.popen.poll() is None:
        outside = answers(bot) + titles(bot)
        assert outside
        assert leaks(outside) == []
        bot.signal(signal.SIGTERM)
        bot.wait()
    assert bot.text()
    assert leaks(bot.text()) == []
    said = json.dumps(world.telegram.state()["messages"])
    assert leaks(said) == []


def every_secret_was_in_use(world: World) -> None:
    """Else the scan would look for what could not be there."""
    (hook,) = world.telegram.calls("setWebhook")
    assert hook["parameters"]["secret_token"] == IDENTITY.webhook_secret.reveal()
    assert world.telegram.state()["webhook"]["url"].endswith(IDENTITY.webhook_id)


def test_a_day_of_work_shows_no_secret(world: World) -> None:
    world.kie.account(hmac_key=HMAC_KEY)
    with scanned(world) as bot:
        bot.wait_line("WEBHOOK CONFIGURED")
        every_secret_was_in_use(world)
        order(world, BEN)
        world.telegram.press(BEN, "Create")
        world.telegram.wait_photo(BEN)
        world.telegram.send(BEN, "photo")
        world.telegram.raw("{broken")
        world.telegram.say(ANNA, "/start")
        world.telegram.wait_for(ANNA, lambda message: bool(buttons(message)))

    told_kie = json.dumps([world.kie.tasks(), world.kie.calls("createTask")])
    told_telegram = json.dumps(world.telegram.state()["calls"])
    assert world.kie.tasks()
    assert leaks(told_kie, SECRETS.keys() - {"kie key"}) == []
    assert leaks(told_telegram, {"kie key", "database password", "hmac key"}) == []


@pytest.mark.forked
def test_telegram_in_trouble_shows_no_secret(world: World) -> None:
    with scanned(world) as bot:
        bot.wait_line("WEBHOOK CONFIGURED")
        for code in (400, 403, 500, 502):
            world.telegram.fault(
                "error", "sendMessage", code=code, description=f"{code} for a test"
            )
        for user in (ANNA, BEN, 1003):
            world.telegram.say(user, "/start")
        until(lambda: len(world.telegram.calls("sendMessage")) >= 4, 60, "all of them were tried")
        world.telegram.options(revoked=True)
        world.telegram.say(BEN, "/help")
        bot.wait_line("telegram_refuses_the_token", 60)


@pytest.mark.forked
def test_a_telegram_that_is_not_there_shows_no_secret(world: World) -> None:
    with scanned(world, TELEGRAM_API_URL="http://127.0.0.1:9") as bot:
        bot.wait_line("Failed to set webhook")
    with scanned(
        world, TELEGRAM_API_URL="http://127.0.0.1:9", BOT_MODE="polling", WEBHOOK_BASE_URL=""
    ) as bot:
        bot.wait_line("polling_failed")


@pytest.mark.forked
@pytest.mark.parametrize("kind", ["status", "code", "drop_before", "drop_after", "slow_body"])
def test_kie_in_trouble_shows_no_secret(world: World, kind: str) -> None:
    value = {"status": 401, "code": 500, "slow_body": 1.0}.get(kind, True)
    with scanned(world) as bot:
        bot.wait_line("WEBHOOK CONFIGURED")
        world.kie.fault(kind, value, message=f"Bearer {KIE_KEY} is refused", times=3)
        order(world, BEN)
        world.telegram.press(BEN, "Create")
        until(lambda: world.kie.calls("createTask"), 20, "the call that goes wrong")
        bot.wait_line("job_created")


@pytest.mark.forked
def test_a_kie_that_is_not_there_shows_no_secret(world: World) -> None:
    with scanned(world, KIE_API_URL="http://127.0.0.1:9") as bot:
        bot.wait_line("WEBHOOK CONFIGURED")
        order(world, BEN)
        world.telegram.press(BEN, "Create")
        bot.wait_line("submit_later", 30)


@pytest.mark.forked
def test_a_database_in_trouble_shows_no_secret(world: World) -> None:
    quoted = urllib.parse.quote(PASSWORD, safe="")
    nowhere = f"postgresql://trt:{quoted}@127.0.0.1:9/trt"
    with scanned(world, DATABASE_URL=nowhere) as bot:
        bot.wait_line("[DB] ⚠️ not reachable yet")
    with scanned(world) as bot:
        bot.wait_line("WEBHOOK CONFIGURED")
        with psycopg2.connect(world.env()["DATABASE_URL"]) as connection:
            connection.cursor().execute("ALTER TABLE dialogues RENAME TO gone")
        connection.close()
        world.telegram.say(BEN, "/start")
        bot.wait_line("dialogues", 30)


def test_wrong_settings_show_no_secret(world: World) -> None:
    with scanned(world, DATABASE_URL=f"mysql://root:{PASSWORD}@localhost/x") as bot:
        assert bot.wait() == 64
    with scanned(world, TELEGRAM_BOT_TOKEN=TOKEN + " ", LOCK_MODE=KIE_KEY) as bot:
        assert bot.wait() == 64


def test_the_scan_finds_what_it_looks_for() -> None:
    for name, wanted in SECRETS.items():
        for form in wanted:
            assert leaks(f"line with {form} in it", {name})
