-- Statements of handlers/features/making.

-- name: job_of_user
-- What a button under a result refers to. No row: not a job of this user.
SELECT id, model, input_params AS inputs, status
FROM generation_jobs
WHERE id = %(job_id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s;
