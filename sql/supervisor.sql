-- Statements of supervisor/.

-- name: fence
-- First statement of every transaction by which the ACTIVE instance acts.
-- Raises SF001 when the term is over.
SELECT trt_fence(CAST(%(fence_key)s AS bigint), CAST(%(token)s AS uuid)) AS epoch;

-- name: limit_transaction
-- Until the end of this transaction a lock and a statement may take only so long.
SELECT set_config('lock_timeout', %(lock)s, TRUE),
       set_config('statement_timeout', %(statement)s, TRUE);

-- name: notify_work
-- Wakes the ACTIVE instance from another one; delivered at commit.
SELECT pg_notify(%(channel)s, %(topic)s);

-- name: ping
-- Whether something can be written: a primary, in a session that may write.
SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writable;

-- name: prepare_session
-- Sets those settings that this server knows and our role may set. search_path becomes the one
-- schema of our tables, wherever the role's own path would lead; synchronous_commit is on where
-- it was off: what was acknowledged must outlive a crash.
SELECT count(set_config(known.name, wanted.value, false)) AS applied
FROM (
    SELECT * FROM unnest(CAST(%(names)s AS text[]), CAST(%(values)s AS text[])) AS ours (name, value)
    UNION ALL
    SELECT 'search_path', quote_ident(coalesce((
        SELECT n.nspname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname = 'generation_jobs' AND c.relkind IN ('r', 'p')
          AND (n.nspname = ANY (current_schemas(false)) OR n.nspname = 'public')
        ORDER BY array_position(current_schemas(false), n.nspname) NULLS LAST LIMIT 1
    ), current_schema(), 'public'))
    UNION ALL
    SELECT 'synchronous_commit', 'on' WHERE current_setting('synchronous_commit') = 'off'
) AS wanted
JOIN pg_settings AS known ON known.name = wanted.name
WHERE known.context = 'user'
   OR (known.context = 'superuser' AND current_setting('is_superuser') = 'on');

-- name: session_facts
-- What kind of server and session this is. over_tcp: seen from the server, so behind a
-- pooler it and backend_start tell of the pooler's connection.
SELECT pg_backend_pid() AS pid,
       (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS backend_start,
       pg_is_in_recovery() AS in_recovery,
       current_setting('transaction_read_only') = 'on' AS read_only,
       current_setting('server_encoding') AS server_encoding,
       CAST(current_database() AS text) AS database,
       inet_server_addr() IS NOT NULL AS over_tcp,
       clock_timestamp() AS server_time;

-- name: server_identity
-- Which server and which timeline this session leads to. Managed servers may refuse the
-- rights for it: the caller then goes on without.
SELECT (SELECT system_identifier FROM pg_control_system()) AS system_id,
       ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int AS timeline;
