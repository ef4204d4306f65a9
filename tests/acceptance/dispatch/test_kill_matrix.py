"""Whatever ends the process or the database under load, every text is answered, in order but for
those during which three processes have ended.

Both ways in × three kinds of end. The moments are drawn by a seeded generator; LONG=1 takes
3000 texts of 40 chats and more ends, else there are fewer.
"""

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervisor.runtime.secret import Secret
from tests.support.bots.crowd import Crowd, Tally
from tests.support.bots.world import Bot, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.waiting import until
from tests.support.postgres.own_postgres import OwnPostgres, own_postgres

LONG = bool(os.environ.get("LONG"))
TEXTS, CHATS, PER_SECOND = (3000, 40, 45.0) if LONG else (240, 40, 50.0)
#: How often the process or the database ends within one run.
ENDS = 8 if LONG else 2
MODES = {"webhook": {}, "polling": {"BOT_MODE": "polling", "WEBHOOK_BASE_URL": ""}}
#: What Telegram waits before it tries again, as a part of the real schedule.
TIME_SCALE = 0.05


@pytest.fixture
def own() -> Iterator[OwnPostgres]:
    with own_postgres() as server:
        yield server


def run(
    folder: Path, dsn: Secret, mode: str, end: Callable[[World, Bot, random.Random], Bot]
) -> Tally:
    """A crowd talks while ``end`` is done to the bot again and again; what became of it."""
    moments = random.Random(f"{mode} {end.__name__}")
    world = World(folder, dsn.reveal(), time_scale=TIME_SCALE, host=SANDBOX_HOST, forks=True)
    try:
        bot = world.bot(LOG_LEVEL="INFO", **MODES[mode])
        bot.wait_state("ACTIVE")
        crowd = Crowd(world.telegram, dsn, CHATS)
        talking = threading.Thread(target=crowd.talk, args=(TEXTS, PER_SECOND))
        talking.start()
        for _ in range(ENDS):
            time.sleep(moments.uniform(0.2, 3.0))
            bot = end(world, bot, moments)
        talking.join()
        all_settled(crowd, bot)
        tally = crowd.tally()
        # Shown with -s: the figures of the run.
        sys.stdout.write(f"{mode}, {end.__name__}: {TEXTS} texts, {CHATS} chats: {tally.line()}\n")
        assert world.telegram.violations() == []
        assert crowd.said == TEXTS
        return tally
    finally:
        world.close()


def all_settled(crowd: Crowd, bot: Bot) -> None:
    """Nobody starts the last bot again: its end is told at once."""

    def settled() -> bool:
        code = bot.popen.poll()
        assert code is None, f"the last bot ended with {code}"
        return crowd.settled()

    try:
        until(settled, 60 + TEXTS / 10, "every text is processed and every answer sent")
    except AssertionError as error:
        told = f"{error}\n{bot.health()}\n{crowd.unsettled()}\n{bot.text()[-4000:]}"
        raise AssertionError(told) from None


def nothing_is_lost_or_done_twice(tally: Tally) -> None:
    assert tally.lost == []
    assert tally.out_of_order == []
    assert tally.effects == []
    assert tally.unexplained == []
    assert tally.states == {"done": TEXTS}


@pytest.mark.parametrize("mode", MODES)
def test_kills_lose_nothing_and_repeat_only_what_went_unanswered(
    tmp_path: Path, dsn: Secret, mode: str
) -> None:
    def killed(world: World, bot: Bot, moments: random.Random) -> Bot:
        bot.signal(signal.SIGKILL)
        bot.wait()
        successor = world.bot(LOG_LEVEL="INFO", **MODES[mode])
        if moments.random() < 0.7:  # else it may be killed while it starts
            successor.wait_state("ACTIVE")
        return successor

    tally = run(tmp_path, dsn, mode, killed)

    nothing_is_lost_or_done_twice(tally)


@pytest.mark.parametrize("mode", MODES)
def test_orderly_ends_under_load_lose_nothing_and_repeat_nothing(
    tmp_path: Path, dsn: Secret, mode: str
) -> None:
    def stopped(world: World, bot: Bot, moments: random.Random) -> Bot:
        bot.signal(signal.SIGTERM)
        assert bot.wait() == 0
        successor = world.bot(LOG_LEVEL="INFO", **MODES[mode])
        successor.wait_state("ACTIVE")
        return successor

    tally = run(tmp_path, dsn, mode, stopped)

    nothing_is_lost_or_done_twice(tally)
    assert (tally.repeated, tally.unanswered) == (0, 0)


@pytest.mark.parametrize("mode", MODES)
def test_restarts_of_the_database_lose_nothing_and_repeat_only_what_went_unanswered(
    tmp_path: Path, own: OwnPostgres, mode: str
) -> None:
    ways = iter(["fast", "immediate"] * ENDS)

    def bereft(world: World, bot: Bot, moments: random.Random) -> Bot:
        own.restart(next(ways))
        bot.wait_state("ACTIVE", 30)
        return bot

    tally = run(tmp_path, own.dsn, mode, bereft)

    nothing_is_lost_or_done_twice(tally)
