"""Strangers who ask and do not read: their requests take neither memory nor connections."""

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from sandbox.client import buttons
from tests.support.bots.world import Bot, World
from tests.support.machine.open_files import limited, room_for_strangers
from tests.support.machine.waiting import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="POSIX limits, /proc")

REQUEST = b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
GREEDY = 20 * 2**20  #: bytes of requests in one connection
MEGABYTES = 30.0  #: what they may take
#: Times the answer to a user while nobody disturbs; a busy machine is slow for both.
SLOWER = 8.0


@contextmanager
def deaf(port: int) -> Iterator[socket.socket]:
    """A connection whose answers nobody reads, with little room for them."""
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect(("127.0.0.1", port))
        made.settimeout(2)
        yield made


def answered(world: World) -> float:
    """Seconds until a new user has an answer."""
    user = world.telegram.new_user()
    asked = time.monotonic()
    world.telegram.say(user, "/start")
    world.telegram.wait_for(user, lambda m: bool(buttons(m)), 30)
    return time.monotonic() - asked


def test_requests_that_come_faster_than_answers_are_read_wait_outside(world: World) -> None:
    bot = world.bot()
    bot.wait_line("WEBHOOK CONFIGURED", 30)
    usual = max(0.5, answered(world))
    before = bot.resident_megabytes()

    with deaf(bot.port) as stranger:
        with suppress(OSError):
            for _ in range(GREEDY // len(REQUEST) // 1000):
                stranger.sendall(REQUEST * 1000)
        assert bot.resident_megabytes() - before < MEGABYTES
        assert answered(world) < SLOWER * usual


def test_who_does_not_read_has_a_connection_only_while_nobody_else_needs_it(world: World) -> None:
    bot = world.started(env={"LOG_LEVEL": "DEBUG"}, prefix=limited(200))
    bot.wait_line("WEBHOOK CONFIGURED", 30)
    usual = max(0.5, answered(world))
    with room_for_strangers(), ExitStack() as strangers:
        for _ in range(80):
            with suppress(OSError):
                stranger = strangers.enter_context(deaf(bot.port))
                stranger.settimeout(0.2)
                for _ in range(40):
                    stranger.sendall(REQUEST * 500)

        assert answered(world) < SLOWER * usual
        until(lambda: healthy(bot), 30, "health is answered")


def healthy(bot: Bot) -> bool:
    return bool(bot.health())
