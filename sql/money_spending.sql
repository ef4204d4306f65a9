-- Statements of kie/money/spending.py: what kie.ai takes, and what is unusual about it.

-- name: spending
-- kie.ai's balance, the operator's limit, what a day has cost lately, and what the last hour did.
-- `a_day` is NULL where no day is over yet, `free_budget` where free results have none; `free_used`
-- counts up to it. Always one row.
WITH week AS (
    SELECT kie_credits FROM money_days
    WHERE bot_id = %(bot_id)s AND day >= (now() AT TIME ZONE 'UTC')::date - 7
)
SELECT
    (SELECT credits::float8 FROM kie_balances WHERE bot_id = %(bot_id)s) AS balance,
    (SELECT kie_credits::float8 FROM kie_limits WHERE bot_id = %(bot_id)s) AS least,
    (SELECT avg(kie_credits)::float8 FROM week) AS a_day,
    coalesce((SELECT sum(credits_consumed) FROM (
        (SELECT credits_consumed FROM generation_jobs
         WHERE bot_id = %(bot_id)s AND completed_at > now() - interval '1 hour'
           AND gifted_at IS NULL LIMIT 10000)
        UNION ALL
        (SELECT credits_consumed FROM generation_jobs
         WHERE bot_id = %(bot_id)s AND gifted_at > now() - interval '1 hour' LIMIT 10000)
    ) AS hour), 0)::float8 AS last_hour,
    free.most::int AS free_budget,
    (SELECT count(*) FROM (
        SELECT 1 FROM generation_jobs
        WHERE bot_id = %(bot_id)s AND price = 0 AND status <> 'fail'
          AND created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
        LIMIT coalesce(free.most, 0)) AS made)::int AS free_used
FROM (SELECT 1) AS one
LEFT JOIN (SELECT value::bigint AS most FROM tariffs
           WHERE bot_id = %(bot_id)s AND kind = 'budget' AND model = ''
           ORDER BY id DESC LIMIT 1) AS free ON TRUE;

-- name: cost_runs
-- Models that have cost something else than the catalogue says so many times in a row. No row: none.
SELECT model, jobs, expected::float8 AS expected, taken::float8 AS taken FROM cost_runs
WHERE bot_id = %(bot_id)s AND jobs >= %(jobs)s ORDER BY model LIMIT 20;

-- name: cost_differs
-- One more job in a row whose cost differs.
INSERT INTO cost_runs (bot_id, model, jobs, expected, taken)
VALUES (%(bot_id)s, %(model)s, 1, %(expected)s, %(taken)s)
ON CONFLICT (bot_id, model) DO UPDATE
SET jobs = cost_runs.jobs + 1, expected = EXCLUDED.expected, taken = EXCLUDED.taken,
    updated_at = now();

-- name: cost_agrees
-- The row of jobs is over. Zero rows: there was none.
DELETE FROM cost_runs WHERE bot_id = %(bot_id)s AND model = %(model)s;

-- name: kie_limit
-- No row: the operator has set none.
SELECT kie_credits::float8 AS kie_credits FROM kie_limits WHERE bot_id = %(bot_id)s;

-- name: set_limit
-- The number below which the balance is told. Zero rows: it was that number before.
INSERT INTO kie_limits (bot_id, kie_credits, changed_by)
VALUES (%(bot_id)s, %(kie_credits)s, %(who)s)
ON CONFLICT (bot_id) DO UPDATE
SET kie_credits = EXCLUDED.kie_credits, changed_by = EXCLUDED.changed_by, changed_at = now()
WHERE kie_limits.kie_credits <> EXCLUDED.kie_credits;

-- name: drop_limit
-- Zero rows: there was none.
DELETE FROM kie_limits WHERE bot_id = %(bot_id)s;
