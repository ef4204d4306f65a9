"""How fast the bot lives: port, ACTIVE, memory, queries while idle. Prints a table.

python tests/bench/speed_of_life.py
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path
from threading import Event

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from tests.support.bots.world import Bot, World
from tests.support.postgres.statements import statements_in

ROUNDS = 5
#: At rest are services whose first looks are over.
REST_AFTER, IDLE_SECONDS = 75.0, 120.0


def measure_start(world: World) -> tuple[float, float, Bot]:
    """Seconds until the port answers, and until the instance is ACTIVE."""
    bot = world.bot(LOG_LEVEL="INFO")
    while not bot.health():
        time.sleep(0.005)
    port = time.monotonic() - bot.started_at
    while bot.health().get("state") != "ACTIVE":
        time.sleep(0.005)
    return port, time.monotonic() - bot.started_at, bot


def log_every_statement(dsn: str) -> None:
    connection = psycopg2.connect(dsn)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET log_statement = 'all'")
        cursor.execute("SELECT pg_reload_conf()")
    connection.close()


def statements(log: Path) -> int:
    return statements_in(log.read_text(encoding="utf-8", errors="replace"))


def megabytes(bot: Bot) -> float:
    for line in Path(f"/proc/{bot.popen.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise LookupError("VmRSS")


def main() -> None:
    logger.remove()
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        dsn = server.dsn.reveal()
        migrate(server.dsn, SystemClock(), Event())
        world = World(Path(folder), dsn)
        ports, actives = [], []
        for _ in range(ROUNDS):
            port, active, bot = measure_start(world)
            ports.append(port)
            actives.append(active)
            bot.popen.terminate()
            bot.wait()
        *_, bot = measure_start(world)
        time.sleep(REST_AFTER)
        log = Path(folder) / "data" / "postgres" / "log"
        log_every_statement(dsn)
        before, started = statements(log), time.monotonic()
        time.sleep(IDLE_SECONDS)
        rate = (statements(log) - before) / (time.monotonic() - started)
        rows = [
            ("port answers, s", statistics.median(ports), max(ports), "<= 1"),
            ("ACTIVE, s", statistics.median(actives), max(actives), "<= 3"),
            ("memory idle, MB", megabytes(bot), megabytes(bot), "<= 120"),
            ("statements/s idle", rate, rate, "<= 1"),
        ]
        print(f"{'':24}{'median':>10}{'max':>10}{'target':>10}")
        for name, median, most, target in rows:
            print(f"{name:24}{median:>10.2f}{most:>10.2f}{target:>10}")
        world.close()
        server.close()


if __name__ == "__main__":
    main()
