"""Updates in, beside PTB's ``run_webhook`` and aiogram's webhook handler in the same run.

Each server runs in a process of its own and gets the same updates from the same generator
over connections that are kept alive. Ours commits each update to a real PostgreSQL (its own
settings, fsync on) before it acknowledges, and handles it in a fenced transaction, with all
features on; the others keep theirs in memory, and their handlers only count. There are two tables:

group: texts of 500 groups, which ask the bot for nothing. All three do the same work: they take the
update, look who is to handle it, and find that there is nothing to answer.
private: texts of 500 private chats, of which each is a wish. Ours reads it, makes a card with its
buttons, and writes dialogue, answer and "done"; the others still only count. Nobody sends: the
simulated Bot API answers flood control.

    python tests/bench/intake.py [--quick]

acks/s: until the last update is acknowledged. done/s: until the last one is handled. p99: of
the acknowledgement at 500 updates a second. cpu, db: microseconds of processor that an update
takes in the server's process and in PostgreSQL's; unlike the rates they mean something on a
machine that has other things to do.
"""

import argparse
import asyncio
import gc
import json
import multiprocessing
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count, islice
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from threading import Event
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
import psycopg2
from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.bench.library_bots import run_aiogram, run_ptb
from tests.bench.processor import cpu_seconds, server_seconds
from tests.support.bots.world import TOKEN, World
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until

CHATS = 500
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
IDENTITY = Identity(Secret(TOKEN))
SECRET = IDENTITY.webhook_secret.reveal()
STEADY_RATE, STEADY_CONNECTIONS = 500.0, 40

Count = Callable[[], int]


@dataclass
class Figures:
    acknowledged: list[float] = field(default_factory=list)
    done: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)


# ------------------------------------------------------------------ updates --


def update(number: int, *, in_group: bool = False) -> bytes:
    """A text as Telegram sends it."""
    chat = 10_000 + number % CHATS
    person = {"id": chat, "first_name": "Anna-Maria", "username": f"anna_{chat}"}
    group = {"id": -1_000_000_000_000 - chat, "title": "Sailors", "type": "supergroup"}
    return json.dumps(
        {
            "update_id": number,
            "message": {
                "message_id": number,
                "from": {**person, "is_bot": False, "language_code": "en"},
                "chat": group if in_group else {**person, "type": "private"},
                "date": 1_790_000_000,
                "text": f"A lighthouse on a cliff above a stormy sea at dusk, number {number}",
                "entities": [{"offset": 2, "length": 10, "type": "bold"}],
                "link_preview_options": {"is_disabled": True},
            },
        }
    ).encode()


def request(path: str, body: bytes) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: bot.example\r\nContent-Type: application/json\r\n"
        f"{SECRET_HEADER}: {SECRET}\r\nContent-Length: {len(body)}\r\n"
        "Connection: keep-alive\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
    ).encode() + body


# --------------------------------------------------------------------- load --


async def _answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in head.split(b"\r\n", 1)[0] + b" ":
        raise RuntimeError(f"not acknowledged: {head[:200]!r}")
    length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
    if length.strip() not in {b"", b"0"}:
        await reader.readexactly(int(length))


async def flood(port: int, requests: Sequence[bytes], connections: int) -> float:
    """As fast as they are acknowledged; the seconds it took."""
    left = iter(requests)

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for each in left:
            writer.write(each)
            await _answer(reader)
        writer.close()

    started = time.monotonic()
    await asyncio.gather(*(one_connection() for _ in range(connections)))
    return time.monotonic() - started


