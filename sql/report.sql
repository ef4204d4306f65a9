-- Statements of handlers/features/report: what reports tell beside the sums of days, pictures and
-- exports that were asked for, the rows of exports.

-- name: people
-- The users that the bot has met, and those who wrote since a time. Newcomers of days that are kept
-- are added up.
WITH kept AS (
    SELECT coalesce(sum(newcomers), 0) AS newcomers,
           coalesce((max(day) + 1)::timestamp AT TIME ZONE 'UTC', '-infinity') AS until
    FROM money_days WHERE bot_id = %(bot_id)s
)
SELECT (kept.newcomers
        + (SELECT count(*) FROM accounts
            WHERE bot_id = %(bot_id)s AND first_seen >= kept.until))::int AS users,
       (SELECT count(*) FROM accounts
         WHERE bot_id = %(bot_id)s AND last_seen >= %(since)s)::int AS active
FROM kept;

-- name: ask
-- A picture or an export that is to be made. No row: the same update asked for it before.
INSERT INTO report_requests (bot_id, chat_id, request_key, kind, language, days, month)
VALUES (%(bot_id)s, %(chat_id)s, %(request_key)s, %(kind)s, %(language)s, %(days)s, %(month)s)
ON CONFLICT (bot_id, request_key) DO NOTHING
RETURNING id;

-- name: next_request
-- The oldest request, unless a newer picture of the same chat takes its place. No row: nothing is
-- to be made.
SELECT r.* FROM report_requests AS r
WHERE r.bot_id = %(bot_id)s
  AND NOT (r.days IS NOT NULL AND EXISTS (
      SELECT 1 FROM report_requests AS n
      WHERE n.bot_id = r.bot_id AND n.chat_id = r.chat_id AND n.days IS NOT NULL AND n.id > r.id))
ORDER BY r.id LIMIT 1;

-- name: drop_older_pictures
-- Pictures of a chat that nobody waits for any more.
DELETE FROM report_requests
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s AND days IS NOT NULL AND id < %(id)s;

-- name: end_request
-- It is made, or given up. No row: it was ended before.
DELETE FROM report_requests WHERE bot_id = %(bot_id)s AND id = %(id)s RETURNING id;

-- name: begin_try
-- Counts a try before it begins, so that a request that ends the process is given up.
UPDATE report_requests SET tries = tries + 1 WHERE bot_id = %(bot_id)s AND id = %(id)s
RETURNING tries;

-- name: part_made
-- A part of an export is made: the next one begins after its last row. Zero rows: it was ended.
UPDATE report_requests
SET parts = parts + 1, row_count = row_count + %(rows)s, after_at = %(after_at)s,
    after_id = %(after_id)s, tries = 0
WHERE bot_id = %(bot_id)s AND id = %(id)s AND parts = %(parts)s
RETURNING id;

-- name: ledger_rows
-- The next entries of a month, in order. Fewer than the limit: there are no more.
SELECT created_at AS cursor_at, id AS cursor_id,
       id, created_at, user_id, kind, amount, job_id, note
FROM ledger
WHERE bot_id = %(bot_id)s AND created_at >= %(since)s AND created_at < %(until)s
  AND created_at >= %(after_at)s AND (created_at, id) > (%(after_at)s, %(after_id)s)
ORDER BY created_at, id LIMIT %(limit)s;

-- name: jobs_rows
-- The next jobs of a month, by when they were ordered. Without what users wrote.
SELECT created_at AS cursor_at, id AS cursor_id,
       id, created_at, completed_at, user_id, model, status, failure, price,
       credits_consumed AS kie_credits
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND created_at >= %(since)s AND created_at < %(until)s
  AND created_at >= %(after_at)s AND (created_at, id) > (%(after_at)s, %(after_id)s)
ORDER BY created_at, id LIMIT %(limit)s;

-- name: payments_rows
-- The next payments of a month: in Stars, and receipts by hand that were approved. Their numbers
-- are two sequences, which the cursor tells apart by even and odd.
SELECT cursor_at, cursor_id, how, number, at, user_id, credits, stars, money_text, state,
       returned_at, charge_id
FROM (
    (SELECT created_at AS cursor_at, 2 * number AS cursor_id, 'stars' AS how, number,
            created_at AS at, user_id, credits, stars, NULL AS money_text, state, returned_at,
            charge_id
     FROM payments
     WHERE bot_id = %(bot_id)s AND created_at >= %(since)s AND created_at < %(until)s
       AND created_at >= %(after_at)s AND (created_at, 2 * number) > (%(after_at)s, %(after_id)s)
     ORDER BY created_at, number LIMIT %(limit)s)
    UNION ALL
    (SELECT decided_at, 2 * id + 1, 'hand', id, decided_at, user_id, credits, NULL, money_text,
            state, NULL, NULL
     FROM topups
     WHERE bot_id = %(bot_id)s AND state = 'approved'
       AND decided_at >= %(since)s AND decided_at < %(until)s
       AND decided_at >= %(after_at)s AND (decided_at, 2 * id + 1) > (%(after_at)s, %(after_id)s)
     ORDER BY decided_at, id LIMIT %(limit)s)
) AS paid
ORDER BY cursor_at, cursor_id LIMIT %(limit)s;
