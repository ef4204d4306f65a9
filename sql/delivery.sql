-- Statements of handlers/delivery: the outbox, the claims of the sender, the outcomes.
--
-- Lists come as arrays of equal length, one element a row. On the hot path only those are unnested by
-- which rows are found, and their places lead to the elements of the others: unnesting all of them
-- takes as long as the rest of a statement.

-- name: enqueue (prepared)
-- No row for a delivery: the same one was enqueued before. What is told of a job goes to the
-- topic in which it was ordered. What may go `early` is claimed at once, if its line has no open
-- delivery and its chat may be written to, as claim_heads would find.
INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, job_id, trace, thread, line,
                        not_before, state, claim_token, attempts)
SELECT %(bot_id)s, m.chat_id, m.kind, CAST(m.payload AS jsonb), m.dedupe_key, m.job_id,
       m.trace, coalesce(m.thread, (SELECT thread FROM generation_jobs WHERE id = m.job_id)), m.line,
       now() + make_interval(secs => m.delay),
       CASE WHEN may.go THEN 'sending' ELSE 'pending' END,
       CASE WHEN may.go THEN CAST(%(token)s AS uuid) END,
       CASE WHEN may.go THEN 1 ELSE 0 END
FROM (SELECT chat_id, (CAST(%(kinds)s AS text[]))[n] AS kind,
             (CAST(%(payloads)s AS text[]))[n] AS payload,
             (CAST(%(dedupe_keys)s AS text[]))[n] AS dedupe_key,
             (CAST(%(job_ids)s AS bigint[]))[n] AS job_id, (CAST(%(traces)s AS text[]))[n] AS trace,
             (CAST(%(threads)s AS bigint[]))[n] AS thread, line,
             (CAST(%(delays)s AS float8[]))[n] AS delay, (CAST(%(early)s AS boolean[]))[n] AS early, n
      FROM unnest(CAST(%(chat_ids)s AS bigint[]), CAST(%(lines)s AS bigint[]))
           WITH ORDINALITY AS a (chat_id, line, n))
     AS m
CROSS JOIN LATERAL (
    SELECT CASE WHEN m.early
                -- A value and its order make the planner look it up, however many it expects.
                THEN (SELECT id FROM deliveries AS d
                       WHERE d.bot_id = %(bot_id)s AND d.chat_id = m.chat_id AND d.line = m.line
                         AND d.state IN ('pending', 'sending', 'unknown')
                         AND d.kind <> 'toast' ORDER BY d.id LIMIT 1) IS NULL
                     AND (SELECT chat_id FROM chats AS c
                           WHERE c.bot_id = %(bot_id)s AND c.chat_id = m.chat_id
                             AND (NOT c.reachable OR c.parked_until > now()) LIMIT 1) IS NULL
                ELSE FALSE END AS go) AS may
ORDER BY m.n
ON CONFLICT (bot_id, dedupe_key) DO NOTHING
RETURNING id, dedupe_key, thread, state = 'sending' AS claimed;

-- name: supersede_statuses
-- A newer status or the result replaces older statuses that were not sent yet.
UPDATE deliveries SET state = 'dropped', error = 'superseded'
WHERE job_id = %(job_id)s AND kind = 'status' AND state = 'pending';

-- name: languages
-- The languages that users have chosen, and those of their apps. No row: an unknown user.
SELECT user_id, language, last_language_code AS code FROM accounts
WHERE bot_id = %(bot_id)s AND user_id = ANY (CAST(%(user_ids)s AS bigint[]));

