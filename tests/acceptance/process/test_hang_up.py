"""SIGHUP: a closed terminal or a wish for fresh settings drains; under nohup it is nothing."""

import signal
import sys

from tests.support.bots.world import World

_HEARS_SIGHUP = (
    "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_DFL);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)


_BLOCKED = (
    "import os, signal, sys;"
    " signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)


def test_signals_that_a_parent_has_blocked_are_heard(world: World) -> None:
    """A process inherits the mask: without this nothing but SIGKILL would end it."""
    bot = world.started(env={}, prefix=(sys.executable, "-c", _BLOCKED))
    bot.wait_state("ACTIVE")

    bot.signal(signal.SIGTERM)

    assert bot.wait() == 0


def test_a_hang_up_drains_as_sigterm_does(world: World) -> None:
    # Whoever runs the tests may ignore SIGHUP, and children inherit that.
    bot = world.started(env={}, prefix=(sys.executable, "-c", _HEARS_SIGHUP))
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
