"""What claim, dedupe and housekeeping cost on empty tables and after a million updates.

Two databases on one server, both with the same live rows; one has a million handled updates,
their answers, 100,000 users and 5,000 results of users who have gone besides. Each statement is run
in turn on both, inside a transaction that is rolled back.

    python tests/bench/growth.py [--plans]
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg2
from loguru import logger

import sql
from supervisor.database.embedded import EmbeddedPostgres
from tests.support.postgres.databases import at
from tests.support.postgres.growth import CASES, Case, explain, fill, scans

UPDATES, USERS = 1_000_000, 100_000
ROUNDS, WARM = 60, 5


def milliseconds(plan: dict[str, Any]) -> float:
    return float(plan["Planning Time"] + plan["Execution Time"])


def pages(plan: dict[str, Any]) -> int:
    return int(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"])


def compare(case: Case, young: Any, old: Any, *, plans: bool) -> None:
    """Medians of both, in turn, so that a slow moment of the machine meets both alike."""
    times: dict[int, list[float]] = {0: [], 1: []}
    found: dict[int, dict[str, Any]] = {}
    for number in range(WARM + ROUNDS):
        for which, connection in enumerate((young, old)):
            found[which] = explain(connection, case)
            if number >= WARM:
                times[which].append(milliseconds(found[which]))
    medians = [statistics.median(times[which]) for which in (0, 1)]
    print(
        f"{case.name:18}{medians[0]:>10.2f}{medians[1]:>10.2f}{medians[1] / medians[0]:>8.2f}"
        f"{pages(found[0]):>9}{pages(found[1]):>9}"
    )
    if plans:
        for table, index in sorted(set(scans(found[1]["Plan"]))):
            print(f"    {table} by {index or 'walking over all of it'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plans", action="store_true", help="print which index each scan uses")
    plans = parser.parse_args().plans
    logger.remove()
    with tempfile.TemporaryDirectory(prefix="trt-bench-") as folder:
        server = EmbeddedPostgres.start(Path(folder) / "data")
        admin = psycopg2.connect(server.dsn.reveal())
        admin.autocommit = True
        connections = []
        for name, updates in (("young", 0), ("old", UPDATES)):
            with admin.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
            connection = psycopg2.connect(at(server.dsn, name).reveal())
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql.schema())
            fill(connection, updates=updates, users=USERS)
            connections.append(connection)
        print(f"{'':18}{'empty ms':>10}{'old ms':>10}{'ratio':>8}{'pages':>9}{'pages':>9}")
        for case in CASES:
            compare(case, *connections, plans=plans)
        for connection in (*connections, admin):
            connection.close()
        server.close()


if __name__ == "__main__":
    main()
