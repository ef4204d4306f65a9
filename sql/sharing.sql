-- Statements of handlers/features/sharing.

-- name: works_of_user
-- What the user may share: results that Telegram has, latest first, as they were sent. With a
-- job only that one; with words those whose inputs have them, which a preset's template may have,
-- too: the caller tells them apart, and takes them without a limit. No row: there is none (more).
SELECT j.id, j.model, j.input_params AS inputs, d.payload, d.file_id
FROM (SELECT id, model, input_params, created_at FROM generation_jobs
       WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
         AND (status = 'success' OR gifted_at IS NOT NULL) AND input_params IS NOT NULL
         AND (CAST(%(job_id)s AS bigint) IS NULL OR id = %(job_id)s)
         AND (%(words)s = '' OR position(lower(%(words)s) IN lower(
              coalesce(input_params ->> 'prompt', input_params ->> 'text', ''))) > 0)
       ORDER BY created_at DESC, id DESC LIMIT 200) AS j
JOIN deliveries AS d ON d.job_id = j.id AND d.kind = 'result' AND d.state = 'sent'
WHERE d.file_id IS NOT NULL AND d.payload ->> 'do' IN ('media', 'album')
ORDER BY j.created_at DESC, j.id DESC, d.id
OFFSET %(skip)s LIMIT %(count)s;
