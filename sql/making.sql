-- Statements of handlers/features/making.

-- name: recent_models
-- The models of the user's latest jobs, the last one first: a task begins with the last one that
-- does it. No row: nothing was ever ordered.
SELECT model FROM generation_jobs
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
ORDER BY created_at DESC LIMIT 20;
