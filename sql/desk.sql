-- Statements of handlers/features/desk.

-- name: person
-- The user whom an operator names. No row: no user with this id has written to the bot.
SELECT u.user_id, u.username, u.first_name, a.balance
FROM users AS u JOIN accounts AS a ON a.user_id = u.user_id AND a.bot_id = %(bot_id)s
WHERE u.user_id = %(user_id)s;

-- name: request
-- The request that an operator names, with what was paid for it. No row: there is none.
SELECT j.id, j.user_id, j.model, u.username, u.first_name, a.balance,
       coalesce((SELECT -amount FROM ledger WHERE job_id = j.id AND kind = 'reserve'), 0) AS price,
       EXISTS (SELECT 1 FROM ledger WHERE job_id = j.id AND kind = 'capture') AS paid,
       EXISTS (SELECT 1 FROM ledger WHERE job_id = j.id AND kind = 'refund') AS refunded
FROM generation_jobs AS j JOIN users AS u ON u.user_id = j.user_id
JOIN accounts AS a ON a.bot_id = j.bot_id AND a.user_id = j.user_id
WHERE j.bot_id = %(bot_id)s AND j.id = %(job_id)s;
