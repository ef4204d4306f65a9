-- Statements of handlers/features/desk. Each count ends at a number, so that no backlog makes them slow.

-- name: waiting
-- What waits: for the bot, and for an operator. The update that asks is not counted.
SELECT now() AS at,
    (SELECT count(*)::int FROM (
        SELECT 1 FROM telegram_updates WHERE bot_id = %(bot_id)s AND state = 'new'
          AND seq IS DISTINCT FROM %(seq)s LIMIT %(most)s) AS u) AS updates,
    (SELECT count(*)::int FROM (
        SELECT 1 FROM generation_jobs WHERE bot_id = %(bot_id)s
          AND status IN ('queued', 'submitting', 'unclear', 'waiting') LIMIT %(most)s) AS j) AS jobs,
    (SELECT count(*)::int FROM (
        SELECT 1 FROM deliveries WHERE bot_id = %(bot_id)s
          AND state IN ('pending', 'sending', 'unknown') LIMIT %(most)s) AS d) AS deliveries,
    (SELECT count(*)::int FROM (
        SELECT 1 FROM telegram_updates WHERE bot_id = %(bot_id)s AND state = 'dead'
        LIMIT %(most)s) AS a) AS set_aside,
    (SELECT count(*)::int FROM (
        SELECT 1 FROM topups WHERE bot_id = %(bot_id)s AND state = 'new'
        LIMIT %(most)s) AS r) AS receipts;

-- name: kie_balance
-- kie.ai's last answer about our credits, and what the latest jobs cost a day. A pace is told from
-- one hour on. No row: kie.ai has not answered yet.
SELECT b.credits::float8 AS credits,
       extract(epoch FROM clock_timestamp() - b.answered_at)::float8 AS age,
       (pace.spent * 86400 / greatest(3600, pace.seconds))::float8 AS spent_per_day
FROM kie_balances AS b
CROSS JOIN LATERAL (
    SELECT sum(credits_consumed) AS spent,
           extract(epoch FROM now() - min(completed_at)) AS seconds
    FROM (SELECT credits_consumed, completed_at FROM generation_jobs
          WHERE bot_id = b.bot_id AND status IN ('success', 'fail') AND input_params IS NOT NULL
            AND completed_at > now() - make_interval(days => %(days)s)
          ORDER BY completed_at DESC LIMIT %(jobs)s) AS latest) AS pace
WHERE b.bot_id = %(bot_id)s;

-- name: set_aside_page
-- Updates that were set aside, newest first; `before` is the last one of the page before, or NULL.
-- One without update_id or body cannot be replayed.
SELECT seq AS id, kind, attempts AS tries, coalesce(error, '') AS error,
       received_at AS at,
       update_id IS NOT NULL AND body IS NOT NULL AS replayable
FROM telegram_updates
WHERE bot_id = %(bot_id)s AND state = 'dead'
  AND (CAST(%(before)s AS bigint) IS NULL OR seq < %(before)s)
ORDER BY seq DESC LIMIT %(count)s;

-- name: acts_page
-- What operators did, newest first; `before` is the last one of the page before, or NULL.
SELECT a.id, a.admin, a.act, a.target, a.before, a.after, a.at,
       u.username, u.first_name
FROM admin_acts AS a LEFT JOIN users AS u ON u.user_id = a.admin
WHERE a.bot_id = %(bot_id)s AND (CAST(%(before)s AS bigint) IS NULL OR a.id < %(before)s)
ORDER BY a.id DESC LIMIT %(count)s;
