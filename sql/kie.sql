-- Statements of kie/. Every write names the state that it expects; zero rows mean
-- that the job moved on without us, and are an answer.

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
-- Where a queued job stands, told with its first message; counted to a thousand. Zero: it
-- does not wait for its turn.
UPDATE generation_jobs AS j
SET place_told = CASE WHEN status = 'queued' THEN (
        SELECT count(*) FROM (
            SELECT 1 FROM generation_jobs AS other
            WHERE other.bot_id = j.bot_id AND other.status = 'queued' AND other.id <= j.id
            LIMIT 1000) AS ahead)
    ELSE 0 END
WHERE id = %(id)s
RETURNING place_told AS place;

-- name: moved_in_queue
-- Queued jobs whose users know an older place, those next in turn first. Who was told that
-- kie.ai is away is not told of places. No row: nobody has to be told.
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
-- The place that its user is told with this. No row: it is not queued any more.
UPDATE generation_jobs SET place_told = %(place)s
WHERE id = %(id)s AND status = 'queued'
RETURNING id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
          thread, status_message_id, wish_message_id,
          place_told AS place,
          extract(epoch FROM now() - created_at)::float8 AS seconds;

-- name: anybody_queued
-- No row: nobody waits for a turn.
SELECT 1 AS queued FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued' LIMIT 1;

-- name: due_queued
-- Jobs whose turn it is, in order. ``held`` are rows at fault, which wait. No row: nothing is
-- due.
SELECT id FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued' AND next_action_at <= now()
  AND NOT (id = ANY (CAST(%(held)s AS bigint[])))
ORDER BY id
LIMIT %(count)s;

-- name: claim_queued
-- The intent, committed before the call: who calls createTask for which rows. No row: they
-- were claimed, cancelled or put off meanwhile, or another transaction holds them.
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
          j.trace, j.price, j.status_message_id, j.wish_message_id, j.thread, j.attempts,
          extract(epoch FROM now() - j.created_at)::float8 AS seconds;

-- name: task_created
-- kie.ai gave the number. A fact from outside, so it is stored even when our term has
-- ended meanwhile: the claim token says that the call was ours. No row: the job has an
-- end already.
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
-- The number came when the job had been given up as unclear: what it makes is a gift. No
-- row: the job ended otherwise.
UPDATE generation_jobs
SET task_id = %(task_id)s, claim_token = NULL, next_action_at = now()
WHERE id = %(id)s AND status = 'fail' AND late_until > now() AND task_id IS NULL
RETURNING id;

-- name: adopt_orphan
-- A callback was here before its job knew the number. No row: none was.
UPDATE orphan_callbacks SET processed = TRUE, processed_at = now()
WHERE task_id = %(task_id)s AND NOT processed
RETURNING id;

-- name: look_now
-- Something was reported: the next poll is due at once.
UPDATE generation_jobs SET next_action_at = now(), reported_by = 'callback', hinted = TRUE
WHERE id = %(id)s AND status = 'waiting'
RETURNING id;

-- name: requeue
-- createTask surely had no effect; with untried, it was not even called. No row: not our
-- claim any more.
UPDATE generation_jobs
SET status = 'queued', claim_token = NULL, error_message = %(error)s,
    attempts = attempts - CASE WHEN %(untried)s THEN 1 ELSE 0 END,
    next_action_at = now() + make_interval(secs => %(pause)s)
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING id;

-- name: set_uploading
-- Whether files are on their way, so that createTask was not called. No row: not our claim
-- any more, and it must not be called.
UPDATE generation_jobs SET uploading = %(uploading)s
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING id;

-- name: untold_jobs
-- Queued jobs whose users do not know yet that kie.ai is away. No row: all know.
SELECT id FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued' AND NOT told_delayed
ORDER BY id
LIMIT 1000;

-- name: tell_delayed
-- The user of a queued job is told that kie.ai is away. No row: it was told, or is not queued.
UPDATE generation_jobs SET told_delayed = TRUE
WHERE id = %(id)s AND bot_id = %(bot_id)s AND status = 'queued' AND NOT told_delayed
RETURNING id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
          thread, status_message_id, wish_message_id,
          extract(epoch FROM now() - created_at)::float8 AS seconds;

-- name: kept_too_long
-- Queued jobs that kie.ai has not taken for so long that they are given back. No row: none.
SELECT id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
       thread, status_message_id, wish_message_id,
          extract(epoch FROM now() - created_at)::float8 AS seconds
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued'
  AND created_at <= now() - make_interval(secs => %(patience)s)
ORDER BY id
LIMIT 1000;

