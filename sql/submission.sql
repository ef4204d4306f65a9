-- Statements of kie/submission. Every write names the state that it expects. Zero rows: the job
-- is in another state now.

-- name: moved_in_queue
-- Queued jobs whose place has changed since it was told, the next in the queue first. Users who
-- were told of a delay are not told of places. No row: there are none.
WITH line AS MATERIALIZED (
    SELECT id, row_number() OVER (ORDER BY id)::int AS place FROM (
        SELECT id FROM generation_jobs
        WHERE bot_id = %(bot_id)s AND status = 'queued' ORDER BY id LIMIT 1000) AS first
)
SELECT j.id, line.place FROM line JOIN generation_jobs AS j ON j.id = line.id
WHERE j.place_told <> line.place AND NOT j.told_delayed AND j.status_message_id IS NOT NULL
  AND NOT (j.id = ANY (CAST(%(held)s AS bigint[])))
ORDER BY j.id LIMIT %(count)s;

-- name: tell_place
-- Stores the place that the user is now told. No row: the job is not queued any more.
UPDATE generation_jobs SET place_told = %(place)s
WHERE id = %(id)s AND status = 'queued'
RETURNING id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
          thread, status_message_id, wish_message_id,
          place_told AS place,
          extract(epoch FROM now() - created_at)::float8 AS seconds;

-- name: anybody_queued
-- No row: no job is queued.
SELECT 1 AS queued FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued' LIMIT 1;

-- name: due_queued
-- The next due jobs of the queue, those of models that fail or those of all others. ``held`` are
-- rows at fault, which wait. No row: nothing is due.
SELECT id FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued' AND next_action_at <= now()
  AND NOT (id = ANY (CAST(%(held)s AS bigint[])))
  AND (model = ANY (CAST(%(failing)s AS text[]))) = %(fail)s
ORDER BY id
LIMIT %(count)s;

