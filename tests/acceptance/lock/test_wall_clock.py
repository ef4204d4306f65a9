"""The clock of the machine is set by an hour, ahead and back: nobody notices."""

from pathlib import Path

import pytest

from tests.support.bots.ordering import order
from tests.support.bots.world import World
from tests.support.machine.waiting import until
from tests.support.machine.wall_clock import WallClock

HOUR = 3600


@pytest.fixture
def clock(tmp_path: Path) -> WallClock:
    return WallClock(tmp_path)


def test_orders_are_served_and_the_lock_is_kept_while_the_clock_jumps(
    world: World, clock: WallClock
) -> None:
    bot = world.bot(**clock.env)
    bot.wait_line("WEBHOOK CONFIGURED", 40)

    for number, seconds in enumerate((HOUR, -HOUR, 0)):
        user = world.telegram.new_user(f"User {number}")
        order(world, user, "a lighthouse")
        clock.set(seconds)
        jumps = number + 1
        until(lambda count=jumps: bot.text().count("wall_clock_jumped") >= count, 30, "noticed")  # type: ignore[misc]
        world.telegram.press(user, "Create")
        world.telegram.wait_photo(user, 60)

    health = bot.health()
    assert (health["state"], health["status"], health["epoch"]) == ("ACTIVE", "ok", 1)
    assert "ACTIVE → PASSIVE" not in bot.text()


def test_a_standby_whose_clock_is_wrong_takes_nothing_from_a_holder_that_works(
    world: World, clock: WallClock
) -> None:
    first = world.bot()
    first.wait_line("WEBHOOK CONFIGURED", 40)
    clock.set(HOUR)
    second = world.bot(PORT=str(world.spare_port), **clock.env, LOCK_STALE_IDLE_SECONDS="30")
    second.wait_state("PASSIVE", 30)

    clock.set(-HOUR)
    second.wait_line("wall_clock_jumped", 30)

    user = world.telegram.new_user("Ann")
    order(world, user, "a lighthouse")
    world.telegram.press(user, "Create")
    world.telegram.wait_photo(user, 60)
    assert first.health()["epoch"] == 1
    assert second.health()["state"] == "PASSIVE"
    assert "STALE LOCK" not in second.text()
