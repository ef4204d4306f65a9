"""What real processes tell about the lock: /health, /metrics, ``run.py status``, exit codes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from supervisor.runtime.secret import Secret
from tests.support.bots.commands import run_py
from tests.support.bots.world import TOKEN, Bot, World
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until
from tests.support.postgres.pooler import Pooled, pooled

LONG = bool(os.environ.get("LONG"))

__all__ = ["pooled"]  # a fixture


def run_status(world: World, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return run_py("status", *words, env=world.env(**changes))


def status(world: World) -> dict[str, Any]:
    done = run_status(world, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def counted(bot: Bot, sample: str) -> float:
    for line in bot.get("/metrics")[1].splitlines():
        name, _, value = line.rpartition(" ")
        if name == sample:
            return float(value)
    return 0.0


@pytest.fixture
def old_release(dsn: Secret) -> Iterator[Any]:
    """A session that took the very lock of the bot and has done nothing since."""
    from supervisor.settings.identity import Identity

    connection = psycopg2.connect(dsn.reveal(), application_name="old bot")
    connection.autocommit = True
    key = Identity(Secret(TOKEN)).lock_key
    connection.cursor().execute("SELECT pg_advisory_lock(%s)", (key,))
    yield connection
    connection.close()


def test_status_health_and_metrics_follow_the_lock_through_its_life(world: World) -> None:
    assert run_py("migrate", env=world.env()).returncode == 0
    nobody = status(world)
    assert nobody["active"] is None
    assert nobody["last_end"] == "no term was ever begun"
    assert nobody["waiting"] == []

    first = world.bot()
    first.wait_line("WEBHOOK CONFIGURED")
    second = world.bot(PORT=str(world.spare_port))
    second.wait_state("PASSIVE")
    found = status(world)
    assert found["active"]["instance"] == first.health()["instance_id"]
    assert found["active"]["epoch"] == first.health()["epoch"] == 1
    assert found["active"]["heartbeat_seconds"] < 3
    assert found["waiting"] == [second.health()["instance_id"]]

    first.signal(signal.SIGKILL)
    said = second.wait_state("ACTIVE")
    assert said["epoch"] == 2
    assert said["lock"]["held"] is True
    assert counted(second, 'trt_hand_overs_total{predecessor="gone"}') == 1
    assert counted(second, "trt_without_active_seconds_total") > 0
    assert status(world)["active"]["instance"] == said["instance_id"]

    third = world.bot(PORT=str(free_port()))
    third.wait_state("PASSIVE")
    second.signal(signal.SIGTERM)
    assert third.wait_state("ACTIVE")["epoch"] == 3
    # Before its predecessor could act outside nothing is signed off: then it waits as well.
    assert (
        counted(third, 'trt_hand_overs_total{predecessor="gone"}')
        + counted(third, 'trt_hand_overs_total{predecessor="signed_off"}')
        == 1
    )
    third.signal(signal.SIGKILL)
    third.wait()
    gone = until(lambda: (s := status(world))["active"] is None and s, 15, "nobody is ACTIVE")
    assert "epoch 3 of" in gone["last_end"]
    assert "is gone; its last heartbeat is" in gone["last_end"]
    assert "ACTIVE   nobody" in run_status(world).stdout


def test_an_old_release_is_shown_as_the_holder_and_waited_for(
    world: World, old_release: Any
) -> None:
    bot = world.bot()
    bot.wait_state("PASSIVE")
    found = status(world)

    assert found["active"] is None
    assert found["holder"]["pid"] == old_release.info.backend_pid
    assert found["holder"]["name"] == "old bot"
    assert found["waiting"] == [bot.health()["instance_id"]]
    assert "holds the lock without a term" in run_status(world).stdout
    assert bot.health()["status"] == "ok"

    old_release.close()
    assert bot.wait_state("ACTIVE")["epoch"] == 1


def test_a_forced_take_over_is_told_by_both(world: World) -> None:
    first = world.bot()
    first.wait_line("WEBHOOK CONFIGURED")
    second = world.bot(
        PORT=str(world.spare_port), LOCK_MODE="wait_then_force", LOCK_WAIT_SECONDS="1"
    )

    second.wait_line("[LOCK] ⚠️ FORCE ACTIVE MODE (risky!)")
    second.wait_line("[LOCK] ✅ PASSIVE → ACTIVE: ")
    first.wait_line("[LOCK] ⚠️ ACTIVE → PASSIVE: ")

    assert first.wait_state("PASSIVE")["lock"]["held"] is False
    assert counted(first, 'trt_lock_losses_total{cause="session_ended"}') == 1
    assert counted(second, 'trt_hand_overs_total{predecessor="gone"}') == 1
    assert status(world)["active"]["epoch"] == second.health()["epoch"] == 2
    waits = [first.health()["instance_id"]]
    until(lambda: status(world)["waiting"] == waits, 15, "the first one waits")


def test_status_without_a_database_says_so_and_ends_with_70(world: World) -> None:
    done = run_status(world, DATABASE_URL="postgresql://nobody:secret@127.0.0.1:1/nothing")

    assert done.returncode == 70
    assert "Connection refused" in done.stdout + done.stderr
    assert "secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_shares_sessions_ends_the_process_for_good(
    world: World, pooled: Pooled, mode: str
) -> None:
    bot = world.bot(DATABASE_URL=pooled(mode).reveal())

    assert bot.wait() == 64
    assert "leads through a pooler that shares server sessions" in bot.text()
    assert "use the direct address of PostgreSQL or a session-mode pooler" in bot.text()


def test_a_session_pooler_works_with_a_warning(world: World, pooled: Pooled) -> None:
    bot = world.bot(DATABASE_URL=pooled("session").reveal())
    bot.wait_line("WEBHOOK CONFIGURED")

    assert bot.text().count("leads through a session pooler") == 1
    bot.signal(signal.SIGTERM)
    assert bot.wait() == 0


@pytest.mark.skipif(not LONG, reason="takes the 30 s that the setting allows at least: LONG=1")
def test_a_healthy_process_older_than_the_stale_limit_survives_a_newcomer(
    world: World, dsn: Secret, tmp_path: Path
) -> None:
    """``tests/integration/lock/test_supervisor.py`` shows the same within seconds."""
    first = world.bot()
    first.wait_line("WEBHOOK CONFIGURED")
    second = world.bot(PORT=str(world.spare_port), LOCK_STALE_IDLE_SECONDS="30")
    second.wait_state("PASSIVE")
    before = holder(dsn)

    time.sleep(45)

    assert holder(dsn) == before
    sys.stdout.write(f"pid, epoch, end of the holder, before and 45 s later: {before[0]}\n")
    assert first.health()["epoch"] == 1
    assert second.health()["state"] == "PASSIVE"
    assert "STALE" not in second.text()


def holder(dsn: Secret) -> list[Any]:
    connection = psycopg2.connect(dsn.reveal())
    with connection.cursor() as cursor:
        cursor.execute("SELECT backend_pid, epoch, ended_at FROM lock_epochs ORDER BY epoch")
        rows = list(cursor.fetchall())
    connection.close()
    return rows
