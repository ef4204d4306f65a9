-- Statements of handlers/process/housekeeping.py, two for each chore: one selects due rows (a
-- bounded number of the oldest, without those in `but`, which have failed in this round), the other
-- changes them. Rows that other sessions have locked are skipped and not returned. ARRAY() makes
-- PostgreSQL evaluate the subquery once. Fewer rows than the limit: nothing more is due.

-- name: updates_to_scrub
-- No row: no body is old enough.
SELECT seq AS id FROM telegram_updates
WHERE bot_id = %(bot_id)s AND state <> 'new' AND body IS NOT NULL
  AND received_at < now() - make_interval(days => %(days)s)
  AND seq <> ALL (CAST(%(but)s AS bigint[]))
ORDER BY received_at LIMIT %(limit)s;

-- name: scrub_updates
-- Deletes the bodies, which contain what people wrote. The row stays, because a repeated update is
-- recognised by its number.
UPDATE telegram_updates SET body = NULL
WHERE seq = ANY (ARRAY(
    SELECT seq FROM telegram_updates
    WHERE seq = ANY (%(ids)s) AND state <> 'new' FOR UPDATE SKIP LOCKED))
RETURNING seq AS id;

-- name: updates_to_prune
-- Only rows without a body, so that no row is selected by both chores.
SELECT seq AS id FROM telegram_updates
WHERE bot_id = %(bot_id)s AND state <> 'new' AND body IS NULL
  AND received_at < now() - make_interval(days => %(days)s)
  AND seq <> ALL (CAST(%(but)s AS bigint[]))
ORDER BY received_at LIMIT %(limit)s;

-- name: prune_updates
-- A row that is being replayed now is `new` again and stays.
DELETE FROM telegram_updates
WHERE seq = ANY (ARRAY(
    SELECT seq FROM telegram_updates
    WHERE seq = ANY (%(ids)s) AND state <> 'new' FOR UPDATE SKIP LOCKED))
RETURNING seq AS id;

-- name: deliveries_to_prune
-- Messages, sent or not. A result stays as long as its job.
SELECT id FROM deliveries
WHERE bot_id = %(bot_id)s AND state IN ('sent', 'dropped', 'failed') AND kind <> 'result'
  AND created_at < now() - make_interval(days => %(days)s)
  AND id <> ALL (CAST(%(but)s AS bigint[]))
ORDER BY created_at LIMIT %(limit)s;

-- name: prune_deliveries
-- The state is not checked again: an ended delivery stays ended.
DELETE FROM deliveries
WHERE id = ANY (ARRAY(
    SELECT id FROM deliveries WHERE id = ANY (%(ids)s) FOR UPDATE SKIP LOCKED))
RETURNING id;

-- name: jobs_to_prune
-- Ended long ago, not emptied yet, and nobody's favourite.
SELECT id FROM generation_jobs
WHERE bot_id = %(bot_id)s AND status IN ('success', 'fail') AND input_params IS NOT NULL
  AND completed_at < now() - make_interval(days => %(days)s) AND starred_at IS NULL
  AND id <> ALL (CAST(%(but)s AS bigint[]))
ORDER BY completed_at LIMIT %(limit)s;

-- name: prune_jobs
-- A job without ledger entries is deleted with its result. A job with entries stays, because the
-- ledger refers to it; its inputs and results are deleted.
WITH old AS (
    SELECT j.id, EXISTS (SELECT 1 FROM ledger AS l WHERE l.job_id = j.id) AS paid
    FROM generation_jobs AS j
    WHERE j.id = ANY (%(ids)s) AND j.starred_at IS NULL FOR UPDATE OF j SKIP LOCKED
), gone AS (
    DELETE FROM generation_jobs AS j USING old WHERE j.id = old.id AND NOT old.paid
), emptied AS (
    UPDATE generation_jobs AS j
    SET input_params = NULL, result_url = NULL, result_urls = NULL, result_text = NULL,
        result_songs = NULL
    FROM old WHERE j.id = old.id AND old.paid
), told AS (
    DELETE FROM deliveries AS d USING old
    WHERE d.job_id = old.id AND old.paid AND d.state IN ('sent', 'dropped', 'failed')
)
SELECT id FROM old;

-- name: orphans_to_prune
-- Orphans, matched or not: kie.ai does not know their tasks any more.
SELECT id FROM orphan_callbacks
WHERE (bot_id = %(bot_id)s OR bot_id IS NULL)
  AND received_at < now() - make_interval(days => %(days)s)
  AND id <> ALL (CAST(%(but)s AS bigint[]))
ORDER BY received_at LIMIT %(limit)s;

-- name: prune_orphans
-- Skips an orphan that an operator is matching now.
DELETE FROM orphan_callbacks
WHERE id = ANY (ARRAY(
    SELECT id FROM orphan_callbacks WHERE id = ANY (%(ids)s) FOR UPDATE SKIP LOCKED))
RETURNING id;

-- name: wishes_to_prune
-- What users wanted in groups and nobody confirms any more.
SELECT id FROM group_wishes
WHERE bot_id = %(bot_id)s AND created_at < now() - make_interval(days => %(days)s)
  AND id <> ALL (CAST(%(but)s AS bigint[]))
ORDER BY created_at LIMIT %(limit)s;

-- name: prune_wishes
-- Its job, if there is one, has the words too.
DELETE FROM group_wishes
WHERE id = ANY (ARRAY(
    SELECT id FROM group_wishes WHERE id = ANY (%(ids)s) FOR UPDATE SKIP LOCKED))
RETURNING id;

-- name: files_to_prune
-- Charts and exports, sent or not: they can be asked for again.
SELECT id FROM made_files
WHERE bot_id = %(bot_id)s AND made_at < now() - make_interval(days => %(days)s)
  AND id <> ALL (CAST(%(but)s AS bigint[]))
ORDER BY made_at LIMIT %(limit)s;

-- name: prune_files
-- A file that is being read now is skipped.
DELETE FROM made_files
WHERE id = ANY (ARRAY(
    SELECT id FROM made_files WHERE id = ANY (%(ids)s) FOR UPDATE SKIP LOCKED))
RETURNING id;
