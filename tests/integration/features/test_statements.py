"""The statements behind results, works, progress and balance find their rows by an index."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import psycopg2
import pytest

import sql
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import BOT_ID

USERS, JOBS = 400, 20_000
_FILLED = f"""
INSERT INTO users (user_id, username, first_name)
SELECT n, 'user_' || n, 'User' FROM generate_series(1, {USERS}) AS n;
INSERT INTO accounts (bot_id, user_id)
SELECT {BOT_ID}, n FROM generate_series(1, {USERS}) AS n ON CONFLICT DO NOTHING;
INSERT INTO generation_jobs
       (bot_id, user_id, chat_id, model, input_params, status, created_at, submitted_at,
        completed_at, starred_at, progress_at, repeats)
SELECT {BOT_ID}, 1 + n % {USERS}, 1 + n % {USERS}, 'z-image', '{{"prompt": "x"}}',
       CASE WHEN n > {JOBS} - 50 THEN 'waiting' ELSE 'success' END, at, at, at,
       CASE WHEN n % 40 = 0 THEN at END, at, CASE WHEN n % 10 = 0 THEN n - 1 END
FROM (SELECT n, now() - ({JOBS} - n) * interval '1 minute' AS at
        FROM generate_series(1, {JOBS}) AS n) AS past;
INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, job_id, state, file_id, line)
SELECT {BOT_ID}, user_id, 'result', '{{"do": "media", "kind": "photo", "urls": ["x"]}}',
       'job:' || id || ':end', id, 'sent', 'file', id FROM generation_jobs;
INSERT INTO ledger (bot_id, user_id, job_id, kind, amount)
SELECT {BOT_ID}, user_id, id, 'reserve', 0 FROM generation_jobs;
ANALYZE;
"""
USER = {"bot_id": BOT_ID, "user_id": 7}
WORKS = {**USER, "models": None, "starred": False}
STATEMENTS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("results", "made_job"): {**USER, "job_id": 6},
    ("results", "sent_parts"): {"job_id": 6},
    ("results", "star_job"): {**USER, "job_id": 6, "starred": True, "most": 200},
    ("results", "work_before"): {**WORKS, "anchor": JOBS},
    ("results", "work_after"): {**WORKS, "anchor": 6},
    ("results", "count_works"): {**WORKS, "anchor": 6, "starred": True},
    ("results", "plan_progress"): {"job_id": JOBS - 3, "usual": 15.0, "first": 4.0},
    ("results", "due_progress"): {"bot_id": BOT_ID, "held": [], "count": 50},
    ("results", "next_progress"): {"bot_id": BOT_ID, "held": []},
    ("results", "tell_progress"): {"id": JOBS - 3, "step": 50, "next": 8.0},
    ("results", "chats_in_work"): {"bot_id": BOT_ID, "count": 20},
    ("paying", "jobs_in_work"): {**USER, "count": 6},
    ("paying", "booked"): {**USER, "count": 5},
    ("delivery", "note_progress"): {"job_ids": [JOBS - 3], "message_ids": [5]},
}


pytestmark = pytest.mark.xdist_group("statements")  # they share what fills the tables


@pytest.fixture(scope="module")
def cursor(shared_dsn: Secret) -> Iterator[Any]:
    connection = psycopg2.connect(shared_dsn.reveal())
    connection.autocommit = True
    with connection.cursor() as opened:
        opened.execute(_FILLED)
        yield opened
    connection.close()


def scanned(plan: Mapping[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for each in plan.get("Plans", ()):
        yield from scanned(each)


@pytest.mark.parametrize(("file", "name"), STATEMENTS, ids=lambda each: str(each))
def test_no_statement_reads_a_whole_table(cursor: Any, file: str, name: str) -> None:
    cursor.execute("BEGIN")
    try:
        statement = sql.load(file)[name]
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", STATEMENTS[file, name])
        found = cursor.fetchone()[0]
    finally:
        cursor.execute("ROLLBACK")
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]

    assert list(scanned(plan)) == []
