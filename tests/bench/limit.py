"""How far a durable receiver can go: the least that Python must do, and PostgreSQL alone.

    python tests/bench/limit.py [--quick]

least: aiohttp and one INSERT, many updates in one commit, nothing else: no secret, no order, no
handling. It gets the same requests as ours in ``intake.py``, over 40 connections. database: the
statements of ours for storing and handling a text directly, run one transaction after the other by
one session, 1 and 40 updates in each. cpu, db: microseconds of processor per update in the process
and in PostgreSQL.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from threading import Condition, Event, Thread

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
import psycopg2

import sql
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from tests.bench.intake import CHATS, flood, request, update
from tests.bench.processor import cpu_seconds, server_seconds
from tests.support.machine.ports import free_port
from tests.support.machine.waiting import until

BOT_ID, TOGETHER = 123456, 40
DIRECT, DELIVERY = map(sql.load, ("direct", "delivery"))
TABLE = "CREATE TABLE least (update_id bigint PRIMARY KEY, body text NOT NULL)"
INSERT = "INSERT INTO least SELECT * FROM unnest(%s::bigint[], %s::text[]) ON CONFLICT DO NOTHING"


# -------------------------------------------------------------------- least --


def serve(dsn: str, port: int, stored: "Synchronized[int]") -> None:
    from aiohttp import web

    waiting: list[tuple[int, str, asyncio.Future[None]]] = []
    changed = Condition()

    def write(loop: asyncio.AbstractEventLoop) -> None:
        connection = psycopg2.connect(dsn)
        while True:
            with changed:
                changed.wait_for(lambda: waiting)
                batch = waiting[:]
                waiting.clear()
            with connection, connection.cursor() as cursor:
                cursor.execute(INSERT, ([each[0] for each in batch], [each[1] for each in batch]))
            stored.value += len(batch)
            loop.call_soon_threadsafe(tell, batch)

    def tell(batch: Sequence[tuple[int, str, "asyncio.Future[None]"]]) -> None:
        for *_, answer in batch:
            if not answer.done():
                answer.set_result(None)

    async def store(request: web.Request) -> web.Response:
        body = await request.read()
        answer = asyncio.get_running_loop().create_future()
        with changed:
            waiting.append((json.loads(body)["update_id"], body.decode(), answer))
            changed.notify()
        await answer
        return web.Response()

    async def begin(_: web.Application) -> None:
        Thread(target=write, args=(asyncio.get_running_loop(),), daemon=True).start()

    application = web.Application()
    application.router.add_post("/hook", store)
    application.on_startup.append(begin)
    web.run_app(application, host="127.0.0.1", port=port, access_log=None, print=None)


def least(dsn: str, postgres: psutil.Process, rounds: int, count: int) -> None:
    port, stored = free_port(), multiprocessing.Value("q", 0)
    process = multiprocessing.Process(target=serve, args=(dsn, port, stored))
    process.start()

    def listens() -> bool:
        try:
            asyncio.run(flood(port, [], 1))
        except OSError:
            return False
        return True

    until(listens, 20, "the least server listens")
    server = psutil.Process(process.pid)
    figures: list[tuple[float, float, float]] = []
    for number in range(rounds + 1):
        first = 1 + number * count
        requests = [request("/hook", update(first + each)) for each in range(count)]
        before = cpu_seconds(server), server_seconds(postgres)
        seconds = asyncio.run(flood(port, requests, TOGETHER))
        spent = cpu_seconds(server) - before[0], server_seconds(postgres) - before[1]
        figures.append((count / seconds, spent[0] / count * 1e6, spent[1] / count * 1e6))
    process.terminate()
    process.join()
    rate, cpu, database = map(statistics.median, zip(*figures[1:], strict=True))
    print(f"least                 {rate:8.0f} acks/s   cpu {cpu:5.0f} µs   db {database:5.0f} µs")


# ----------------------------------------------------------------- database --


class Statements:
    """What storing and handling texts of known users asks of PostgreSQL."""

    def __init__(self, dsn: Secret) -> None:
        named = {"bot_id": BOT_ID, "fence_key": 1, "name": "bench"}
        self._database = Database(dsn, size=2, wakeups=Wakeups(), **named)  # type: ignore[arg-type]
        self._database.is_active = True
        self._next = 10**9
        self._token = str(uuid.uuid4())  #: of the term that claims the answers

    def handle(self, together: int) -> None:
        """One transaction that stores and handles."""
        numbers = list(range(self._next, self._next + together))
        self._next += together
        chats = [10_000 + number % CHATS for number in numbers]
        with self._database.transaction(short=True) as tx:
            tx.send(DIRECT["begin_direct"], {"bot_id": BOT_ID})
            self._work(tx, numbers, chats)

    def _work(self, tx: Tx, numbers: Sequence[int], chats: Sequence[int]) -> None:
        count = len(numbers)
        updates = {"update_ids": numbers, "lanes": chats}
        people = {"chat_ids": chats, "user_ids": chats, "usernames": ["anna"] * count}
        more = {"first_names": ["Anna"] * count, "language_codes": ["en"] * count}
        named = {"bot_id": BOT_ID, **updates, **people, "people": [b"p"] * count}
        seqs = [row["seq"] for row in tx.all(DIRECT["take_new"], {**named, **more})]
        bodies = {"kinds": ["message"] * count, "bodies": [update(n).decode() for n in numbers]}
        steps = {"steps": ["confirm"] * count, "versions": [1] * count, "answers": ["{}"] * count}
        tx.send(DIRECT["store_handled"], {**named, **bodies, **steps, "seqs": seqs})
        keyboard = [[["Create", "create|1|", ""]]] * 4
        payload = json.dumps({"do": "say", "text": "x" * 120, "keyboard": keyboard})
        tx.send(
            DELIVERY["enqueue"],
            {
                "bot_id": BOT_ID,
                "chat_ids": chats,
                "kinds": ["answer"] * count,
                "payloads": [payload] * count,
                "dedupe_keys": [str(uuid.uuid4()) for _ in seqs],
                "job_ids": [None] * count,
                "traces": [None] * count,
                "threads": [None] * count,
                "lines": [0] * count,
                "delays": [0.0] * count,
                "early": [True] * count,
                "token": self._token,
            },
        )

    def close(self) -> None:
        self._database.close()


def database_alone(dsn: Secret, postgres: psutil.Process, rounds: int, count: int) -> None:
    statements = Statements(dsn)
    statements.handle(TOGETHER)
    for together in (1, TOGETHER):
        figures: list[tuple[float, float]] = []
        for _ in range(rounds):
            before, began = server_seconds(postgres), time.monotonic()
            for _ in range(count // together):
                statements.handle(together)
            spent = server_seconds(postgres) - before
            figures.append((count / (time.monotonic() - began), spent / count * 1e6))
        rate, spent_each = map(statistics.median, zip(*figures, strict=True))
        print(
            f"database, {together:2} together {rate:8.0f} updates/s {'':15}db {spent_each:5.0f} µs"
        )
    statements.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one round of fewer updates")
    rounds, count = (1, 2000) if parser.parse_args().quick else (5, 5000)
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        migrate(server.dsn, SystemClock(), Event())
        running_as = (Path(folder) / "data" / "postgres" / "postmaster.pid").read_text()
        postgres = psutil.Process(int(running_as.split()[0]))
        connection = psycopg2.connect(server.dsn.reveal())
        with connection, connection.cursor() as cursor:
            cursor.execute(TABLE)
        connection.close()
        measures: tuple[Callable[..., None], ...] = (
            lambda *each: least(server.dsn.reveal(), *each),
            lambda *each: database_alone(server.dsn, *each),
        )
        for measure in measures:
            measure(postgres, rounds, count)
        print(f"load average {os.getloadavg()[0]:.1f}")
        server.close()


if __name__ == "__main__":
    main()