-- name: enqueue_notice
-- A notice to each operator: the same key at most once an hour (the buckets of this hour and of
-- the one before are both compared, so the change of the hour does not matter), and a limited
-- number of all keys, the last of which says that more are held back. Rows of other open
-- transactions are not counted. Zero rows: sent already, or held back.
WITH hour AS (SELECT floor(extract(epoch FROM now()) / 3600)::bigint AS bucket),
told AS (
    SELECT admin.chat_id, count(d.id) AS notices,
           count(d.id) FILTER (WHERE d.dedupe_key IN (
               'notice:' || %(key)s || ':' || admin.chat_id || ':' || hour.bucket,
               'notice:' || %(key)s || ':' || admin.chat_id || ':' || (hour.bucket - 1))) AS same,
           count(d.id) FILTER (WHERE starts_with(d.dedupe_key, 'notice:held-back:')) AS held_back
    FROM hour CROSS JOIN unnest(CAST(%(admins)s AS bigint[])) AS admin (chat_id)
    LEFT JOIN deliveries AS d
           ON d.bot_id = %(bot_id)s AND d.chat_id = admin.chat_id AND d.kind = 'notice'
          AND d.created_at > now() - interval '1 hour'
    GROUP BY admin.chat_id
), due AS (
    SELECT chat_id, notices < CAST(%(most)s AS int) - 1 AS whole FROM told
    WHERE same = 0 AND (notices < CAST(%(most)s AS int) - 1 OR held_back = 0)
)
INSERT INTO deliveries (bot_id, chat_id, kind, line, payload, dedupe_key)
SELECT %(bot_id)s, chat_id, 'notice', %(line)s,
       CASE WHEN whole THEN CAST(%(payload)s AS jsonb) ELSE CAST(%(held_back)s AS jsonb) END,
       'notice:' || CASE WHEN whole THEN %(key)s ELSE 'held-back' END || ':' || chat_id || ':'
           || hour.bucket
FROM due CROSS JOIN hour
ON CONFLICT (bot_id, dedupe_key) DO NOTHING;

-- name: interrupted
-- Deliveries that an ended term had begun and whose outcome was not recorded.
SELECT id FROM deliveries
WHERE bot_id = %(bot_id)s AND state = 'sending'
  AND claim_token IS DISTINCT FROM CAST(%(token)s AS uuid)
ORDER BY id;

-- name: recover_sending
-- Begun by an ended term, outcome unknown: a status is not repeated, an answer is repeated at once,
-- a result after a pause; both a limited number of times. When a result is given up, its money is
-- booked later (`owed`).
UPDATE deliveries
SET state = CASE WHEN kind IN ('status', 'toast') THEN 'dropped'
                 WHEN kind = 'refund' THEN 'pending'
                 WHEN unknowns >= %(most)s THEN 'failed'
                 WHEN kind = 'result' THEN 'unknown'
                 ELSE 'pending' END,
    not_before = CASE WHEN kind = 'result' AND unknowns < %(most)s
                      THEN now() + make_interval(secs => %(result_pause)s) ELSE not_before END,
    owed = CASE WHEN kind = 'result' AND unknowns >= %(most)s THEN 'failed' END,
    unknowns = unknowns + 1,
    claim_token = NULL,
    error = 'no answer: the sender ended'
WHERE id = ANY (CAST(%(ids)s AS bigint[])) AND state = 'sending'
  AND claim_token IS DISTINCT FROM CAST(%(token)s AS uuid)
RETURNING id, kind, state;

-- name: claim_toasts (prepared)
-- Answers to presses are claimed before everything else, answers to payments first. Those that are
-- too old for Telegram are dropped.
UPDATE deliveries AS d
SET state = CASE WHEN d.created_at < now() - make_interval(secs =>
                      CASE WHEN d.payload ->> 'do' = 'checkout'
                           THEN CAST(%(checkout_too_old)s AS float8)
                           ELSE CAST(%(too_old)s AS float8) END)
                 THEN 'dropped' ELSE 'sending' END,
    claim_token = CAST(%(token)s AS uuid), attempts = d.attempts + 1
WHERE d.id = ANY (ARRAY(
          SELECT id FROM deliveries
          WHERE bot_id = %(bot_id)s AND kind = 'toast' AND state = 'pending' AND not_before <= now()
            AND NOT (id = ANY (CAST(%(stuck)s AS bigint[])))
          ORDER BY payload ->> 'do' = 'checkout' DESC, id LIMIT %(limit)s))
  AND d.state = 'pending'
