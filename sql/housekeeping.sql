-- Statements of handlers/process/housekeeping.py. Each is one small batch: the oldest rows whose
-- time is over, without waiting for rows that somebody else has locked. Fewer rows than the
-- limit mean: nothing more is to be done. ARRAY() makes the walk happen once; the rows that it
-- has locked stay in their places, so ctid finds them whatever the table has grown to.

-- name: scrub_updates
-- Bodies hold what people wrote. The row stays: its number is what a repetition is known by.
UPDATE telegram_updates SET body = NULL
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM telegram_updates
    WHERE bot_id = %(bot_id)s AND state <> 'new' AND body IS NOT NULL
      AND received_at < now() - make_interval(days => %(days)s)
    ORDER BY received_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED));

-- name: prune_updates
-- Only what is scrubbed already, so that no row is in both walks.
DELETE FROM telegram_updates
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM telegram_updates
    WHERE bot_id = %(bot_id)s AND state <> 'new' AND body IS NULL
      AND received_at < now() - make_interval(days => %(days)s)
    ORDER BY received_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED));

-- name: prune_deliveries
-- What was said, sent or not. A result stays as long as its job.
DELETE FROM deliveries
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM deliveries
    WHERE bot_id = %(bot_id)s AND state IN ('sent', 'dropped', 'failed') AND kind <> 'result'
      AND created_at < now() - make_interval(days => %(days)s)
    ORDER BY created_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED));

-- name: prune_jobs
-- A job that moved no money goes with its result; of one that did, the row stays for the
-- ledger, which is append-only, and loses what the user wrote and what was made of it.
WITH old AS (
    SELECT j.id, EXISTS (SELECT 1 FROM ledger AS l WHERE l.job_id = j.id) AS paid
    FROM generation_jobs AS j
    WHERE j.bot_id = %(bot_id)s AND j.status IN ('success', 'fail')
      AND j.input_params IS NOT NULL
      AND j.completed_at < now() - make_interval(days => %(days)s)
    ORDER BY j.completed_at LIMIT %(limit)s FOR UPDATE OF j SKIP LOCKED
), gone AS (
    DELETE FROM generation_jobs AS j USING old WHERE j.id = old.id AND NOT old.paid
), emptied AS (
    UPDATE generation_jobs AS j 
    SET input_params = NULL, result_url = NULL, result_urls = NULL, result_text = NULL
    FROM old WHERE j.id = old.id AND old.paid
), told AS (
    DELETE FROM deliveries AS d USING old
    WHERE d.job_id = old.id AND old.paid AND d.state IN ('sent', 'dropped', 'failed')
)
SELECT id FROM old;

-- name: prune_orphans
-- Callbacks that fitted no job, matched or not: kie.ai has forgotten their tasks by then.
DELETE FROM orphan_callbacks
WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM orphan_callbacks
    WHERE (bot_id = %(bot_id)s OR bot_id IS NULL)
      AND received_at < now() - make_interval(days => %(days)s)
    ORDER BY received_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED));
