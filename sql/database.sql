-- Statements of supervisor/database.

-- name: fence (prepared)
-- The first statement of every transaction that acts for the ACTIVE instance.
-- Raises SF001 when the term is over.
SELECT trt_fence(CAST(%(fence_key)s AS bigint), CAST(%(token)s AS uuid)) AS epoch;

-- name: fence_within (prepared)
-- The same, after time limits for each lock and statement of the transaction.
SELECT trt_fence(CASE WHEN set_config('lock_timeout', %(lock)s, TRUE) IS NOT NULL
                       AND set_config('statement_timeout', %(statement)s, TRUE) IS NOT NULL
                      THEN CAST(%(fence_key)s AS bigint) END, CAST(%(token)s AS uuid)) AS epoch;

-- name: limit_transaction (prepared)
-- Time limits for each lock and statement of a transaction without a fence.
SELECT set_config('lock_timeout', %(lock)s, TRUE),
       set_config('statement_timeout', %(statement)s, TRUE);

-- name: notify_work
-- Wakes the ACTIVE instance from another one; delivered at commit.
SELECT pg_notify(%(channel)s, %(topic)s);

-- name: ping
-- Whether the session can write: the server is a primary, and the session is not read-only.
SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writable;

-- name: end_time_limit
-- For the statement after this one, which sets the limit that we want.
SELECT set_config('statement_timeout', '0', false);

-- name: prepare_session
-- Sets the settings that this server knows and our role may set. search_path becomes the one schema
-- of our tables, whatever the role's own path is. synchronous_commit is switched on if it was off,
-- because acknowledged updates must survive a crash.
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
-- Facts about the server and this session. Behind a pooler, over_tcp and backend_start are those of
-- the pooler's connection to the server.
SELECT pg_backend_pid() AS pid,
       (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS backend_start,
       pg_is_in_recovery() AS in_recovery,
       current_setting('transaction_read_only') = 'on' AS read_only,
       current_setting('server_encoding') AS server_encoding,
       current_setting('session_replication_role') AS replication_role,
       CAST(current_database() AS text) AS database,
       inet_server_addr() IS NOT NULL AS over_tcp,
       clock_timestamp() AS server_time;

-- name: session_facts_and_identity
-- The same with the identity and timeline of the server. Managed servers may not allow these; then
-- the caller asks without them. A standby does not tell its timeline.
SELECT pg_backend_pid() AS pid,
       (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS backend_start,
       pg_is_in_recovery() AS in_recovery,
       current_setting('transaction_read_only') = 'on' AS read_only,
       current_setting('server_encoding') AS server_encoding,
       current_setting('session_replication_role') AS replication_role,
       CAST(current_database() AS text) AS database,
       inet_server_addr() IS NOT NULL AS over_tcp,
       clock_timestamp() AS server_time,
       (SELECT system_identifier FROM pg_control_system()) AS system_id,
       CASE WHEN NOT pg_is_in_recovery()
            THEN ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int
            END AS timeline;
