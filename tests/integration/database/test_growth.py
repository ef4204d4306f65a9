"""After months nothing walks over what is over: every scan has its index.

What it costs in milliseconds is shown by ``tests/bench/growth.py``.
"""

from typing import Any

import pytest

from tests.support.postgres.growth import BOT, CASES, Case, explain, fill, scans

#: The index by which each statement finds its rows; where there is no other way in, a walk
#: over a large table would show up as a scan without an index.
WAY_IN = {
    "store_updates": ("telegram_updates", "telegram_updates_once"),
    "store_silent": ("telegram_updates", "telegram_updates_once"),
    "lane_heads": ("telegram_updates", "telegram_updates_lanes"),
    "take_updates": ("telegram_updates", "telegram_updates_pkey"),
    "take_new": ("telegram_updates", "telegram_updates_lanes"),
    "claim_heads": ("deliveries", "deliveries_lines"),
    "gauges": ("deliveries", "deliveries_lines"),
    "updates_to_scrub": ("telegram_updates", "telegram_updates_with_body"),
    "updates_to_prune": ("telegram_updates", "telegram_updates_scrubbed"),
    "deliveries_to_prune": ("deliveries", "deliveries_ended"),
}


@pytest.fixture
def old(connect: Any) -> Any:
    """A database with 10,000 handled updates of 3,000 users."""
    connection = connect()
    fill(connection, updates=10_000, users=3_000)
    return connection


def test_each_statement_of_the_hot_path_and_of_housekeeping_finds_its_rows_by_an_index(
    old: Any,
) -> None:
    for case in CASES:
        plan = explain(old, case)["Plan"]
        found = set(scans(plan))

        assert WAY_IN[case.name] in found, case.name
        assert [table for table, index in found if not index] == [], case.name
        # A statement that found nothing to do would be fast for no good reason.
        assert max(_rows(plan)) >= 24, case.name


#: A few chats have sent nearly all that is there, and nothing of it is over.
FLOOD = f"""
INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)
SELECT {BOT}, n, 1 + n % 3, 'message', '{{}}' FROM generate_series(1, 20000) AS n;
INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key)
SELECT {BOT}, 1 + n % 3, 'answer', '{{}}', n FROM generate_series(1, 20000) AS n;
ANALYZE telegram_updates, deliveries;
"""
ENQUEUED: dict[str, Any] = {
    **{"chat_ids": [9], "kinds": ["answer"], "payloads": ["{}"], "dedupe_keys": ["new"]},
    **{"job_ids": [None], "traces": [None], "threads": [None], "lines": [0], "delays": [0.0]},
    **{"early": [True], "token": "00000000-0000-0000-0000-000000000001", "bot_id": BOT},
}


def test_after_a_flood_of_few_chats_the_rows_of_another_are_looked_up_and_not_searched(
    connect: Any,
) -> None:
    """By these numbers a row of any chat would be among the first of the table. Until the next
    ANALYZE there may be none."""
    connection = connect()
    connection.cursor().execute(FLOOD)
    hot = [case for case in CASES if case.name in {"take_new", "claim_heads"}]

    for case in (*hot, Case("enqueue", "delivery", ENQUEUED)):
        found = set(scans(explain(connection, case)["Plan"]))

        assert found & {("telegram_updates", ""), ("deliveries", "")} == set(), case.name


def _rows(plan: dict[str, Any]) -> list[float]:
    here = [plan["Actual Rows"] * plan["Actual Loops"]]
    return here + [rows for child in plan.get("Plans", ()) for rows in _rows(child)]