-- name: lost_claims
-- Jobs that this term claimed so long ago that the call must be over, and that nobody works
-- on: how it went could not be written. No row: none.
SELECT id, CAST(claim_token AS text) AS token FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
  AND submitted_at <= now() - make_interval(secs => %(patience)s)
  AND NOT (id = ANY (CAST(%(busy)s AS bigint[])))
ORDER BY id
LIMIT 1000;

-- name: release_claim
-- As orphaned_submissions does for an ended term; an unclear job has waited for its callback
-- already. No row: the job moved on.
UPDATE generation_jobs
SET status = CASE WHEN task_id IS NOT NULL THEN 'waiting' WHEN uploading THEN 'queued'
                  ELSE 'unclear' END,
    next_action_at = now(),
    deadline_at = coalesce(deadline_at, now() + interval '15 minutes')
WHERE id = %(id)s AND status = 'submitting' AND claim_token = CAST(%(token)s AS uuid)
RETURNING status;

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
-- went. A callback may have named the task since; a job whose files were on their way was
-- not sent yet; else only time can tell. A row that somebody else has locked is skipped: nobody
-- could win before it is free; it is looked at again while the term lasts.
UPDATE generation_jobs
SET status = CASE WHEN task_id IS NOT NULL THEN 'waiting' WHEN uploading THEN 'queued'
                  ELSE 'unclear' END,
    next_action_at = CASE WHEN task_id IS NULL AND NOT uploading
                          THEN now() + interval '10 minutes' ELSE now() END,
    deadline_at = coalesce(deadline_at, now() + interval '15 minutes')
WHERE id IN (
    SELECT id FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND status = 'submitting'
      AND claim_token IS DISTINCT FROM CAST(%(token)s AS uuid)
    FOR NO KEY UPDATE SKIP LOCKED);

