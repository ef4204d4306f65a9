-- Statements of handlers/operator/checks.

-- name: tables_present
-- Which of the given tables exist.
SELECT table_name FROM information_schema.tables
WHERE table_schema = current_schema() AND table_name = ANY (CAST(%(tables)s AS text[]));

-- name: text_order_is_recorded
-- A row: the server is PostgreSQL 15 or newer, and knows what the next statement asks.
SELECT 1 FROM pg_attribute
WHERE attrelid = CAST('pg_catalog.pg_database' AS regclass) AND attname = 'datcollversion';

-- name: text_order
-- The version of the library that ordered the text of this database's indexes, when another one
-- orders it now.
SELECT recorded, actual
FROM (
    SELECT datcollversion AS recorded, pg_database_collation_actual_version(oid) AS actual
    FROM pg_database WHERE datname = current_database()
) AS text_order
WHERE recorded <> actual;

-- name: probe_arrived
-- The probe that was posted to the public address. No row: it has not arrived (yet).
SELECT seq FROM telegram_updates WHERE bot_id = %(bot_id)s AND update_id = %(update_id)s;

-- name: newest_inputs
-- The inputs of the newest jobs: some name a file that a user sent.
SELECT input_params FROM generation_jobs WHERE bot_id = %(bot_id)s ORDER BY id DESC LIMIT 50;

-- name: sample_user
-- The owner of a sample job must exist as a user.
SELECT ensure_user(CAST(%(user_id)s AS bigint), NULL, NULL) AS known;

-- name: sample_state
-- The state of a sample job, and when it reached each stage: seconds since it was made.
SELECT j.status, j.task_id, j.error_message, j.result_urls,
       extract(epoch FROM j.submitted_at - j.created_at)::float8 AS submitted,
       extract(epoch FROM j.completed_at - j.created_at)::float8 AS completed,
       (SELECT d.state FROM deliveries AS d
         WHERE d.job_id = j.id AND d.kind = 'result' LIMIT 1) AS delivery,
       (SELECT extract(epoch FROM d.sent_at - j.created_at)::float8 FROM deliveries AS d
         WHERE d.job_id = j.id AND d.kind = 'result' LIMIT 1) AS delivered
FROM generation_jobs AS j
WHERE j.id = %(job_id)s AND j.bot_id = %(bot_id)s;

-- name: withdraw_sample
-- No instance took the sample, and it must not be made after the check. No row: it was taken at
-- the last moment, and is made.
UPDATE generation_jobs
SET status = 'fail', error_message = 'withdrawn: no instance took it', completed_at = now()
WHERE id = %(job_id)s AND bot_id = %(bot_id)s AND status = 'queued'
RETURNING id;