RETURNING d.id, d.chat_id, d.line, d.kind, d.payload, d.job_id, d.trace, d.thread, d.attempts,
          d.unknowns, d.state, TRUE AS reachable,
          extract(epoch FROM now() - d.created_at)::float8 AS age;

-- name: due_toasts
-- The rows that claim_toasts would claim, for claiming them one by one.
SELECT id FROM deliveries
WHERE bot_id = %(bot_id)s AND kind = 'toast' AND state = 'pending' AND not_before <= now()
ORDER BY payload ->> 'do' = 'checkout' DESC, id LIMIT %(limit)s;

-- name: claim_these
-- Claims these deliveries, which are due, as claim_heads and claim_toasts do. No row for a delivery:
-- it is not open any more.
UPDATE deliveries AS d
SET state = 'sending', claim_token = CAST(%(token)s AS uuid), attempts = d.attempts + 1
WHERE d.id = ANY (CAST(%(ids)s AS bigint[])) AND d.state IN ('pending', 'unknown')
RETURNING d.id, d.chat_id, d.line, d.kind, d.payload, d.job_id, d.trace, d.thread, d.attempts,
          d.unknowns, extract(epoch FROM now() - d.created_at)::float8 AS age,
          coalesce((SELECT c.reachable FROM chats AS c
                     WHERE c.bot_id = d.bot_id AND c.chat_id = d.chat_id), TRUE) AS reachable;

-- name: claim_heads (prepared)
-- Claims the oldest open delivery of each line after the given one (a loose index scan), if it is
-- due and its chat is not parked. pending → sending is committed before the call. Pacing delays the
-- deliveries of a chat, except results. The number of claimed deliveries that are not answers is
-- limited; results come first. A delivery that is not due yet is returned unclaimed, with the
-- seconds until it is. `ours`: this term had claimed it before. `followed`: another one waits behind
-- the claimed one.
WITH RECURSIVE walk (chat_id, line, n) AS (
    (SELECT chat_id, line, 1 FROM deliveries
      WHERE bot_id = %(bot_id)s AND state IN ('pending', 'sending', 'unknown')
        AND kind <> 'toast' AND kind <> 'news'
        AND (chat_id, line) > (CAST(%(after_chat)s AS bigint), CAST(%(after_line)s AS bigint))
      ORDER BY chat_id, line LIMIT 1)
    UNION ALL
    (SELECT next.chat_id, next.line, walk.n + 1
     FROM walk
     CROSS JOIN LATERAL (
         SELECT d.chat_id, d.line FROM deliveries AS d
         WHERE d.bot_id = %(bot_id)s AND d.state IN ('pending', 'sending', 'unknown')
           AND d.kind <> 'toast' AND d.kind <> 'news' AND (d.chat_id, d.line) > (walk.chat_id, walk.line)
         ORDER BY d.chat_id, d.line LIMIT 1) AS next
     WHERE walk.n < %(lines)s)
), heads AS (
    SELECT walk.n, walk.chat_id, walk.line, head.id, head.state, head.kind, head.claim_token,
           coalesce(c.reachable, TRUE) AS reachable,
           greatest(head.not_before, c.parked_until, now()) AS due
    FROM walk
    CROSS JOIN LATERAL (
        SELECT d.id, d.state, d.kind, d.not_before, d.claim_token FROM deliveries AS d
        WHERE d.bot_id = %(bot_id)s AND d.chat_id = walk.chat_id AND d.line = walk.line
          AND d.state IN ('pending', 'sending', 'unknown') AND d.kind <> 'toast'
        ORDER BY d.id LIMIT 1) AS head
    -- LIMIT makes the planner use one index look-up per chat.
    LEFT JOIN LATERAL (
        SELECT reachable, parked_until FROM chats
        WHERE bot_id = %(bot_id)s AND chat_id = walk.chat_id LIMIT 1) AS c ON TRUE
), due AS (
    SELECT id, n, kind, row_number() OVER (
               PARTITION BY kind = 'answer' ORDER BY kind <> 'result', n) AS nth
    FROM heads
    WHERE state <> 'sending' AND due <= now()
      AND NOT (id = ANY (CAST(%(stuck)s AS bigint[])))
      AND NOT EXISTS (
          SELECT 1 FROM unnest(CAST(%(busy_chats)s AS bigint[]), CAST(%(busy_lines)s AS bigint[]))
                        AS busy (chat_id, line)
          WHERE busy.chat_id = heads.chat_id AND busy.line = heads.line)
      AND (kind = 'result' OR NOT (chat_id = ANY (CAST(%(held)s AS bigint[]))))
), ready AS (
    SELECT id FROM due WHERE kind = 'answer' OR nth <= CAST(%(background)s AS int)
    ORDER BY n LIMIT %(slots)s
), claimed AS (
    UPDATE deliveries AS d
    SET state = 'sending', claim_token = CAST(%(token)s AS uuid), attempts = d.attempts + 1
    -- A list makes the planner look each of them up, however many it expects.
    WHERE d.id = ANY (ARRAY(SELECT id FROM ready)) AND d.state IN ('pending', 'unknown')
    RETURNING d.id, d.kind, d.payload, d.job_id, d.trace, d.thread, d.attempts, d.unknowns,
              extract(epoch FROM now() - d.created_at)::float8 AS age
)
SELECT heads.chat_id, heads.line, heads.reachable, heads.state = 'sending' AS in_flight,
       heads.state = 'sending' AND heads.claim_token = CAST(%(token)s AS uuid) AS ours,
       greatest(0, extract(epoch FROM heads.due - now()))::float8 AS due_in,
       claimed.id, claimed.kind, claimed.payload, claimed.job_id, claimed.trace, claimed.thread,
       claimed.attempts, claimed.unknowns, claimed.age, heads.id AS head,
       claimed.id IS NOT NULL AND (
           SELECT d.id FROM deliveries AS d
           WHERE d.bot_id = %(bot_id)s AND d.chat_id = heads.chat_id AND d.line = heads.line
             AND d.state IN ('pending', 'sending', 'unknown') AND d.kind <> 'toast'
             AND d.id > heads.id ORDER BY d.id LIMIT 1) IS NOT NULL AS followed
