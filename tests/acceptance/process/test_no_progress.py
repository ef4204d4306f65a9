"""A process in which something hangs gives the lock up and ends by itself; a standby acts."""

import fcntl
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import buttons
from supervisor.runtime.secret import Secret
from tests.support.bots.world import CLOSED, Bot, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.waiting import until

STUCK = 70
BEN, ANNA = 1002, 1001
HANGING = ("-m", "tests.support.machine.hanging")
PIPE = 4096  #: bytes; the smallest that Linux makes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and small pipes")


@pytest.fixture
def hanging(tmp_path: Path, dsn: Secret) -> Iterator[World]:
    made = World(tmp_path, dsn.reveal(), entrance=HANGING, host=SANDBOX_HOST)
    yield made
    made.close()


def pair(world: World, word: str = "", **changes: str) -> tuple[Bot, Bot]:
    """An ACTIVE instance, whose handler hangs at ``word``, and a standby that has the traffic."""
    active = world.bot(HANG_WORD=word, **changes)
    active.wait_line("WEBHOOK CONFIGURED")
    standby = world.bot(PORT=str(world.spare_port), **changes)
    standby.wait_state("PASSIVE")
    world.telegram.options(route=f"http://127.0.0.1:{standby.port}")
    return active, standby


def test_an_active_instance_whose_event_loop_blocks_ends_and_the_standby_answers(
    hanging: World,
) -> None:
    active, standby = pair(hanging, HANG_SILENCE="5")

    active.signal(signal.SIGUSR1)
    code = active.wait(60)
    hanging.telegram.say(BEN, "/start")

    assert code == STUCK
    assert "event loop has made no progress" in active.text()
    hanging.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 30)
    assert standby.health()["state"] == "ACTIVE"


def test_an_active_instance_with_a_hung_handler_ends_and_the_others_users_are_answered(
    hanging: World,
) -> None:
    active, _ = pair(hanging, "abracadabra", HANG_SILENCE="5")
    hanging.telegram.say(ANNA, "abracadabra")

    code = active.wait(60)

    assert code == STUCK
    assert "[LOCK] ❌ gives the lock up: dispatcher-" in active.text()
    hanging.telegram.say(BEN, "/start")
    hanging.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 30)


def test_a_standby_whose_event_loop_blocks_ends_too(hanging: World) -> None:
    _, standby = pair(hanging, HANG_SILENCE="5")

    standby.signal(signal.SIGUSR1)

    assert standby.wait(60) == STUCK


@pytest.mark.skipif(not os.environ.get("LONG"), reason="takes a minute and a half: LONG=1")
def test_with_the_real_numbers_silence_is_ended_within_ninety_seconds(hanging: World) -> None:
    active, standby = pair(hanging)
    began = time.monotonic()

    active.signal(signal.SIGUSR1)
    hanging.telegram.say(BEN, "/start")
    code = active.wait(95)
    ended = time.monotonic() - began

    assert code == STUCK
    assert 59 < ended < 90
    hanging.telegram.wait_for(BEN, lambda m: bool(buttons(m)), 10)
    assert standby.health()["state"] == "ACTIVE"


def test_a_pipe_that_nobody_reads_holds_nobody_up(world: World) -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE)
    bot = world.started(env={}, output=writer)
    until(lambda: bot.health().get("webhook", {}).get("configured"), 20, "a bot that works")
    for _ in range(5):
        world.telegram.say(BEN, "/start")
    until(lambda: len(world.telegram.calls("sendMessage")) >= 5, 20, "five answers")
    until(lambda: not _takes_more(writer), 10, "a full pipe")

    bot.signal(signal.SIGTERM)
    code = bot.wait()
    os.close(reader)
    os.close(writer)

    assert code == 0


@pytest.mark.parametrize("output", ["/dev/full", "closed pipe", "closed"])
def test_an_output_that_takes_nothing_changes_neither_work_nor_exit_code(
    world: World, output: str
) -> None:
    if output == "closed":
        bot = world.started(env={}, output=CLOSED)
    elif output == "closed pipe":
        reader, descriptor = os.pipe()
        os.close(reader)
        bot = world.started(env={}, output=descriptor)
        os.close(descriptor)
    else:
        with Path(output).open("wb") as full:
            bot = world.started(env={}, output=full.fileno())
    until(lambda: bot.health().get("webhook", {}).get("configured"), 20, "a bot that works")
    world.telegram.say(BEN, "/start")
    world.telegram.wait_for(BEN, lambda m: bool(buttons(m)))
    lost = "trt_log_lines_dropped_total 0.0" not in bot.get("/metrics")[1]

    bot.signal(signal.SIGTERM)

    assert bot.wait() == 0
    assert lost or output == "closed"


def _takes_more(writer: int) -> bool:
    poller = select.poll()
    poller.register(writer, select.POLLOUT)
    return bool(poller.poll(0))
