"""SIGHUP: a closed terminal or a wish for fresh settings drains; under nohup it is nothing."""

import signal

from tests.support.world import World


def test_a_hang_up_drains_as_sigterm_does(world: World) -> None:
    bot = world.bot()
    bot.wait_state("ACTIVE")

    bot.signal(signal.SIGHUP)

    assert bot.wait() == 0
    assert "[SHUTDOWN] ✅ Lock released, exit" in bot.text()


def test_under_nohup_a_hang_up_stays_ignored(world: World) -> None:
    bot = world.started(env={}, prefix=("bash", "-c", "trap '' HUP; exec \"$@\"", "sh"))
    bot.wait_state("ACTIVE")

    bot.signal(signal.SIGHUP)
    assert bot.health()["state"] == "ACTIVE"

    bot.signal(signal.SIGTERM)
    assert bot.wait() == 0
