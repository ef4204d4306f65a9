"""A database that may only be read for a while, as a full disk or a fail-over makes it."""

import psycopg2
import pytest

from sandbox.client import buttons
from supervisor.runtime.secret import Secret
from tests.support.bots.world import Bot, World
from tests.support.machine.waiting import until
from tests.support.postgres.databases import end_sessions, name_of

BEN = 1002
OURS = "datname = %s AND pid <> pg_backend_pid()"


def read_only(dsn: Secret, switched: str) -> None:
    """``on`` or ``off``, for sessions that begin from now on; those that there are end."""
    connection = psycopg2.connect(dsn.reveal(), options="-c default_transaction_read_only=off")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER DATABASE {name_of(dsn)} SET default_transaction_read_only = {switched}"
        )
        if switched == "on":
            end_sessions(cursor, OURS, name_of(dsn))
    connection.close()


def ready(bot: Bot) -> int:
    return bot.get("/ready")[0]


@pytest.mark.parametrize("at_the_start", [True, False])
def test_nobody_acts_meanwhile_and_afterwards_it_goes_on_by_itself(
    world: World, dsn: Secret, at_the_start: bool
) -> None:
    if at_the_start:
        read_only(dsn, "on")
    bot = world.bot()
    if not at_the_start:
        bot.wait_line("WEBHOOK CONFIGURED", 40)
        read_only(dsn, "on")
        bot.wait_line("[LOCK] ⚠️ ACTIVE → PASSIVE: ", 30)

    until(lambda: ready(bot) == 503, 30, "it says that it cannot store")
    bot.wait_line("read-only; nothing can be stored", 30)
    if not at_the_start:
        world.telegram.say(BEN, "/start")
        until(lambda: refused(world), 30, "Telegram is told to come back")
    read_only(dsn, "off")

    bot.wait_line("WEBHOOK CONFIGURED", 40)
    until(lambda: bot.health().get("state") == "ACTIVE" and ready(bot) == 200, 40, "it acts")
    if at_the_start:
        world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 60)
    assert bot.popen.poll() is None


def refused(world: World) -> bool:
    return any(each["status"] == 503 for each in world.telegram.state()["tries"])