@contextmanager
def no_collection() -> Iterator[None]:
    """This process collects no garbage meanwhile: that takes 20 ms, which would be counted as the
    server's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def steady(
    port: int,
    requests: Sequence[bytes],
    rate: float = STEADY_RATE,
    connections: int = STEADY_CONNECTIONS,
) -> tuple[float, list[float]]:
    """At ``rate`` a second over connections that are open before. When the first one was due, by
    the monotonic clock, and seconds from when each was due to its acknowledgement."""
    latencies: list[float] = []
    waiting: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()

    async def one_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (found := await waiting.get()) is not None:
            due, each = found
            writer.write(each)
            await _answer(reader)
            latencies.append(time.monotonic() - due)
        writer.close()

    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    workers = [asyncio.create_task(one_connection(*each)) for each in opened]
    started = time.monotonic()
    for number, each in enumerate(requests):
        due = started + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        waiting.put_nowait((due, each))
    for _ in workers:
        waiting.put_nowait(None)
    await asyncio.gather(*workers)
    return started, latencies


# ------------------------------------------------------------------ servers --


def serve_ptb(api: str, port: int, path: str, handled: "Synchronized[int]") -> None:
    from telegram.ext import MessageHandler, filters

    async def count(*_: Any) -> None:
        handled.value += 1

    handler = MessageHandler(filters.TEXT, count)
    run_ptb(handler, token=TOKEN, api=api, port=port, path=path, secret=SECRET)


def serve_aiogram(api: str, port: int, path: str, handled: "Synchronized[int]") -> None:
    from aiogram import Dispatcher, F
    from aiogram.types import Message

    dispatcher = Dispatcher()

    @dispatcher.message(F.text)
    async def count(_: Message) -> None:
        handled.value += 1

    run_aiogram(dispatcher, token=TOKEN, api=api, port=port, path=path, secret=SECRET)


class Ours:
    """The daemon beside its database."""

    name = "trt"

    def __init__(self, world: World, dsn: str, postgres: int, **settings: str) -> None:
        self._postgres = psutil.Process(postgres)
        self._connection = psycopg2.connect(dsn)
        self._connection.autocommit = True
        self._bot = world.bot(LOG_LEVEL="WARNING", **settings)
        self._bot.wait_state("ACTIVE", 20)
        self.pid = self._bot.popen.pid
        self.port = self._bot.port
        self.path = f"/telegram/{IDENTITY.webhook_id}"

    def handled(self) -> int:
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM telegram_updates WHERE state = 'done'")
            ((count,),) = cursor.fetchall()
            return int(count)

    def database_seconds(self) -> float:
        return server_seconds(self._postgres, without=self._connection.info.backend_pid)

    def is_idle(self) -> bool:
        """Nothing waits to be sent: also the samples that a new chat gets have gone."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT 1 FROM deliveries"
                " WHERE state IN ('pending', 'sending', 'unknown'))"
            )
            ((waiting,),) = cursor.fetchall()
            return not waiting

    def close(self) -> None:
        self._bot.popen.terminate()
        self._bot.wait()
        self._connection.close()


class Peer:
    """Another library's server."""

    def __init__(self, name: str, serve: Callable[..., None], api: str) -> None:
        self.name = name
        self.port, self.path = free_port(), "/hook"
        gc.freeze()  # the server's collector does not look at what it got from this process
        self._handled: Synchronized[int] = multiprocessing.Value("q", 0)
        self._process = multiprocessing.Process(
            target=serve, args=(api, self.port, self.path, self._handled)
        )
        self._process.start()
        self.pid = self._process.pid or 0
        until(self._answers, 20, f"{name} listens")

    def handled(self) -> int:
        return int(self._handled.value)

    def database_seconds(self) -> float:
        return 0.0

    def is_idle(self) -> bool:
        return True

    def close(self) -> None:
        self._process.terminate()
        self._process.join()

    def _answers(self) -> bool:
        async def knock() -> None:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()

        with suppress(OSError):
            asyncio.run(knock())
            return True
        return False


# ------------------------------------------------------------------- report --


