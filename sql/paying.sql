-- Statements of handlers/features/paying.

-- name: jobs_in_work
-- The user's jobs without an end, in order. No row: there is none.
SELECT id, model, input_params AS inputs, status,
       extract(epoch FROM now() - coalesce(submitted_at, created_at))::float8 AS seconds
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
  AND status IN ('queued', 'submitting', 'unclear', 'waiting')
ORDER BY id LIMIT %(count)s;

-- name: booked
-- What was booked lately, newest first, with the job that it is about. Captures move nothing and
-- stay out. No row: nothing was.
SELECT l.kind, l.amount, l.note, l.created_at AS at, j.model, j.input_params AS inputs
FROM (SELECT id, kind, amount, note, created_at, job_id FROM ledger
       WHERE user_id = %(user_id)s AND bot_id = %(bot_id)s AND kind <> 'capture'
       ORDER BY id DESC LIMIT %(count)s) AS l
LEFT JOIN generation_jobs AS j ON j.id = l.job_id
ORDER BY l.id DESC;
