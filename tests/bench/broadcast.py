"""How long /start waits for its answer beside a broadcast, and without one, in one run.

People send /start one after the other: in peace, while a broadcast goes out at its full rate, and
in peace again. Measured at the simulated Telegram: from the message to the bot's first call for
that chat. The ratio compares the broadcast with both times of peace, so that the load of the
machine counts for both.

    python tests/bench/broadcast.py
"""

import os
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from tests.support.bots.world import World
from tests.support.machine.waiting import until

PEOPLE, STARTS, PER_SECOND = 40, 200, 8.0
RECEIVERS = 2000  #: more than the sender's 25 a second reach while /start is measured
PATIENCE = 120.0
BOT_ID = 123456

Waits = list[float]


def asked_and_answered(world: World, people: list[int]) -> Waits:
    """Seconds from each /start to the first call of the bot for that chat."""
    asked: list[tuple[int, float]] = []
    begun = time.monotonic()
    for number in range(STARTS):
        time.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        user = people[number % len(people)]
        asked.append((user, time.time()))
        world.telegram.say(user, "/start")

    def answers() -> Waits:
        calls: dict[int, list[float]] = defaultdict(list)
        for call in world.telegram.state()["calls"]:
            if call["method"].startswith(("send", "edit")):
                calls[int(call["parameters"].get("chat_id") or 0)].append(call["at"])
        found = []
        for user, at in asked:
            later = [each - at for each in calls[user] if each >= at]
            found += later[:1]
        return found

    until(lambda: len(answers()) == len(asked), PATIENCE, "every /start has an answer")
    return answers()


def begin_broadcast(world: World, operator: int) -> None:
    for said in ("/broadcast", "Write one", "A new model is here", "Send to", "Yes, send"):
        if said[0] == "/" or said.startswith("A new"):
            world.telegram.say(operator, said)
        else:
            world.telegram.press(operator, said)
        shown = {
            "/": "No broadcast is running",
            "W": "Send me the message",
            "A": "is how it will arrive",
        }
        shown |= {"S": "Send the message above", "Y": "Broadcast no."}
        world.telegram.wait_text(operator, shown[said[0]], PATIENCE)


def people_of(world: World, dsn: str) -> list[int]:
    """Those who write; the receivers are only known."""
    people = [world.telegram.new_user(f"Person{number}") for number in range(PEOPLE)]
    for user in people:
        world.telegram.say(user, "/start")
        world.telegram.wait_for(user, lambda _: True, PATIENCE)
    receivers = [world.telegram.new_user(f"Reader{number}") for number in range(RECEIVERS)]
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        named = {"bot": BOT_ID, "users": receivers}
        cursor.execute("SELECT ensure_user(u) FROM unnest(%(users)s) AS u", named)
        cursor.execute("SELECT ensure_account(%(bot)s, u) FROM unnest(%(users)s) AS u", named)
    connection.close()
    return people


def p99(found: Waits) -> float:
    return statistics.quantiles(found, n=100)[98]


def main() -> None:
    logger.remove()
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        migrate(server.dsn, SystemClock(), Event())
        dsn = server.dsn.reveal()
        world = World(Path(folder), dsn)
        operator = world.telegram.new_user("Operator")
        world.bot(LOG_LEVEL="WARNING", ADMIN_ID=str(operator)).wait_state("ACTIVE", 60)
        people = people_of(world, dsn)
        before = asked_and_answered(world, people)
        begin_broadcast(world, operator)
        beside = asked_and_answered(world, people)
        with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT state, sent FROM broadcasts")
            ((state, sent),) = cursor.fetchall()
            assert state == "running", "the broadcast was over before the measurement was"
            cursor.execute("UPDATE broadcasts SET state = 'stopped'")
        connection.close()
        after = asked_and_answered(world, people)
        world.close()
        server.close()
    peace = before + after
    print(f"{sent} messages of the broadcast arrived meanwhile; load {os.getloadavg()[0]:.0f}")
    print(f"{'/start, seconds':24}{'p50':>8}{'p99':>8}{'max':>8}")
    for name, found in (("without a broadcast", peace), ("beside one", beside)):
        print(f"{name:24}{statistics.median(found):>8.3f}{p99(found):>8.3f}{max(found):>8.3f}")
    print(f"{'ratio of the p99':24}{p99(beside) / p99(peace):>16.2f}")
    print(f"{'ratio of the p50':24}{statistics.median(beside) / statistics.median(peace):>8.2f}")


if __name__ == "__main__":
    main()
