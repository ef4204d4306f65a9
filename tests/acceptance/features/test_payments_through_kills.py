"""Users pay while the process is killed again and again: Stars are credits, once each.

``LONG=1`` takes 200 payments and 8 kills.
"""

import os
import random
import signal
import time
from functools import partial
from pathlib import Path

from supervisor.runtime.secret import Secret
from tests.support.bots.world import World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.waiting import until
from tests.support.postgres.looks import Looks

LONG = bool(os.environ.get("LONG"))
PAYERS, KILLS, ROUNDS = (20, 8, 10) if LONG else (6, 3, 3)
STARS, CREDITS = 50, 100


def invoice_of(world: World, user: int) -> int:
    """The message with the user's invoice; 0: it is not there yet."""
    found = [each["message_id"] for each in world.telegram.messages(user) if "invoice" in each]
    return int(found[-1]) if found else 0


def paid(world: World, user: int = 0) -> int:
    """Stars that left their users and did not come back."""
    return sum(
        each["total_amount"]
        for each in world.telegram.state()["payments"]
        if not each["refunded"] and user in {0, each["user"]}
    )


def test_each_star_is_credited_once_whatever_is_killed(tmp_path: Path, dsn: Secret) -> None:
    moments = random.Random("payments")
    looks = Looks(dsn)
    world = World(tmp_path, dsn.reveal(), time_scale=0.05, host=SANDBOX_HOST, forks=True)
    try:
        bot = world.bot(LOG_LEVEL="INFO")
        bot.wait_state("ACTIVE")
        users = [world.telegram.new_user(f"Payer {number}") for number in range(PAYERS)]
        for user in users:
            world.telegram.say(user, "/topup")
        until(lambda: looks.rows("SELECT 1 FROM packs"), 20, "packs are on sale")
        for user in users:
            world.telegram.wait_text(user, "Top-up")
            world.telegram.press(user, f"{CREDITS} credits")
        for user in users:
            until(partial(invoice_of, world, user), 20, "an invoice")

        kills = 0
        for _ in range(ROUNDS):
            for user in users:
                world.telegram.pay(user, message_id=invoice_of(world, user))
            if kills < KILLS:
                kills += 1
                time.sleep(moments.uniform(0.05, 0.6))
                bot.signal(signal.SIGKILL)
                bot.wait()
                bot = world.bot(LOG_LEVEL="INFO")
                bot.wait_state("ACTIVE")

        def settled() -> bool:
            state = world.telegram.state()
            if state["pending"] or any(each["open"] for each in state["checkouts"]):
                return False  # an answer of the bot could still move Stars
            (found,) = looks.rows("SELECT coalesce(sum(stars), 0)::int AS stars FROM payments")
            waiting = looks.rows("SELECT 1 FROM telegram_updates WHERE state = 'new'")
            return not waiting and found["stars"] == paid(world) > 0

        until(settled, 60, "every payment is booked")
        found = looks.rows(
            "SELECT p.charge_id, p.state, count(l.id)::int AS entries,"
            " sum(l.amount)::int AS credits"
            " FROM payments AS p LEFT JOIN ledger AS l ON l.request_key = 'stars:' || p.charge_id"
            " GROUP BY p.charge_id, p.state",
        )
        assert {(each["state"], each["entries"], each["credits"]) for each in found} == {
            ("credited", 1, CREDITS)
        }
        balances = looks.rows("SELECT user_id, balance FROM accounts WHERE balance > 0")
        assert {each["user_id"]: each["balance"] for each in balances} == {
            user: paid(world, user) // STARS * CREDITS for user in users if paid(world, user)
        }
        assert world.telegram.violations() == []
    finally:
        looks.close()
        world.close()
