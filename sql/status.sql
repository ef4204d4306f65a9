-- Statements of handlers/status.py.

-- name: latest_term
-- No row: no instance was ever ACTIVE.
SELECT epoch, instance_id, acquired_at, ended_at, end_reason,
       extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS heartbeat_age
FROM lock_epochs WHERE lock_key = CAST(%(key)s AS bigint)
ORDER BY epoch DESC LIMIT 1;

-- name: sessions
-- Instances of this bot that are connected for its lock, the longest first; one may hold it.
SELECT substr(application_name, length(CAST(%(prefix)s AS text)) + 1) AS instance, pid
FROM pg_stat_activity
WHERE datname = current_database() AND starts_with(application_name, CAST(%(prefix)s AS text))
ORDER BY backend_start;

-- name: queues
-- What waits, and for how long.
SELECT
    (SELECT count(*)::int FROM telegram_updates
      WHERE bot_id = %(bot_id)s AND state = 'new') AS unprocessed_updates,
    (SELECT extract(epoch FROM clock_timestamp() - min(received_at))::float8
       FROM telegram_updates WHERE bot_id = %(bot_id)s AND state = 'new') AS oldest_update_seconds,
    (SELECT count(*)::int FROM telegram_updates
      WHERE bot_id = %(bot_id)s AND state = 'dead') AS dead_updates,
    (SELECT count(*)::int FROM deliveries
      WHERE bot_id = %(bot_id)s AND state IN ('pending', 'sending', 'unknown')) AS undelivered,
    (SELECT extract(epoch FROM clock_timestamp() - min(created_at))::float8 FROM deliveries
      WHERE bot_id = %(bot_id)s AND kind = 'result'
        AND state IN ('pending', 'sending', 'unknown')) AS oldest_result_seconds;

-- name: set_aside
-- Updates that nobody handles unless they are replayed, newest first. One without a number
-- or a body cannot be: it was never readable, or its body is scrubbed.
SELECT seq AS id, update_id, kind, lane AS chat, attempts AS tries, error, received_at,
       update_id IS NOT NULL AND body IS NOT NULL AS replayable
FROM telegram_updates
WHERE bot_id = %(bot_id)s AND state = 'dead'
ORDER BY seq DESC LIMIT %(limit)s;

-- name: replay_update
-- Work again, with all its tries before it. No row: not set aside, or not replayable.
UPDATE telegram_updates
SET state = 'new', attempts = 0, error = NULL, done_at = NULL, next_try_at = now()
WHERE bot_id = %(bot_id)s AND seq = %(id)s AND state = 'dead'
  AND update_id IS NOT NULL AND body IS NOT NULL
RETURNING update_id;
