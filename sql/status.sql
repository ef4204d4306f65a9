-- Statements of handlers/operator (status.py, dead_letters.py) and of the operators' overview.

-- name: migrating
-- Whether a session brings the schema up to date now.
SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
               AND application_name = CAST(%(name)s AS text)) AS running;

-- name: latest_term
-- No row: no instance was ever ACTIVE.
SELECT epoch, instance_id, acquired_at, ended_at, end_reason,
       extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS heartbeat_age
FROM lock_epochs WHERE lock_key = CAST(%(key)s AS bigint)
ORDER BY epoch DESC LIMIT 1;

-- name: may_end
-- Whether our role may see and end the session that holds the lock, as pg_terminate_backend decides
-- it. No row: that session is gone.
SELECT current_user AS role, a.usename AS theirs, a.backend_start IS NOT NULL AS visible,
       has_function_privilege('pg_terminate_backend(integer, bigint)', 'EXECUTE') AS may_call,
       (me.rolsuper OR NOT them.rolsuper)
         AND (pg_has_role(them.oid, 'USAGE') OR pg_has_role('pg_signal_backend', 'USAGE')) AS may_end
FROM pg_stat_activity AS a
JOIN pg_roles AS them ON them.oid = a.usesysid
JOIN pg_roles AS me ON me.rolname = current_user
WHERE a.pid = %(pid)s;

-- name: sessions
-- The sessions of this bot's instances for the lock, oldest first. One of them may hold it.
SELECT substr(application_name, length(CAST(%(prefix)s AS text)) + 1) AS instance, pid
FROM pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, CAST(%(prefix)s AS text))
ORDER BY backend_start;

-- name: queues
-- What waits, and for how long. Held results are counted separately, because they are not late.
-- Each count ends at ten thousand, so that a backlog of millions does not exceed the time limit.
WITH undelivered AS (
    SELECT d.kind, d.created_at FROM deliveries AS d
    WHERE d.bot_id = %(bot_id)s AND d.state IN ('pending', 'sending', 'unknown')
    LIMIT 10000
)
SELECT
    (SELECT count(*)::int FROM (
        SELECT 1 FROM telegram_updates
        WHERE bot_id = %(bot_id)s AND state = 'new' LIMIT 10000) AS u) AS unprocessed_updates,
    (SELECT extract(epoch FROM clock_timestamp() - min(received_at))::float8 FROM (
        SELECT received_at FROM telegram_updates
        WHERE bot_id = %(bot_id)s AND state = 'new' LIMIT 10000) AS u) AS oldest_update_seconds,
    (SELECT count(*)::int FROM (
        SELECT 1 FROM telegram_updates
        WHERE bot_id = %(bot_id)s AND state = 'dead' LIMIT 10000) AS u) AS dead_updates,
    (SELECT count(*)::int FROM undelivered) AS undelivered,
    (SELECT count(*)::int FROM (
        SELECT 1 FROM deliveries
        WHERE bot_id = %(bot_id)s AND state = 'held' LIMIT 10000) AS d) AS held,
    (SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float8
       FROM undelivered WHERE kind = 'result') AS oldest_result_seconds;

-- name: set_aside
-- Updates that were set aside, newest first. One without update_id or body cannot be replayed: it
-- was never readable, or its body was deleted.
SELECT seq AS id, update_id, kind, lane AS chat, attempts AS tries, error, received_at,
       update_id IS NOT NULL AND body IS NOT NULL AS replayable
FROM telegram_updates
WHERE bot_id = %(bot_id)s AND state = 'dead'
ORDER BY seq DESC LIMIT %(limit)s;

-- name: replay_update
-- Makes an update new again, with all its tries. No row: it is not set aside, or not replayable.
UPDATE telegram_updates
SET state = 'new', attempts = 0, ended = 0, error = NULL, done_at = NULL, next_try_at = now()
WHERE bot_id = %(bot_id)s AND seq = %(id)s AND state = 'dead'
  AND update_id IS NOT NULL AND body IS NOT NULL
RETURNING update_id;

-- name: recent_errors
-- The latest of what went wrong within a week, a few of each kind, among the latest thousand.
-- Who has blocked the bot or has cancelled is no error.
(SELECT 'update' AS kind, seq AS number, coalesce(error, '') AS error,
        coalesce(done_at, received_at) AS at
 FROM telegram_updates
 WHERE bot_id = %(bot_id)s AND state = 'dead' AND received_at > now() - interval '7 days'
 ORDER BY seq DESC LIMIT %(limit)s)
UNION ALL
(SELECT 'delivery', d.id, coalesce(d.error, ''), d.updated_at
 FROM (SELECT id, bot_id, chat_id, error, updated_at FROM deliveries
       WHERE bot_id = %(bot_id)s AND state = 'failed' AND updated_at > now() - interval '7 days'
       ORDER BY updated_at DESC LIMIT 1000) AS d
 WHERE NOT EXISTS (SELECT 1 FROM chats AS c WHERE c.bot_id = d.bot_id
                   AND c.chat_id = d.chat_id AND NOT c.reachable)
 ORDER BY d.updated_at DESC LIMIT %(limit)s)
UNION ALL
(SELECT 'job', id, concat_ws(': ', model, failure, error_message), completed_at
 FROM (SELECT id, status, model, failure, error_message, completed_at FROM generation_jobs
       WHERE bot_id = %(bot_id)s AND status IN ('success', 'fail') AND input_params IS NOT NULL
         AND completed_at > now() - interval '7 days'
       ORDER BY completed_at DESC LIMIT 1000) AS j
 WHERE status = 'fail' AND failure IS DISTINCT FROM 'cancelled'
 ORDER BY completed_at DESC LIMIT %(limit)s)
ORDER BY kind, at DESC;
