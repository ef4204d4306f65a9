"""A pooler with fewer sessions than the bot would like: it works with those that it gets, and an
instance that gets none waits, says why, and ends when it is asked to."""

import signal

from sandbox.client import content
from tests.support.bots.world import World
from tests.support.machine.waiting import until
from tests.support.postgres.pooler import Pooled, pooled

__all__ = ["pooled"]  # a fixture

#: PgBouncer 1.18 has no smaller default than 20; managed ones start at 5.
FEW = ("default_pool_size = 5", "reserve_pool_size = 0", "query_wait_timeout = 120")


def test_the_bot_answers_with_few_sessions_and_a_second_instance_ends_cleanly(
    world: World, pooled: Pooled
) -> None:
    address = pooled("session", *FEW).reveal()
    bot = world.bot(DATABASE_URL=address)
    bot.wait_state("ACTIVE", 60)
    bot.wait_line("sessions were granted to this instance, and no more", 60)
    users = [world.telegram.new_user(f"User {number}") for number in range(5)]
    for user in users:
        world.telegram.say(user, "/start")
    for user in users:
        world.telegram.wait_for(user, lambda message: bool(content(message)), 30)
    assert "raise the pooler's size (PgBouncer: default_pool_size" in bot.text()

    second = world.bot(DATABASE_URL=address, PORT=str(world.spare_port))
    second.wait_line("a pooler has no free server session", 60)
    second.signal(signal.SIGTERM)

    assert second.wait() == 0
    until(lambda: bot.health().get("state") == "ACTIVE", 5, "the first one is ACTIVE")
