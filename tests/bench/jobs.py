"""A hundred thousand jobs in flight, and the way of a result from kie.ai to Telegram.

First the statements that pick what is due, with 100 and with 100,000 jobs in flight on one
server, and the memory of the daemon beside either. Then the daemon, both simulators and
PostgreSQL as processes of their own: what is asked of kie.ai per job, and the time from "the
task has ended" to "sendPhoto has arrived", with callbacks and by polling alone. Tasks take 10
to 22 s where the catalogue expects 15.

    python tests/bench/jobs.py [--only pick|way]
"""

import argparse
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

import sql
from kie.jobs import job_table
from kie.jobs.job import NewJob
from supervisor.database.embedded import EmbeddedPostgres
from supervisor.database.migration import migrate
from supervisor.database.transactions import Database, Tx
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from supervisor.runtime.wakeups import Wakeups
from supervisor.settings.identity import Identity
from tests.support.bots.world import TOKEN, Bot, World
from tests.support.machine.waiting import until
from tests.support.postgres.databases import at

IDENTITY = Identity(Secret(TOKEN))
FEW, MANY, DUE = 100, 100_000, 1000
ROUNDS = 200
JOBS = 60  #: sent on their way in each mode
#: A task takes five seconds times this.
SCALES = (2.0, 2.4, 2.8, 3.0, 3.2, 3.6, 4.4)
INPUTS = {"prompt": "a cat", "aspect_ratio": "1:1", "nsfw_checker": True}
_FILL = """
INSERT INTO users (user_id) SELECT n FROM generate_series(1, 1000) AS n ON CONFLICT DO NOTHING;
INSERT INTO generation_jobs (bot_id, user_id, chat_id, language, model, input_params, status,
                             task_id, request_key, next_action_at, submitted_at, deadline_at,
                             place_told)
SELECT %(bot)s, 1 + n %% 1000, 1 + n %% 1000, 'en', 'z-image', %(inputs)s::jsonb, %(status)s,
       CASE WHEN %(status)s = 'waiting' THEN 'task-' || n END, 'bench:' || n,
       now() + interval '1 hour' * (1 + n / %(count)s::float8), now(), now() + interval '3 hours', n
FROM generate_series(1, %(count)s) AS n;
ANALYZE generation_jobs;
"""


def connected(dsn: Secret) -> Any:
    connection = psycopg2.connect(dsn.reveal())
    connection.autocommit = True
    return connection


def run(dsn: Secret, statement: str, **named: Any) -> None:
    connection = connected(dsn)
    with connection.cursor() as cursor:
        cursor.execute(statement, named or None)
    connection.close()


def fill(dsn: Secret, count: int, status: str) -> None:
    """So many jobs in flight; none is due."""
    named = {"bot": IDENTITY.bot_id, "inputs": '{"prompt": "a cat"}', "status": status}
    run(dsn, _FILL, **named, count=count)


# ------------------------------------------------------------------- picking --


class Undone(Exception):
    """Ends a transaction without a trace."""


def milliseconds(database: Database, act: Any) -> float:
    """The median of many, each rolled back."""
    times = []
    for _ in range(ROUNDS):
        try:
            with database.transaction() as tx:
                started = time.perf_counter()
                act(tx)
                times.append((time.perf_counter() - started) * 1000)
                raise Undone
        except Undone:
            pass
    return statistics.median(times)


def cases() -> Iterator[tuple[str, str, Any]]:
    """Name, the state that the jobs are in, and one execution."""
    kie = {**sql.load("jobs"), **sql.load("submission")}
    gauges, bot = sql.load("gauges"), {"bot_id": IDENTITY.bot_id}
    token = {"token": str(uuid.uuid4())}

    def claim(tx: Tx) -> None:
        left = {"count": 4, "held": [], "failing": [], "fail": False}
        rows = tx.all(kie["due_queued"], {**bot, **left})
        tx.all(kie["claim_queued"], {**token, "ids": [row["id"] for row in rows]})

    def due(tx: Tx) -> None:
        tx.all(kie["due_tasks"], {**bot, "busy": [], "count": 6, "away": False})

    yield "pick 6 tasks of 1000 due", "waiting", due
    yield "nothing due: pick", "waiting+", due
    yield (
        "nothing due: when next",
        "waiting+",
        lambda tx: tx.one(kie["next_task"], {**bot, "busy": []}),
    )
    yield (
        "claim 4 queued",
        "queued",
        claim,
    )
    yield (
        "who moved in the queue",
        "queued",
        lambda tx: tx.all(kie["moved_in_queue"], {**bot, "count": 50, "held": []}),
    )
    yield "the gauges", "waiting", lambda tx: tx.one(gauges["gauges"], {**bot, "acts": True})


def prepare(dsn: Secret, state: str, count: int) -> None:
    run(dsn, "TRUNCATE generation_jobs CASCADE")
    fill(dsn, count, state.rstrip("+"))
    if not state.endswith("+"):
        run(
            dsn,
            "UPDATE generation_jobs SET next_action_at = now() - interval '1 second'"
            " WHERE id IN (SELECT id FROM generation_jobs ORDER BY random() LIMIT %(due)s)",
            due=min(count, DUE),
        )
        run(dsn, "VACUUM ANALYZE generation_jobs")