class Bench:
    def __init__(self, updates: int, numbers: Iterator[int], *, in_group: bool) -> None:
        self._updates = updates
        self._numbers = numbers
        self._in_group = in_group
        self._figures: dict[tuple[str, int], Figures] = {}
        self._latencies: dict[str, list[float]] = {}

    def measure(self, server: Ours | Peer, connections: Sequence[int]) -> None:
        """A short warm-up, then each number of connections, then the steady stream."""
        self._flood(server, 40, 500)
        process = psutil.Process(server.pid)
        for each in connections:
            before = cpu_seconds(process), server.database_seconds()
            acknowledged, done = self._flood(server, each, self._updates)
            figures = self._figures.setdefault((server.name, each), Figures())
            figures.acknowledged.append(acknowledged)
            figures.done.append(done)
            spent = cpu_seconds(process) - before[0], server.database_seconds() - before[1]
            figures.cpu.append(spent[0] / self._updates * 1e6)
            figures.database.append(spent[1] / self._updates * 1e6)
        requests = self._requests(server, self._updates // 2)
        with no_collection():
            _, found = asyncio.run(steady(server.port, requests))
        self._latencies.setdefault(server.name, []).append(
            statistics.quantiles(found, n=100)[98] * 1000
        )

    def _requests(self, server: Ours | Peer, amount: int) -> list[bytes]:
        return [
            request(server.path, update(number, in_group=self._in_group))
            for number in islice(self._numbers, amount)
        ]

    def _flood(self, server: Ours | Peer, connections: int, count: int) -> tuple[float, float]:
        requests = self._requests(server, count)
        before = server.handled()
        started = time.monotonic()
        seconds = asyncio.run(flood(server.port, requests, connections))
        until(lambda: server.handled() >= before + count, 120, f"{server.name} is done")
        return count / seconds, count / (time.monotonic() - started)

    def show(self, names: Sequence[str], connections: Sequence[int]) -> None:
        """Medians; the ratios are those of servers that were measured one after the other,
        as a machine may not be as fast in one minute as in the next."""
        print(
            f"{'':10}{'conns':>6}{'acks/s':>9}{'done/s':>9}{'acks ×':>9}{'done ×':>9}"
            f"{'p99 ms':>8}{'cpu µs':>8}{'db µs':>8}"
        )
        median = statistics.median
        for each in connections:
            ours = self._figures["trt", each]
            for name in names:
                found = self._figures[name, each]
                acknowledged, done = median(found.acknowledged), median(found.done)
                print(
                    f"{name:10}{each:>6}{acknowledged:>9.0f}{done:>9.0f}"
                    f"{_ratio(ours.acknowledged, found.acknowledged):>9.2f}"
                    f"{_ratio(ours.done, found.done):>9.2f}{median(self._latencies[name]):>8.1f}"
                    f"{median(found.cpu):>8.0f}{median(found.database):>8.0f}"
                )


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of fewer updates")
    quick = parser.parse_args().quick
    rounds, updates, connections = (1, 3000, (40,)) if quick else (5, 5000, (40, 100))
    logger.remove()
    numbers = count(1)
    benches = {
        name: Bench(updates, numbers, in_group=name == "group") for name in ("group", "private")
    }
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        dsn = server.dsn.reveal()
        migrate(server.dsn, SystemClock(), Event())
        running_as = (Path(folder) / "data" / "postgres" / "postmaster.pid").read_text()
        postmaster = int(running_as.split()[0])
        world = World(Path(folder), dsn)
        world.telegram.fault(
            "error", "sendMessage", code=429, description="Too Many Requests: retry after 3600",
            retry_after=3600, times=10**9,
        )  # fmt: skip
        makers: dict[str, Callable[[], Ours | Peer]] = {
            "trt": lambda: Ours(world, dsn, postmaster),
            "ptb": lambda: Peer("ptb", serve_ptb, world.telegram_url),
            "aiogram": lambda: Peer("aiogram", serve_aiogram, world.telegram_url),
        }
        for _ in range(rounds):
            for make in makers.values():
                running = make()
                for bench in benches.values():
                    bench.measure(running, connections)
                running.close()
                time.sleep(1.1)  # Telegram takes one setWebhook a second
        for name, bench in benches.items():
            print(name)
            bench.show(list(makers), connections)
        world.close()
        server.close()


if __name__ == "__main__":
    main()
