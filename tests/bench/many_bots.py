"""Many bots on one PostgreSQL, two instances each: connections, queries and memory of one bot.

Two measurements, since 100 whole daemons do not fit on two cores beside the server:

* ``run.py serve``, 3 bots with an ACTIVE and a PASSIVE instance each (and a simulator each):
  connections, statements a second and memory, idle and after a burst of messages;
* the supervisor alone (lock, heartbeats, waiting; no services), 50 bots with two instances
  each, 100 lock sessions from 10 processes: statements a second, how long a heartbeat takes
  among so many, and a take-over of all 50 locks at once.

    python tests/bench/many_bots.py
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

from supervisor.runtime.secret import Secret
from supervisor.settings.identity import Identity
from tests.support.bots.crowd import Crowd
from tests.support.bots.instance import Instance
from tests.support.bots.world import ROOT, World
from tests.support.machine.waiting import until
from tests.support.postgres.own_postgres import OwnPostgres, own_postgres
from tests.support.postgres.statements import statements_in

DAEMONS, BOTS, IN_ONE_PROCESS = 3, 50, 10
IDLE_SECONDS, BURST = 20.0, 60
#: Daemons are at rest when the first looks of all services are over.
REST_AFTER, REST_SECONDS = 75.0, 120.0


def token(number: int) -> str:
    return f"{100000 + number}:{number:04}-a-token-of-the-bench-for-many-bots"


class Watch:
    """The server, seen from outside."""

    def __init__(self, server: OwnPostgres) -> None:
        self._dsn = server.dsn.reveal()
        ((folder,),) = self.ask("SHOW data_directory")
        self._log = Path(folder) / "log"
        self.ask("ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf()")

    def ask(self, statement: str) -> list[Any]:
        connection = psycopg2.connect(self._dsn, application_name="watch")
        connection.autocommit = True
        with connection.cursor() as cursor:
            for each in statement.split("; "):
                cursor.execute(each)
            rows = cursor.fetchall()
        connection.close()
        return rows

    def statements_a_second(self, seconds: float) -> float:
        """All but the frames of transactions, and but for our own."""
        before, started = self._statements(), time.monotonic()
        time.sleep(seconds)
        return (self._statements() - before) / (time.monotonic() - started)

    def _statements(self) -> int:
        return statements_in(self._log.read_text(encoding="utf-8", errors="replace"))

    def connections(self) -> Counter[str]:
        """By the first part of their name: ``trt`` holds or waits for a lock."""
        rows = self.ask(
            "SELECT application_name FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND application_name <> 'watch'"
        )
        return Counter(name.partition(":")[0] for (name,) in rows)

    def megabytes_a_connection(self) -> float:
        rows = self.ask(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND application_name <> 'watch'"
        )
        return statistics.mean(proportional_megabytes(pid) for (pid,) in rows)


def proportional_megabytes(pid: int) -> float:
    """Memory of a process with its part of what it shares (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise LookupError("Pss")


def row(name: str, value: str) -> None:
    print(f"  {name:58}{value:>22}", flush=True)


# ---------------------------------------------------------------------- whole daemons --


def daemons(server: OwnPostgres, watch: Watch, folder: Path) -> None:
    worlds = []
    try:
        for number in range(DAEMONS):
            own = folder / f"bot-{number}"
            own.mkdir()
            world = World(own, server.dsn.reveal(), token=token(number))
            worlds.append(world)
            world.bot(LOG_LEVEL="INFO").wait_state("ACTIVE", 60)
            passive = world.bot(LOG_LEVEL="INFO", PORT=str(world.spare_port))
            passive.wait_state("PASSIVE", 60)
        time.sleep(REST_AFTER)
        print(f"run.py serve, {DAEMONS} bots x 2 instances; for one bot (both instances):")
        rate = watch.statements_a_second(REST_SECONDS) / DAEMONS
        idle = watch.connections()
        row("statements a second, idle", f"{rate:.2f}")
        row("connections, idle", shown(idle))
        for world in worlds:
            crowd = Crowd(world.telegram, server.dsn, 20)
            crowd.talk(BURST, 60.0)
        time.sleep(8)
        row(f"connections after {BURST} messages in a second", shown(watch.connections()))
        sizes = [[bot.resident_megabytes() for bot in world.bots] for world in worlds]
        for place, name in enumerate(("ACTIVE", "PASSIVE")):
            row(
                f"memory of the {name} instance, MB",
                f"{statistics.mean(s[place] for s in sizes):.0f}",
            )
        row("memory of a connection in the server, MB", f"{watch.megabytes_a_connection():.1f}")
    finally:
        for world in worlds:
            world.close()


def shown(found: Counter[str]) -> str:
    lock, work = found["trt"] / DAEMONS, found["trt-work"] / DAEMONS
    return f"{lock:.1f} lock + {work:.1f} work"


# -------------------------------------------------------------------- supervisors alone --


def child(dsn: str, name: str, first: int, last: int) -> None:
    """A process with one instance of each of these bots; obeys lines on its input."""
    logger.remove()
    instances = [
        Instance(Secret(dsn), Identity(Secret(token(number))), f"{name}-{number}")
        for number in range(first, last)
    ]
    for line in sys.stdin:
        match line.strip():
            case "states":
                print(json.dumps([each.says()["state"] for each in instances]), flush=True)
            case "heartbeats":
                print(json.dumps([heartbeats(each) for each in instances]), flush=True)
            case "gaps":
                counted = [each.counted("trt_without_active_seconds_total") for each in instances]
                print(json.dumps(counted), flush=True)
            case _:
                break
    for each in instances:
        each.close()


def heartbeats(instance: Instance) -> list[float]:
    """How many, and the seconds that they took together."""
    name = "trt_lock_heartbeat_seconds"
    return [instance.counted(f"{name}_count"), instance.counted(f"{name}_sum")]


class Child:
    def __init__(self, dsn: str, name: str, first: int, last: int) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, __file__, "--child", dsn, name, str(first), str(last)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, word: str) -> list[Any]:
        found: list[Any] = json.loads(self._said(word))
        return found

    def _said(self, word: str) -> str:
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        self.popen.stdin.write(f"{word}\n")
        self.popen.stdin.flush()
        return self.popen.stdout.readline()

    def stop(self) -> None:
        if self.popen.poll() is None:
            self.popen.communicate("stop\n", timeout=60)


