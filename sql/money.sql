-- Statements of kie/money/ledger.py: the ledger, and the balances that it makes.
--
-- An entry changes its account in the same statement, by a trigger. Zero rows: the entry exists
-- already or is not allowed, and no balance was changed. Every transaction that changes both locks
-- the row of `users` before the account.

-- name: accounts (prepared)
-- What a decision about a user's money needs. No row: an unknown user.
SELECT asked.user_id, a.*
FROM unnest(CAST(%(user_ids)s AS bigint[])) AS asked (user_id)
CROSS JOIN LATERAL trt_account(%(bot_id)s, asked.user_id) AS a;

-- name: lock_budget
-- Orders wait for one another while free results have a budget, so that two of them do not take the
-- last one. No row: there is no budget.
SELECT 1 AS locked FROM tariffs
WHERE id = (SELECT id FROM tariffs WHERE bot_id = %(bot_id)s AND kind = 'budget' AND model = ''
            ORDER BY id DESC LIMIT 1) AND value IS NOT NULL
FOR NO KEY UPDATE;

-- name: lock_account
-- Locks a user's money until the commit, so that two orders cannot spend the same credits. Not FOR
-- UPDATE, which would also block foreign keys. The row of `users` is locked and not the account,
-- because an older release locks it as well.
SELECT 1 AS locked FROM users WHERE user_id = %(user_id)s FOR NO KEY UPDATE;

-- name: reserve
-- The price leaves the balance together with the job's row. No row: not enough credits.
WITH payer AS MATERIALIZED (
    SELECT u.user_id, a.balance FROM users AS u JOIN accounts AS a ON a.user_id = u.user_id
    WHERE u.user_id = %(user_id)s AND a.bot_id = %(bot_id)s AND a.balance >= %(price)s
    FOR NO KEY UPDATE OF u, a
), entry AS (
    INSERT INTO ledger (bot_id, user_id, job_id, kind, amount)
    SELECT %(bot_id)s, user_id, %(job_id)s, 'reserve', -%(price)s FROM payer
    RETURNING amount
)
SELECT payer.balance + entry.amount AS balance FROM payer, entry;

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
SELECT r.job_id, -r.amount AS price, r.bot_id, r.user_id
FROM entry JOIN ledger AS r ON r.job_id = entry.job_id AND r.kind = 'reserve';

-- name: release
-- There is no result, or it could not be delivered: the price is released. No row for a job: it was
-- free, or its reservation has ended before. If there is a result and its user has blocked the bot,
-- the entry is noted as unfetched, since kie.ai was paid.
WITH entry AS (
    INSERT INTO ledger (bot_id, user_id, job_id, kind, amount, note)
    SELECT r.bot_id, r.user_id, r.job_id, 'release', -r.amount,
           CASE WHEN j.status = 'success' AND NOT c.reachable THEN 'unfetched' END
    FROM ledger AS r
    JOIN generation_jobs AS j ON j.id = r.job_id
    LEFT JOIN chats AS c ON c.bot_id = j.bot_id AND c.chat_id = j.chat_id
    WHERE r.job_id = ANY (CAST(%(job_ids)s AS bigint[])) AND r.kind = 'reserve'
    ORDER BY r.user_id
    ON CONFLICT DO NOTHING
    RETURNING user_id, amount
)
SELECT user_id, sum(amount)::bigint AS amount FROM entry GROUP BY user_id;

