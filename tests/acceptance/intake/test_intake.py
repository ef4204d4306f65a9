"""From Telegram to the inbox and back, with real processes: spinners, payments, replays."""

import json
import os
import signal
import subprocess

import psycopg2
import pytest

from sandbox.client import content
from supervisor.runtime.secret import Secret
from tests.support.bots.commands import run_py
from tests.support.bots.world import Bot, World
from tests.support.edges import telegram_updates as telegram
from tests.support.machine.waiting import until

BEN = 1002


def status(world: World, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_py("status", *arguments, env=world.env())


def set_aside(dsn: Secret, text: str) -> None:
    """An update of Ben that a handler could not handle, as the dispatcher leaves it."""
    update = telegram.message(BEN, update_id=900_000_001, text=text)
    connection = psycopg2.connect(dsn.reveal())
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO telegram_updates"
            " (bot_id, update_id, lane, kind, body, state, attempts, error, done_at)"
            " VALUES (123456, 900000001, %s, 'message', %s, 'dead', 5, 'RuntimeError: x', now())",
            (BEN, json.dumps(update)),
        )
    connection.close()


def test_an_update_that_was_set_aside_is_listed_and_replayed_while_the_bot_runs(
    world: World, dsn: Secret
) -> None:
    bot = world.bot()
    bot.wait_state("ACTIVE")
    set_aside(dsn, "/help")

    listed = status(world, "--dead", "--json")
    (row,) = json.loads(listed.stdout)
    assert (row["update_id"], row["error"], row["tries"]) == (900_000_001, "RuntimeError: x", 5)
    assert "RuntimeError: x" in status(world, "--dead").stdout

    replayed = status(world, "--replay", str(row["id"]))
    assert replayed.returncode == 0, replayed.stderr
    world.telegram.wait_text(BEN, "How it works")

    again = status(world, "--replay", str(row["id"]))
    assert again.returncode == 1
    assert f"{row['id']} is not an update that can be replayed" in again.stderr
    assert "nothing is set aside" in status(world, "--dead").stdout
    _, metrics = bot.get("/metrics")
    for line in (
        "trt_updates_processed_total 1.0",
        'trt_deliveries_total{kind="answer",outcome="sent"} 1.0',
        "trt_update_handling_seconds_count 1.0",
        "trt_loop_lag_seconds_count",
    ):
        assert line in metrics


def pressed(world: World, query: str) -> bool:
    (press,) = [each for each in world.telegram.state()["presses"] if each["id"] == query]
    return bool(press["answered"])


def test_a_passive_instance_ends_the_spinner_of_a_press_that_nobody_handles_yet(
    world: World,
) -> None:
    first = world.bot()
    first.wait_line("WEBHOOK CONFIGURED")
    world.telegram.say(BEN, "/start")
    menu = world.telegram.wait_for(BEN, lambda m: "inline_keyboard" in m.get("reply_markup", {}))
    second = world.bot(PORT=str(world.spare_port))
    second.wait_state("PASSIVE")

    world.telegram.options(route=f"http://127.0.0.1:{world.spare_port}")
    first.signal(signal.SIGSTOP)
    query = world.telegram.press(BEN, "Picture", message=menu)

    until(lambda: pressed(world, query), 6, "the spinner ends")
    assert second.health()["state"] == "PASSIVE"
    # The frozen one is replaced; the press is handled as if nothing had been.
    second.wait_state("ACTIVE", 30)
    world.telegram.wait_text(BEN, "What should I draw", 20)
    assert world.telegram.violations() == []
    first.signal(signal.SIGKILL)


def flooded_with_messages(world: World, bot: Bot) -> None:
    bot.wait_state("ACTIVE")
    for user in [world.telegram.new_user(f"User {n}") for n in range(20)]:
        for _ in range(5):
            world.telegram.say(user, "/help")


@pytest.mark.parametrize("mode", ["webhook", "polling"])
def test_a_payment_is_refused_in_time_behind_a_hundred_messages(world: World, mode: str) -> None:
    base = "" if mode == "polling" else f"http://127.0.0.1:{world.public_port}"
    flooded_with_messages(world, world.bot(BOT_MODE=mode, WEBHOOK_BASE_URL=base))

    query = world.telegram.checkout(BEN, "order", 5)

    def refused() -> bool:
        # The simulator takes no answer after ten seconds.
        (asked,) = [each for each in world.telegram.checkouts() if each["id"] == query]
        return asked["ok"] is False

    until(refused, 20, "a refusal within Telegram's ten seconds")
    assert world.telegram.violations() == []


@pytest.mark.skipif(os.environ.get("LONG") != "1", reason="takes two minutes: LONG=1")
def test_a_deaf_poller_is_rebuilt_after_a_minute_and_a_half(world: World) -> None:
    bot = world.bot(BOT_MODE="polling", WEBHOOK_BASE_URL="")
    bot.wait_state("ACTIVE")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(content(m)))

    world.telegram.fault("delay", "getUpdates", seconds=600, times=3)
    world.telegram.say(BEN, "/help")

    bot.wait_line("polling_deaf_client_replaced", 150)
    world.telegram.wait_text(BEN, "How it works", 60)
