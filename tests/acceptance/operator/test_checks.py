"""``prod-check`` and ``happy-path``: green for what works, and for each way to be broken one
red line with its reason, and no other."""

import asyncio
import contextlib
import io
import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import psycopg2
import pytest

from handlers.intake.inbox import Inbox
from handlers.intake.webhook import Webhook
from handlers.operator.checks import command
from supervisor.database.transactions import Database
from supervisor.health.health import Health
from supervisor.http.endpoints import HealthRoute
from supervisor.http.listener import Listener
from supervisor.lock.phase import Phase
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from supervisor.settings.reader import Settings
from supervisor.telemetry.metrics import Metrics
from tests.support.bots.broken_deployments import (
    BEN,
    an_error_a_moment_ago,
    freeze_the_bot,
    kie,
    kie_fault,
    running,
    statement,
    stop_the_bot,
    webhook_at,
    without_a_new_kind,
    without_a_secret,
)
from tests.support.bots.commands import run_py
from tests.support.bots.world import KIE_KEY, TOKEN, World
from tests.support.postgres.pooler import Pooled, pooled

__all__ = ["pooled"]  # a fixture

NOTHING: Mapping[str, str] = {}


def check(
    world: World, changes: Mapping[str, str] = {}, *, live: bool = False
) -> list[dict[str, Any]]:
    """The findings of ``prod-check``, run as the command runs it, in this process."""
    out = io.StringIO()
    report = command.Report(out, as_json=True)
    environment = world.env(**{"ADMIN_ID": str(BEN), **changes})

    @contextlib.contextmanager
    def address(settings: Settings) -> Iterator[Secret]:
        assert settings.database_url is not None
        yield settings.database_url

    def read() -> Settings:
        return Settings.from_env(environment, version="test")

    command.prod_check(report, read, address, SystemClock(), live=live, apply=False)
    report.as_data()
    assert not [secret for secret in (TOKEN, KIE_KEY) if secret in out.getvalue()]
    found = json.loads(out.getvalue())["checks"]
    assert isinstance(found, list)
    return found


def red(findings: list[dict[str, Any]]) -> dict[str, str]:
    """The failed checks by the first word of their names, with their reasons."""
    return {
        finding["name"].split()[0]: finding["text"]
        for finding in findings
        if finding["verdict"] == "failed"
    }


#: What is broken, by what, with which changed settings, and what must turn red and why.
BROKEN: dict[str, tuple[Callable[[World], None], dict[str, str], str, str]] = {
    "no process": (stop_the_bot, {}, "Port", "nothing listens"),
    "a process that hangs": (freeze_the_bot, {}, "Port", "the process hangs"),
    "another base url": (
        lambda _: None,
        {"WEBHOOK_BASE_URL": "http://127.0.0.1:9"},
        "Webhook",
        "instead of 127.0.0.1:9",
    ),
    "the webhook of an old release": (
        webhook_at("{base}/webhook/of-an-old-release"),
        {},
        "Webhook",
        "at another path of this host",
    ),
    "somebody else's webhook": (
        webhook_at("https://elsewhere.example/hook"),
        {},
        "Webhook",
        "to elsewhere.example instead of",
    ),
    "no webhook at all": (webhook_at(""), {}, "Webhook", "has no webhook"),
    "a webhook without our secret": (without_a_secret, {}, "Webhook", "401"),
    "a webhook of an older Bot API server": (
        without_a_new_kind,
        {},
        "Webhook",
        "no updates of the kind subscription",
    ),
    "a webhook that another release told its secret": (
        statement("DELETE FROM webhooks"),
        {},
        "Webhook",
        "secret",
    ),
    "an error of Telegram's a moment ago": (
        an_error_a_moment_ago,
        {},
        "Webhook",
        "Telegram's last error is",
    ),
    "a table that is missing": (
        statement("DROP TABLE orphan_callbacks"),
        {},
        "Migrations",
        "table orphan_callbacks is missing",
    ),
    "a column that is missing": (
        statement("ALTER TABLE users DROP COLUMN language CASCADE"),
        {},
        "Migrations",
        "column users.language text is missing",
    ),
    "a setting that is missing": (lambda _: None, {"KIE_API_KEY": ""}, "ENV", "KIE_API_KEY"),
    "a key that kie.ai refuses": (kie(api_key="another-key"), {}, "Z-image", "refuses the key"),
    "an account without credits": (kie(credits=0.1), {}, "Z-image", "0.1 credits left"),
}