FROM heads LEFT JOIN claimed ON claimed.id = heads.id
ORDER BY heads.n;

-- name: claim_news
-- Claims messages of a broadcast, in order, when the walk has left room. Rows that others have locked
-- wait. One row comes back in any case: `waiting` are not sent yet, `ready` of these could go now
-- (one more than the limit: there are more), `due_in` is when the next one could that cannot now.
WITH waiting AS (
    SELECT d.id, d.chat_id, greatest(d.not_before, c.parked_until) AS due
    FROM deliveries AS d
    LEFT JOIN chats AS c ON c.bot_id = d.bot_id AND c.chat_id = d.chat_id
    WHERE d.bot_id = %(bot_id)s AND d.kind = 'news' AND d.state IN ('pending', 'unknown')
      AND d.not_before < 'infinity'
    ORDER BY d.id LIMIT 1000
), ready AS MATERIALIZED (
    SELECT id FROM waiting
    WHERE due <= now() AND NOT (chat_id = ANY (CAST(%(held)s AS bigint[])))
      AND NOT (chat_id = ANY (CAST(%(busy)s AS bigint[])))
    ORDER BY id LIMIT CAST(%(limit)s AS int) + 1
), locked AS (
    SELECT id FROM deliveries
    WHERE id IN (SELECT id FROM ready ORDER BY id LIMIT CAST(%(limit)s AS int))
      AND state IN ('pending', 'unknown')
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE deliveries AS d
    SET state = 'sending', claim_token = CAST(%(token)s AS uuid), attempts = d.attempts + 1
    FROM locked WHERE d.id = locked.id
    RETURNING d.id, d.chat_id, d.line, d.kind, d.payload, d.job_id, d.trace, d.thread, d.attempts,
              d.unknowns, extract(epoch FROM now() - d.created_at)::float8 AS age
)
SELECT (SELECT count(*)::int FROM waiting) AS waiting, (SELECT count(*)::int FROM ready) AS ready,
       (SELECT extract(epoch FROM min(due) - now()) FROM waiting WHERE due > now())::float8
           AS due_in,
       claimed.*,
       coalesce((SELECT c.reachable FROM chats AS c
                  WHERE c.bot_id = %(bot_id)s AND c.chat_id = claimed.chat_id), TRUE) AS reachable
