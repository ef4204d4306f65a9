"""The database of a large bot: many users, and what they paid, ordered and were given.

Balances equal the sums of the ledger. Days that are over have their sums (``money_days``), as the
nightly self-check writes them.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sql

BOT = 123456
USERS, ENTRIES, DAYS = 100_000, 1_000_000, 180
MODELS = ("z-image", "google/nano-banana", "kling-2.6/text-to-video", "suno/V5", "gone/model")

#: Per job two entries; the rest of the entries are top-ups, all in the order in which they would
#: come. Without triggers: a sum per user is written afterwards in one statement.
_FILL = """
SET session_replication_role = replica;
INSERT INTO users (user_id, username, first_name, created_at)
SELECT n, 'user_' || n, 'Имя ' || n,
       now() - %(days)s * interval '1 day' * (1 - n::float8 / %(users)s)
FROM generate_series(1, %(users)s) AS n;
INSERT INTO accounts (bot_id, user_id, language, first_seen, last_seen)
SELECT %(bot)s, user_id, CASE WHEN user_id %% 3 = 0 THEN 'ru' END, created_at,
       created_at + (now() - created_at) * (user_id %% 97) / 97.0
FROM users;
INSERT INTO chats (bot_id, chat_id, reachable)
SELECT %(bot)s, n, n %% 40 > 0 FROM generate_series(1, %(users)s) AS n;
INSERT INTO generation_jobs (id, bot_id, user_id, chat_id, model, status, price, input_params,
                             credits_consumed, created_at, completed_at, failure)
SELECT n, %(bot)s, 1 + n::bigint * 7919 %% %(users)s, 1 + n::bigint * 7919 %% %(users)s,
       (CAST(%(models)s AS text[]))[1 + n %% 5],
       CASE WHEN n %% 20 = 0 THEN 'fail' ELSE 'success' END, CASE WHEN n %% 4 = 0 THEN 0 ELSE 5 END,
       '{"prompt": "a fox"}', CASE WHEN n %% 20 > 0 THEN 0.8 + n %% 7 END, at,
       at + interval '1 second' * (5 + n %% 90), CASE WHEN n %% 20 = 0 THEN 'upstream' END
FROM (SELECT n, now() - %(days)s * interval '1 day' * (1 - n::float8 / %(jobs)s)
                - interval '2 minutes' AS at
        FROM generate_series(1, %(jobs)s) AS n) AS past;
INSERT INTO ledger (bot_id, user_id, job_id, kind, amount, note, request_key, created_at)
SELECT %(bot)s, user_id, job_id, kind, amount, note, request_key, at FROM (
    SELECT user_id, id AS job_id, 'reserve' AS kind, -price AS amount, NULL AS note,
           NULL AS request_key, created_at AS at
    FROM generation_jobs WHERE price > 0
    UNION ALL
    SELECT user_id, id, CASE WHEN status = 'fail' THEN 'release' ELSE 'capture' END,
           CASE WHEN status = 'fail' THEN price ELSE 0 END,
           CASE WHEN status = 'success' THEN 'paid ' || price END, NULL, completed_at
    FROM generation_jobs WHERE price > 0
    UNION ALL
    SELECT 1 + n %% %(users)s, NULL, (ARRAY['topup', 'grant', 'promo', 'stars'])[1 + n %% 4], 100,
           NULL, 'fill:' || n, now() - %(days)s * interval '1 day' * n / %(topups)s
    FROM generate_series(1, %(topups)s) AS n) AS entries
ORDER BY at;
UPDATE accounts AS a SET balance = s.amount
FROM (SELECT user_id, sum(amount) AS amount FROM ledger GROUP BY user_id) AS s
WHERE s.user_id = a.user_id;
UPDATE users AS u SET balance = a.balance FROM accounts AS a WHERE a.user_id = u.user_id;
INSERT INTO payments (bot_id, charge_id, user_id, stars, credits, state, created_at, returned_at)
SELECT %(bot)s, 'charge-' || n, 1 + n %% %(users)s, 50, 100,
       CASE WHEN n %% 50 = 0 THEN 'returned' ELSE 'credited' END, at,
       CASE WHEN n %% 50 = 0 THEN at + interval '1 hour' END
FROM (SELECT n, now() - %(days)s * interval '1 day' * n / (%(topups)s / 4) AS at
        FROM generate_series(1, %(topups)s / 4) AS n) AS past;
INSERT INTO topups (bot_id, user_id, credits, money_text, file_unique_id, file_id, state,
                    created_at, decided_at)
SELECT %(bot)s, 1 + n %% %(users)s, 100, '199 ₽', 'unique-' || n, 'file-' || n,
       CASE WHEN n %% 10 = 0 THEN 'refused' ELSE 'approved' END, at, at + interval '5 minutes'
FROM (SELECT n, now() - %(days)s * interval '1 day' * n / (%(topups)s / 10) AS at
        FROM generate_series(1, %(topups)s / 10) AS n) AS past;
INSERT INTO kie_balances (bot_id, credits) VALUES (%(bot)s, 50000);
SELECT setval('generation_jobs_id_seq', %(jobs)s);
SET session_replication_role = DEFAULT;
"""


def fill(connection: Any, *, users: int = USERS, entries: int = ENTRIES, days: int = DAYS) -> None:
    """``connection`` is in autocommit; the schema is there."""
    jobs = entries * 4 // 10
    named = {
        **{"bot": BOT, "users": users, "days": days, "jobs": jobs},
        # Three of four jobs have a price, and two entries.
        **{"topups": entries - 2 * (jobs - jobs // 4), "models": list(MODELS)},
    }
    with connection.cursor() as cursor:
        cursor.execute(_FILL, named)
        cursor.execute("VACUUM ANALYZE")
        keep_days(cursor, days)
        cursor.execute("VACUUM ANALYZE money_days")


def keep_days(cursor: Any, days: int) -> None:
    """The sums of the days that are over."""
    statements = sql.load("money_days")
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for ago in range(days, 0, -1):
        since = today - timedelta(days=ago)
        named = {"bot_id": BOT, "since": since, "until": since + timedelta(days=1)}
        cursor.execute(statements["day_sums"], named)
        names = [column.name for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
        cursor.execute(statements["write_day"], _stored({"bot_id": BOT, "day": since, **row}))


def _stored(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(each) if isinstance(each, dict) else each for name, each in row.items()
    }