#: The same for faults that only a real picture shows.
BROKEN_LIVE: dict[str, tuple[Callable[[World], None], str]] = {
    "a task that fails": (kie_fault("fail"), "failed"),
    "a task that never ends": (kie_fault("stuck"), "has not ended within"),
    "a result that cannot be read": (kie_fault("expired"), "cannot be read"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_one_thing_is_broken_and_the_right_check_turns_red(world: World, case: str) -> None:
    break_it, changes, name, reason = BROKEN[case]
    running(world)
    break_it(world)

    found = red(check(world, changes))

    assert list(found) == [name], found
    assert reason in found[name]


@pytest.mark.parametrize("case", BROKEN_LIVE)
def test_what_only_a_real_picture_shows_turns_the_flow_red(
    world: World, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it, reason = BROKEN_LIVE[case]
    monkeypatch.setattr(command, "LIVE_LIMIT", 10.0)
    running(world)
    break_it(world)

    found = red(check(world, live=True))

    assert list(found) == ["Z-image"], found
    assert reason in found["Z-image"]


def test_another_program_on_the_port_is_not_taken_for_ours(world: World) -> None:
    running(world)
    with listener(world, world.spare_port):
        found = red(check(world, {"PORT": str(world.spare_port)}))

    assert list(found) == ["Port"]
    assert "another program" in found["Port"]


def test_a_lock_that_a_stranger_holds_turns_the_lock_red(world: World) -> None:
    running(world)
    stop_the_bot(world)
    stranger = psycopg2.connect(world.env()["DATABASE_URL"], application_name="old-release")
    key = Identity(Secret(TOKEN)).lock_key
    stranger.cursor().execute("SELECT pg_advisory_lock(%s)", (key,))
    second = world.bot(ADMIN_ID=str(BEN))
    second.wait_line("PASSIVE MODE")

    found = red(check(world))
    stranger.close()

    assert list(found) == ["Lock"]
    assert "old-release" in found["Lock"]


def test_a_lock_that_nobody_holds_turns_the_lock_red(world: World) -> None:
    running(world)
    stop_the_bot(world)
    with listener(world, world.public_port, impostor=True):
        found = red(check(world))

    assert list(found) == ["Lock"]
    assert "nobody holds key" in found["Lock"]


def test_a_transaction_pooler_turns_the_lock_red(world: World, pooled: Pooled) -> None:
    running(world)

    found = red(check(world, {"DATABASE_URL": pooled("transaction").reveal()}))

    assert list(found) == ["Lock"]
    assert "pooler that shares server sessions" in found["Lock"]


@contextlib.contextmanager
def listener(world: World, port: int, *, impostor: bool = False) -> Iterator[None]:
    """A server on ``port``: a stranger's, or our own receiver in a process that has no lock."""
    routes: list[Any] = []
    database = inbox = None
    if impostor:
        identity = Identity(Secret(TOKEN))
        database = Database(
            Secret(world.env()["DATABASE_URL"]),
            size=2,
            bot_id=identity.bot_id,
            fence_key=identity.fence_key,
            name="impostor",
            wakeups=Wakeups(),
        )
        inbox = Inbox(database, identity.bot_id, metrics=Metrics())
        inbox.start()
        health = Health(SystemClock(), mode="webhook", instance_id="i", version="test")
        health.phase_changed(Phase.ACTIVE, epoch=1, reason="it says so")
        routes = [HealthRoute(health), Webhook(identity, inbox)]
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = Listener(port, tuple(routes), host="127.0.0.1")
    asyncio.run_coroutine_threadsafe(serving.start(), loop).result(10)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(serving.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
        if inbox is not None and database is not None:
            inbox.stop()
            inbox.join(5)
            database.close()


# ------------------------------------------------------------------- commands --


def run(world: World, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = world.env(**{"ADMIN_ID": str(BEN), "LOG_LEVEL": "INFO", **changes})
    return run_py(*words, env=environment)


def test_a_deployment_that_works_is_ready_for_production(world: World) -> None:
    running(world)
    world.telegram.say(BEN, "/start")

    done = run(world, "prod-check", "--live", "--apply")

    assert done.stdout == (
        "✅ ✅ ✅ ALL CRITICAL TESTS PASSED ✅ ✅ ✅\n"
        "Summary:\n"
        "  1. ENV variables: ✅\n"
        f"  2. Port {world.public_port}: ✅\n"
        "  3. Migrations: ✅\n"
        "  4. Lock key: ✅\n"
        "  5. Webhook: ✅\n"
        "  6. Health endpoint: ✅\n"
        "  7. Z-image flow: ✅\n"
        "Production Ready! 🚀\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(world.telegram.calls("setWebhook")) == 1
    assert len(world.kie.tasks()) == 1
    world.telegram.wait_photo(BEN)


def test_a_deployment_in_polling_mode_is_ready_for_production(world: World) -> None:
    bot = world.bot(BOT_MODE="polling", WEBHOOK_BASE_URL="")
    bot.wait_state("ACTIVE")

    done = run(world, "prod-check", "--json", BOT_MODE="polling", WEBHOOK_BASE_URL="")

    assert done.returncode == 0, done.stdout
    assert len(json.loads(done.stdout)["checks"]) == 7


def test_a_broken_deployment_is_told_what_to_do_and_exits_with_one(world: World) -> None:
    done = run(world, "prod-check")

    assert done.returncode == 1
    assert "Production Ready" not in done.stdout
    assert "2. Port" in done.stdout and "❌ nothing listens on port" in done.stdout
    assert "→ start the bot: python run.py serve" in done.stdout


def test_the_happy_path_prints_its_six_lines(world: World) -> None:
    running(world)
    world.telegram.say(BEN, "/start")

    done = run(world, "happy-path")
    lines = done.stdout.splitlines()
    identity = Identity(Secret(TOKEN))

    assert lines[:3] == [
        "✅ All required ENV variables present",
        f"✅ Lock key valid: {identity.lock_key}",
        "✅ Required tables present: users, generation_jobs, orphan_callbacks",
    ]
    assert lines[3] == (
        f"✅ Webhook set: {world.env()['WEBHOOK_BASE_URL']}/telegram/{identity.webhook_id[:4]}…"
    )
    assert lines[4] == f"✅ Task created: {world.kie.tasks()[0]['id']}"
    assert lines[5] == "✅ Task status: success"
    assert done.returncode == 0
    world.telegram.wait_photo(BEN)


def test_the_happy_path_mends_a_wrong_webhook_without_dropping_updates(world: World) -> None:
    running(world)
    webhook_at("https://elsewhere.example/hook")(world)
    world.telegram.options(route="http://127.0.0.1:9")
    world.telegram.say(BEN, "/start")

    done = run(world, "happy-path")
    world.telegram.options(route="")

    assert done.returncode == 0, done.stdout
    world.telegram.wait_for(BEN, lambda message: "reply_markup" in message)


def test_a_sample_that_nobody_takes_is_withdrawn(world: World) -> None:
    running(world)
    stop_the_bot(world)

    done = run(world, "happy-path", "--json")
    found = {each["name"]: each["verdict"] for each in json.loads(done.stdout)["checks"]}
    again = world.bot(ADMIN_ID=str(BEN))
    again.wait_line("WEBHOOK CONFIGURED")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda message: "reply_markup" in message)

    assert found["Task created"] == "failed"
    assert found["Task status"] == "not checked"
    assert done.returncode == 1
    assert world.kie.tasks() == []


def test_without_an_operator_the_picture_is_made_and_sent_to_nobody(world: World) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")

    done = run(world, "prod-check", "--live", "--json", ADMIN_ID="")
    (flow,) = [each for each in json.loads(done.stdout)["checks"] if "Z-image" in each["name"]]

    assert done.returncode == 0, done.stdout
    assert "delivered to nobody" in flow["text"]
    assert world.telegram.calls("sendPhoto") == []
