-- Statements of kie/. Every write names the state that it expects; zero rows mean
-- that the job moved on without us, and are an answer.

-- name: create_job
-- No row: this request has its job already.
INSERT INTO generation_jobs
    (bot_id, user_id, chat_id, language, model, input_params, price, request_key, status_message_id)
VALUES
    (%(bot_id)s, %(user_id)s, %(chat_id)s, %(language)s, %(model)s, %(inputs)s, %(price)s,
     %(request_key)s, %(status_message_id)s)
ON CONFLICT (bot_id, request_key) WHERE request_key IS NOT NULL DO NOTHING
RETURNING id;

-- name: job_of_request
-- The job that an earlier press of the same button made.
SELECT id FROM generation_jobs WHERE bot_id = %(bot_id)s AND request_key = %(request_key)s;

-- name: place_in_queue
-- Where a queued job stands; counted to a thousand. Zero: it does not wait for its turn.
SELECT CASE WHEN status = 'queued' THEN (
           SELECT count(*) FROM (
               SELECT 1 FROM generation_jobs AS other
               WHERE other.bot_id = j.bot_id AND other.status = 'queued' AND other.id <= j.id
               LIMIT 1000) AS ahead)
       ELSE 0 END::int AS place
FROM generation_jobs AS j WHERE id = %(id)s;

-- name: claim_queued
-- The intent, committed before the call: who calls createTask for which rows. No row:
-- nothing is due.
WITH due AS MATERIALIZED (
    SELECT id FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND status = 'queued' AND next_action_at <= now()
    ORDER BY id
    LIMIT %(count)s
    FOR UPDATE SKIP LOCKED
)
UPDATE generation_jobs AS j
SET status = 'submitting', claim_token = CAST(%(token)s AS uuid), attempts = attempts + 1,
    submitted_at = now()
FROM due WHERE j.id = due.id
RETURNING j.id, j.user_id, j.chat_id, j.language, j.model, j.input_params, j.status, j.task_id,
          j.price, j.status_message_id, j.attempts,
          extract(epoch FROM now() - j.created_at)::float8 AS seconds;

-- name: task_created
-- kie.ai gave the number. A fact from outside, so it is stored even when our term has
-- ended meanwhile: the claim token says that the call was ours. No row: the job has an
-- end already.
UPDATE generation_jobs
SET status = 'waiting', task_id = %(task_id)s, claim_token = NULL,
    next_action_at = CASE WHEN reported_by IS NULL
                          THEN now() + make_interval(secs => %(first_look)s) ELSE now() END,
    deadline_at = now() + make_interval(secs => %(deadline)s)
WHERE id = %(id)s AND claim_token = CAST(%(token)s AS uuid)
  AND status IN ('submitting', 'unclear', 'waiting')
RETURNING id, user_id, chat_id, language, model, input_params, status, task_id, price,
          status_message_id, extract(epoch FROM now() - created_at)::float8 AS seconds;

-- name: adopt_orphan
-- A callback was here before its job knew the number. No row: none was.
UPDATE orphan_callbacks SET processed = TRUE, processed_at = now()
WHERE task_id = %(task_id)s AND NOT processed
RETURNING id;

-- name: look_now
-- Something was reported: the next poll is due at once.
UPDATE generation_jobs SET next_action_at = now(), reported_by = 'callback'
WHERE id = %(id)s AND status = 'waiting'
RETURNING id;

-- name: requeue
-- createTask surely had no effect. No row: not our claim any more.
UPDATE generation_jobs
SET status = 'queued', claim_token = NULL, error_message = %(error)s,
    next_action_at = now() + make_interval(secs => %(pause)s)
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING id;

-- name: mark_unclear
-- Nobody knows whether kie.ai took it. The claim token stays: a late answer to that
-- very call may still name the task. No row: not our claim any more.
UPDATE generation_jobs
SET status = CASE WHEN task_id IS NULL THEN 'unclear' ELSE 'waiting' END,
    error_message = %(error)s,
    next_action_at = now() + CASE WHEN task_id IS NULL
                                  THEN make_interval(secs => %(patience)s) ELSE interval '0' END,
    deadline_at = coalesce(deadline_at, now() + make_interval(secs => %(deadline)s))
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING id;

