-- Statements of kie/jobs. Every write names the state that it expects. Zero rows: the job
-- is in another state now.

-- name: create_job
-- No row: this request has its job already.
INSERT INTO generation_jobs
    (bot_id, user_id, chat_id, language, model, input_params, price, request_key, status_message_id,
     trace, thread, wish_message_id, repeats)
VALUES
    (%(bot_id)s, %(user_id)s, %(chat_id)s, %(language)s, %(model)s, %(inputs)s, %(price)s,
     %(request_key)s, %(status_message_id)s, %(trace)s, %(thread)s, %(wish_message_id)s,
     %(repeats)s)
ON CONFLICT (bot_id, request_key) WHERE request_key IS NOT NULL DO NOTHING
RETURNING id;

-- name: job_of_request
-- The job that an earlier press of the same button made.
SELECT id FROM generation_jobs WHERE bot_id = %(bot_id)s AND request_key = %(request_key)s;

-- name: place_in_queue
-- The place of a queued job, for its first message; counted up to a thousand. Zero: the job is not
-- queued.
UPDATE generation_jobs AS j
SET place_told = CASE WHEN status = 'queued' THEN (
        SELECT count(*) FROM (
            SELECT 1 FROM generation_jobs AS other
            WHERE other.bot_id = j.bot_id AND other.status = 'queued' AND other.id <= j.id
            LIMIT 1000) AS ahead)
    ELSE 0 END
WHERE id = %(id)s
RETURNING place_told AS place;

-- name: adopt_orphan
-- A callback arrived before its job had the task id. No row: there was none.
UPDATE orphan_callbacks SET processed = TRUE, processed_at = now()
WHERE task_id = %(task_id)s AND NOT processed
RETURNING id;

-- name: due_tasks
-- Due rows, those with a callback first: tasks to query, unclear jobs past their deadline, and jobs
-- that were given up but are still queried. With `away`: only those that can end without a query.
WITH hinted AS (
    SELECT id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
           status_message_id, wish_message_id, polls, next_action_at, reported_by, hinted, submitted_at,
           created_at, deadline_at, thread, looks_ended
    FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND hinted AND status = 'waiting' AND next_action_at <= now()
      AND NOT (id = ANY (CAST(%(busy)s AS bigint[]))) AND NOT %(away)s
    ORDER BY next_action_at
    LIMIT %(count)s
), due AS (
    SELECT id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
           status_message_id, wish_message_id, polls, next_action_at, reported_by, hinted, submitted_at,
           created_at, deadline_at, thread, looks_ended
    FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND status IN ('unclear', 'waiting') AND next_action_at <= now()
      AND NOT (id = ANY (CAST(%(busy)s AS bigint[])))
      AND (%(away)s AND (status = 'unclear'
                         OR coalesce(deadline_at, created_at + interval '1 day') <= now())
           OR NOT %(away)s AND (NOT hinted OR status = 'unclear'))
    ORDER BY next_action_at
    LIMIT %(count)s
), late AS (
    SELECT id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
           status_message_id, wish_message_id, polls, next_action_at, reported_by, hinted, submitted_at,
           created_at, deadline_at, thread, looks_ended
    FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND status = 'fail' AND late_until IS NOT NULL
      AND task_id IS NOT NULL AND next_action_at <= now() AND late_until > now()
      AND NOT (id = ANY (CAST(%(busy)s AS bigint[]))) AND NOT %(away)s
    ORDER BY next_action_at
    LIMIT %(count)s
)
SELECT found.*,
       extract(epoch FROM now() - created_at)::float8 AS seconds,
       extract(epoch FROM now() - submitted_at)::float8 AS task_seconds,
       -- A job without a deadline ends after a day.
       coalesce(deadline_at, created_at + interval '1 day') <= now() AS overdue
FROM (SELECT * FROM hinted UNION ALL SELECT * FROM due UNION ALL SELECT * FROM late) AS found
LIMIT %(count)s;

-- name: limit_note_of_looks
-- Before note_looks: not worth a wait for the disk, nor for a lock. What is lost with the server is
-- that one end of a process is not counted.
SELECT set_config('synchronous_commit', 'off', TRUE), set_config('lock_timeout', '500ms', TRUE);

-- name: note_looks
-- The jobs that this process looks at from now on, each as it found it.
INSERT INTO looks_begun (bot_id, process, jobs, seen)
VALUES (%(bot_id)s, CAST(%(process)s AS uuid), CAST(%(jobs)s AS bigint[]),
        CAST(%(seen)s AS timestamptz[]))
ON CONFLICT (bot_id, process) DO UPDATE SET jobs = EXCLUDED.jobs, seen = EXCLUDED.seen;

-- name: forget_looks
-- All looks of this process have returned. No row: it has noted none.
DELETE FROM looks_begun WHERE bot_id = %(bot_id)s AND process = CAST(%(process)s AS uuid);

