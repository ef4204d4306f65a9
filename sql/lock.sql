-- Statements of the lock's own session (supervisor/lock/protocol.py), as an ordinary role.
--
-- A 63-bit key stands in pg_locks in two halves, both unsigned: classid is the high
-- one, objid the low one, objsubid is 1. pg_locks shows all databases of the server,
-- so every look names ours; two-int keys have objsubid 2 and are somebody else's.

-- name: limits_in_force
-- What SHOW says of each, as plain numbers: milliseconds, seconds, a count. No row: this
-- server does not know the limit. For the tcp_ ones the server asks the kernel.
SELECT name, CAST(setting AS int) AS value FROM pg_settings
WHERE name = ANY(CAST(%(names)s AS text[]));

-- name: backend
-- Which server process serves this session at this moment.
SELECT pg_backend_pid() AS pid;

-- name: try_lock
-- True: this session holds the lock now. Never called by a session that holds it
-- already: the lock counts, and one unlock would not free it.
-- server_time: by which a waiter sees whether the server's clock is set forward.
SELECT pg_try_advisory_lock(CAST(%(key)s AS bigint)) AS won,
       extract(epoch FROM clock_timestamp())::float8 AS server_time;

-- name: holder
-- Who holds the lock. No row: nobody. NULL in idle_seconds: the session is at work, or
-- belongs to another role and we may not look. NULL in epoch: it holds the lock without a
-- term, as an old release does.
SELECT a.pid, a.backend_start, a.application_name, term.epoch,
       CASE WHEN a.state = 'idle'
            THEN extract(epoch FROM clock_timestamp() - a.state_change)::float8 END AS idle_seconds
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
LEFT JOIN lock_epochs AS term
       ON term.lock_key = CAST(%(key)s AS bigint) AND term.ended_at IS NULL AND term.backend_pid = l.pid
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.mode = 'ExclusiveLock' AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = CAST(%(key)s AS bigint);

-- name: terminate_stale_holder
-- Ends the session of a dead holder and takes its place. Key, database, pid, start of the
-- session and idle time are all checked here and now. This session stands in the lock's queue
-- before the other one is gone, so nobody comes in between. No row: it is not that session any
-- more, or it has moved since; it was left alone. The function that ends it stands in the
-- SELECT: in the WHERE it might be called before the conditions.
WITH told AS MATERIALIZED (
    SELECT pg_terminate_backend(a.pid) AS to_end
    FROM pg_locks AS l
    JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.mode = 'ExclusiveLock' AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND ((l.classid::bigint << 32) | l.objid::bigint) = CAST(%(key)s AS bigint)
      AND a.pid = %(pid)s AND a.backend_start = %(backend_start)s AND a.pid <> pg_backend_pid()
      AND a.state = 'idle'
      AND a.state_change < clock_timestamp() - make_interval(secs => %(stale_seconds)s)
)
SELECT pg_advisory_lock(CAST(%(key)s AS bigint)),
       extract(epoch FROM clock_timestamp())::float8 AS server_time
FROM told WHERE to_end;

-- name: terminate_holder
-- LOCK_MODE=wait_then_force: the same with the holder's session whatever it does. No row: that
-- session does not hold the lock any more.
WITH told AS MATERIALIZED (
    SELECT pg_terminate_backend(a.pid) AS to_end
    FROM pg_locks AS l
    JOIN pg_stat_activity AS a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.mode = 'ExclusiveLock' AND l.granted
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND ((l.classid::bigint << 32) | l.objid::bigint) = CAST(%(key)s AS bigint)
      AND a.pid = %(pid)s AND a.backend_start = %(backend_start)s AND a.pid <> pg_backend_pid()
)
SELECT pg_advisory_lock(CAST(%(key)s AS bigint)),
       extract(epoch FROM clock_timestamp())::float8 AS server_time
FROM told WHERE to_end;

-- name: fence_out
-- First step of winning: waits for fenced transactions under way, and makes new ones
-- wait for us. The lock queue is first come first served, so we cannot starve.
SELECT pg_advisory_xact_lock(CAST(%(fence_key)s AS bigint));

