"""A database as it is after months: what is live in it, beside what is over and done.

``CASES`` are the statements of the hot path and of housekeeping with the parameters that
production gives them. Each is explained inside a transaction that is rolled back.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sql
from handlers.intake.new_rows import REMEMBERED
from handlers.process.housekeeping import BATCH

BOT = 123456
LIVE_CHATS = 100
FIRST_LIVE = 10**6  #: chats below are those of the past
DUE = 2 * BATCH  #: rows whose time is over, for each chore

#: What is live: the same in a young and in an old database.
_LIVE = f"""
INSERT INTO users (user_id, username, first_name)
SELECT {FIRST_LIVE} + n, 'live_' || n, 'Live' FROM generate_series(1, {LIVE_CHATS}) AS n;
INSERT INTO dialogues (bot_id, chat_id, user_id, step, version)
SELECT {BOT}, {FIRST_LIVE} + n, {FIRST_LIVE} + n, 'idle', 3
FROM generate_series(1, {LIVE_CHATS}) AS n;
INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body)
SELECT {BOT}, 10^9 + n, {FIRST_LIVE} + 1 + n % {LIVE_CHATS}, 'message', repeat('x', 700)
FROM generate_series(1, 2 * {LIVE_CHATS}) AS n;
INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key)
SELECT {BOT}, {FIRST_LIVE} + 1 + n % {LIVE_CHATS}, 'answer', '{{"do": "say", "text": "x"}}',
       'live:' || n FROM generate_series(1, 2 * {LIVE_CHATS}) AS n;
INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body, state, received_at)
SELECT {BOT}, 2 * 10^9 + n, 1, 'message', repeat('x', 700), 'done',
       now() - interval '8 days' - n * interval '1 second' FROM generate_series(1, {DUE}) AS n;
INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body, state, received_at)
SELECT {BOT}, 3 * 10^9 + n, 1, 'message', NULL, 'done',
       now() - interval '31 days' - n * interval '1 second' FROM generate_series(1, {DUE}) AS n;
INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, state, created_at)
SELECT {BOT}, 1, 'answer', '{{}}', 'due:' || n, 'sent',
       now() - interval '31 days' - n * interval '1 second' FROM generate_series(1, {DUE}) AS n;
"""

HELD = 5000  #: results of users who have blocked the bot
#: What is over: ``%(updates)s`` handled updates, each with its answer, of ``%(users)s`` users. What
#: waits until somebody comes back: ``%(held)s`` results.
_PAST = f"""
INSERT INTO users (user_id, username, first_name)
SELECT n, 'user_' || n, 'User' FROM generate_series(1, %(users)s) AS n;
INSERT INTO dialogues (bot_id, chat_id, user_id, step, version)
SELECT {BOT}, n, n, 'idle', 5 FROM generate_series(1, %(users)s) AS n;
INSERT INTO chats (bot_id, chat_id, reachable)
SELECT {BOT}, n, n %% 50 > 0 FROM generate_series(1, %(users)s) AS n;
INSERT INTO telegram_updates
       (bot_id, update_id, lane, kind, body, state, attempts, received_at, done_at)
SELECT {BOT}, n, 1 + n %% %(users)s, 'message',
       CASE WHEN n > 0.75 * %(updates)s THEN repeat(md5(n::text), 20) END, 'done', 1, at, at
FROM (SELECT n, now() - interval '29 days' * (1 - n / %(updates)s::float8) AS at
        FROM generate_series(1, %(updates)s) AS n) AS past;
INSERT INTO deliveries
       (bot_id, chat_id, kind, payload, dedupe_key, state, attempts, created_at, sent_at)
SELECT {BOT}, 1 + n %% %(users)s, 'answer',
       jsonb_build_object('do', 'say', 'text', repeat(md5(n::text), 5)),
       'update:' || n || ':0', 'sent', 1, at, at
FROM (SELECT n, now() - interval '29 days' * (1 - n / %(updates)s::float8) AS at
        FROM generate_series(1, %(updates)s) AS n) AS past;
INSERT INTO deliveries
       (bot_id, chat_id, line, kind, payload, dedupe_key, state, attempts, created_at, not_before)
SELECT {BOT}, n, n, 'result', '{{"do": "media"}}', 'held:' || n, 'held', 1,
       now() - interval '3 days', now() + interval '27 days'