-- name: claim_queued
-- The claim, committed before the call. No row for a job: it was claimed, cancelled or postponed
-- meanwhile, or another transaction locks it.
WITH due AS MATERIALIZED (
    SELECT id FROM generation_jobs
    WHERE id = ANY (CAST(%(ids)s AS bigint[])) AND status = 'queued' AND next_action_at <= now()
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
UPDATE generation_jobs AS j
SET status = 'submitting', claim_token = CAST(%(token)s AS uuid), attempts = attempts + 1,
    submitted_at = now()
FROM due WHERE j.id = due.id
RETURNING j.id, j.user_id, j.chat_id, j.language, j.model, j.input_params, j.status, j.task_id,
          j.trace, j.price, j.status_message_id, j.wish_message_id, j.thread, j.attempts, j.ended,
          extract(epoch FROM now() - j.created_at)::float8 AS seconds;

-- name: task_created
-- Stores the task id from kie.ai, even when our term has ended meanwhile: the claim token shows
-- that the call was ours. No row: the job has ended.
UPDATE generation_jobs
SET status = 'waiting', task_id = %(task_id)s, claim_token = NULL,
    next_action_at = CASE WHEN hinted THEN now()
                          ELSE now() + make_interval(secs => %(first_look)s) END,
    deadline_at = now() + make_interval(secs => %(deadline)s)
WHERE id = %(id)s AND claim_token = CAST(%(token)s AS uuid)
  AND status IN ('submitting', 'unclear', 'waiting')
RETURNING id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
          thread, status_message_id, wish_message_id,
          extract(epoch FROM now() - created_at)::float8 AS seconds;

-- name: task_created_late
-- The task id came after the job was given up as unclear: its result will be a gift. No row: the
-- job ended for another reason.
UPDATE generation_jobs
SET task_id = %(task_id)s, claim_token = NULL, next_action_at = now()
WHERE id = %(id)s AND status = 'fail' AND late_until > now() AND task_id IS NULL
RETURNING id;

-- name: task_of_another
-- The job that has this task. No row: no other job has it.
SELECT id FROM generation_jobs WHERE task_id = %(task_id)s AND id <> %(id)s;

-- name: wait_for_own_task
-- createTask named another job's task, but a callback has named the job's own: it waits for that
-- one. No row: none has, or the claim is lost.
UPDATE generation_jobs
SET status = 'waiting', claim_token = NULL, next_action_at = now(),
    deadline_at = now() + make_interval(secs => %(deadline)s)
WHERE id = %(id)s AND claim_token = CAST(%(token)s AS uuid)
  AND status IN ('submitting', 'unclear', 'waiting') AND task_id IS NOT NULL
RETURNING id;

-- name: look_now
-- A callback has reported the task: it is queried at once.
UPDATE generation_jobs SET next_action_at = now(), reported_by = 'callback', hinted = TRUE
WHERE id = %(id)s AND status = 'waiting'
RETURNING id;

-- name: requeue
-- createTask surely had no effect; with `untried` it was not called. No row: the claim is lost.
UPDATE generation_jobs
SET status = 'queued', claim_token = NULL, error_message = %(error)s,
    attempts = attempts - CASE WHEN %(untried)s THEN 1 ELSE 0 END,
    next_action_at = now() + make_interval(secs => %(pause)s)
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING id;

-- name: set_uploading
-- Whether files are being uploaded, so that createTask was not called yet. No row: the claim is
-- lost, and createTask must not be called.
UPDATE generation_jobs SET uploading = %(uploading)s
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING id;

-- name: untold_jobs
-- Queued jobs whose users were not told yet that kie.ai does not answer. No row: all were.
SELECT id FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued' AND NOT told_delayed
ORDER BY id
LIMIT 1000;

-- name: tell_delayed
-- Marks that the user of a queued job is told of the delay. No row: told already, or not queued.
UPDATE generation_jobs SET told_delayed = TRUE
WHERE id = %(id)s AND bot_id = %(bot_id)s AND status = 'queued' AND NOT told_delayed
RETURNING id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
          thread, status_message_id, wish_message_id,
          extract(epoch FROM now() - created_at)::float8 AS seconds;

-- name: kept_too_long
-- Jobs that have been queued for longer than the limit. No row: there are none.
SELECT id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
       thread, status_message_id, wish_message_id,
          extract(epoch FROM now() - created_at)::float8 AS seconds
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued'
  AND created_at <= now() - make_interval(secs => %(patience)s)
ORDER BY id
LIMIT 1000;

-- name: lost_claims
-- Old claims of this term without a worker: the outcome of their calls could not be written. No
-- row: there are none.
SELECT id, CAST(claim_token AS text) AS token FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
  AND submitted_at <= now() - make_interval(secs => %(patience)s)
  AND NOT (id = ANY (CAST(%(busy)s AS bigint[])))
ORDER BY id
LIMIT 1000;

-- name: release_claim
-- As orphaned_submissions for an ended term, but an unclear job is due at once: it has waited for
-- its callback already. No row: the job is in another state now.
UPDATE generation_jobs
SET status = CASE WHEN task_id IS NOT NULL THEN 'waiting' WHEN uploading THEN 'queued'
                  ELSE 'unclear' END,
    next_action_at = now(),
    deadline_at = coalesce(deadline_at, now() + interval '15 minutes')
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING status;

-- name: mark_unclear
-- It is unknown whether kie.ai accepted the job. The claim token stays, because a late answer to
-- the same call may still name the task. No row: the claim is lost.
UPDATE generation_jobs
SET status = CASE WHEN task_id IS NULL THEN 'unclear' ELSE 'waiting' END,
    error_message = %(error)s,
    next_action_at = now() + CASE WHEN task_id IS NULL
                                  THEN make_interval(secs => %(patience)s) ELSE interval '0' END,
    deadline_at = coalesce(deadline_at, now() + make_interval(secs => %(deadline)s))
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING id;

-- name: orphaned_submissions
-- When a term begins: claims of earlier terms without an outcome. If a callback has named the task,
-- the job waits for it; if its files were being uploaded, createTask was not called, and the job is
-- queued again; else it is unclear. Locked rows are skipped, because the term must not wait for
-- them to begin; they are released later in the term.
UPDATE generation_jobs
SET status = CASE WHEN task_id IS NOT NULL THEN 'waiting' WHEN uploading THEN 'queued'
                  ELSE 'unclear' END,
    next_action_at = CASE WHEN task_id IS NOT NULL THEN now()
                          -- From the second time on: its files may be what ends the process.
                          WHEN uploading THEN now() + least(ended, 10) * interval '30 s'
                          ELSE now() + interval '10 minutes' END,
    ended = ended + (task_id IS NULL AND uploading)::int,
    deadline_at = coalesce(deadline_at, now() + interval '15 minutes')
WHERE id IN (
    SELECT id FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND status = 'submitting'
      AND claim_token IS DISTINCT FROM CAST(%(token)s AS uuid)
    FOR NO KEY UPDATE SKIP LOCKED);

-- name: orphans_are_left
-- Whether the statement above has skipped one.
SELECT EXISTS (SELECT 1 FROM generation_jobs
               WHERE bot_id = %(bot_id)s AND status = 'submitting'
                 AND claim_token IS DISTINCT FROM CAST(%(token)s AS uuid)) AS are_left;

-- name: next_queued
-- Seconds until the next queued job is due; NULL: there is none. ``held`` are rows at fault.
SELECT extract(epoch FROM min(next_action_at) - clock_timestamp())::float8 AS seconds
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued'
  AND NOT (id = ANY (CAST(%(held)s AS bigint[])));