-- name: end_fenced
-- Ends the sessions that hold up the fence: transactions of an earlier term whose process was
-- frozen, cut off or killed in the middle of one. While this very session holds the lock no
-- other term can have begun, so whoever holds the fence is of an earlier one; a transaction
-- that is younger than the wait will end by itself. No row: there is none.
SELECT a.pid, pg_terminate_backend(a.pid) AS told
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.mode = 'ShareLock' AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = CAST(%(fence_key)s AS bigint)
  AND a.xact_start < clock_timestamp() - make_interval(secs => %(older_than)s)
  AND EXISTS (
      SELECT 1 FROM pg_locks AS ours
      WHERE ours.locktype = 'advisory' AND ours.objsubid = 1 AND ours.mode = 'ExclusiveLock'
        AND ours.granted AND ours.database = l.database
        AND ((ours.classid::bigint << 32) | ours.objid::bigint) = CAST(%(key)s AS bigint)
        AND ours.pid = pg_backend_pid());

-- name: predecessor
-- The newest term of this key. No row: the first one ever.
SELECT epoch, token, instance_id,
       signed_off_at IS NOT NULL AS clean,
       ended_at IS NULL AS open,
       extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS heartbeat_age,
       extract(epoch FROM clock_timestamp() - coalesce(signed_off_at, heartbeat_at))::float8 AS gap,
       (system_id IS DISTINCT FROM CAST(%(system_id)s AS bigint)
        OR timeline IS DISTINCT FROM CAST(%(timeline)s AS int)) AS moved
FROM lock_epochs
WHERE lock_key = CAST(%(key)s AS bigint)
ORDER BY epoch DESC
LIMIT 1;

-- name: end_predecessor
-- Its holder could not say good-bye. No row: it did.
UPDATE lock_epochs
SET ended_at = clock_timestamp(),
    end_reason = left(concat_ws('; holder: ', CAST(%(reason)s AS text), end_reason), 500)
WHERE lock_key = CAST(%(key)s AS bigint) AND ended_at IS NULL
RETURNING epoch;

-- name: begin_term
-- The next epoch. The number never goes back while this table lives.
INSERT INTO lock_epochs (lock_key, epoch, token, bot_id, instance_id, backend_pid, system_id, timeline)
SELECT CAST(%(key)s AS bigint), coalesce(max(epoch), 0) + 1, CAST(%(token)s AS uuid), %(bot_id)s,
       %(instance_id)s, pg_backend_pid(), CAST(%(system_id)s AS bigint), CAST(%(timeline)s AS int)
FROM lock_epochs WHERE lock_key = CAST(%(key)s AS bigint)
RETURNING epoch;

-- name: heartbeat
-- Proves backend, lock, token and writability in one statement. No row: lost.
UPDATE lock_epochs SET heartbeat_at = clock_timestamp()
WHERE token = CAST(%(token)s AS uuid) AND ended_at IS NULL AND backend_pid = pg_backend_pid()
  AND EXISTS (
      SELECT 1 FROM pg_locks AS l
      WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.mode = 'ExclusiveLock' AND l.granted
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND ((l.classid::bigint << 32) | l.objid::bigint) = CAST(%(key)s AS bigint)
        AND l.pid = pg_backend_pid())
RETURNING epoch;

-- name: sign_off
-- All work of the term has stopped: the successor need not wait. No row: somebody
-- else ended the term already.
UPDATE lock_epochs
SET signed_off_at = clock_timestamp(), ended_at = clock_timestamp(), end_reason = %(reason)s
WHERE token = CAST(%(token)s AS uuid) AND ended_at IS NULL
RETURNING epoch;

-- name: unlock_and_notify
-- In one statement: by the time a waiter hears of it, the lock is free. False: the
-- lock was not ours.
SELECT pg_advisory_unlock(CAST(%(key)s AS bigint)) AS unlocked, pg_notify(%(channel)s, '');

-- name: add_to_end_reason
-- What the former holder itself knows of the end of its term; the successor saw only
-- that it was gone.
UPDATE lock_epochs
SET end_reason = left(concat_ws('; holder: ', end_reason, CAST(%(reason)s AS text)), 500)
WHERE token = CAST(%(token)s AS uuid)
RETURNING epoch;