FROM (SELECT 1) AS one LEFT JOIN claimed ON TRUE;

-- name: unclaim
-- Rows that this term claimed in a commit without an answer. Their calls were not begun.
UPDATE deliveries SET state = 'pending', claim_token = NULL, attempts = attempts - 1
WHERE bot_id = %(bot_id)s AND state = 'sending' AND claim_token = CAST(%(token)s AS uuid)
  AND NOT (id = ANY (CAST(%(known)s AS bigint[])));

-- name: record_outcomes (prepared)
-- The outcomes of deliveries that this term has claimed. Zero rows: the claims are lost. What must
-- not outlive its sending (`scrub`) goes with it.
UPDATE deliveries AS d
SET payload = CASE WHEN d.payload ? 'scrub' AND o.state IN ('sent', 'failed', 'dropped')
                   THEN d.payload - 'text' ELSE d.payload END,
    state = o.state, message_id = coalesce(o.message_id, d.message_id),
    file_id = coalesce(o.file_id, d.file_id), error = o.error,
    unknowns = d.unknowns + o.unknown,
    attempts = d.attempts - o.untried,
    not_before = now() + make_interval(secs => o.pause),
    sent_at = CASE WHEN o.state = 'sent' THEN now() END,
    owed = CASE WHEN CAST(%(owing)s AS boolean) AND d.kind IN ('result', 'refund')
                 AND o.state IN ('sent', 'failed') THEN o.state END,
    claim_token = NULL
FROM (SELECT id, (CAST(%(states)s AS text[]))[n] AS state,
             (CAST(%(message_ids)s AS bigint[]))[n] AS message_id,
             (CAST(%(file_ids)s AS text[]))[n] AS file_id, (CAST(%(errors)s AS text[]))[n] AS error,
             (CAST(%(unknowns)s AS int[]))[n] AS unknown,
             (CAST(%(untried)s AS int[]))[n] AS untried, (CAST(%(pauses)s AS float8[]))[n] AS pause
      FROM unnest(CAST(%(ids)s AS bigint[])) WITH ORDINALITY AS a (id, n))
     AS o
WHERE d.id = o.id AND d.state = 'sending' AND d.claim_token = CAST(%(token)s AS uuid)
RETURNING d.id, d.chat_id, d.job_id, d.thread, d.payload ->> 'lost' AS lost,
          CASE WHEN d.kind = 'refund' THEN d.payload ->> 'charge_id' END AS charge_id,
          d.payload ->> 'do' = 'end_subscription' AS ends,
          CASE WHEN d.kind IN ('result', 'refund') THEN d.state END AS result_is,
          d.state = 'failed' AS is_lost,
          CASE WHEN d.kind = 'status' AND d.state = 'sent' AND d.payload ->> 'do' <> 'remove'
                AND d.message_id IS DISTINCT FROM CAST(d.payload ->> 'message_id' AS bigint)
               THEN d.message_id END AS progress,
          CASE WHEN d.state = 'sent' THEN CAST(d.payload ->> 'card' AS boolean) END AS card,
          coalesce(d.message_id, CAST(d.payload ->> 'message_id' AS bigint)) AS message_id;

