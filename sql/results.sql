-- Statements of handlers/features/results.

-- name: made_job
-- What a button under a result is about. No row: not an ended job of this user, or it was tidied.
SELECT j.id, j.model, j.input_params AS inputs, j.wish_message_id AS source,
       j.result_urls AS urls, j.starred_at IS NOT NULL AS starred,
       extract(epoch FROM now() - j.completed_at)::float8 AS age,
       EXISTS (SELECT 1 FROM generation_jobs AS r
                WHERE r.bot_id = j.bot_id AND r.repeats = j.id
                  AND r.status IN ('queued', 'submitting', 'unclear', 'waiting')) AS repeated
FROM generation_jobs AS j
WHERE j.id = %(job_id)s AND j.bot_id = %(bot_id)s AND j.user_id = %(user_id)s
  AND j.status IN ('success', 'fail') AND j.input_params IS NOT NULL;

-- name: earlier_job
-- A job that another one may go on from. No row: not a finished one of this user, or it was tidied.
SELECT model, input_params AS inputs, task_id, result_songs AS songs, wish_message_id AS source
FROM generation_jobs
WHERE id = %(job_id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s
  AND (status = 'success' OR gifted_at IS NOT NULL) AND input_params IS NOT NULL
  AND task_id IS NOT NULL;

-- name: sent_parts
-- The parts of its result that have reached the user, in order. No row: none has.
SELECT d.payload, d.file_id FROM deliveries AS d
WHERE d.job_id = %(job_id)s AND d.kind = 'result' AND d.state = 'sent'
  AND d.payload ->> 'do' IN ('media', 'album')
ORDER BY d.id;

-- name: star_job
-- A favourite, or none any more. No row: the user has as many as one may have.
UPDATE generation_jobs SET starred_at = CASE WHEN %(starred)s THEN now() END
WHERE id = %(job_id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s
  AND (NOT %(starred)s OR (
      SELECT count(*) FROM (
          SELECT 1 FROM generation_jobs
          WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND starred_at IS NOT NULL
          LIMIT %(most)s) AS s) < %(most)s)
RETURNING id;

-- name: work_before
-- The newest of the user's works that is older than the given one. Works are results whose files
-- Telegram keeps. No row: there is none.
SELECT j.id, j.model, j.input_params AS inputs, j.wish_message_id AS source,
       j.result_urls AS urls, j.starred_at IS NOT NULL AS starred, j.created_at AS at,
       extract(epoch FROM now() - j.completed_at)::float8 AS age, FALSE AS repeated
FROM generation_jobs AS j
WHERE j.bot_id = %(bot_id)s AND j.user_id = %(user_id)s
  AND (j.status = 'success' OR j.gifted_at IS NOT NULL) AND j.input_params IS NOT NULL
  AND (CAST(%(models)s AS text[]) IS NULL OR j.model = ANY (CAST(%(models)s AS text[])))
  AND (NOT %(starred)s OR j.starred_at IS NOT NULL)
  AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.job_id = j.id AND d.kind = 'result'
                AND d.state = 'sent' AND d.file_id IS NOT NULL)
  AND j.id < %(anchor)s
ORDER BY j.id DESC LIMIT 1;

-- name: work_after
-- The oldest of the user's works that is newer than the given one. No row: there is none.
SELECT j.id, j.model, j.input_params AS inputs, j.wish_message_id AS source,
       j.result_urls AS urls, j.starred_at IS NOT NULL AS starred, j.created_at AS at,
       extract(epoch FROM now() - j.completed_at)::float8 AS age, FALSE AS repeated
FROM generation_jobs AS j
WHERE j.bot_id = %(bot_id)s AND j.user_id = %(user_id)s
  AND (j.status = 'success' OR j.gifted_at IS NOT NULL) AND j.input_params IS NOT NULL
  AND (CAST(%(models)s AS text[]) IS NULL OR j.model = ANY (CAST(%(models)s AS text[])))
  AND (NOT %(starred)s OR j.starred_at IS NOT NULL)
  AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.job_id = j.id AND d.kind = 'result'
                AND d.state = 'sent' AND d.file_id IS NOT NULL)
  AND j.id > %(anchor)s
ORDER BY j.id LIMIT 1;

-- name: count_works
-- How many works there are, a thousand at most, and the place of one of them, newest first.
SELECT count(*)::int AS works, count(*) FILTER (WHERE id >= %(anchor)s)::int AS place
FROM (
    SELECT j.id FROM generation_jobs AS j
    WHERE j.bot_id = %(bot_id)s AND j.user_id = %(user_id)s
      AND (j.status = 'success' OR j.gifted_at IS NOT NULL) AND j.input_params IS NOT NULL
      AND (CAST(%(models)s AS text[]) IS NULL OR j.model = ANY (CAST(%(models)s AS text[])))
      AND (NOT %(starred)s OR j.starred_at IS NOT NULL)
      AND EXISTS (SELECT 1 FROM deliveries AS d WHERE d.job_id = j.id AND d.kind = 'result'
                    AND d.state = 'sent' AND d.file_id IS NOT NULL)
    ORDER BY j.id DESC LIMIT 1000) AS w;

-- name: plan_progress
-- A task has begun: when its progress is told for the first time. No row: it was planned before,
-- or the job has its end.
UPDATE generation_jobs
SET usual_seconds = %(usual)s, progress_at = submitted_at + make_interval(secs => %(first)s)
WHERE id = %(job_id)s AND status = 'waiting' AND progress_at IS NULL AND submitted_at IS NOT NULL
RETURNING id;

-- name: due_progress
-- Tasks whose users are told now how far they are. ``held`` are rows at fault, which wait. No
-- row: nobody has to be told.
SELECT id, usual_seconds AS usual, progress_told AS told,
       extract(epoch FROM now() - submitted_at)::float8 AS passed
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'waiting' AND progress_at <= now()
  AND NOT (id = ANY (CAST(%(held)s AS bigint[])))
ORDER BY progress_at LIMIT %(count)s;

-- name: next_progress
-- Seconds until somebody is to be told; NULL: nobody is.
SELECT extract(epoch FROM min(progress_at) - clock_timestamp())::float8 AS seconds
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'waiting' AND progress_at IS NOT NULL
  AND NOT (id = ANY (CAST(%(held)s AS bigint[])));

-- name: tell_progress
-- Stores that this step is told; `next` is when the next one is due after createTask, NULL: this is
-- the last one. No row: the job has its end, or was told more already.
UPDATE generation_jobs
SET progress_told = %(step)s,
    progress_at = submitted_at + make_interval(secs => CAST(%(next)s AS float8))
WHERE id = %(id)s AND status = 'waiting' AND progress_told < %(step)s
RETURNING id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
          thread, status_message_id, wish_message_id,
          extract(epoch FROM now() - created_at)::float8 AS seconds;

-- name: chats_in_work
-- Chats that wait for a task, those next in turn first, each with the model of one of them.
SELECT DISTINCT ON (chat_id, thread) chat_id, thread, model FROM (
    SELECT chat_id, thread, model FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND status = 'waiting' AND chat_id IS NOT NULL
    ORDER BY next_action_at LIMIT %(count)s) AS j;
