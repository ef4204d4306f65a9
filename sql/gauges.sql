-- Statements of supervisor/health/gauge_sampler.py.

-- name: gauges
-- The numbers of /health, and which tables have due rows. Each part reads a bounded number of rows,
-- so that neither a backlog nor many held results make it slow. What waits on purpose is not late:
-- a held result, a postponed update or delivery, a message of a broadcast, and the rows behind one,
-- because answers keep their order in a chat, and the deliveries of a job theirs. Toasts have an
-- index of their own: a condition for them and the others would read all deliveries.
WITH late AS (
    SELECT d.kind, greatest(d.created_at, d.not_before, c.parked_until) AS since
    FROM ((SELECT id, bot_id, chat_id, job_id, kind, created_at, not_before FROM deliveries
           WHERE bot_id = %(bot_id)s AND state IN ('pending', 'sending', 'unknown')
             AND kind <> 'toast' AND kind <> 'news' LIMIT 2000)
          UNION ALL
          (SELECT id, bot_id, chat_id, job_id, kind, created_at, not_before FROM deliveries
           WHERE bot_id = %(bot_id)s AND state = 'pending' AND kind = 'toast' LIMIT 2000)) AS d
    -- LIMIT makes the planner use one index look-up per chat.
    LEFT JOIN LATERAL (SELECT parked_until FROM chats
                       WHERE bot_id = d.bot_id AND chat_id = d.chat_id LIMIT 1) AS c ON TRUE
    WHERE greatest(d.not_before, c.parked_until) <= now()
      AND NOT EXISTS (SELECT 1 FROM deliveries AS e
                      WHERE e.bot_id = d.bot_id AND e.chat_id = d.chat_id AND e.id < d.id
                        AND e.state IN ('pending', 'sending', 'unknown') AND e.kind <> 'toast'
                        AND e.not_before > now()
                        AND CASE WHEN d.kind = 'result' THEN e.job_id = d.job_id
                                 ELSE e.kind <> 'result' END)
)
SELECT
    NOT (pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean) AS writable,
    coalesce((SELECT extract(epoch FROM clock_timestamp() - min(greatest(u.received_at, u.next_try_at)))::float8
              FROM (SELECT lane, update_id, received_at, next_try_at FROM telegram_updates
                    WHERE bot_id = %(bot_id)s AND state = 'new' LIMIT 2000) AS u
              WHERE u.next_try_at <= now()
                AND NOT EXISTS (SELECT 1 FROM telegram_updates AS e
                                WHERE e.bot_id = %(bot_id)s AND e.state = 'new' AND e.lane = u.lane
                                  AND e.update_id < u.update_id AND e.next_try_at > now())
             ), 0) AS late_updates,
    coalesce((SELECT extract(epoch FROM clock_timestamp() - min(since))::float8
              FROM late WHERE kind <> 'result'), 0) AS late_answers,
    coalesce((SELECT extract(epoch FROM clock_timestamp() - min(since))::float8
              FROM late WHERE kind = 'result'), 0) AS late_results,
    coalesce((SELECT extract(epoch FROM clock_timestamp() - min(deadline_at))::float8
              FROM (SELECT deadline_at FROM generation_jobs
                    WHERE bot_id = %(bot_id)s AND status IN ('submitting', 'unclear', 'waiting')
                    LIMIT 2000) AS j
              WHERE deadline_at <= now()), 0) AS late_jobs,
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
        (SELECT 1 FROM deliveries
         WHERE bot_id = %(bot_id)s AND state IN ('pending', 'sending', 'unknown')
           AND kind <> 'toast' LIMIT 10000)
        UNION ALL
        (SELECT 1 FROM deliveries
         WHERE bot_id = %(bot_id)s AND state = 'pending' AND kind = 'toast' LIMIT 10000)
        LIMIT 10000
    ) AS d)::int AS undelivered,
    EXISTS (SELECT 1 FROM telegram_updates
            WHERE bot_id = %(bot_id)s AND state = 'new' AND next_try_at <= now()) AS inbox_due,
    -- By time, not by number: after a week of silence Telegram's numbers begin at random. In the order
    -- of two indexes, the newest first.
    (EXISTS (SELECT 1 FROM (SELECT received_at FROM telegram_updates
                            WHERE bot_id = %(bot_id)s AND state = 'new' LIMIT 2000) AS u
             WHERE received_at > now() - interval '1 hour')
     OR coalesce((SELECT TRUE FROM telegram_updates
                  WHERE bot_id = %(bot_id)s AND state <> 'new' AND body IS NOT NULL
                    AND received_at > now() - interval '1 hour' AND update_id IS NOT NULL
                  ORDER BY received_at DESC LIMIT 1), FALSE)
     OR coalesce((SELECT TRUE FROM telegram_updates
                  WHERE bot_id = %(bot_id)s AND state <> 'new' AND body IS NULL
                    AND received_at > now() - interval '1 hour' AND update_id IS NOT NULL
                  ORDER BY received_at DESC LIMIT 1), FALSE))
        AS has_traffic,
    (EXISTS (SELECT 1 FROM deliveries
             WHERE bot_id = %(bot_id)s AND state IN ('pending', 'unknown') AND kind <> 'toast'
               AND not_before <= now())
     OR EXISTS (SELECT 1 FROM deliveries
                WHERE bot_id = %(bot_id)s AND state = 'pending' AND kind = 'toast'
                  AND not_before <= now())
     -- Perhaps claimed by a commit that was taken for lost.
     OR EXISTS (SELECT 1 FROM deliveries
                WHERE bot_id = %(bot_id)s AND state = 'sending' AND kind <> 'toast'
                  AND updated_at < now() - interval '10 seconds')) AS outbox_due,
    EXISTS (SELECT 1 FROM generation_jobs
            WHERE bot_id = %(bot_id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting')
              AND next_action_at <= now()) AS jobs_due,
    -- Only the ACTIVE instance asks for what follows: whether there are rows that wait for a service.
    CASE WHEN %(acts)s THEN
        coalesce((SELECT TRUE FROM group_switches WHERE bot_id = %(bot_id)s
                  ORDER BY chat_id, user_id LIMIT 1), FALSE)
        ELSE FALSE END AS groups_due,
    CASE WHEN %(acts)s THEN
        EXISTS (SELECT 1 FROM report_requests WHERE bot_id = %(bot_id)s) ELSE FALSE END AS reports_due,
    CASE WHEN %(acts)s THEN
        EXISTS (SELECT 1 FROM data_requests WHERE bot_id = %(bot_id)s AND NOT given)
        OR EXISTS (SELECT 1 FROM forgettings WHERE bot_id = %(bot_id)s)
        ELSE FALSE END AS privacy_due,
    CASE WHEN %(acts)s THEN
        EXISTS (SELECT 1 FROM broadcasts
                WHERE bot_id = %(bot_id)s AND state IN ('queued', 'running', 'paused'))
        ELSE FALSE END AS broadcasts_due,
    CASE WHEN %(acts)s THEN
        coalesce((SELECT TRUE FROM waitlist WHERE bot_id = %(bot_id)s
                  ORDER BY user_id, model LIMIT 1), FALSE)
        ELSE FALSE END AS waitlist_due,
    CASE WHEN %(acts)s THEN
        EXISTS (SELECT 1 FROM invites
                WHERE bot_id = %(bot_id)s AND rewarded_at IS NOT NULL AND told_at IS NULL)
        ELSE FALSE END AS rewards_due,
    -- What is counted of open work.
    CASE WHEN %(acts)s THEN
        EXISTS (SELECT 1 FROM generation_jobs
                WHERE bot_id = %(bot_id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting'))
        OR coalesce((SELECT TRUE FROM orphan_callbacks
                     WHERE NOT processed AND (bot_id = %(bot_id)s OR bot_id IS NULL)
                     ORDER BY received_at LIMIT 1), FALSE)
        ELSE FALSE END AS work_is_open,
    -- What alert_facts and the alarms about money may find: an alarm lasts, something was unreadable
    -- or has failed, a job goes on or has ended.
    CASE WHEN %(acts)s THEN
        EXISTS (SELECT 1 FROM alarms WHERE bot_id = %(bot_id)s AND ended_at IS NULL)
        OR EXISTS (SELECT 1 FROM (SELECT received_at FROM telegram_updates
                                  WHERE bot_id = %(bot_id)s AND state = 'dead' AND kind = 'unreadable'
                                  ORDER BY seq DESC LIMIT 100) AS u
                   WHERE received_at > now() - interval '10 minutes')
        OR EXISTS (SELECT 1 FROM deliveries
                   WHERE bot_id = %(bot_id)s AND state = 'failed'
                     AND updated_at > now() - interval '10 minutes')
        OR EXISTS (SELECT 1 FROM generation_jobs
                   WHERE bot_id = %(bot_id)s AND status IN ('queued', 'submitting', 'unclear', 'waiting'))
        OR EXISTS (SELECT 1 FROM generation_jobs
                   WHERE bot_id = %(bot_id)s AND completed_at > now() - interval '1 minute')
        OR EXISTS (SELECT 1 FROM generation_jobs
                   WHERE bot_id = %(bot_id)s AND gifted_at > now() - interval '1 minute')
        ELSE FALSE END AS alarms_due;