-- name: note_cards (prepared)
-- Messages that became the card of their chats (live), or are none any more. The newest delivery of
-- a chat makes its card, in whatever order the outcomes come: deliveries of several lines overtake
-- each other. Returns the other cards, which are to be removed; a removal that waits for a message
-- that is the card again is dropped. What a later delivery or leave_card says of a message stays.
WITH noted AS (
    SELECT DISTINCT ON (n.chat_id, n.message_id) n.*
    FROM (SELECT chat_id, (CAST(%(message_ids)s AS bigint[]))[n] AS message_id,
                 (CAST(%(lives)s AS boolean[]))[n] AS live, (CAST(%(ids)s AS bigint[]))[n] AS id
          FROM unnest(CAST(%(chat_ids)s AS bigint[])) WITH ORDINALITY AS a (chat_id, n))
         AS n
    ORDER BY n.chat_id, n.message_id, n.id DESC
), known AS (
    SELECT chat_id, message_id, live, as_of FROM cards
    WHERE bot_id = %(bot_id)s AND chat_id = ANY (CAST(%(chat_ids)s AS bigint[]))
), told AS (
    SELECT noted.* FROM noted LEFT JOIN known USING (chat_id, message_id)
    WHERE known.as_of IS NULL OR known.as_of < noted.id
), newest AS (
    SELECT chat_id, max(id) AS id
    FROM (SELECT chat_id, id FROM told WHERE live
          UNION ALL
          SELECT chat_id, as_of FROM known
          WHERE live AND (chat_id, message_id) NOT IN (SELECT chat_id, message_id FROM told)) AS card
    GROUP BY chat_id
), stays AS (
    SELECT told.* FROM told LEFT JOIN newest USING (chat_id)
    WHERE NOT told.live OR told.id = newest.id
), put AS (
    INSERT INTO cards (bot_id, chat_id, message_id, live, as_of)
    SELECT %(bot_id)s, chat_id, message_id, live, id FROM stays ORDER BY chat_id, message_id
    ON CONFLICT (bot_id, chat_id, message_id) DO UPDATE
    SET live = EXCLUDED.live, as_of = EXCLUDED.as_of WHERE cards.as_of < EXCLUDED.as_of
), kept AS (
    UPDATE deliveries AS d SET state = 'dropped', error = 'it is the card again'
    FROM stays
    WHERE stays.live AND d.bot_id = %(bot_id)s AND d.chat_id = stays.chat_id AND d.line = 0
      AND d.state = 'pending' AND d.kind <> 'toast' AND d.payload ->> 'do' = 'remove'
      AND CAST(d.payload ->> 'message_id' AS bigint) = stays.message_id
), gone AS (
    DELETE FROM cards AS c USING newest
    WHERE c.bot_id = %(bot_id)s AND c.chat_id = newest.chat_id AND c.as_of < newest.id
      AND (c.chat_id, c.message_id) NOT IN (SELECT chat_id, message_id FROM stays)
    RETURNING c.chat_id, c.message_id, c.live, newest.id
)
SELECT id, chat_id, message_id FROM gone WHERE live
UNION
SELECT newest.id, told.chat_id, told.message_id FROM told JOIN newest USING (chat_id)
WHERE told.live AND told.id < newest.id
ORDER BY chat_id, message_id;

-- name: leave_card
-- The message stays in the chat and is its card no more, whatever deliveries before this moment
-- made of it.
INSERT INTO cards (bot_id, chat_id, message_id, live, as_of)
VALUES (%(bot_id)s, %(chat_id)s, %(message_id)s, FALSE, nextval('deliveries_id_seq'))
ON CONFLICT (bot_id, chat_id, message_id) DO UPDATE
SET live = FALSE, as_of = EXCLUDED.as_of WHERE cards.as_of < EXCLUDED.as_of;

-- name: note_progress
-- A new message shows the progress of the job from now on. With `over`, the job has had its end
-- already: the message is to be removed. No row: the job is gone.
UPDATE generation_jobs AS j SET status_message_id = n.message_id
FROM unnest(CAST(%(job_ids)s AS bigint[]), CAST(%(message_ids)s AS bigint[]))
     AS n (job_id, message_id)
WHERE j.id = n.job_id
RETURNING j.id, j.chat_id, j.thread, j.status_message_id,
          j.status IN ('success', 'fail') AS over;

