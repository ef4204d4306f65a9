"""What one flooding chat costs everybody else: the wait for the answer to /start.

Twenty generations run (and are asked after); other users write /start, first in peace, then
while one chat sends 600 texts as fast as Telegram delivers them. Measured at the simulated
Telegram: from the user's message to the bot's call of sendMessage.

    python tests/bench/fairness.py
"""

import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from tests.bench.flood import flooding
from tests.support.bots.ordering import order
from tests.support.bots.world import World
from tests.support.machine.waiting import until

GENERATIONS = 20
OTHERS, PER_SECOND = 60, 15.0
ROUNDS = 3


def start_generations(world: World) -> None:
    """Twenty jobs that go on until the end."""
    world.kie.account(time_scale=200)
    users = [world.telegram.new_user(f"Maker{number}") for number in range(GENERATIONS)]

    def make(user: int) -> None:
        order(world, user)
        world.telegram.press(user, "Create")

    for start in range(0, GENERATIONS, 5):
        makers = [threading.Thread(target=make, args=(u,)) for u in users[start : start + 5]]
        for maker in makers:
            maker.start()
        for maker in makers:
            maker.join()
    until(lambda: len(world.kie.tasks()) == GENERATIONS, 60, "all generations run")


def starts(world: World) -> list[float]:
    """Seconds from each user's /start to the call that answers it."""
    users = [world.telegram.new_user(f"Other{number}") for number in range(OTHERS)]
    written: dict[int, float] = {}
    begun = time.monotonic()
    for number, user in enumerate(users):
        time.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        written[user] = time.time()
        world.telegram.say(user, "/start")

    def answers() -> dict[int, float]:
        calls = world.telegram.calls("sendMessage")
        found = {int(call["parameters"]["chat_id"]): call["at"] for call in calls}
        return {user: found[user] for user in users if user in found}

    until(lambda: len(answers()) == OTHERS, 60, "everybody has an answer")
    return [at - written[user] for user, at in answers().items()]


def show(name: str, found: list[float]) -> None:
    p99 = statistics.quantiles(found, n=100)[98]
    print(f"{name:24}{statistics.median(found):>8.3f}{p99:>8.3f}{max(found):>8.3f}")


def main() -> None:
    logger.remove()
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        migrate(server.dsn, SystemClock(), Event())
        world = World(Path(folder), server.dsn.reveal())
        world.bot(LOG_LEVEL="WARNING").wait_state("ACTIVE", 20)
        start_generations(world)
        peace: list[float] = []
        flood: list[float] = []
        for _ in range(ROUNDS):
            peace += starts(world)
            with flooding(world):
                flood += starts(world)
        print(f"{'/start, seconds':24}{'p50':>8}{'p99':>8}{'max':>8}")
        show("in peace", peace)
        show("beside a flood", flood)
        world.close()
        server.close()


if __name__ == "__main__":
    main()
