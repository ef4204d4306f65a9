-- Statements of handlers/intake: storing updates, early answers to presses, the webhook.
--
-- Lists come as arrays of equal length, one element a row.

-- name: store_updates (prepared)
-- Stores all waiting updates in one statement. No row for an update: it is stored already.
-- In the order of update_id, so that two instances that store the same updates cannot deadlock.
-- After a week without updates Telegram continues at a random update_id: then an old row with the
-- same update_id is another update, and is replaced. The new row gets a new seq, because dedupe
-- keys of deliveries contain it.
INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body, state, error)
SELECT DISTINCT ON (u.update_id, CASE WHEN u.update_id IS NULL THEN u.n END)
       %(bot_id)s, u.update_id, u.lane, u.kind, u.body, u.state, u.error
FROM unnest(CAST(%(update_ids)s AS bigint[]), CAST(%(lanes)s AS bigint[]),
            CAST(%(kinds)s AS text[]), CAST(%(bodies)s AS text[]),
            CAST(%(states)s AS text[]), CAST(%(errors)s AS text[]))
     WITH ORDINALITY AS u (update_id, lane, kind, body, state, error, n)
ORDER BY u.update_id, CASE WHEN u.update_id IS NULL THEN u.n END
ON CONFLICT (bot_id, update_id) WHERE update_id IS NOT NULL DO UPDATE
SET seq = EXCLUDED.seq, lane = EXCLUDED.lane, kind = EXCLUDED.kind, body = EXCLUDED.body,
    state = EXCLUDED.state, error = EXCLUDED.error, attempts = 0, next_try_at = now(),
    received_at = now(), done_at = NULL, answered_at = NULL
WHERE telegram_updates.state <> 'new'
  AND telegram_updates.received_at < now() - make_interval(secs => %(remembered)s)
RETURNING update_id;

-- name: claim_presses
-- Presses that need an early answer. Presses that no handler has processed are marked as answered;
-- for processed ones the answer is taken from the outbox. ``busy``: a handler is processing the
-- update now. No row: it was answered already.
WITH asked AS (
    SELECT a.query_id, t.seq
    FROM unnest(CAST(%(update_ids)s AS bigint[]), CAST(%(query_ids)s AS text[]))
         AS a (update_id, query_id)
    LEFT JOIN telegram_updates AS t
           ON t.bot_id = %(bot_id)s AND t.update_id = a.update_id
          AND t.state <> 'done' AND t.answered_at IS NULL
), mine AS (
    SELECT t.seq FROM telegram_updates AS t
    WHERE t.seq IN (SELECT seq FROM asked) AND t.state <> 'done' AND t.answered_at IS NULL
    ORDER BY t.seq FOR UPDATE SKIP LOCKED
), marked AS (
    UPDATE telegram_updates AS t SET answered_at = now()
    FROM mine WHERE t.seq = mine.seq RETURNING t.seq
), taken AS (
    UPDATE deliveries AS d SET state = 'sent', sent_at = now(), error = NULL
    FROM asked
    WHERE d.bot_id = %(bot_id)s AND d.kind = 'toast' AND d.state = 'pending'
      AND d.payload ->> 'do' = 'toast' AND d.payload ->> 'query_id' = asked.query_id
    RETURNING asked.query_id, d.payload
)
SELECT asked.query_id, taken.payload, marked.seq IS NULL AND taken.query_id IS NULL AS busy
FROM asked
LEFT JOIN marked ON marked.seq = asked.seq
LEFT JOIN taken ON taken.query_id = asked.query_id
WHERE asked.seq IS NOT NULL OR taken.query_id IS NOT NULL;

-- name: webhook_fingerprint
-- The webhook that we have set last; Telegram does not show its secret. No row: none yet.
SELECT fingerprint FROM webhooks WHERE bot_id = %(bot_id)s;

-- name: remember_webhook
INSERT INTO webhooks (bot_id, fingerprint) VALUES (%(bot_id)s, %(fingerprint)s)
ON CONFLICT (bot_id) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, set_at = now();

-- name: forget_webhook
DELETE FROM webhooks WHERE bot_id = %(bot_id)s;

-- name: bot_has_worked
-- Whether the bot's token has ever worked: Telegram has sent an update or accepted a message.
-- Zero rows: a new installation; then a refused token is reported at once.
SELECT 1 AS worked
WHERE EXISTS (SELECT 1 FROM telegram_updates WHERE bot_id = %(bot_id)s)
   OR EXISTS (SELECT 1 FROM webhooks WHERE bot_id = %(bot_id)s)
   OR EXISTS (SELECT 1 FROM deliveries
               WHERE bot_id = %(bot_id)s AND state = 'sent' AND kind <> 'result');
