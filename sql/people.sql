-- Statements of handlers/features/people. What is summed of one user ends at a number of rows.

-- name: find_by_number
-- Users whom a number names: their own, that of a payment in Stars, of a receipt. No row: nobody.
SELECT a.user_id, u.username, u.first_name, a.balance, found.how FROM (
    SELECT CAST(%(number)s AS bigint) AS user_id, 'number' AS how
    UNION ALL
    SELECT user_id, 'payment' FROM payments WHERE bot_id = %(bot_id)s AND number = %(number)s
    UNION ALL
    SELECT user_id, 'receipt' FROM topups WHERE bot_id = %(bot_id)s AND id = %(number)s) AS found
JOIN accounts AS a ON a.bot_id = %(bot_id)s AND a.user_id = found.user_id
JOIN users AS u ON u.user_id = a.user_id;

-- name: find_by_name
-- Users who have or had this name, who has it now first. No row: nobody of this bot.
SELECT a.user_id, u.username, u.first_name, a.balance, found.how FROM (
    (SELECT user_id, 'name' AS how FROM users WHERE lower(username) = lower(%(name)s)
     ORDER BY updated_at DESC LIMIT 10)
    UNION ALL
    (SELECT user_id, 'former' FROM former_names WHERE name = lower(%(name)s)
     ORDER BY until DESC LIMIT 10)) AS found
JOIN accounts AS a ON a.bot_id = %(bot_id)s AND a.user_id = found.user_id
JOIN users AS u ON u.user_id = a.user_id;

-- name: person
-- The user whom an operator names. No row: no user with this id has written to the bot.
SELECT u.user_id, u.username, u.first_name, a.balance
FROM users AS u JOIN accounts AS a ON a.user_id = u.user_id AND a.bot_id = %(bot_id)s
WHERE u.user_id = %(user_id)s;

-- name: card
-- One user, with the sums of the latest entries, payments and jobs. They name the user by the
-- parameter, so that the plan fits a user with very many rows. No row: an unknown user.
SELECT u.user_id, u.username, u.first_name, a.balance, a.banned,
       coalesce(a.language, a.last_language_code) AS language,
       a.first_seen AS since,
       extract(epoch FROM now() - a.last_seen)::float8 AS seen_seconds,
       coalesce(c.reachable, TRUE) AS reachable,
       booked.entries, booked.spent, booked.by_hand, paid.stars,
       made.jobs, made.states
FROM accounts AS a
JOIN users AS u ON u.user_id = a.user_id
LEFT JOIN chats AS c ON c.bot_id = a.bot_id AND c.chat_id = a.user_id
CROSS JOIN LATERAL (
    SELECT count(*)::int AS entries,
           coalesce(-sum(amount) FILTER (WHERE kind IN ('reserve', 'release', 'refund')), 0)::bigint
               AS spent,
           coalesce(sum(amount) FILTER (WHERE kind = 'topup'), 0)::bigint AS by_hand
    FROM (SELECT kind, amount FROM ledger WHERE user_id = %(user_id)s AND bot_id = %(bot_id)s
          ORDER BY id DESC LIMIT %(most)s) AS l) AS booked
CROSS JOIN LATERAL (
    SELECT coalesce(sum(stars) FILTER (WHERE state = 'credited'), 0)::bigint AS stars
    FROM (SELECT stars, state FROM payments WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
          ORDER BY number DESC LIMIT %(most)s) AS p) AS paid
CROSS JOIN LATERAL (
    SELECT coalesce(sum(n), 0)::int AS jobs, coalesce(jsonb_object_agg(status, n), '{}') AS states
    FROM (SELECT status, count(*) AS n
          FROM (SELECT status FROM generation_jobs
                WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
                ORDER BY created_at DESC LIMIT %(most)s) AS j
          GROUP BY status) AS s) AS made
WHERE a.bot_id = %(bot_id)s AND a.user_id = %(user_id)s;

-- name: failed_jobs
-- The latest jobs of a user that failed, among the latest hundred. No row: none.
SELECT id, model, error, at FROM (
    SELECT id, model, status, concat_ws(': ', failure, error_message) AS error, failure,
           coalesce(completed_at, created_at) AS at
    FROM generation_jobs WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
    ORDER BY created_at DESC LIMIT 100) AS latest
WHERE status = 'fail' AND failure IS DISTINCT FROM 'cancelled'
ORDER BY at DESC LIMIT 3;

-- name: entries
-- A page of a user's entries, newest first; `before` is the last one of the page before, or NULL.
SELECT id, kind, amount, job_id, note, created_at AS at FROM ledger
WHERE user_id = %(user_id)s AND bot_id = %(bot_id)s AND kind <> 'capture'
  AND (CAST(%(before)s AS bigint) IS NULL OR id < %(before)s)
ORDER BY id DESC LIMIT %(count)s;

-- name: jobs
-- A page of a user's jobs, newest first, with what each has cost and whether it can be refunded.
SELECT j.id, j.model, j.status, j.price, j.created_at AS at,
       j.price > 0 AND EXISTS (SELECT 1 FROM ledger WHERE job_id = j.id AND kind = 'capture')
       AND NOT EXISTS (SELECT 1 FROM ledger WHERE job_id = j.id AND kind = 'refund') AS refundable
FROM generation_jobs AS j
WHERE j.bot_id = %(bot_id)s AND j.user_id = %(user_id)s
  AND (CAST(%(before)s AS bigint) IS NULL OR (j.created_at, j.id) <
       (SELECT created_at, id FROM generation_jobs WHERE id = %(before)s))
ORDER BY j.created_at DESC, j.id DESC LIMIT %(count)s;

-- name: request
-- The request that an operator names, with what was paid for it. No row: there is none.
SELECT j.id, j.user_id, j.model, u.username, u.first_name, a.balance,
       coalesce((SELECT -amount FROM ledger WHERE job_id = j.id AND kind = 'reserve'), 0) AS price,
       EXISTS (SELECT 1 FROM ledger WHERE job_id = j.id AND kind = 'capture') AS paid,
       EXISTS (SELECT 1 FROM ledger WHERE job_id = j.id AND kind = 'refund') AS refunded
FROM generation_jobs AS j JOIN users AS u ON u.user_id = j.user_id
JOIN accounts AS a ON a.bot_id = j.bot_id AND a.user_id = j.user_id
WHERE j.bot_id = %(bot_id)s AND j.id = %(job_id)s;

-- name: booked_act
-- An act that booked credits, and whether it can still be undone. No row: it is no such act.
SELECT b.id, b.act, b.user_id, a.balance,
       CASE b.act WHEN 'receipt_approved' THEN CAST(b.after AS text)::bigint
            ELSE CAST(b.after AS text)::bigint - CAST(b.before AS text)::bigint END AS amount,
       b.at > now() - make_interval(secs => %(within)s) AS in_time,
       EXISTS (SELECT 1 FROM admin_acts AS u WHERE u.undoes = b.id) AS undone
FROM admin_acts AS b JOIN accounts AS a ON a.bot_id = b.bot_id AND a.user_id = b.user_id
WHERE b.bot_id = %(bot_id)s AND b.id = %(act)s
  AND b.act IN ('topup', 'grant', 'refund', 'receipt_approved');

-- name: hold_question
-- The operator's question stands as it was read; until the commit nobody else answers it. No row: it
-- was answered meanwhile.
SELECT version FROM dialogues
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s AND user_id = %(user_id)s
  AND version = %(version)s
FOR NO KEY UPDATE;
