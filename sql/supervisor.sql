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
-- Answers when the database does.
SELECT 1 AS one;