def states(children: list[Child], state: str) -> bool:
    return all(each == state for one in children for each in one.ask("states"))


def supervisors(server: OwnPostgres, watch: Watch) -> None:
    dsn = server.dsn.reveal()
    parts = [(first, first + IN_ONE_PROCESS) for first in range(0, BOTS, IN_ONE_PROCESS)]
    active: list[Child] = []
    passive: list[Child] = []
    try:
        for first, last in parts:
            active.append(Child(dsn, "a", first, last))
        until(lambda: states(active, "ACTIVE"), 60, "all ACTIVE")
        for first, last in parts:
            passive.append(Child(dsn, "b", first, last))
        until(lambda: states(passive, "PASSIVE"), 60, "all PASSIVE")
        time.sleep(3)
        print(f"the supervisor alone, {BOTS} bots x 2 instances:")
        before = [each for one in active for each in one.ask("heartbeats")]
        rate = watch.statements_a_second(IDLE_SECONDS)
        after = [each for one in active for each in one.ask("heartbeats")]
        beats = sum(b[0] - a[0] for a, b in zip(before, after, strict=True))
        took = sum(b[1] - a[1] for a, b in zip(before, after, strict=True))
        row("lock sessions", str(watch.connections()["trt"]))
        row("statements a second in all, and for one bot", f"{rate:.0f}, {rate / BOTS:.2f}")
        row("heartbeats a second, and what one took on average, ms", beats_and(beats, took))
        row("memory of a lock session in the server, MB", f"{watch.megabytes_a_connection():.1f}")
        losses = [one.ask("states").count("ACTIVE") for one in active]
        row("still ACTIVE of the first 50", str(sum(losses)))
        for one in active:
            one.stop()
        until(lambda: states(passive, "ACTIVE"), 60, "all taken over")
        gaps = sorted(each for one in passive for each in one.ask("gaps"))
        row("all 50 handed over at once: gap p50, max, ms", p50_and_max(gaps))
    finally:
        for one in (*active, *passive):
            one.stop()


def beats_and(beats: float, took: float) -> str:
    return f"{beats / IDLE_SECONDS:.0f}, {took / beats * 1000:.1f}"


def p50_and_max(gaps: list[float]) -> str:
    return f"{statistics.median(gaps) * 1000:.0f}, {gaps[-1] * 1000:.0f}"


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
        return
    logger.remove()
    with own_postgres() as server, tempfile.TemporaryDirectory(prefix="trt-bench-") as name:
        watch = Watch(server)
        watch.ask("ALTER SYSTEM SET max_connections = 300; SELECT 1")
        server.restart("fast")
        daemons(server, watch, Path(name))
        supervisors(server, watch)


if __name__ == "__main__":
    main()
