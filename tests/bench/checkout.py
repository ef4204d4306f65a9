"""How long a question before a payment waits for its answer beside a chat that floods.

Telegram gives a bot ten seconds for a pre-checkout query. Payers press "Pay" one after the other,
first in peace, then while one chat sends 600 texts as fast as Telegram delivers them. Measured at
the simulated Telegram: from the press to the bot's call of answerPreCheckoutQuery. The ratio says
what the flood costs the payers.

    python tests/bench/checkout.py
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from tests.bench.flood import TEXTS, flooding
from tests.support.bots.world import World
from tests.support.machine.waiting import until

PAYERS, ROUNDS = 20, 5
PER_SECOND = 10.0


def invoices(world: World) -> dict[int, int]:
    """Users, and the messages with their invoices."""
    found = {}
    for number in range(PAYERS):
        user = world.telegram.new_user(f"Payer{number}")
        world.telegram.say(user, "/topup")
        world.telegram.wait_text(user, "Top-up", 60)
        world.telegram.press(user, "100 credits")
        found[user] = int(world.telegram.wait_for(user, lambda m: "invoice" in m, 60)["message_id"])
    return found


def waits(world: World, payers: dict[int, int]) -> list[float]:
    """Seconds from each press of "Pay" to the answer."""
    asked: dict[str, float] = {}
    begun = time.monotonic()
    presses = [(user, message) for _ in range(ROUNDS) for user, message in payers.items()]
    for number, (user, message) in enumerate(presses):
        time.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
        at = time.time()
        asked[world.telegram.pay(user, message_id=message)] = at

    def answers() -> dict[str, float]:
        calls = world.telegram.calls("answerPreCheckoutQuery")
        found = {str(call["parameters"]["pre_checkout_query_id"]): call["at"] for call in calls}
        return {query: found[query] for query in asked if query in found}

    until(lambda: len(answers()) == len(asked), 120, "every question has an answer")
    return [at - asked[query] for query, at in answers().items()]


def p99(found: list[float]) -> float:
    return statistics.quantiles(found, n=100)[98]


def main() -> None:
    logger.remove()
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        migrate(server.dsn, SystemClock(), Event())
        world = World(Path(folder), server.dsn.reveal())
        world.bot(LOG_LEVEL="WARNING").wait_state("ACTIVE", 20)
        payers = invoices(world)
        peace = waits(world, payers)
        with flooding(world):
            flood = waits(world, payers)
        print(f"{'pre-checkout, seconds':24}{'p50':>8}{'p99':>8}{'max':>8}")
        for name, found in (("in peace", peace), (f"beside {TEXTS} texts", flood)):
            print(f"{name:24}{statistics.median(found):>8.3f}{p99(found):>8.3f}{max(found):>8.3f}")
        print(f"{'ratio of the p99':24}{p99(flood) / p99(peace):>16.1f}")
        world.close()
        server.close()


if __name__ == "__main__":
    main()