-- name: owed
-- Results whose money could not be booked together with their outcome, oldest first.
SELECT id, chat_id, job_id, thread, payload ->> 'lost' AS lost, owed = 'failed' AS is_lost,
       CASE WHEN kind = 'refund' THEN payload ->> 'charge_id' END AS charge_id,
       payload ->> 'do' = 'end_subscription' AS ends, owed AS result_is
FROM deliveries WHERE bot_id = %(bot_id)s AND owed IS NOT NULL
ORDER BY id LIMIT %(limit)s;

-- name: owe_nothing
-- Their money is booked in this transaction. No row for a delivery: it was booked before.
UPDATE deliveries SET owed = NULL
WHERE id = ANY (CAST(%(ids)s AS bigint[])) AND owed IS NOT NULL
RETURNING id;

-- name: pause_chat
-- Telegram told us to wait before the next message to this chat. Survives a restart.
INSERT INTO chats (bot_id, chat_id, parked_until)
VALUES (%(bot_id)s, %(chat_id)s, now() + make_interval(secs => %(pause)s))
ON CONFLICT (bot_id, chat_id) DO UPDATE
SET parked_until = greatest(chats.parked_until, EXCLUDED.parked_until);

-- name: keep_silence
-- Telegram told us to wait in all chats. Survives a restart.
INSERT INTO silences (bot_id, until)
VALUES (%(bot_id)s, now() + make_interval(secs => %(pause)s))
ON CONFLICT (bot_id) DO UPDATE SET until = greatest(silences.until, EXCLUDED.until);

-- name: silence_left
-- No row: Telegram has never asked for it.
SELECT greatest(0, extract(epoch FROM until - now()))::float8 AS seconds
FROM silences WHERE bot_id = %(bot_id)s;

-- name: mark_unreachable
-- The user has blocked the bot or is gone: results are held, other deliveries fail.
WITH closed AS (
    INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%(bot_id)s, %(chat_id)s, FALSE)
    ON CONFLICT (bot_id, chat_id) DO UPDATE SET reachable = FALSE
)
UPDATE deliveries
SET state = CASE WHEN kind = 'result' THEN 'held' ELSE 'failed' END,
    not_before = CASE WHEN kind = 'result'
                      THEN created_at + make_interval(secs => %(hold)s) ELSE not_before END,
    error = %(error)s
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s
  AND state IN ('pending', 'unknown') AND kind NOT IN ('toast', 'refund');

-- name: bring_home
-- Results that wait for a group that cannot be reached: nobody there comes back for them. They go to
-- the private chat in which their user has confirmed the order.
UPDATE deliveries AS d
SET chat_id = j.user_id, thread = NULL, payload = d.payload - 'reply_to', state = 'pending',
    not_before = now(), error = NULL
FROM generation_jobs AS j
WHERE d.bot_id = %(bot_id)s AND d.chat_id = %(chat_id)s AND d.kind = 'result' AND d.state = 'held'
  AND j.id = d.job_id AND j.user_id <> d.chat_id;

-- name: move_chat
-- The group is a supergroup with another number: what waits for it goes there. Its messages stay
-- behind, so what only changes or answers one of them is over.
UPDATE deliveries
SET chat_id = %(to)s, thread = NULL, payload = payload - 'reply_to',
    state = CASE WHEN kind = 'status' OR payload ->> 'do' IN ('remove', 'buttons')
                 THEN 'dropped' ELSE state END
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s
  AND state IN ('pending', 'unknown', 'held') AND kind NOT IN ('toast', 'refund');

-- name: end_holds
-- Results that were held for the whole time: the sender claims them again and gives them up.
UPDATE deliveries SET state = 'pending'
WHERE id IN (SELECT id FROM deliveries
              WHERE bot_id = %(bot_id)s AND state = 'held' AND not_before <= now()
              ORDER BY not_before LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
  AND state = 'held';

-- name: resume_chat
-- The user is back: the held results become due. Zero rows: there were none.
UPDATE deliveries SET state = 'pending', not_before = now()
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s
  AND (state = 'held' OR (state = 'pending' AND kind = 'result' AND not_before > now()));
