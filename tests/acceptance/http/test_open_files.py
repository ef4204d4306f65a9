"""Strangers with a thousand connections: the bot answers its users, and the log stays small."""

import socket
import sys
import threading
import time
from pathlib import Path

import pytest

from sandbox.client import buttons
from supervisor.http.descriptors import LEAST, RESERVED
from tests.support.bots.world import Bot, World
from tests.support.machine.open_files import limited, room_for_strangers
from tests.support.machine.waiting import until

MISCONFIGURED = 64
ANSWERED_WITHIN = 5.0  #: seconds; a busy machine included
STRANGERS = 1100

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="POSIX limits, /proc")


class Strangers:
    """Connections that are opened and say nothing, or half a request; as soon as the port
    closes one, it is opened again."""

    def __init__(self, port: int, count: int, said: bytes) -> None:
        self._port, self._count, self._said = port, count, said
        self._sockets: list[socket.socket] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._press, name="strangers")
        self.opened = 0

    def __enter__(self) -> "Strangers":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(30)
        for each in self._sockets:
            each.close()

    def _press(self) -> None:
        while not self._stop.is_set():
            self._sockets = [each for each in self._sockets if self._is_open(each)]
            missing = self._count - len(self._sockets)
            for _ in range(min(missing, 50)):
                self._open()
            self._stop.wait(0.01 if missing else 0.1)

    def _open(self) -> None:
        try:
            made = socket.create_connection(("127.0.0.1", self._port), 2)
            made.sendall(self._said)
        except OSError:
            return
        made.setblocking(False)
        self._sockets.append(made)
        self.opened += 1

    @staticmethod
    def _is_open(each: socket.socket) -> bool:
        try:
            if each.recv(1, socket.MSG_PEEK) != b"":
                return True
        except BlockingIOError:
            return True
        except OSError:
            pass
        each.close()
        return False


def descriptors(bot: Bot) -> int:
    return len(list(Path(f"/proc/{bot.popen.pid}/fd").iterdir()))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (RESERVED + LEAST, b""),
        (200, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n"),
        (1024, b""),
        (1024, b"POST /callbacks/kie HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n{"),
    ],
)
def test_users_are_answered_while_strangers_hold_all_connections_they_can(
    world: World, files: int, said: bytes
) -> None:
    bot = world.started(env={"LOG_LEVEL": "DEBUG"}, prefix=limited(files))
    bot.wait_line("WEBHOOK CONFIGURED")
    users = [world.telegram.new_user() for _ in range(10)]
    logged = bot.log.stat().st_size

    with room_for_strangers(), Strangers(bot.port, STRANGERS, said) as strangers:
        until(lambda: strangers.opened >= STRANGERS, 60, "as many strangers as there can be")
        for user in users:
            asked = time.monotonic()
            world.telegram.say(user, "/start")
            world.telegram.wait_for(user, lambda m: bool(buttons(m)), 20)
            assert time.monotonic() - asked < ANSWERED_WITHIN
        held = descriptors(bot)

    assert held <= files
    assert bot.popen.poll() is None
    assert "Too many open files" not in bot.text()
    assert bot.text().count("http_idle_connection_closed") < 30
    assert bot.log.stat().st_size - logged < 300_000
    bot.popen.terminate()
    assert bot.wait() == 0


@pytest.mark.parametrize("files", [64, 128])
def test_too_low_a_limit_is_refused_with_a_sentence(world: World, files: int) -> None:
    bot = world.started(env={}, prefix=limited(files))

    assert bot.wait() == MISCONFIGURED
    assert f"open files: the limit of this process is {files}" in bot.text()
    assert "LimitNOFILE=" in bot.text()


def test_a_soft_limit_is_raised_to_what_is_of_use(world: World) -> None:
    bot = world.started(env={}, prefix=limited(64, hard=False))
    bot.wait_line("WEBHOOK CONFIGURED")

    limits = Path(f"/proc/{bot.popen.pid}/limits").read_text()

    (line,) = (each for each in limits.splitlines() if each.startswith("Max open files"))
    assert int(line.split()[3]) > 64