-- name: orphaned_submissions
-- Part of winning a term: an earlier term was calling createTask and never said how it
-- went. A callback may have named the task since; else only time can tell.
UPDATE generation_jobs
SET status = CASE WHEN task_id IS NULL THEN 'unclear' ELSE 'waiting' END,
    next_action_at = CASE WHEN task_id IS NULL THEN now() + interval '10 minutes' ELSE now() END,
    deadline_at = coalesce(deadline_at, now() + interval '15 minutes')
WHERE bot_id = %(bot_id)s AND status = 'submitting'
  AND claim_token IS DISTINCT FROM CAST(%(token)s AS uuid);

-- name: due_tasks
-- What wants a look: tasks to ask for, and unclear jobs whose time is over.
SELECT id, user_id, chat_id, language, model, input_params, status, task_id, price,
       status_message_id, polls, next_action_at, reported_by,
       extract(epoch FROM now() - created_at)::float8 AS seconds,
       extract(epoch FROM now() - submitted_at)::float8 AS task_seconds,
       coalesce(deadline_at <= now(), FALSE) AS overdue
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status IN ('waiting', 'unclear') AND next_action_at <= now()
ORDER BY next_action_at
LIMIT %(count)s;

-- name: look_again
-- No row: the job ended, or a callback made it due at once; leave that.
UPDATE generation_jobs
SET polls = polls + 1, next_action_at = now() + make_interval(secs => %(pause)s)
WHERE id = %(id)s AND status = 'waiting' AND next_action_at = %(seen)s
RETURNING id;

-- name: next_due
-- Seconds until the next row wants attention; NULL: none is waiting.
SELECT extract(epoch FROM min(next_action_at) - clock_timestamp())::float8 AS seconds
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = ANY(%(states)s);

-- name: settle_success
-- The one place where a job gets its result. No row: it has its end already.
UPDATE generation_jobs
SET status = 'success', result_url = %(result_url)s, result_urls = %(result_urls)s,
    credits_consumed = %(credits)s, completed_at = now(), claim_token = NULL, error_message = NULL
WHERE id = %(id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
RETURNING id;

-- name: settle_fail
-- The one place where a job ends without a result. No row: it has its end already.
UPDATE generation_jobs
SET status = 'fail', failure = %(failure)s, error_message = %(error)s, completed_at = now(),
    claim_token = NULL
WHERE id = %(id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
RETURNING id;

-- name: cancel_queued
-- Its user stops a job that waits for its turn. No row: it was claimed first, or ended.
UPDATE generation_jobs
SET status = 'fail', failure = %(failure)s, completed_at = now()
WHERE id = %(id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s AND status = 'queued'
RETURNING id;

-- name: callback_for_job
-- A callback came on the job's own URL. It may bring the number of a task whose
-- createTask went unanswered. No row: the job has its end, or does not exist.
UPDATE generation_jobs
SET reported_by = 'callback',
    task_id = coalesce(task_id, %(task_id)s),
    status = CASE WHEN status = 'unclear' AND coalesce(task_id, %(task_id)s) IS NOT NULL
                  THEN 'waiting' ELSE status END,
    next_action_at = CASE WHEN status = 'submitting' THEN next_action_at ELSE now() END
WHERE bot_id = %(bot_id)s AND id = %(id)s AND status IN ('submitting', 'unclear', 'waiting')
RETURNING id;

-- name: callback_for_task
-- A callback without a job in its URL, for a task that we know.
UPDATE generation_jobs SET reported_by = 'callback', next_action_at = now()
WHERE bot_id = %(bot_id)s AND task_id = %(task_id)s AND status = 'waiting'
RETURNING id;

-- name: task_is_known
-- Whether any job has this number, ended or not.
SELECT 1 AS known FROM generation_jobs WHERE task_id = %(task_id)s;

-- name: keep_orphan
-- No row: this callback is kept already.
INSERT INTO orphan_callbacks (task_id, payload) VALUES (%(task_id)s, %(payload)s)
ON CONFLICT (task_id) DO NOTHING
RETURNING id;

-- name: jobs_by_state
-- For `run.py status`.
SELECT status, count(*)::int AS jobs FROM generation_jobs
WHERE bot_id = %(bot_id)s GROUP BY status ORDER BY status;
