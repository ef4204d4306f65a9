"""What screens of operators cost in a database of 100,000 users and a million ledger entries.

Each statement is run as its screen runs it: under EXPLAIN ANALYZE, of which the median and the
least of planning and execution are printed, and plainly, of which the processor time of the server
is. The last depends least on what else the machine does. What is summed up for today is a whole
day, at any time of day. A screen may take 20 ms of the database.

    python tests/bench/operators.py [--plans]
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psutil
import psycopg2
from loguru import logger

import sql
from supervisor.database.embedded import EmbeddedPostgres
from tests.support.postgres.large_business import BOT, DAYS, ENTRIES, USERS, fill

MOST = 20.0  #: milliseconds
ROUNDS, WARM, RUNS = 15, 3, 60

_TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
#: As today is at its end.
_DAY = {"since": datetime.now(UTC) - timedelta(days=1), "until": _TODAY + timedelta(days=1)}
_NAMED = {"bot_id": BOT}
_MONTH = {**_NAMED, "since": _TODAY - timedelta(days=60), "until": _TODAY - timedelta(days=30)}
_PAGE = {**_MONTH, "after_at": _MONTH["since"], "after_id": -1, "limit": 2000}
#: Screen → its statements: file, name, parameters.
SCREENS: dict[str, list[tuple[str, str, dict[str, Any]]]] = {
    "/money 30": [
        ("money_days", "written_days", {**_NAMED, "since": (_TODAY - timedelta(days=29)).date()}),
        ("money_days", "day_sums", {**_NAMED, **_DAY}),
        ("money_days", "balance", _NAMED),
    ],
    "/stats 30": [
        ("money_days", "written_days", {**_NAMED, "since": (_TODAY - timedelta(days=29)).date()}),
        ("money_days", "day_sums", {**_NAMED, **_DAY}),
        ("report", "people", {**_NAMED, "since": _TODAY - timedelta(days=29)}),
        ("jobs", "jobs_in_work", _NAMED),
    ],
    "alarms of money": [
        ("money_spending", "spending", _NAMED),
        ("money_spending", "cost_runs", {**_NAMED, "jobs": 3}),
    ],
    "a page of /export": [("report", "jobs_rows", _PAGE)],
    "a day, at night": [
        (
            "money_days",
            "day_sums",
            {**_NAMED, "since": _TODAY - timedelta(days=1), "until": _TODAY},
        )
    ],
}
#: A user with 40,000 entries and 10,000 jobs; another as most are.
HEAVY, USUAL = 50_000, 60_001
_OF_HEAVY, _OF_USUAL = {**_NAMED, "user_id": HEAVY}, {**_NAMED, "user_id": USUAL}
_FIRST = {"before": None, "count": 11}
SCREENS |= {
    "/admin": [
        ("status", "latest_term", {"key": 1}),
        ("status", "sessions", {"prefix": "trt:"}),
        ("desk", "waiting", {**_NAMED, "most": 100, "seq": 1}),
        ("desk", "kie_balance", {**_NAMED, "jobs": 1000, "days": 7}),
        ("status", "recent_errors", {**_NAMED, "limit": 3}),
    ],
    "search by number": [("people", "find_by_number", {**_NAMED, "number": USUAL})],
    "search by name": [("people", "find_by_name", {**_NAMED, "name": "User_60001"})],
    "search by former name": [("people", "find_by_name", {**_NAMED, "name": "former_60001"})],
    "card": [
        ("people", "card", {**_OF_USUAL, "most": 2000}),
        ("people", "failed_jobs", _OF_USUAL),
    ],
    "card of the heaviest user": [
        ("people", "card", {**_OF_HEAVY, "most": 2000}),
        ("people", "failed_jobs", _OF_HEAVY),
    ],
    "history": [("people", "entries", {**_OF_HEAVY, **_FIRST})],
    "jobs": [("people", "jobs", {**_OF_HEAVY, **_FIRST})],
    "payments": [("money_orders", "payments_page", {**_NAMED, **_FIRST})],
    "payments of a user": [("money_orders", "payments_page_of", {**_OF_USUAL, **_FIRST})],
    "receipts": [("money_receipts", "open_receipts", {**_NAMED, "operators": [1, 2], "count": 5})],
    "set aside": [("desk", "set_aside_page", {**_NAMED, **_FIRST})],
    "log": [("desk", "acts_page", {**_NAMED, **_FIRST})],
    "log, page of the middle": [("desk", "acts_page", {**_NAMED, "before": 50_000, "count": 11})],
}

#: What the panel lists besides, and one user who does what thousands do together.
_MORE = f"""
SET session_replication_role = replica;
INSERT INTO admin_acts (bot_id, admin, act, target, before, after, user_id)
SELECT {BOT}, 1 + n % 3, 'grant', n::text, '0', '100', 1 + n % {USERS}
FROM generate_series(1, 100000) AS n;
INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body, state, error)
SELECT {BOT}, n, n, 'message', '{{}}', 'dead', 'KeyError: ' || n
FROM generate_series(1, 20000) AS n;
INSERT INTO former_names (name, user_id) SELECT 'former_' || n, n
FROM generate_series(1, {USERS}) AS n;
INSERT INTO topups (bot_id, user_id, credits, file_unique_id, file_id, created_at)
SELECT {BOT}, n, 100, 'new-' || n, 'f', now() FROM generate_series(1, 500) AS n;
INSERT INTO ledger (bot_id, user_id, kind, amount, created_at)
SELECT {BOT}, {HEAVY}, 'grant', 1, now() - interval '3 days' FROM generate_series(1, 40000) AS n;
INSERT INTO generation_jobs (bot_id, user_id, model, status, price, input_params, created_at,
                             completed_at)
