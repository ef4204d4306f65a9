"""A name server that answers slowly, not at all, or with the address of another database."""

import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from sandbox.client import buttons
from supervisor.runtime.secret import Secret
from tests.support.bots.world import Bot, World
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until
from tests.support.network.name_server import NameServer, name_server
from tests.support.network.servers import black_hole
from tests.support.postgres.own_postgres import own_postgres
from tests.support.postgres.standby import Standby

BEN = 1002
OLD, NEW = "127.0.0.2", "127.0.0.3"


@pytest.fixture
def names(tmp_path: Path) -> Iterator[NameServer]:
    known = {"db.test": [OLD], "telegram.test": ["127.0.0.1"], "kie.test": ["127.0.0.1"]}
    with name_server(tmp_path, known) as server:  # type: ignore[arg-type]
        yield server


def named_bot(world: World, names: NameServer, **changes: str) -> Bot:
    """An instance that knows database, Telegram and kie.ai by their names only."""
    env = {
        "TELEGRAM_API_URL": f"http://telegram.test:{urlsplit(world.telegram_url).port}",
        "KIE_API_URL": f"http://kie.test:{urlsplit(world.kie_url).port}",
        **changes,
    }
    return world.started(env=env, prefix=names.around)


@pytest.fixture
def database() -> Iterator[tuple[int, str]]:
    """A server on ``OLD`` only: its port, and the address over its socket."""
    with own_postgres() as server:
        port = free_port()
        server.listen(OLD, "127.0.0.0/8", port)
        yield port, server.dsn.reveal()


def url(port: int) -> str:
    return f"postgresql://postgres@db.test:{port}/postgres"


def test_a_name_that_leads_to_another_server_is_followed_and_the_old_one_left(
    world: World, names: NameServer, database: tuple[int, str]
) -> None:
    """A fail-over whose old server goes on serving those who are connected to it."""
    port, old = database
    standby = Standby(Secret(old), address=NEW, port=port)
    try:
        bot = named_bot(world, names, DATABASE_URL=url(port))
        bot.wait_line("WEBHOOK CONFIGURED", 40)
        standby.promote()
        names.addresses["db.test"] = [NEW]

        bot.wait_line("new sessions lead to another server; older ones are closed", 60)
        bot.wait_line("[LOCK] ✅ PASSIVE → ACTIVE", 30)
        until(lambda: sessions(old) == 0, 60, "nobody is connected to the old server")
        world.telegram.say(BEN, "/start")
        world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 30)
    finally:
        standby.close()


def sessions(dsn: str) -> int:
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid()"
        )
        ((count,),) = cursor.fetchall()
    connection.close()
    return int(count)


def test_without_a_name_server_a_start_waits_and_ends_in_time(
    world: World, names: NameServer, database: tuple[int, str]
) -> None:
    names.silent = True
    bot = named_bot(world, names, DATABASE_URL=url(database[0]))
    bot.wait_line("[DB] ⚠️ not reachable yet", 30)
    assert bot.health()["state"] == "STARTING"

    bot.signal(signal.SIGTERM)

    assert bot.wait(20) == 0
    assert "db.test" in bot.text()


def test_a_name_server_that_comes_back_is_enough(
    world: World, names: NameServer, database: tuple[int, str]
) -> None:
    names.silent = True
    bot = named_bot(world, names, DATABASE_URL=url(database[0]))
    bot.wait_line("[DB] ⚠️ not reachable yet", 30)

    names.silent = False

    bot.wait_line("WEBHOOK CONFIGURED", 40)


def test_names_that_are_found_late_are_waited_for(
    world: World, names: NameServer, database: tuple[int, str]
) -> None:
    names.delay = 1.5
    bot = named_bot(world, names, DATABASE_URL=url(database[0]))
    bot.wait_line("WEBHOOK CONFIGURED", 60)
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 40)


def test_an_address_that_swallows_everything_is_left_for_the_one_that_answers(
    world: World, names: NameServer, database: tuple[int, str]
) -> None:
    """As a machine with broken IPv6 has it: the first address never answers."""
    port, _ = database
    with black_hole("::1", port):
        names.addresses["db.test"] = ["::1", OLD]
        bot = named_bot(world, names, DATABASE_URL=url(port))
        bot.wait_line("WEBHOOK CONFIGURED", 30)
        world.telegram.say(BEN, "/start")
        world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 20)


def test_an_address_of_telegram_that_swallows_everything_delays_neither_start_nor_answer(
    world: World, names: NameServer, database: tuple[int, str]
) -> None:
    """Broken IPv6 at the machine: its name has a dead address and one that works."""
    port = urlsplit(world.telegram_url).port
    assert port is not None
    with black_hole("::1", port):
        names.addresses["telegram.test"] = ["::1", "127.0.0.1"]
        bot = named_bot(world, names, DATABASE_URL=url(database[0]))
        bot.wait_line("WEBHOOK CONFIGURED", 30)
        world.telegram.say(BEN, "/start")
        world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 20)
        assert "telegram_call_failed" not in bot.text()
        assert bot.health()["status"] == "ok"