-- name: refund
-- The operator gives back what a delivered result has cost. No row: nothing was paid for
-- this job, or it went back before.
WITH payee AS MATERIALIZED (
    SELECT a.* FROM ledger AS r
    JOIN users AS u ON u.user_id = r.user_id
    JOIN accounts AS a ON a.bot_id = r.bot_id AND a.user_id = r.user_id
    WHERE r.bot_id = %(bot_id)s AND r.job_id = %(job_id)s AND r.kind = 'reserve'
    FOR NO KEY UPDATE OF u, a
), entry AS (
    INSERT INTO ledger (bot_id, user_id, job_id, kind, amount, note)
    SELECT r.bot_id, r.user_id, r.job_id, 'refund', -r.amount, %(note)s
    FROM payee JOIN ledger AS r ON r.job_id = %(job_id)s AND r.kind = 'reserve'
    WHERE EXISTS (SELECT 1 FROM ledger WHERE job_id = r.job_id AND kind = 'capture')
    ON CONFLICT DO NOTHING
    RETURNING user_id, amount
)
SELECT payee.user_id, payee.balance + entry.amount AS balance, payee.language,
       payee.last_language_code, entry.amount
FROM payee JOIN entry USING (user_id);

-- name: book
-- What is booked without a job, once per request. No row: an unknown user, a balance that would
-- fall below zero, or a request that was booked before.
WITH payee AS MATERIALIZED (
    SELECT a.* FROM users AS u JOIN accounts AS a ON a.user_id = u.user_id
    WHERE u.user_id = %(user_id)s AND a.bot_id = %(bot_id)s AND a.balance + %(amount)s >= 0
    FOR NO KEY UPDATE OF u, a
), entry AS (
    INSERT INTO ledger (bot_id, user_id, kind, amount, note, request_key)
    SELECT %(bot_id)s, user_id, %(kind)s, %(amount)s, %(note)s, %(request_key)s FROM payee
    ON CONFLICT (bot_id, request_key) WHERE request_key IS NOT NULL DO NOTHING
    RETURNING user_id, amount
)
SELECT payee.user_id, payee.balance + entry.amount AS balance, payee.language,
       payee.last_language_code, entry.amount
FROM payee JOIN entry USING (user_id);

-- name: wrong_balances
-- Of the next accounts in order: whose balance is not the sum, or below zero. `next` is the
-- last user looked at, NULL when there are no more.
WITH batch AS MATERIALIZED (
    SELECT user_id, balance FROM accounts
    WHERE bot_id = %(bot_id)s AND user_id > %(after)s ORDER BY user_id LIMIT %(count)s
), summed AS (
    SELECT batch.user_id, batch.balance,
           coalesce((SELECT sum(amount) FROM ledger AS l
                     WHERE l.user_id = batch.user_id AND l.bot_id = %(bot_id)s), 0)::bigint AS entries
    FROM batch
)
SELECT (SELECT max(user_id) FROM batch) AS next,
       coalesce((SELECT jsonb_agg(jsonb_build_array(user_id, balance, entries) ORDER BY user_id)
                 FROM summed WHERE balance <> entries OR balance < 0), '[]') AS found;

-- name: wrong_jobs
-- Of the next jobs in order: those whose entries do not fit their state. A reservation must
-- have ended, unless its job runs or its result is still in the outbox.
WITH batch AS MATERIALIZED (
    SELECT id, status, price FROM generation_jobs
    WHERE id > %(after)s AND bot_id = %(bot_id)s ORDER BY id LIMIT %(count)s
), booked AS (
    SELECT batch.*, coalesce(e.reserved, 0) AS reserved, coalesce(e.captures, 0) AS captures,
           coalesce(e.releases, 0) AS releases, coalesce(e.released, 0) AS released,
           d.is_open, d.was_sent
    FROM batch
    CROSS JOIN LATERAL (
        SELECT -sum(amount) FILTER (WHERE kind = 'reserve') AS reserved,
               count(*) FILTER (WHERE kind = 'capture') AS captures,
               count(*) FILTER (WHERE kind = 'release') AS releases,
               sum(amount) FILTER (WHERE kind = 'release') AS released
        FROM ledger WHERE job_id = batch.id) AS e
    CROSS JOIN LATERAL (
        SELECT coalesce(bool_or(state IN ('pending', 'held', 'sending', 'unknown')
                                OR owed IS NOT NULL), FALSE) AS is_open,
               coalesce(bool_or(state = 'sent' AND owed IS NULL), FALSE) AS was_sent
        FROM deliveries WHERE job_id = batch.id AND kind = 'result') AS d
), judged AS (
    SELECT id, CASE
        WHEN reserved <> price THEN 'its price is not what was reserved'
        WHEN releases > 0 AND released <> reserved THEN 'other credits went back than were reserved'
        WHEN price = 0 THEN NULL
        WHEN status IN ('queued', 'submitting', 'unclear', 'waiting') AND captures + releases > 0
            THEN 'its reservation ended before it did'
        WHEN status = 'fail' AND captures > 0 THEN 'it failed and was paid'
        WHEN status = 'fail' AND releases = 0 THEN 'it failed and nothing went back'
        WHEN status = 'success' AND captures + releases = 0 AND was_sent
            THEN 'it was delivered and not paid'
        WHEN status = 'success' AND captures + releases = 0 AND NOT is_open
            THEN 'it was not delivered and nothing went back'
        END AS problem
    FROM booked
)
SELECT (SELECT max(id) FROM batch) AS next,
       coalesce((SELECT jsonb_agg(jsonb_build_array(id, problem) ORDER BY id)
                 FROM judged WHERE problem IS NOT NULL), '[]') AS found;

