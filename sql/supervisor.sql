-- Statements of supervisor/.

-- name: fence
-- First statement of every transaction by which the ACTIVE instance acts.
-- Raises SF001 when the term is over.
SELECT trt_fence(CAST(%(fence_key)s AS bigint), CAST(%(token)s AS uuid)) AS epoch;

-- name: notify_work
-- Wakes the ACTIVE instance from another one; delivered at commit.
SELECT pg_notify(%(channel)s, %(topic)s);

-- name: ping
-- Answers when the database does.
SELECT 1 AS one;
