"""An update that ends each process that handles it, the first one before it is stored."""

from pathlib import Path
from typing import Any

from sandbox.client import content
from supervisor.runtime.secret import Secret
from tests.support.bots import deadly
from tests.support.bots.world import Bot, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.waiting import until

GUILTY, OTHER = 1002, 1003
#: One that handles it directly, and three that find it in the table: then it waits.
ENDS = 4
TIME_SCALE = 0.05


def rows(connect: Any, statement: str) -> list[tuple[Any, ...]]:
    cursor = connect().cursor()
    cursor.execute(statement)
    return list(cursor.fetchall())


def started(world: World) -> Bot:
    bot = world.bot(LOG_LEVEL="INFO")
    bot.wait_line("Server started")
    return bot


def test_an_update_that_ended_the_process_before_it_was_stored_is_found_by_the_next_ones(
    tmp_path: Path, dsn: Secret, connect: Any
) -> None:
    entrance = ("-m", deadly.__name__)
    world = World(
        tmp_path, dsn.reveal(), entrance=entrance, host=SANDBOX_HOST, time_scale=TIME_SCALE
    )
    try:
        bot = started(world)
        bot.wait_line("WEBHOOK CONFIGURED")
        noted = "SELECT 1 FROM updates_begun WHERE worker = 'direct'"
        until(lambda: rows(connect, noted), 30, "it handles directly")
        world.telegram.say(GUILTY, f"a {deadly.WORD} text")
        assert bot.wait(60) == deadly.CODE
        assert rows(connect, "SELECT 1 FROM telegram_updates") == []
        # Telegram reaches the next process only when that could handle directly, but for the note.
        world.telegram.options(route=f"http://127.0.0.1:{world.spare_port}")
        bot = started(world)
        bot.wait_line("direct_handling_waits")
        world.telegram.options(route=None)
        assert bot.wait(60) == deadly.CODE
        assert len(rows(connect, "SELECT 1 FROM telegram_updates")) == 1
        for _ in range(ENDS - 2):
            bot = started(world)
            assert bot.wait(60) == deadly.CODE
        survivor = started(world)
        world.telegram.say(OTHER, "/help")
        world.telegram.wait_for(OTHER, lambda message: bool(content(message)), 60)
        world.telegram.say(GUILTY, "/help")
        world.telegram.wait_for(GUILTY, lambda message: bool(content(message)), 60)

        assert survivor.popen.poll() is None
        found = "SELECT ended FROM telegram_updates WHERE state = 'new'"
        assert rows(connect, found) == [(ENDS - 1,)]
        assert world.telegram.violations() == []
    finally:
        world.close()