SELECT {BOT}, {HEAVY}, 'z-image', CASE WHEN n % 9 = 0 THEN 'fail' ELSE 'success' END, 5, '{{}}',
       now() - interval '3 days' - n * interval '1 second', now() - interval '3 days'
FROM generate_series(1, 10000) AS n;
SET session_replication_role = DEFAULT;
"""


def explained(cursor: Any, statement: str, named: dict[str, Any]) -> tuple[float, str]:
    """Milliseconds of planning and execution, and the plan."""
    cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {statement}", named)
    (found,) = cursor.fetchone()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]
    return plan["Planning Time"] + plan["Execution Time"], json.dumps(plan["Plan"], indent=1)


def processor(cursor: Any, statement: str, named: dict[str, Any]) -> float:
    """Milliseconds of the processor that the server needs for one run."""
    process = psutil.Process(cursor.connection.info.backend_pid)
    before = process.cpu_times()
    for _ in range(RUNS):
        cursor.execute(statement, named)
        cursor.fetchall()
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) * 1000 / RUNS


def screens(cursor: Any, *, plans: bool) -> Iterator[tuple[str, float]]:
    for screen, statements in SCREENS.items():
        total, median, least = 0.0, 0.0, 0.0
        for file, name, named in statements:
            runs = [explained(cursor, sql.load(file)[name], named) for _ in range(WARM + ROUNDS)]
            times = [taken for taken, _ in runs[WARM:]]
            elapsed, shortest = statistics.median(times), min(times)
            used = processor(cursor, sql.load(file)[name], named)
            total, median, least = total + used, median + elapsed, least + shortest
            print(f"  {file + '.' + name:30}{elapsed:>10.2f}{shortest:>10.2f}{used:>10.2f}")
            if plans:
                print(runs[-1][1])
        print(f"{screen:32}{median:>10.2f}{least:>10.2f}{total:>10.2f}")
        yield screen, total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", action="store_true", help="print the plans")
    parser.add_argument(
        "--days", type=int, default=DAYS, help="days that the entries are spread over"
    )
    given = parser.parse_args()
    logger.remove()
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        connection = psycopg2.connect(server.dsn.reveal())
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql.schema())
        fill(connection, days=given.days)
        with connection.cursor() as cursor:
            cursor.execute(_MORE)
            cursor.execute("VACUUM ANALYZE")
        print(f"{USERS:,} users, {ENTRIES:,} entries in {given.days} days (ms)")
        print(f"{'':32}{'median':>10}{'least':>10}{'processor':>10}")
        with connection.cursor() as cursor:
            # One process, so that its processor time is all of it.
            cursor.execute("SET max_parallel_workers_per_gather = 0")
            slow = [name for name, taken in screens(cursor, plans=given.plans) if taken > MOST]
        connection.close()
        server.close()
    if slow:
        sys.exit(f"over {MOST:g} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main()
