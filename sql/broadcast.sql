-- Statements of handlers/features/broadcast.

-- name: own_draft
-- The draft of an operator. No row: there is none.
SELECT id, content, audience, bonus FROM broadcasts
WHERE bot_id = %(bot_id)s AND made_by = %(user_id)s AND state = 'draft';

-- name: begin_draft
-- Zero rows: there is one already, which stays.
INSERT INTO broadcasts (bot_id, made_by) VALUES (%(bot_id)s, %(user_id)s)
ON CONFLICT (bot_id, made_by) WHERE state = 'draft' DO NOTHING;

-- name: change_draft
-- What is NULL stays as it is. Zero rows: the draft was started or discarded meanwhile.
UPDATE broadcasts
SET content = content || coalesce(CAST(%(content)s AS jsonb), '{}'),
    audience = coalesce(%(audience)s, audience), bonus = coalesce(%(bonus)s, bonus)
WHERE bot_id = %(bot_id)s AND made_by = %(user_id)s AND state = 'draft';

-- name: discard_draft
-- Zero rows: there is none.
DELETE FROM broadcasts
WHERE bot_id = %(bot_id)s AND made_by = %(user_id)s AND state = 'draft';

-- name: start_draft
-- The draft becomes a broadcast that waits for its turn. No row: it was started or discarded.
UPDATE broadcasts SET state = 'queued', created_at = now()
WHERE bot_id = %(bot_id)s AND made_by = %(user_id)s AND state = 'draft' AND content ? 'text'
RETURNING id, state, content, audience, bonus, receivers, sent, failed, skipped, doubtful, chosen,
          made_by, 0::float8 AS seconds;

-- name: audience
-- How many users of an audience get news, by the languages that they have chosen and that their
-- apps speak. No row: nobody.
SELECT a.language, a.last_language_code AS code, count(*)::int AS people
FROM accounts AS a
LEFT JOIN chats AS c ON c.bot_id = a.bot_id AND c.chat_id = a.user_id
WHERE a.bot_id = %(bot_id)s AND NOT a.banned AND a.news_off_at IS NULL
  AND coalesce(c.reachable, TRUE)
  AND CASE CAST(%(audience)s AS text)
      WHEN 'payers' THEN EXISTS (SELECT 1 FROM ledger AS l
                                  WHERE l.bot_id = a.bot_id AND l.user_id = a.user_id
                                    AND l.kind IN ('stars', 'topup'))
      WHEN 'never' THEN NOT EXISTS (SELECT 1 FROM ledger AS l
                                     WHERE l.bot_id = a.bot_id AND l.user_id = a.user_id
                                       AND l.kind IN ('stars', 'topup'))
      WHEN 'silent' THEN a.last_seen < now() - make_interval(days => %(silent)s)
      ELSE TRUE END
GROUP BY a.language, a.last_language_code;

-- name: next_accounts
-- The next accounts by number, and whether they belong to the audience. No row: all were looked at.
SELECT a.user_id, a.language, a.last_language_code AS code,
       NOT a.banned AND a.news_off_at IS NULL AND coalesce(c.reachable, TRUE)
       AND CASE CAST(%(audience)s AS text)
           WHEN 'payers' THEN EXISTS (SELECT 1 FROM ledger AS l
                                       WHERE l.bot_id = a.bot_id AND l.user_id = a.user_id
                                         AND l.kind IN ('stars', 'topup'))
           WHEN 'never' THEN NOT EXISTS (SELECT 1 FROM ledger AS l
                                          WHERE l.bot_id = a.bot_id AND l.user_id = a.user_id
                                            AND l.kind IN ('stars', 'topup'))
           WHEN 'silent' THEN a.last_seen < CAST(%(since)s AS timestamptz)
                                            - make_interval(days => %(silent)s)
           ELSE TRUE END AS fits
FROM accounts AS a
LEFT JOIN chats AS c ON c.bot_id = a.bot_id AND c.chat_id = a.user_id
WHERE a.bot_id = %(bot_id)s AND a.user_id > %(after)s
ORDER BY a.user_id LIMIT %(limit)s;

-- name: choose
-- Receivers, and how far the accounts were looked at. Zero rows: another broadcast runs, or none.
WITH added AS (
    INSERT INTO broadcast_receivers (broadcast_id, user_id)
    SELECT %(id)s, user_id FROM unnest(CAST(%(users)s AS bigint[])) AS u (user_id)
    ON CONFLICT DO NOTHING RETURNING user_id
)
UPDATE broadcasts
SET looked_at = %(looked_at)s, chosen = %(chosen)s,
    receivers = receivers + (SELECT count(*) FROM added)
