-- Statements of the lock's own session (supervisor/lock/protocol.py), as an ordinary role.
--
-- pg_locks shows a 63-bit key as two unsigned halves: classid is the high one, objid the low one,
-- and objsubid is 1. It shows the locks of all databases of the server, so every statement names
-- our database. Keys of two integers have objsubid 2 and are not ours.

-- name: limits_in_force
-- The limits in force, as plain numbers: milliseconds, seconds, a count. No row: this server does
-- not know the limit. The values of tcp_ limits come from the server's kernel.
SELECT name, CAST(setting AS int) AS value FROM pg_settings
WHERE name = ANY(CAST(%(names)s AS text[]));

-- name: backend
-- The id of the server process that serves this session now.
SELECT pg_backend_pid() AS pid;

-- name: try_lock
-- True: this session holds the lock now. Never called by a session that holds it already: then one
-- unlock would not free it. heartbeat_age is that of the holder's last heartbeat; NULL: no term runs.
-- By server_time a candidate sees whether the server's clock was set forward.
SELECT pg_try_advisory_lock(CAST(%(key)s AS bigint)) AS won,
       (SELECT extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 FROM lock_epochs
        WHERE lock_key = CAST(%(key)s AS bigint) AND ended_at IS NULL
        ORDER BY epoch DESC LIMIT 1) AS heartbeat_age,
       extract(epoch FROM clock_timestamp())::float8 AS server_time;

-- name: holder
-- The holder of the lock. No row: the lock is free. idle_seconds is NULL when the session is not
-- idle, or belongs to another role and is hidden from us. epoch is NULL when the session holds the
-- lock without a term, as that of an old release does. server_time is read after the age: a clock
-- that is set forward between the two makes the age seem less sure, not the other way round.
SELECT a.pid, a.backend_start, a.application_name, term.epoch,
       CASE WHEN a.state = 'idle'
            THEN extract(epoch FROM clock_timestamp() - a.state_change)::float8 END AS idle_seconds,
       extract(epoch FROM clock_timestamp())::float8 AS server_time
FROM pg_locks AS l
JOIN pg_stat_activity AS a ON a.pid = l.pid
LEFT JOIN lock_epochs AS term
       ON term.lock_key = CAST(%(key)s AS bigint) AND term.ended_at IS NULL AND term.backend_pid = l.pid
WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.mode = 'ExclusiveLock' AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND ((l.classid::bigint << 32) | l.objid::bigint) = CAST(%(key)s AS bigint);

-- name: terminate_stale_holder
-- Terminates the session of a dead holder and waits for the lock. Key, database, pid, start of the
-- session and idle time are checked by this statement. This session is in the lock's queue before
-- the other one has ended, so no third one can take the lock. No row: the conditions do not hold,
-- and nothing was terminated. pg_terminate_backend is in the SELECT: in the WHERE it could be
-- called before the conditions are checked.
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
-- For LOCK_MODE=wait_then_force: the same without the idle condition. No row: that session does not
-- hold the lock any more.
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
-- The first step of beginning a term: waits for running fenced transactions, and makes new ones
-- wait for us. The lock's queue is first come, first served, so we cannot starve.
SELECT pg_advisory_xact_lock(CAST(%(fence_key)s AS bigint));

-- name: end_fenced
-- Terminates the sessions that block the fence: fenced transactions of an earlier term whose process
-- was frozen, cut off or killed. While this session holds the lock, no other term can begin, so
-- these transactions belong to earlier terms. A transaction that is younger than the wait will end
-- by itself. No row: there are none.
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
-- The newest term of this key. No row: there was none. server_time is read after the ages, as by
-- holder.
SELECT epoch, token, instance_id,
       signed_off_at IS NOT NULL AS clean,
       ended_at IS NULL AS open,
       extract(epoch FROM clock_timestamp() - heartbeat_at)::float8 AS heartbeat_age,
       extract(epoch FROM clock_timestamp() - coalesce(signed_off_at, heartbeat_at))::float8 AS gap,
       (system_id IS DISTINCT FROM CAST(%(system_id)s AS bigint)
        OR timeline IS DISTINCT FROM CAST(%(timeline)s AS int)) AS moved,
       extract(epoch FROM clock_timestamp())::float8 AS server_time
FROM lock_epochs
WHERE lock_key = CAST(%(key)s AS bigint)
ORDER BY epoch DESC
LIMIT 1;

-- name: end_predecessor
-- Ends the term of a holder that did not sign off. No row: it did.
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
-- Proves session, lock, token and writability in one statement. No row: the lock is lost.
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
-- Records that all work of the term has stopped, so the successor need not wait. No row: a successor
-- has ended the term already.
UPDATE lock_epochs
SET signed_off_at = clock_timestamp(), ended_at = clock_timestamp(), end_reason = %(reason)s
WHERE token = CAST(%(token)s AS uuid) AND ended_at IS NULL
RETURNING epoch;

-- name: unlock_and_notify
-- In one statement, so that the lock is free when a candidate is notified. False: the lock was not
-- ours.
SELECT pg_advisory_unlock(CAST(%(key)s AS bigint)) AS unlocked, pg_notify(%(channel)s, '');

-- name: add_to_end_reason
-- What the former holder knows about the end of its term; the successor only saw that it had ended.
UPDATE lock_epochs
SET end_reason = left(concat_ws('; holder: ', end_reason, CAST(%(reason)s AS text)), 500)
WHERE token = CAST(%(token)s AS uuid)
RETURNING epoch;
