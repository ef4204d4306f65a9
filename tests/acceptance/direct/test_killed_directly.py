"""Real processes that handle updates directly are killed, and stopped, under load."""

import random
import signal
import threading
from functools import partial
from pathlib import Path
from typing import Any

from supervisor.runtime.secret import Secret
from tests.support.bots.crowd import Crowd
from tests.support.bots.world import Bot, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.waiting import until

TEXTS, CHATS, PER_SECOND = 400, 60, 60.0
ENDS = 3
#: What Telegram waits before it tries again, as a part of the real schedule.
TIME_SCALE = 0.05
#: Handled by the transaction that stored it: both have the time of its beginning.
DIRECTLY = "SELECT count(*) FROM telegram_updates WHERE done_at = received_at"
WAITS = "direct_handling_waits"


def count(connect: Any, statement: str) -> int:
    cursor = connect().cursor()
    cursor.execute(statement)
    return int(cursor.fetchone()[0])


def handled(connect: Any, enough: int) -> bool:
    return count(connect, DIRECTLY) >= enough


def made(folder: Path, dsn: Secret) -> World:
    return World(folder, dsn.reveal(), time_scale=TIME_SCALE, host=SANDBOX_HOST, forks=True)


def killed(bot: Bot) -> None:
    bot.signal(signal.SIGKILL)
    bot.wait()


def test_whatever_was_handled_directly_before_a_kill_has_its_effects_once(
    tmp_path: Path, dsn: Secret, connect: Any
) -> None:
    moments, world = random.Random("direct"), made(tmp_path, dsn)
    try:
        bot = world.bot(LOG_LEVEL="INFO")
        bot.wait_state("ACTIVE")
        crowd = Crowd(world.telegram, dsn, CHATS)
        talking = threading.Thread(target=crowd.talk, args=(TEXTS, PER_SECOND))
        talking.start()
        for _ in range(ENDS):
            enough = count(connect, DIRECTLY) + moments.randint(5, 40)
            until(partial(handled, connect, enough), 60, "it handles directly")
            killed(bot)
            # Else its successor would store first for ten minutes.
            connect().cursor().execute("DELETE FROM updates_begun WHERE worker = 'direct'")
            bot = world.bot(LOG_LEVEL="INFO")
            bot.wait_state("ACTIVE")
        talking.join()
        until(crowd.settled, 60 + TEXTS / 10, "every text is processed and every answer sent")
        tally = crowd.tally()
        assert world.telegram.violations() == []
    finally:
        world.close()

    assert crowd.said == TEXTS
    assert (tally.lost, tally.out_of_order, tally.effects, tally.unexplained) == ([], [], [], [])
    assert tally.states == {"done": TEXTS}


def test_only_after_a_kill_the_next_process_stores_first(
    tmp_path: Path, dsn: Secret, connect: Any
) -> None:
    world = made(tmp_path, dsn)
    try:
        bots = [world.bot(LOG_LEVEL="INFO")]
        bots[0].wait_state("ACTIVE")
        noted = "SELECT count(*) FROM updates_begun WHERE worker = 'direct'"
        until(lambda: count(connect, noted) == 1, 30, "it handles directly")
        bots[0].signal(signal.SIGTERM)
        assert bots[0].wait() == 0
        assert count(connect, noted) == 0
        bots.append(world.bot(LOG_LEVEL="INFO"))
        bots[1].wait_state("ACTIVE")
        until(lambda: count(connect, noted) == 1, 30, "so does the next")
        # The third waits for the lock while the second is killed.
        bots.append(world.bot(LOG_LEVEL="INFO", PORT=str(world.spare_port)))
        bots[2].wait_state("PASSIVE")
        killed(bots[1])
        bots[2].wait_state("ACTIVE", 30)
        bots[2].wait_line(WAITS)
        assert [WAITS in bot.text() for bot in bots] == [False, False, True]
    finally:
        world.close()
