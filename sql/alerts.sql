-- Statements of handlers/operator/alerts.py.

-- name: alert_facts
-- Numbers of the last ten minutes, from which notices for operators follow. Each part reads a
-- bounded number of rows, so that a backlog cannot make it slow. The `lost` columns are NULL unless
-- this term began recently and the one before it did not sign off.
WITH waiting AS MATERIALIZED (
    SELECT greatest(received_at, next_try_at) AS due FROM telegram_updates
    WHERE bot_id = %(bot_id)s AND state = 'new' LIMIT 10000
), failed AS (
    -- Who has blocked the bot is no failure of ours.
    SELECT d.error FROM deliveries AS d
    WHERE d.bot_id = %(bot_id)s AND d.state = 'failed' AND d.kind <> 'news'
      AND d.updated_at > now() - interval '10 minutes'
      AND NOT EXISTS (SELECT 1 FROM chats AS c WHERE c.bot_id = d.bot_id
                      AND c.chat_id = d.chat_id AND NOT c.reachable)
    ORDER BY d.updated_at DESC LIMIT 1000
)
SELECT
    (SELECT count(*) FROM waiting)::int AS unprocessed,
    coalesce((SELECT extract(epoch FROM now() - min(due)) FROM waiting
              WHERE due <= now()), 0)::float8 AS oldest_seconds,
    -- An unreadable update is set aside when it is stored, by any instance.
    (SELECT count(*) FROM (
        SELECT received_at FROM telegram_updates
        WHERE bot_id = %(bot_id)s AND state = 'dead' AND kind = 'unreadable'
        ORDER BY seq DESC LIMIT 100) AS u
      WHERE received_at > now() - interval '10 minutes')::int AS unreadable,
    (SELECT count(*) FROM failed)::int AS failed,
    (SELECT error FROM failed WHERE error IS NOT NULL LIMIT 1) AS failed_with,
    (SELECT count(*) FROM (
        SELECT 1 FROM deliveries
        WHERE bot_id = %(bot_id)s AND state IN ('sent', 'dropped', 'failed') AND kind <> 'result'
          AND kind <> 'news' AND created_at > now() - interval '10 minutes' LIMIT 1000) AS d)::int AS ended,
    (SELECT count(*) FROM (
        SELECT acquired_at FROM lock_epochs WHERE lock_key = CAST(%(key)s AS bigint)
        ORDER BY epoch DESC LIMIT 100) AS e
      WHERE acquired_at > now() - interval '10 minutes')::int AS terms,
    (SELECT count(*) FROM (
        SELECT kind, note FROM ledger
        WHERE bot_id = %(bot_id)s AND created_at > now() - interval '1 day'
        ORDER BY created_at DESC LIMIT 10000) AS l
      WHERE kind = 'release' AND note = 'unfetched')::int AS unfetched,
    EXISTS (SELECT 1 FROM alarms
            WHERE bot_id = %(bot_id)s AND ended_at IS NULL) AS alarms_last,
    lost.epoch AS lost_epoch, lost.instance_id AS lost_instance, lost.end_reason AS lost_reason,
    lost.gap AS lost_seconds
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (
    SELECT before.epoch, before.instance_id, before.end_reason,
           extract(epoch FROM ours.acquired_at - before.heartbeat_at)::float8 AS gap
    FROM lock_epochs AS ours JOIN lock_epochs AS before
      ON before.lock_key = ours.lock_key AND before.epoch = ours.epoch - 1
    WHERE ours.lock_key = CAST(%(key)s AS bigint) AND ours.epoch = %(epoch)s
      AND ours.acquired_at > now() - interval '10 minutes' AND before.signed_off_at IS NULL
) AS lost ON TRUE;

-- name: alarm_lasts
-- The state behind an alert is there now. A state that had ended begins anew.
INSERT INTO alarms (bot_id, key, over, place) VALUES (%(bot_id)s, %(key)s, %(over)s, %(place)s)
ON CONFLICT (bot_id, key) DO UPDATE
SET seen_at = now(), over = EXCLUDED.over, place = EXCLUDED.place, ended_at = NULL,
    began_at = CASE WHEN alarms.ended_at IS NULL THEN alarms.began_at ELSE now() END;

-- name: ended_alarms
-- Ends the states that were not seen for a while, once each. No row: none has ended.
UPDATE alarms SET ended_at = now()
WHERE bot_id = %(bot_id)s AND ended_at IS NULL AND seen_at < now() - make_interval(secs => %(quiet)s)
RETURNING key, over, place, extract(epoch FROM seen_at - began_at)::float8 AS seconds,
          extract(epoch FROM began_at)::bigint AS began;
