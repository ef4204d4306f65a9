-- Statements of kie/money.py: the ledger, and the balances that it makes.
--
-- An entry and the balance that it makes are one statement. Zero rows mean that the entry
-- was there already or may not be, and that no balance was touched.

-- name: account
-- What a decision about a user's money needs. No row: an unknown user. `free_used` counts
-- what is being made or was made today (UTC) without a price, by model.
SELECT u.balance, u.language,
       (SELECT coalesce(jsonb_object_agg(r.model, r.jobs), '{}') FROM (
            SELECT model, count(*) AS jobs FROM generation_jobs
            WHERE bot_id = %(bot_id)s AND user_id = u.user_id
              AND status IN ('queued', 'submitting', 'unclear', 'waiting')
            GROUP BY model) AS r) AS running,
       (SELECT coalesce(jsonb_object_agg(f.model, f.jobs), '{}') FROM (
            SELECT model, count(*) AS jobs FROM generation_jobs
            WHERE bot_id = %(bot_id)s AND user_id = u.user_id AND price = 0 AND status <> 'fail'
              AND created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
            GROUP BY model) AS f) AS free_used
FROM users AS u WHERE u.user_id = %(user_id)s;

-- name: lock_account
-- Whoever spends waits here for whoever is spending: what is read after it stays true
-- until the commit. Not FOR UPDATE, which would also hold up every foreign key.
SELECT 1 AS locked FROM users WHERE user_id = %(user_id)s FOR NO KEY UPDATE;

-- name: reserve
-- The price leaves the balance together with the job's row. No row: not enough credits.
WITH payer AS MATERIALIZED (
    SELECT user_id FROM users
    WHERE user_id = %(user_id)s AND balance >= %(price)s
    FOR NO KEY UPDATE
), entry AS (
    INSERT INTO ledger (bot_id, user_id, job_id, kind, amount)
    SELECT %(bot_id)s, user_id, %(job_id)s, 'reserve', -%(price)s FROM payer
    RETURNING user_id, amount
)
UPDATE users SET balance = balance + entry.amount FROM entry WHERE users.user_id = entry.user_id
RETURNING users.balance;

-- name: capture
-- Telegram took the result: the reservation is the payment. No row for a job: it was free,
-- or its reservation has ended before.
WITH entry AS (
    INSERT INTO ledger (bot_id, user_id, job_id, kind, amount, note)
    SELECT r.bot_id, r.user_id, r.job_id, 'capture', 0, 'paid ' || -r.amount
    FROM ledger AS r JOIN generation_jobs AS j ON j.id = r.job_id
    WHERE r.job_id = ANY (CAST(%(job_ids)s AS bigint[])) AND r.kind = 'reserve'
      AND j.status = 'success'
    ON CONFLICT DO NOTHING
    RETURNING job_id
)
SELECT r.job_id, -r.amount AS price
FROM entry JOIN ledger AS r ON r.job_id = entry.job_id AND r.kind = 'reserve';

-- name: release
-- There is no result, or none that could be delivered: the price goes back. No row for a
-- job: it was free, or its reservation has ended before.
WITH entry AS (
    INSERT INTO ledger (bot_id, user_id, job_id, kind, amount)
    SELECT bot_id, user_id, job_id, 'release', -amount FROM ledger
    WHERE job_id = ANY (CAST(%(job_ids)s AS bigint[])) AND kind = 'reserve'
    ON CONFLICT DO NOTHING
    RETURNING user_id, amount
), back AS (
    SELECT user_id, sum(amount)::bigint AS amount FROM entry GROUP BY user_id
)
UPDATE users SET balance = balance + back.amount FROM back WHERE users.user_id = back.user_id
RETURNING users.user_id, users.balance;

-- name: refund
-- The operator gives back what a delivered result has cost. No row: nothing was paid for
-- this job, or it went back before.
WITH entry AS (
    INSERT INTO ledger (bot_id, user_id, job_id, kind, amount, note)
    SELECT r.bot_id, r.user_id, r.job_id, 'refund', -r.amount, %(note)s
    FROM ledger AS r
    WHERE r.bot_id = %(bot_id)s AND r.job_id = %(job_id)s AND r.kind = 'reserve'
      AND EXISTS (SELECT 1 FROM ledger WHERE job_id = r.job_id AND kind = 'capture')
    ON CONFLICT DO NOTHING
    RETURNING user_id, amount
)
UPDATE users SET balance = balance + entry.amount FROM entry WHERE users.user_id = entry.user_id
RETURNING users.user_id, users.balance, users.language, entry.amount;

-- name: book
-- What the operator books by hand. No row: an unknown user, a balance that would fall
-- below zero, or a request that was booked before.
WITH payee AS MATERIALIZED (
    SELECT user_id FROM users
    WHERE user_id = %(user_id)s AND balance + %(amount)s >= 0
    FOR NO KEY UPDATE
), entry AS (
    INSERT INTO ledger (bot_id, user_id, kind, amount, note, request_key)
    SELECT %(bot_id)s, user_id, %(kind)s, %(amount)s, %(note)s, %(request_key)s FROM payee
    ON CONFLICT (bot_id, request_key) WHERE request_key IS NOT NULL DO NOTHING
    RETURNING user_id, amount
)
UPDATE users SET balance = balance + entry.amount FROM entry WHERE users.user_id = entry.user_id
RETURNING users.user_id, users.balance, users.language, entry.amount;

-- name: latest_entries
-- What /balance shows. Captures move nothing and stay out.
SELECT kind, amount, job_id, note, created_at AT TIME ZONE 'UTC' AS at FROM ledger
WHERE user_id = %(user_id)s AND kind <> 'capture'
ORDER BY id DESC LIMIT %(count)s;
