-- Statements of supervisor/health/gauge_sampler.py.

-- name: gauges
-- One look at everything that may wait: numbers for /health, and which tables have
-- rows that are due. Counts stop at 10000 so that a backlog cannot make the look slow.
-- A result that is held until its user unblocks the bot is not late.
SELECT
    (SELECT count(*) FROM (
        SELECT 1 FROM telegram_updates WHERE bot_id = %(bot_id)s AND state = 'new' LIMIT 10000
    ) AS u)::int AS unprocessed_updates,
    coalesce((SELECT extract(epoch FROM clock_timestamp() - min(received_at))::float8 FROM (
        SELECT received_at FROM telegram_updates
        WHERE bot_id = %(bot_id)s AND state = 'new' LIMIT 10000
    ) AS a), 0) AS oldest_update_seconds,
    (SELECT count(*) FROM (
        SELECT 1 FROM generation_jobs
        WHERE bot_id = %(bot_id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
        LIMIT 10000
    ) AS j)::int AS jobs_in_flight,
    (SELECT count(*) FROM (
        SELECT 1 FROM deliveries AS d
        WHERE d.bot_id = %(bot_id)s AND d.state IN ('pending', 'sending', 'unknown')
          AND NOT EXISTS (SELECT 1 FROM chats AS c WHERE c.bot_id = d.bot_id
                          AND c.chat_id = d.chat_id AND NOT c.reachable)
        LIMIT 10000
    ) AS d)::int AS undelivered,
    EXISTS (SELECT 1 FROM telegram_updates
            WHERE bot_id = %(bot_id)s AND state = 'new' AND next_try_at <= now()) AS inbox_due,
    EXISTS (SELECT 1 FROM deliveries
            WHERE bot_id = %(bot_id)s AND state IN ('pending', 'unknown')
              AND not_before <= now()) AS outbox_due,
    EXISTS (SELECT 1 FROM generation_jobs
            WHERE bot_id = %(bot_id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
              AND next_action_at <= now()) AS jobs_due;