WHERE id = %(id)s;

-- name: list
-- The broadcasts that wait, run or are paused, in order. No row: there is none.
(SELECT id, state, content, audience, bonus, receivers, sent, failed, skipped, doubtful, chosen,
        made_by,
        coalesce(extract(epoch FROM coalesce(ended_at, now()) - started_at), 0)::float8 AS seconds
 FROM broadcasts WHERE bot_id = %(bot_id)s AND state IN ('queued', 'running', 'paused')
 ORDER BY id LIMIT 20);

-- name: one
-- No row: no broadcast of this bot.
SELECT id, state, content, audience, bonus, receivers, sent, failed, skipped, doubtful, chosen,
       made_by,
       coalesce(extract(epoch FROM coalesce(ended_at, now()) - started_at), 0)::float8 AS seconds
FROM broadcasts WHERE bot_id = %(bot_id)s AND id = %(id)s;

-- name: move
-- Pause, go on, or stop. No row: it is not in a state from which it can.
UPDATE broadcasts
SET state = %(to)s, ended_at = CASE WHEN %(to)s = 'stopped' THEN now() END
WHERE bot_id = %(bot_id)s AND id = %(id)s AND state = ANY (CAST(%(from)s AS text[]))
RETURNING id;

-- name: park_news
-- Messages of the broadcast that are not under way wait until it goes on.
UPDATE deliveries AS d SET not_before = 'infinity'
FROM broadcast_receivers AS r
WHERE r.broadcast_id = %(id)s AND r.delivery_id IS NOT NULL AND r.outcome IS NULL
  AND d.id = r.delivery_id AND d.state IN ('pending', 'unknown');

-- name: unpark_news
-- The opposite.
UPDATE deliveries AS d SET not_before = now()
FROM broadcast_receivers AS r
WHERE r.broadcast_id = %(id)s AND r.delivery_id IS NOT NULL AND r.outcome IS NULL
  AND d.id = r.delivery_id AND d.state IN ('pending', 'unknown') AND d.not_before = 'infinity';

-- name: drop_news
-- Messages of the broadcast that are not under way are not sent any more.
UPDATE deliveries AS d SET state = 'dropped', error = 'stopped'
FROM broadcast_receivers AS r
WHERE r.broadcast_id = %(id)s AND r.delivery_id IS NOT NULL AND r.outcome IS NULL
  AND d.id = r.delivery_id AND d.state IN ('pending', 'unknown');

-- name: current
-- The broadcast that is to be worked on: the running or paused one, else the oldest queued one. No
-- row: there is nothing to do.
SELECT id, state, content, audience, bonus, receivers, sent, failed, skipped, doubtful, chosen,
       made_by, looked_at, told, created_at,
       coalesce(extract(epoch FROM coalesce(ended_at, now()) - started_at), 0)::float8 AS seconds
FROM broadcasts
WHERE bot_id = %(bot_id)s AND state IN ('running', 'paused', 'queued')
ORDER BY state = 'queued', id LIMIT 1;

-- name: run_next
-- A queued broadcast begins. No row: another one runs.
UPDATE broadcasts SET state = 'running', started_at = now()
WHERE id = %(id)s AND state = 'queued'
  AND NOT EXISTS (SELECT 1 FROM broadcasts AS b
                   WHERE b.bot_id = %(bot_id)s AND b.state IN ('running', 'paused'))
RETURNING id;

-- name: lock_running
-- Until the commit it can be neither paused nor stopped. No row: it does not run.
SELECT id FROM broadcasts WHERE id = %(id)s AND state = 'running' FOR NO KEY UPDATE;

-- name: open_messages
-- Messages that are in the outbox and have not ended.
SELECT count(*)::int AS n FROM broadcast_receivers
WHERE broadcast_id = %(id)s AND delivery_id IS NOT NULL AND outcome IS NULL;

-- name: next_receivers
-- Who is next, in order; `skip` is why one gets nothing after all. No row: everybody has had theirs.
SELECT r.user_id, a.language, a.last_language_code AS code,
       a.user_id IS NULL OR a.banned OR a.news_off_at IS NOT NULL
       OR NOT coalesce(c.reachable, TRUE) AS skip
FROM broadcast_receivers AS r
LEFT JOIN accounts AS a ON a.bot_id = %(bot_id)s AND a.user_id = r.user_id
LEFT JOIN chats AS c ON c.bot_id = %(bot_id)s AND c.chat_id = r.user_id
WHERE r.broadcast_id = %(id)s AND r.delivery_id IS NULL AND r.outcome IS NULL
ORDER BY r.user_id LIMIT %(limit)s;

