"""No look at the whole bot walks a table without a bound, however many rows it has."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import sql
from tests.support.chats.conversation import BOT_ID

#: Tables that grow with every message and job.
GROWING = {"telegram_updates", "deliveries", "generation_jobs", "orphan_callbacks"}
LOOKS: tuple[tuple[str, str, dict[str, int]], ...] = (
    ("gauges", "gauges", {"acts": True}),
    ("status", "queues", {}),
    ("status", "recent_errors", {"limit": 3}),
    ("status", "set_aside", {"limit": 20}),
    ("jobs", "jobs_by_state", {}),
    ("jobs", "jobs_in_work", {}),
    ("jobs", "count_orphans", {}),
    ("jobs", "orphans", {}),
    ("alerts", "alert_facts", {"key": 1, "epoch": 1}),
)


def aggregated(plan: dict[str, Any], bounded: bool = True) -> Iterator[tuple[str, bool]]:
    """Each scanned table, and whether something bounds how many of its rows are counted."""
    kind = plan["Node Type"]
    if kind == "Aggregate":
        bounded = False
    if kind == "Limit" or plan.get("Parent Relationship") == "SubPlan":
        # A question for one row of what is walked; EXISTS ends with the first answer.
        bounded = True
    if "Relation Name" in plan:
        yield plan["Relation Name"], bounded
    inner = plan.get("Join Type") in {"Anti", "Semi", "Left"}
    for below in plan.get("Plans", ()):
        looked_up = inner and below.get("Parent Relationship") == "Inner"
        yield from aggregated(below, bounded or looked_up)


@pytest.mark.parametrize(("file", "name", "params"), LOOKS, ids=lambda each: str(each))
def test_what_is_counted_is_bounded(
    connect: Any, file: str, name: str, params: dict[str, Any]
) -> None:
    cursor = connect().cursor()
    # As it is when the tables are large.
    cursor.execute(
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off"
    )
    statement = sql.load(file)[name]
    cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", {"bot_id": BOT_ID, **params})
    found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]

    scans = list(aggregated(plan))

    assert {table for table, bounded in scans if not bounded} & GROWING == set()
    assert {table for table, _ in scans} & GROWING