-- name: wrong_payments
-- Of the next payments in Stars in order: those whose entries do not fit them, or that do not fit
-- their order; a renewal that an earlier bot has sold fits none. What is credited has its credits,
-- what goes back only those that were spent.
WITH batch AS MATERIALIZED (
    SELECT * FROM payments
    WHERE bot_id = %(bot_id)s AND number > %(after)s ORDER BY number LIMIT %(count)s
), booked AS (
    SELECT batch.*, o.stars AS asked, o.credits AS offered,
           coalesce((SELECT sum(amount) FROM ledger AS l
                     WHERE l.bot_id = %(bot_id)s AND l.user_id = batch.user_id
                       AND (l.request_key = 'stars:' || batch.charge_id
                            OR starts_with(l.request_key, 'stars_refund:' || batch.charge_id || ':'))
                    ), 0)::bigint AS entries
    FROM batch LEFT JOIN orders AS o ON o.id = batch.order_id
), judged AS (
    SELECT number, CASE
        WHEN credits > 0 AND (order_id IS NOT NULL OR subscription IS NULL)
             AND (stars IS DISTINCT FROM asked OR credits IS DISTINCT FROM offered)
            THEN 'it is not what its order offers'
        WHEN credits > 0 AND paid_until IS NOT NULL AND subscription IS NULL
            THEN 'it is a month of no subscription'
        WHEN state = 'credited' AND (entries <> credits OR credits = 0)
            THEN 'its credits are not booked'
        WHEN state <> 'credited' AND taken + spent <> credits
            THEN 'what was taken and spent is not what it was worth'
        WHEN state <> 'credited' AND entries <> spent
            THEN 'it goes back and its credits did not'
        END AS problem
    FROM booked
)
SELECT (SELECT max(number) FROM batch) AS next,
       coalesce((SELECT jsonb_agg(jsonb_build_array(number, problem) ORDER BY number)
                 FROM judged WHERE problem IS NOT NULL), '[]') AS found;

-- name: wrong_star_entries
-- Of the next entries of payments in Stars in order: those without a payment.
WITH batch AS MATERIALIZED (
    SELECT id, request_key FROM ledger
    WHERE bot_id = %(bot_id)s AND kind IN ('stars', 'stars_refund') AND id > %(after)s
    ORDER BY id LIMIT %(count)s
), judged AS (
    SELECT id FROM batch WHERE NOT EXISTS (
        SELECT 1 FROM payments AS p WHERE p.bot_id = %(bot_id)s
          AND p.charge_id = split_part(batch.request_key, ':', 2))
)
SELECT (SELECT max(id) FROM batch) AS next,
       coalesce((SELECT jsonb_agg(jsonb_build_array(id, 'it is of no payment') ORDER BY id)
                 FROM judged), '[]') AS found;
