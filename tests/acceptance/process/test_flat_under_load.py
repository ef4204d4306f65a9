"""Memory, threads and descriptors stay flat under mixed load beside a hostile neighbour.

Users talk and order pictures, press buttons, send what nobody can use; a stranger holds idle
connections, posts garbage and reads slowly; Telegram refuses now and then. After a warm-up the
numbers of the process may not grow with time: the short form compares two halves of a minute,
the long one (``LONG=1``) those of ten.
"""

import os
import random
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.client import buttons
from tests.support.bots.ordering import order
from tests.support.bots.world import Bot, World
from tests.support.machine.waiting import until

SECONDS = 600.0 if os.environ.get("LONG") else 40.0
WARM_UP = 60.0 if os.environ.get("LONG") else 20.0  #: pools, caches and code fill up in it
EVERY = 1.0  #: seconds between two samples
#: What the second half may hold more than the first: megabytes, threads, descriptors.
MEGABYTES, THREADS, DESCRIPTORS = 12.0, 6.0, 12.0
LOG_BYTES_PER_SECOND = 40_000

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc")


@dataclass(frozen=True)
class Sample:
    megabytes: float
    threads: int
    descriptors: int


def sample(bot: Bot) -> Sample:
    process = Path(f"/proc/{bot.popen.pid}")
    return Sample(
        bot.resident_megabytes(),
        len(list((process / "task").iterdir())),
        len(list((process / "fd").iterdir())) - held_by_strangers(bot.port),
    )


def held_by_strangers(port: int) -> int:
    """Connections to the port whose other end is open. How many there are is the neighbour's
    choice; one that the other end has closed counts as the bot's."""
    established, found = "01", 0
    for table in filter(Path.exists, map(Path, ("/proc/net/tcp", "/proc/net/tcp6"))):
        for line in table.read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            found += int(local.rpartition(":")[2], 16) == port and state == established
    return found


class Load:
    """Threads that go on until the end of the block; an error of one fails the test."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._errors: list[BaseException] = []
        self._threads: list[threading.Thread] = []
        self.turns: dict[str, int] = {}
        self.held: list[socket.socket] = []

    def go(self, name: str, turn: Callable[[], None], pause: float) -> None:
        def run() -> None:
            try:
                while not self._stop.wait(pause):
                    turn()
                    self.turns[name] = self.turns.get(name, 0) + 1
            except BaseException as error:  # noqa: BLE001 told at the end
                self._errors.append(error)

        self._threads.append(threading.Thread(target=run, name=name))
        self._threads[-1].start()

    def end(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        for each in self.held:
            each.close()
        if self._errors:
            raise self._errors[0]


@contextmanager
def loaded() -> Iterator[Load]:
    load = Load()
    try:
        yield load
    finally:
        load.end()


def honest(load: Load, world: World) -> None:
    """Users who talk, press, order, and send what nobody can use."""
    chosen = random.Random("flat")
    talkers = [world.telegram.new_user() for _ in range(20)]

    def talk() -> None:
        texts = ["/start", "/help", "/new", "/balance", "hello", "x" * 4000, "\u202eodd"]
        world.telegram.say(chosen.choice(talkers), chosen.choice(texts))

    def odd() -> None:
        world.telegram.send(chosen.choice(talkers), chosen.choice(["sticker", "voice", "document"]))

    def make() -> None:
        maker = world.telegram.new_user()
        before = len(world.telegram.calls("sendPhoto"))
        order(world, maker)
        world.telegram.press(maker, "Create")
        until(lambda: len(world.telegram.calls("sendPhoto")) > before, 60, "a picture")

    load.go("talk", talk, 0.08)
    load.go("odd", odd, 0.7)
    load.go("make", make, 0.5)
    faults = ("error", {"code": 429, "retry_after": 1}), ("page", {"code": 502})

    def fail() -> None:
        kind, options = chosen.choice(faults)
        world.telegram.fault(kind, "sendMessage", times=1, **options)

    load.go("faults", fail, 5.0)


def hostile(load: Load, bot: Bot) -> None:
    """A stranger who holds connections, posts garbage, and does not read."""
    chosen = random.Random("hostile")
    held = load.held
    bodies = [
        *(b"[" * 16_000, b"{}", b'{"taskId":"x"}', b"\xff" * 900, b'{"data":{"task_id":"t%d"}}'),
        b'{"update_id":1}',
    ]

    def connect() -> socket.socket | None:
        try:
            return socket.create_connection(("127.0.0.1", bot.port), 2)
        except OSError:
            return None

    def hold() -> None:
        made = connect()
        if made is None:
            return
        said = [b"", b"GET /health HTTP/1.1\r\n", b"POST /callbacks/kie HTTP/1.1\r\nHost: x\r\n"]
        _send(made, chosen.choice(said))
        held.append(made)
        while len(held) > 300:
            held.pop(chosen.randrange(len(held))).close()

    def post() -> None:
        made = connect()
        if made is None:
            return
        path = chosen.choice(["/callbacks/kie", "/callbacks/kie/1/x", "/telegram/x", "/ready"])
        body = chosen.choice(bodies)
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        half = head + body[: len(body) // 2]
        _send(made, chosen.choice([head + body, half, b"\x16\x03\x01" * 9]))
        made.close()

    def not_read() -> None:
        made = connect()
        if made is not None:
            _send(made, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n" * 500)
            held.append(made)

    load.go("hold", hold, 0.02)
    load.go("post", post, 0.02)
    load.go("not read", not_read, 0.5)


def _send(to: socket.socket, said: bytes) -> None:
    to.setblocking(False)
    try:
        to.send(said)
    except OSError:
        return


def test_memory_threads_and_descriptors_do_not_grow_with_time(world: World) -> None:
    world.kie.account(credits=1e9)
    bot = world.bot(LOG_LEVEL="INFO")
    bot.wait_line("WEBHOOK CONFIGURED")
    samples: list[Sample] = []

    with loaded() as load:
        honest(load, world)
        hostile(load, bot)
        time.sleep(WARM_UP)
        logged, began = bot.log.stat().st_size, time.monotonic()
        while time.monotonic() - began < SECONDS:
            time.sleep(EVERY)
            samples.append(sample(bot))
        log_rate = (bot.log.stat().st_size - logged) / (time.monotonic() - began)

    half = len(samples) // 2
    first, second = samples[:half], samples[half:]

    def growth(of: Callable[[Sample], float]) -> float:
        return statistics.median(map(of, second)) - statistics.median(map(of, first))

    grown = {
        "megabytes": growth(lambda each: each.megabytes),
        "threads": growth(lambda each: each.threads),
        "descriptors": growth(lambda each: each.descriptors),
    }
    # Shown with -s.
    sys.stdout.write(f"{load.turns} {samples[0]} {samples[-1]} {grown} log {log_rate:.0f} B/s\n")
    assert grown["megabytes"] < MEGABYTES, grown
    assert grown["threads"] < THREADS, grown
    assert grown["descriptors"] < DESCRIPTORS, grown
    assert log_rate < LOG_BYTES_PER_SECOND
    assert load.turns["make"] > 2
    user = world.telegram.new_user()
    world.telegram.say(user, "/start")
    world.telegram.wait_for(user, lambda m: bool(buttons(m)), 20)
    assert bot.popen.poll() is None
    assert "Traceback" not in bot.text(), bot.text()[-4000:]