-- name: skip
-- They get nothing: forgotten, banned, without news, or they have blocked the bot.
WITH skipped AS (
    UPDATE broadcast_receivers SET outcome = 'skipped'
    WHERE broadcast_id = %(id)s AND user_id = ANY (CAST(%(users)s AS bigint[]))
      AND delivery_id IS NULL AND outcome IS NULL
    RETURNING user_id
)
UPDATE broadcasts SET skipped = skipped + (SELECT count(*) FROM skipped) WHERE id = %(id)s;

-- name: give_bonus
-- The bonus of each receiver, once per broadcast. Zero rows: booked before.
INSERT INTO ledger (bot_id, user_id, kind, amount, request_key)
SELECT %(bot_id)s, a.user_id, 'grant', %(bonus)s,
       'news:' || CAST(%(id)s AS bigint) || ':' || a.user_id
FROM accounts AS a
WHERE a.bot_id = %(bot_id)s AND a.user_id = ANY (CAST(%(users)s AS bigint[]))
ORDER BY a.user_id
ON CONFLICT (bot_id, request_key) WHERE request_key IS NOT NULL DO NOTHING;

-- name: note_deliveries
-- Their messages are in the outbox, in this transaction or an earlier one.
UPDATE broadcast_receivers AS r SET delivery_id = d.id
FROM deliveries AS d
WHERE r.broadcast_id = %(id)s AND r.user_id = ANY (CAST(%(users)s AS bigint[]))
  AND d.bot_id = %(bot_id)s
  AND d.dedupe_key = 'news:' || CAST(%(id)s AS bigint) || ':' || r.user_id;

-- name: note_outcomes
-- Messages that have ended are counted, once each. A message that is gone was sent long ago.
WITH ended AS (
    SELECT r.user_id, CASE WHEN d.state = 'sent' THEN 'sent' ELSE 'failed' END AS outcome,
           d.state = 'sent' AND d.unknowns > 0 AS doubtful
    FROM broadcast_receivers AS r JOIN deliveries AS d ON d.id = r.delivery_id
    WHERE r.broadcast_id = %(id)s AND r.delivery_id IS NOT NULL AND r.outcome IS NULL
      AND d.state IN ('sent', 'failed', 'dropped')
    LIMIT %(limit)s
), noted AS (
    UPDATE broadcast_receivers AS r SET outcome = ended.outcome
    FROM ended
    WHERE r.broadcast_id = %(id)s AND r.user_id = ended.user_id AND r.outcome IS NULL
    RETURNING ended.outcome, ended.doubtful
)
UPDATE broadcasts
SET sent = sent + (SELECT count(*) FROM noted WHERE outcome = 'sent'),
    failed = failed + (SELECT count(*) FROM noted WHERE outcome = 'failed'),
    doubtful = doubtful + (SELECT count(*) FROM noted WHERE doubtful)
WHERE id = %(id)s;

-- name: finish
-- Everybody has had theirs. No row: somebody has not.
UPDATE broadcasts SET state = 'done', ended_at = now()
WHERE id = %(id)s AND state = 'running' AND chosen
  AND NOT EXISTS (SELECT 1 FROM broadcast_receivers
                   WHERE broadcast_id = %(id)s AND outcome IS NULL)
RETURNING id;

-- name: count_told
-- The number of the next change of the progress.
UPDATE broadcasts SET told = told + 1 WHERE id = %(id)s RETURNING told;

-- name: progress_message
-- The message with the progress. No row: it was not sent yet.
SELECT chat_id, message_id FROM deliveries
WHERE bot_id = %(bot_id)s AND dedupe_key = 'news:' || CAST(%(id)s AS bigint) || ':progress'
  AND message_id IS NOT NULL;

-- name: operator_language
-- No row: the operator has no account.
SELECT language, last_language_code AS code FROM accounts
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s;

-- name: set_news
-- No more news, or news again. Writes only a change.
UPDATE accounts SET news_off_at = CASE WHEN %(off)s THEN now() END
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND (news_off_at IS NULL) = %(off)s;

-- name: drop_news_of
-- What is on its way to a user who wants no news.
UPDATE deliveries SET state = 'dropped', error = 'no more news'
WHERE bot_id = %(bot_id)s AND kind = 'news' AND state IN ('pending', 'unknown')
  AND chat_id = %(user_id)s;
