"""Broken surroundings of a running bot: it steps back, says why, and comes back by itself."""

import concurrent.futures
import http.client
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from sandbox.client import buttons, content
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.ordering import a_call_under_way
from tests.support.bots.world import TOKEN, World
from tests.support.machine.waiting import until
from tests.support.postgres.databases import at

BEN = 1002
BACK_WITHIN = 5.0  #: seconds from the database's return until updates are taken: promised
IDENTITY = Identity(Secret(TOKEN))


def end_sessions(dsn: Secret) -> None:
    """Every session of the test's database ends, as in a restart of the server."""
    name = dsn.reveal().partition("?")[0].rpartition("/")[2]
    connection = psycopg2.connect(at(dsn, name).reveal().replace(f"/{name}?", "/postgres?"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
    connection.close()


@pytest.mark.forked
def test_a_bot_whose_sessions_were_ended_competes_again_and_serves(
    world: World, dsn: Secret
) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")

    end_sessions(dsn)
    bot.wait_line("[LOCK] ⚠️ ACTIVE → PASSIVE: ")
    bot.wait_line("[LOCK] ✅ PASSIVE → ACTIVE: ")
    world.telegram.say(BEN, "/start")

    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)))
    assert bot.health()["epoch"] == 2
    assert bot.text().count("Calling on_active_callback") == 2
    assert len(world.telegram.calls("setWebhook")) == 1


@pytest.mark.forked
def test_a_killed_instance_is_replaced_and_the_answer_comes(world: World) -> None:
    first = world.bot()
    first.wait_line("WEBHOOK CONFIGURED")
    second = world.bot(PORT=str(world.spare_port))
    second.wait_state("PASSIVE")
    world.telegram.options(route=f"http://127.0.0.1:{second.port}")

    first.signal(signal.SIGKILL)
    world.telegram.say(BEN, "/start")

    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 10)
    assert second.health()["state"] == "ACTIVE"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP on this platform")
@pytest.mark.forked
def test_a_frozen_instance_is_replaced_and_steps_back_when_it_thaws(world: World) -> None:
    first = world.bot()
    first.wait_line("WEBHOOK CONFIGURED")
    second = world.bot(PORT=str(world.spare_port))
    second.wait_state("PASSIVE")

    first.signal(signal.SIGSTOP)
    second.wait_state("ACTIVE", 12)
    first.signal(signal.SIGCONT)

    first.wait_line("[LOCK] ⚠️ ACTIVE → PASSIVE: ")
    first.wait_state("PASSIVE")
    assert second.health()["epoch"] == 2


@pytest.mark.forked
def test_updates_are_refused_while_the_database_is_away_and_arrive_afterwards(
    world: World, dsn: Secret
) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")
    name = dsn.reveal().partition("?")[0].rpartition("/")[2]
    admin = psycopg2.connect(dsn.reveal().replace(f"/{name}?", "/postgres?"))
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    end_sessions(dsn)
    world.telegram.say(BEN, "/start")
    until(lambda: any(t["status"] == 503 for t in world.telegram.state()["tries"]), 15, "a 503")
    assert int(post_nothing(bot.port).headers["Retry-After"]) > 0

    with admin.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    admin.close()
    until(lambda: post_nothing(bot.port).status == 200, BACK_WITHIN, "updates are taken again")

    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 30)


def post_nothing(port: int) -> http.client.HTTPResponse:
    """The answer to an update as Telegram would send it, with nothing in it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        secret = {"X-Telegram-Bot-Api-Secret-Token": IDENTITY.webhook_secret.reveal()}
        connection.request("POST", f"/telegram/{IDENTITY.webhook_id}", b'{"update_id": 1}', secret)
        return connection.getresponse()
    finally:
        connection.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users may enter: as root the embedded server runs as one, and each
    session of pytest closes pytest's own folder to them."""
    folder = Path(tempfile.mkdtemp(prefix="trt-own-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.forked
def test_polling_with_the_embedded_database_survives_a_kill(
    world: World, open_folder: Path
) -> None:
    own = {
        "BOT_MODE": "polling",
        "WEBHOOK_BASE_URL": "",
        "DATABASE_URL": "",
        "DATA_DIR": str(open_folder),
    }
    bot = world.bot(**own)
    bot.wait_state("ACTIVE", 30)
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)))
    world.telegram.press(BEN, "Picture")
    world.telegram.wait_for(BEN, lambda m: "What should I draw" in content(m))

    bot.signal(signal.SIGKILL)
    bot.wait()
    again = world.bot(**own)
    again.wait_state("ACTIVE", 30)
    world.telegram.say(BEN, "a lighthouse")

    world.telegram.wait_for(BEN, lambda m: any("Create" in b["text"] for b in buttons(m)), 30)
    again.signal(signal.SIGTERM)
    assert again.wait() == 0
    assert not (open_folder / "postgres" / "postmaster.pid").exists()


@pytest.mark.forked
@pytest.mark.skipif(sys.platform == "win32", reason="the package keeps the server there")
def test_an_embedded_server_that_the_system_has_killed_runs_again(
    world: World, open_folder: Path
) -> None:
    """As Linux does with whoever has most memory when there is none left."""
    bot = world.bot(DATABASE_URL="", BOT_MODE="polling", DATA_DIR=str(open_folder))
    bot.wait_state("ACTIVE", 60)
    left = open_folder / "postgres" / "postmaster.pid"

    os.kill(int(left.read_text().split()[0]), signal.SIGKILL)

    bot.wait_line("the embedded PostgreSQL was killed; it runs again", 60)
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 60)
    bot.signal(signal.SIGTERM)
    assert bot.wait() == 0
    assert not left.exists()


@pytest.mark.forked
def test_a_second_sigterm_hastens_the_end(world: World) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")

    bot.signal(signal.SIGTERM)
    bot.signal(signal.SIGTERM)

    assert bot.wait(10) == 0


@pytest.mark.forked
def test_a_call_that_hangs_does_not_keep_the_process_beyond_its_time(world: World) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")
    a_call_under_way(world, BEN)

    started = time.monotonic()
    bot.signal(signal.SIGTERM)

    assert bot.wait(25) == 0
    assert time.monotonic() - started < 20


def test_a_sigterm_during_the_start_is_obeyed(world: World) -> None:
    bot = world.bot()
    bot.wait_line("[HEALTH]")

    bot.signal(signal.SIGTERM)

    assert bot.wait(10) == 0


def test_large_bodies_of_strangers_cost_no_memory(world: World) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED")
    before = bot.resident_megabytes()

    def flood(_: int) -> bytes:
        head = (
            f"POST /telegram/{'0' * 32} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {90 * 2**20}\r\n\r\n"
        )
        answer = b""
        with socket.create_connection(("127.0.0.1", bot.port)) as stranger:
            stranger.sendall(head.encode())
            try:
                for _ in range(90):
                    stranger.sendall(b"x" * 2**20)
                answer = stranger.recv(64)
            except OSError:
                return answer
        return answer

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(flood, range(4)))

    assert bot.resident_megabytes() - before < 20
    assert bot.health()["status"] == "ok"