FROM generate_series(1, %(held)s) AS n;
INSERT INTO orphan_callbacks (bot_id, task_id, payload, processed, received_at)
SELECT {BOT}, 'task-' || n, '{{"body": "x"}}', TRUE, now() - interval '3 days'
FROM generate_series(1, least(%(updates)s / 10, 10000)) AS n;
"""


def fill(connection: Any, *, updates: int, users: int) -> None:
    """``connection`` is in autocommit; the schema is there."""
    with connection.cursor() as cursor:
        # The live rows first: so they have the same numbers whatever else there is.
        cursor.execute(_LIVE)
        if updates:
            cursor.execute(_PAST, {"updates": updates, "users": users, "held": min(HELD, users)})
        cursor.execute(
            "VACUUM ANALYZE users, dialogues, chats, telegram_updates, deliveries, orphan_callbacks"
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One statement as production runs it."""

    name: str
    package: str
    params: Mapping[str, Any]

    @property
    def statement(self) -> str:
        return sql.load(self.package)[self.name]


def _arrays(count: int, **columns: Any) -> dict[str, list[Any]]:
    return {name: [make(number) for number in range(count)] for name, make in columns.items()}


#: Half of them are here already: that is what dedupe costs.
_COMING = _arrays(
    100,
    update_ids=lambda n: 10**9 + 1 + 2 * LIVE_CHATS - 50 + n,
    lanes=lambda n: FIRST_LIVE + 1 + n,
    kinds=lambda _: "message",
    bodies=lambda _: "x" * 700,
)
_DAYS = {"bot_id": BOT, "limit": BATCH, "but": []}
CASES = (
    Case(
        "store_updates",
        "intake",
        {
            "bot_id": BOT,
            "remembered": REMEMBERED,
            **_COMING,
            **_arrays(100, states=lambda _: "new", errors=lambda _: None),
        },
    ),
    Case("store_silent", "direct", {"bot_id": BOT, **_COMING}),
    Case(
        "lane_heads",
        "dispatch",
        {"bot_id": BOT, "after": -(2**63), "last": 2**63 - 1, "lanes": 64, "depth": 8},
    ),
    Case(
        "take_updates",
        "dispatch",
        {
            "bot_id": BOT,
            **_arrays(
                32,
                seqs=lambda n: n + 1,
                chat_ids=lambda n: FIRST_LIVE + 1 + n,
                user_ids=lambda n: FIRST_LIVE + 1 + n,
                usernames=lambda n: f"live_{1 + n}",
                first_names=lambda _: "Live",
                language_codes=lambda _: "en",
                people=lambda n: (FIRST_LIVE + 1 + n).to_bytes(32, "big"),
            ),
        },
    ),
    Case(
        "take_new",
        "direct",
        {
            "bot_id": BOT,
            **_arrays(
                32,
                update_ids=lambda n: 4 * 10**9 + n,
                lanes=lambda n: n + 1,
                chat_ids=lambda n: n + 1,
                user_ids=lambda n: n + 1,
                usernames=lambda n: f"user_{n + 1}",
                first_names=lambda _: "User",
                language_codes=lambda _: "en",
                people=lambda n: (n + 1).to_bytes(32, "big"),
            ),
        },
    ),
    Case(
        "claim_heads",
        "delivery",
        {
            "bot_id": BOT,
            "token": "00000000-0000-0000-0000-000000000001",
            **{"after_chat": -(2**63), "after_line": 0, "lines": 200},
            **{"busy_chats": [], "busy_lines": [], "stuck": [], "held": [], "slots": 24},
            "background": 14,
        },
    ),
    Case("gauges", "gauges", {"bot_id": BOT, "acts": True}),
    Case("updates_to_scrub", "housekeeping", {**_DAYS, "days": 7}),
    Case("updates_to_prune", "housekeeping", {**_DAYS, "days": 30}),
    Case("deliveries_to_prune", "housekeeping", {**_DAYS, "days": 30}),
)


def explain(connection: Any, case: Case) -> dict[str, Any]:
    """PostgreSQL's plan of one real run, with times and buffers; nothing stays. A prepared
    statement gets the plan that is kept, which is made without its parameters."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN; SET LOCAL plan_cache_mode = force_generic_plan")
        try:
            statement = case.statement
            if isinstance(statement, sql.Prepared):
                cursor.execute(statement.prepare)
                statement = statement.execute
            cursor.execute(
                "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) " + statement, case.params
            )
            (found,) = cursor.fetchone()
        finally:
            cursor.execute("ROLLBACK; DEALLOCATE ALL")
    plan = found if isinstance(found, list) else json.loads(found)
    return plan[0]  # type: ignore[no-any-return]


def scans(plan: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Table and index of each scan; a walk over the whole table has the index ``""``."""
    children = plan.get("Plans", ())
    if plan["Node Type"] == "Bitmap Heap Scan":
        yield plan["Relation Name"], children[0].get("Index Name", "several")
        return
    if plan["Node Type"] == "Tid Scan":
        yield plan["Relation Name"], "ctid"
    elif "Relation Name" in plan and plan["Node Type"] != "ModifyTable":
        yield plan["Relation Name"], plan.get("Index Name", "")
    for index in plan.get("Conflict Arbiter Indexes", ()):
        yield plan["Relation Name"], index
    for child in children:
        yield from scans(child)