-- name: due_tasks
-- What wants a look, those first of which a callback has spoken: tasks to ask for, unclear
-- jobs whose time is over, and jobs that were given up but may still bring something. With
-- away, only what can be ended without asking kie.ai.
WITH hinted AS (
    SELECT id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
           status_message_id, wish_message_id, polls, next_action_at, reported_by, hinted, submitted_at,
           created_at, deadline_at, thread
    FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND hinted AND status = 'waiting' AND next_action_at <= now()
      AND NOT (id = ANY (CAST(%(busy)s AS bigint[]))) AND NOT %(away)s
    ORDER BY next_action_at
    LIMIT %(count)s
), due AS (
    SELECT id, user_id, chat_id, language, model, input_params, status, task_id, trace, price,
           status_message_id, wish_message_id, polls, next_action_at, reported_by, hinted, submitted_at,
           created_at, deadline_at, thread
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
           created_at, deadline_at, thread
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
       -- A job without a deadline has one all the same: nothing waits for ever.
       coalesce(deadline_at, created_at + interval '1 day') <= now() AS overdue
FROM (SELECT * FROM hinted UNION ALL SELECT * FROM due UNION ALL SELECT * FROM late) AS found
LIMIT %(count)s;

-- name: look_again
-- No row: the job ended, or a callback made it due at once; leave that.
UPDATE generation_jobs
SET polls = polls + 1, hinted = FALSE, next_action_at = now() + make_interval(secs => %(pause)s)
WHERE id = %(id)s AND next_action_at = %(seen)s
  AND (status IN ('unclear', 'waiting') OR status = 'fail' AND late_until IS NOT NULL)
RETURNING id;

-- name: next_task
-- Seconds until the next task wants a look; NULL: none is waiting.
SELECT extract(epoch FROM least(
    (SELECT min(next_action_at) FROM generation_jobs
      WHERE bot_id = %(bot_id)s AND status IN ('unclear', 'waiting')
        AND NOT (id = ANY (CAST(%(busy)s AS bigint[])))),
    (SELECT min(next_action_at) FROM generation_jobs
      WHERE bot_id = %(bot_id)s AND status = 'fail' AND late_until IS NOT NULL
        AND late_until > now() AND task_id IS NOT NULL
        AND NOT (id = ANY (CAST(%(busy)s AS bigint[]))))
    ) - clock_timestamp())::float8 AS seconds;

-- name: next_queued
-- Seconds until the next queued job may be sent; NULL: none is queued. ``held`` are rows at
-- fault, which wait.
SELECT extract(epoch FROM min(next_action_at) - clock_timestamp())::float8 AS seconds
FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status = 'queued'
  AND NOT (id = ANY (CAST(%(held)s AS bigint[])));

-- name: settle_success
-- The one place where a job gets its result. No row: it has its end already.
UPDATE generation_jobs
SET status = 'success', result_url = %(result_url)s, result_urls = %(result_urls)s,
    result_text = %(result_text)s, result_songs = %(result_songs)s,
    credits_consumed = %(credits)s, completed_at = now(),
    claim_token = NULL, error_message = NULL
WHERE id = %(id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
RETURNING id, status_message_id;

-- name: settle_gift
-- A result for a job that had been given up: its end stays what it was, its money was
-- given back, the result is brought. No row: nothing more is expected of that job.
UPDATE generation_jobs
SET result_url = %(result_url)s, result_urls = %(result_urls)s, result_text = %(result_text)s,
    result_songs = %(result_songs)s, credits_consumed = %(credits)s, gifted_at = now(), late_until = NULL
WHERE id = %(id)s AND status = 'fail' AND late_until IS NOT NULL
RETURNING id, status_message_id;

-- name: stop_waiting
-- A job that had been given up will bring nothing. No row: nothing was expected of it.
UPDATE generation_jobs SET late_until = NULL
WHERE id = %(id)s AND status = 'fail' AND late_until IS NOT NULL
RETURNING id;

-- name: settle_fail
-- The one place where a job ends without a result. No row: it has its end already.
UPDATE generation_jobs
SET status = 'fail', failure = %(failure)s, error_message = %(error)s, completed_at = now(),
    late_until = now() + make_interval(secs => CAST(%(late_for)s AS float8)),
    next_action_at = now() + make_interval(secs => %(late_pause)s)
WHERE id = %(id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
RETURNING id, status_message_id;

-- name: cancel_queued
-- Its user stops a job that waits for its turn. No row: it was claimed first, or ended.
UPDATE generation_jobs
SET status = 'fail', failure = %(failure)s, completed_at = now()
WHERE id = %(id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s AND status = 'queued'
RETURNING id;

-- name: callback_for_job
-- A callback came on the job's own URL. It may bring the number of a task whose
-- createTask went unanswered, or was taken for refused: then the job must not be sent
-- again. With ended the task says that it is over; else that it goes on. No row: the job has its
-- end, or does not exist.
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
-- Whether any job has this number, ended or not.
SELECT 1 AS known FROM generation_jobs WHERE task_id = %(task_id)s;

-- name: keep_orphan
-- No row: this callback is kept already, or so many are that somebody must be playing.
INSERT INTO orphan_callbacks (bot_id, job_id, task_id, payload)
SELECT %(bot_id)s, CAST(%(job_id)s AS bigint), %(task_id)s, CAST(%(payload)s AS jsonb)
WHERE (SELECT count(*) FROM (SELECT 1 FROM orphan_callbacks WHERE NOT processed LIMIT %(most)s) AS o)
      < %(most)s
ON CONFLICT (task_id) DO NOTHING
RETURNING id;

-- name: adopt_known
-- Callbacks whose task a job has learned meanwhile, in the very moment of their coming.
UPDATE orphan_callbacks AS o SET processed = TRUE, processed_at = now()
FROM generation_jobs AS j
WHERE NOT o.processed AND j.task_id = o.task_id;

-- name: orphans
-- Callbacks that nobody has claimed, oldest first.
SELECT id, task_id, job_id, payload, extract(epoch FROM now() - received_at)::float8 AS seconds
FROM orphan_callbacks
WHERE NOT processed AND (bot_id = %(bot_id)s OR bot_id IS NULL)
ORDER BY received_at
LIMIT 100;

-- name: count_orphans
-- How many callbacks nobody has claimed; counted to a thousand.
SELECT count(*)::int AS orphans FROM (
    SELECT 1 FROM orphan_callbacks
    WHERE NOT processed AND (bot_id = %(bot_id)s OR bot_id IS NULL) LIMIT 1000) AS o;

-- name: unnoticed_orphans
-- Those that nobody has claimed for a day and the operator does not know of. No row: none.
SELECT id FROM orphan_callbacks
WHERE NOT processed AND noticed_at IS NULL AND (bot_id = %(bot_id)s OR bot_id IS NULL)
  AND received_at <= now() - make_interval(secs => %(patience)s)
ORDER BY id
LIMIT 100;

-- name: notice_orphans
-- The operator is told of these, once each. No row: they were claimed meanwhile.
UPDATE orphan_callbacks SET noticed_at = now()
WHERE id = ANY (CAST(%(ids)s AS bigint[])) AND NOT processed AND noticed_at IS NULL
RETURNING id, task_id;

-- name: match_by_hand
-- The operator says which job a kept callback belongs to. A job that still waits goes on
-- with that task; one that ended without a result gets what it made as a gift. No row:
-- there is no such callback, the job has a task or a result, or it is another bot's.
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