-- name: count_ended_looks
-- The jobs that other processes looked at when they were last heard of, and that are still as they
-- found them. From the second time on such a job waits. Rows that somebody else has locked are not
-- counted.
WITH begun AS (
    DELETE FROM looks_begun
    WHERE bot_id = %(bot_id)s AND process <> CAST(%(process)s AS uuid)
    RETURNING jobs, seen
), left_over AS (
    SELECT j.id FROM generation_jobs AS j
    WHERE j.bot_id = %(bot_id)s
      AND (j.id, j.next_action_at) IN (
          SELECT looked.id, looked.seen
          FROM begun CROSS JOIN LATERAL unnest(begun.jobs, begun.seen) AS looked (id, seen))
      AND (j.status IN ('unclear', 'waiting') OR j.status = 'fail' AND j.late_until IS NOT NULL)
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE generation_jobs AS j
SET looks_ended = j.looks_ended + 1,
    next_action_at = greatest(j.next_action_at, now() + make_interval(
        secs => coalesce((CAST(%(pauses)s AS float8[]))[j.looks_ended + 1], 0)))
FROM left_over WHERE j.id = left_over.id
RETURNING j.id, j.looks_ended;

-- name: look_again
-- No row: the job has ended, or a callback has made it due at once.
UPDATE generation_jobs
SET polls = polls + 1, hinted = FALSE, looks_ended = 0, next_action_at = now() + make_interval(secs => %(pause)s)
WHERE id = %(id)s AND next_action_at = %(seen)s
  AND (status IN ('unclear', 'waiting') OR status = 'fail' AND late_until IS NOT NULL)
RETURNING id;

-- name: next_task
-- Seconds until the next task is due; NULL: there is none.
SELECT extract(epoch FROM least(
    (SELECT min(next_action_at) FROM generation_jobs
      WHERE bot_id = %(bot_id)s AND status IN ('unclear', 'waiting')
        AND NOT (id = ANY (CAST(%(busy)s AS bigint[])))),
    (SELECT min(next_action_at) FROM generation_jobs
      WHERE bot_id = %(bot_id)s AND status = 'fail' AND late_until IS NOT NULL
        AND late_until > now() AND task_id IS NOT NULL
        AND NOT (id = ANY (CAST(%(busy)s AS bigint[]))))
    ) - clock_timestamp())::float8 AS seconds;

-- name: settle_success
-- Records the result of a job. No other statement does. No row: the job has ended already.
UPDATE generation_jobs
SET status = 'success', result_url = %(result_url)s, result_urls = %(result_urls)s,
    result_text = %(result_text)s, result_songs = %(result_songs)s,
    credits_consumed = %(credits)s, completed_at = now(),
    claim_token = NULL, error_message = NULL
WHERE id = %(id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
RETURNING id, status_message_id;

-- name: settle_gift
-- Records the late result of a job that was given up: its end and the refund stay, and the result
-- is delivered. No row: the job is not queried any more.
UPDATE generation_jobs
SET result_url = %(result_url)s, result_urls = %(result_urls)s, result_text = %(result_text)s,
    result_songs = %(result_songs)s, credits_consumed = %(credits)s, gifted_at = now(), late_until = NULL
WHERE id = %(id)s AND status = 'fail' AND late_until IS NOT NULL
RETURNING id, status_message_id;

-- name: stop_waiting
-- A job that was given up will have no result. No row: it is not queried any more.
UPDATE generation_jobs SET late_until = NULL
WHERE id = %(id)s AND status = 'fail' AND late_until IS NOT NULL
RETURNING id;

-- name: settle_fail
-- Ends a job without a result. No other statement does, except cancel_queued. No row: it has ended.
UPDATE generation_jobs
SET status = 'fail', failure = %(failure)s, error_message = %(error)s, completed_at = now(),
    late_until = now() + make_interval(secs => CAST(%(late_for)s AS float8)),
    next_action_at = now() + make_interval(secs => %(late_pause)s)
WHERE id = %(id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
RETURNING id, status_message_id;

-- name: cancel_queued
-- The user cancels a queued job. No row: it was claimed first, or has ended.
UPDATE generation_jobs
SET status = 'fail', failure = %(failure)s, completed_at = now()
WHERE id = %(id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s AND status = 'queued'
RETURNING id, chat_id, thread, status_message_id;

-- name: state_of_job
-- Why a job cannot be cancelled. No row: it is not this user's.
SELECT status, failure FROM generation_jobs
WHERE id = %(id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s;

-- name: callback_for_job
-- A callback came on the job's own URL. It may name a task whose createTask call was not answered
-- or seemed refused; then the job must not be sent again. With `ended` it reports the end of the
-- task, else a stage. No row: the job has ended or does not exist.
UPDATE generation_jobs
SET reported_by = CASE WHEN %(ended)s THEN 'callback' ELSE reported_by END,
    hinted = hinted OR %(ended)s,
    task_id = coalesce(task_id, %(task_id)s),
    status = CASE WHEN status IN ('queued', 'unclear')
                   AND coalesce(task_id, %(task_id)s) IS NOT NULL
                  THEN 'waiting' ELSE status END,
    next_action_at = CASE WHEN status = 'submitting' OR status = 'waiting' AND NOT %(ended)s
                          THEN next_action_at
                          WHEN coalesce(task_id, %(task_id)s) IS NULL THEN next_action_at
                          ELSE now() END,
    deadline_at = coalesce(deadline_at, now() + interval '15 minutes')
WHERE bot_id = %(bot_id)s AND id = %(id)s
  AND (status IN ('submitting', 'unclear', 'waiting')
       OR status = 'queued' AND submitted_at IS NOT NULL
       OR status = 'fail' AND late_until > now())
RETURNING id, task_id, trace;

-- name: callback_for_task
-- A callback without a job in its URL, for a task that we know.
UPDATE generation_jobs SET reported_by = 'callback', hinted = TRUE, next_action_at = now()
WHERE bot_id = %(bot_id)s AND task_id = %(task_id)s
  AND (status = 'waiting' OR status = 'fail' AND late_until > now())
RETURNING id;

-- name: task_is_known
-- Whether any job has this task id, ended or not.
SELECT 1 AS known FROM generation_jobs WHERE task_id = %(task_id)s;

-- name: keep_orphan
-- No row: this callback is stored already, or there are too many orphans (an attack).
INSERT INTO orphan_callbacks (bot_id, job_id, task_id, payload)
SELECT %(bot_id)s, CAST(%(job_id)s AS bigint), %(task_id)s, CAST(%(payload)s AS jsonb)
WHERE (SELECT count(*) FROM (SELECT 1 FROM orphan_callbacks WHERE NOT processed LIMIT %(most)s) AS o)
      < %(most)s
ON CONFLICT (task_id) DO NOTHING
RETURNING id;

-- name: adopt_known
-- Orphans whose task id was stored in a job at the moment when they arrived.
UPDATE orphan_callbacks AS o SET processed = TRUE, processed_at = now()
FROM generation_jobs AS j
WHERE NOT o.processed AND j.task_id = o.task_id;

-- name: orphans
-- Orphans that are not matched, oldest first.
SELECT id, task_id, job_id, payload, extract(epoch FROM now() - received_at)::float8 AS seconds
FROM orphan_callbacks
WHERE NOT processed AND (bot_id = %(bot_id)s OR bot_id IS NULL)
ORDER BY received_at
LIMIT 100;

-- name: count_orphans
-- The number of orphans that are not matched, counted up to a thousand.
SELECT count(*)::int AS orphans FROM (
    SELECT 1 FROM orphan_callbacks
    WHERE NOT processed AND (bot_id = %(bot_id)s OR bot_id IS NULL) LIMIT 1000) AS o;

-- name: unnoticed_orphans
-- Orphans of more than a day that the operator was not told of. No row: there are none.
SELECT id FROM orphan_callbacks
WHERE NOT processed AND noticed_at IS NULL AND (bot_id = %(bot_id)s OR bot_id IS NULL)
  AND received_at <= now() - make_interval(secs => %(patience)s)
ORDER BY id
LIMIT 100;

-- name: notice_orphans
-- Marks that the operator is told of these. No row: they were matched meanwhile.
UPDATE orphan_callbacks SET noticed_at = now()
WHERE id = ANY (CAST(%(ids)s AS bigint[])) AND NOT processed AND noticed_at IS NULL
RETURNING id, task_id;

-- name: match_by_hand
-- The operator assigns an orphan to a job. A job that still waits continues with that task; for
-- one that ended without a result the result will be a gift. No row: there is no such orphan, the
-- job has a task id or a result, or it belongs to another bot.
UPDATE generation_jobs AS j
SET task_id = o.task_id, hinted = TRUE, reported_by = 'operator', next_action_at = now(),
    status = CASE WHEN j.status = 'unclear' THEN 'waiting' ELSE j.status END,
    late_until = CASE WHEN j.status = 'fail' THEN now() + make_interval(secs => %(late_for)s) END
FROM orphan_callbacks AS o
WHERE j.bot_id = %(bot_id)s AND j.id = %(job_id)s AND o.id = %(orphan_id)s AND NOT o.processed
  AND (o.bot_id = %(bot_id)s OR o.bot_id IS NULL)
  AND j.task_id IS NULL AND (j.status = 'unclear' OR j.status = 'fail' AND j.submitted_at IS NOT NULL)
RETURNING j.id, o.task_id;

-- name: jobs_by_state
-- For `run.py status` and /admin: those without an end, and of the others the latest ten thousand.
SELECT status, count(*)::int AS jobs FROM (
    (SELECT status FROM generation_jobs
     WHERE bot_id = %(bot_id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
     LIMIT 10000)
    UNION ALL
    (SELECT status FROM generation_jobs
     WHERE bot_id = %(bot_id)s AND status IN ('success', 'fail') AND input_params IS NOT NULL
     ORDER BY completed_at DESC LIMIT 10000)
) AS j
GROUP BY status ORDER BY status;

-- name: jobs_in_work
-- For the metrics: jobs without an end, ten thousand at most.
SELECT status, model, count(*)::int AS jobs FROM (
    SELECT status, model FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
    LIMIT 10000
) AS j
GROUP BY status, model;