def picking(server: EmbeddedPostgres) -> None:
    databases = {}
    for count in (FEW, MANY):
        run(server.dsn, f"CREATE DATABASE with_{count}")
        dsn = at(server.dsn, f"with_{count}")
        migrate(dsn, SystemClock(), Event())
        databases[count] = dsn
    print(f"{'jobs in flight':28}{FEW:>12,}{MANY:>12,}{'ratio':>9}")
    prepared = ""
    for name, state, act in cases():
        found = []
        for count, dsn in databases.items():
            if state != prepared:
                prepare(dsn, state, count)
            with opened(dsn) as database:
                found.append(milliseconds(database, act))
        prepared = state
        print(f"{name + ', ms':28}{found[0]:>12.2f}{found[1]:>12.2f}{found[1] / found[0]:>9.1f}")


@contextmanager
def opened(dsn: Secret) -> Iterator[Database]:
    database = Database(
        dsn,
        size=2,
        bot_id=IDENTITY.bot_id,
        fence_key=IDENTITY.fence_key,
        name="bench",
        wakeups=Wakeups(),
    )
    yield database
    database.close()


def memory(server: EmbeddedPostgres, folder: Path) -> None:
    """Of the daemon after half a minute, with and without jobs in flight."""
    found = []
    for count in (0, MANY):
        run(server.dsn, f"CREATE DATABASE memory_{count}")
        dsn = at(server.dsn, f"memory_{count}")
        migrate(dsn, SystemClock(), Event())
        if count:
            fill(dsn, count, "waiting")
        place = folder / f"memory-{count}"
        place.mkdir()
        world = World(place, dsn.reveal())
        bot = world.bot(LOG_LEVEL="INFO")
        bot.wait_state("ACTIVE", 60)
        time.sleep(30)
        found.append(bot.resident_megabytes())
        world.close()
    none, many = found
    print(f"{'memory of the daemon, MB':28}{none:>12.1f}{many:>12.1f}{many / none:>9.2f}")


# ------------------------------------------------------------------- the way --


def send_off(world: World, dsn: Secret) -> dict[int, int]:
    """Jobs of as many users, by number; each user's chat is the user's number."""
    found: dict[int, int] = {}
    made = len(world.kie.tasks())
    with opened(dsn) as database:
        for number in range(JOBS):
            user = world.telegram.new_user(f"User {number}")
            world.kie.account(time_scale=SCALES[number % len(SCALES)])
            with database.transaction() as tx:
                tx.one("SELECT ensure_user(%(user)s)", {"user": user})
                key = f"bench:{user}"
                new = NewJob(user, user, "en", "z-image", INPUTS, 0, key, None)
                job = job_table.create(tx, IDENTITY.bot_id, new)
            found[job] = user
            wanted = made + len(found)
            until(partial(has_tasks, world, wanted), 60, "a task")
    return found


def has_tasks(world: World, count: int) -> bool:
    return len(world.kie.tasks()) >= count


def way(world: World, dsn: Secret) -> tuple[list[float], float]:
    """Seconds from the end of each task to its sendPhoto, and calls to kie.ai per job."""
    known, calls = {task["id"] for task in world.kie.tasks()}, asked(world)
    users = send_off(world, dsn)
    for user in users.values():
        world.telegram.wait_photo(user, 120)
    arrived = {
        int(call["parameters"]["chat_id"]): call["at"] for call in world.telegram.calls("sendPhoto")
    }
    delays = []
    for task in world.kie.tasks():
        if task["id"] not in known:
            job = int(task["callback_url"].split("/")[-2])
            delays.append(arrived[users[job]] - task["completed_ms"] / 1000)
    assert len(delays) == JOBS
    return delays, (asked(world) - calls) / JOBS


def asked(world: World) -> int:
    return sum(len(world.kie.calls(name)) for name in ("createTask", "recordInfo"))


def ways(server: EmbeddedPostgres, folder: Path) -> None:
    print(
        f"\n{'task ended -> sendPhoto':28}{'p50 ms':>9}{'p90 ms':>9}{'max ms':>9}{'asked/job':>11}"
    )
    medians = []
    for mode, fault in (("callbacks", None), ("polling alone", "no_callback")):
        name = mode.replace(" ", "_")
        run(server.dsn, f"CREATE DATABASE {name}")
        dsn = at(server.dsn, name)
        migrate(dsn, SystemClock(), Event())
        (folder / name).mkdir()
        world = World(folder / name, dsn.reveal())
        bot: Bot = world.bot(LOG_LEVEL="INFO")
        bot.wait_state("ACTIVE", 60)
        bot.wait_line("WEBHOOK CONFIGURED", 60)
        if fault is not None:
            world.kie.fault(fault, times=10 * JOBS)
        delays, calls = way(world, dsn)
        world.close()
        cuts = [1000 * cut for cut in statistics.quantiles(delays, n=10)]
        medians.append(1000 * statistics.median(delays))
        print(
            f"{mode:28}{medians[-1]:>9.0f}{cuts[8]:>9.0f}{1000 * max(delays):>9.0f}{calls:>11.1f}"
        )
    print(f"polling alone takes {medians[1] / medians[0]:.0f} x as long (median)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("pick", "way"))
    only = parser.parse_args().only
    logger.remove()
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        run(server.dsn, "ALTER SYSTEM SET autovacuum = off")
        run(server.dsn, "SELECT pg_reload_conf()")
        if only in (None, "pick"):
            picking(server)
            memory(server, Path(folder))
        if only in (None, "way"):
            ways(server, Path(folder))
        server.close()


if __name__ == "__main__":
    main()
