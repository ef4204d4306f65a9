"""A broadcast through kills and a hand-over: everybody gets one, and the bonus once.

``LONG=1`` takes 20,000 receivers and 5 kills. A call that a kill has cut off is repeated, because
nobody can know whether it arrived; those receivers are marked, and only they may have two.
"""

import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

from supervisor.runtime.secret import Secret
from tests.support.bots.world import Bot, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.waiting import until
from tests.support.postgres.looks import Looks

LONG = bool(os.environ.get("LONG"))
RECEIVERS, KILLS = (20_000, 5) if LONG else (60, 2)
PATIENCE = 3000 if LONG else 90
STARTED = 120.0 if LONG else 15.0  #: seconds for the start of an instance
TEXT, BONUS = "A new model is here", 3
MOST_CUT_OFF = 14  #: calls of a broadcast under way at the same time


def handed_over(world: World, old: Bot, settings: dict[str, str]) -> Bot:
    """The instance that takes over when ``old`` is asked to stop."""
    new = world.bot(**settings, PORT=str(world.spare_port))
    new.wait_state("PASSIVE", STARTED)
    world.telegram.options(route=f"http://127.0.0.1:{new.port}")
    old.signal(signal.SIGTERM)
    assert old.wait() == 0
    new.wait_state("ACTIVE", STARTED)
    return new


def test_each_receiver_gets_one_whatever_is_killed(tmp_path: Path, dsn: Secret) -> None:
    moments = random.Random("broadcast")
    looks = Looks(dsn)
    world = World(tmp_path, dsn.reveal(), time_scale=0.05, host=SANDBOX_HOST, forks=True)
    try:
        operator = world.telegram.new_user("Operator")
        settings = {"ADMIN_ID": str(operator), "LOG_LEVEL": "INFO"}
        bot = world.bot(**settings)
        bot.wait_state("ACTIVE")
        users = [world.telegram.new_user(f"Reader {number}") for number in range(RECEIVERS)]
        for user in users:
            world.telegram.say(user, "/help")
        until(
            lambda: looks.rows("SELECT count(*)::int AS n FROM accounts")[0]["n"] >= RECEIVERS,
            PATIENCE,
            "all are known",
        )
        world.telegram.say(operator, "/broadcast")
        world.telegram.wait_text(operator, "No broadcast is running")
        world.telegram.press(operator, "Write one")
        world.telegram.wait_text(operator, "Send me the message")
        world.telegram.say(operator, TEXT)
        world.telegram.wait_text(operator, "is how it will arrive")
        world.telegram.press(operator, "Bonus")
        world.telegram.wait_text(operator, "How many credits")
        world.telegram.say(operator, str(BONUS))
        world.telegram.wait_text(operator, f"{BONUS} credits each")
        world.telegram.press(operator, "Send to")
        world.telegram.wait_text(operator, "Send the message above")
        world.telegram.press(operator, "Yes, send")
        until(lambda: looks.rows("SELECT 1 FROM broadcasts WHERE sent > 0"), STARTED, "begun")

        for number in range(KILLS + 1):
            time.sleep(moments.uniform(0.3, 60.0 if LONG else 1.0))
            if number == KILLS // 2:
                bot = handed_over(world, bot, settings)
                continue
            bot.signal(signal.SIGKILL)
            bot.wait()
            bot = world.bot(**{**settings, "PORT": str(bot.port)})
            bot.wait_state("ACTIVE", STARTED)
        until(
            lambda: looks.rows("SELECT 1 FROM broadcasts WHERE state = 'done'"), PATIENCE, "the end"
        )
        (ended,) = looks.rows("SELECT receivers, sent, failed, skipped, doubtful FROM broadcasts")
        assert (ended["sent"], ended["failed"], ended["skipped"]) == (ended["receivers"], 0, 0)
        assert ended["receivers"] == RECEIVERS + 1
        cut_off = {
            each["chat_id"]
            for each in looks.rows(
                "SELECT chat_id FROM deliveries WHERE kind = 'news' AND unknowns > 0"
            )
        }
        assert len(cut_off) == ended["doubtful"] <= KILLS * MOST_CUT_OFF
        found = Counter(
            {
                user: sum(each.get("text") == TEXT for each in world.telegram.messages(user))
                for user in users
            }
        )
        assert {user for user, times in found.items() if times != 1} <= cut_off
        assert set(found.values()) <= {1, 2}
        booked = looks.rows(
            "SELECT count(*)::int AS n, count(DISTINCT user_id)::int AS people, sum(amount)::int"
            " AS credits FROM ledger WHERE request_key LIKE 'news:%'",
        )
        everybody = RECEIVERS + 1
        assert booked == [{"n": everybody, "people": everybody, "credits": everybody * BONUS}]
        assert world.telegram.violations() == []
    finally:
        looks.close()
        world.close()
