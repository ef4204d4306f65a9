-- Statements of handlers/.
--
-- Lists come as arrays of equal length, one element a row.

-- ------------------------------------------------------------------ inbox --

-- name: store_updates
-- Everything that waits, in one statement. No row for an update: it is here already.
-- In the order of the numbers, so that two instances that store the same ones wait for
-- each other and never in a circle. After a quiet week Telegram's numbers start anew at a
-- random place: an old row with the same number is then not the same update, and gives way.
-- The new one has a seq of its own, because deliveries are named after it.
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

-- name: lane_heads
-- The oldest due updates of the next lanes after the given one, up to the last: a loose scan, so that a
-- lane with a thousand waiting updates costs what a lane with a few costs. A lane that
-- has only updates whose time has not come is one row without an update.
WITH RECURSIVE lanes (lane, n) AS (
    (SELECT lane, 1 FROM telegram_updates
      WHERE bot_id = %(bot_id)s AND state = 'new' AND lane > CAST(%(after)s AS bigint)
        AND lane <= CAST(%(last)s AS bigint)
      ORDER BY lane LIMIT 1)
    UNION ALL
    SELECT (SELECT t.lane FROM telegram_updates AS t
             WHERE t.bot_id = %(bot_id)s AND t.state = 'new' AND t.lane > lanes.lane
               AND t.lane <= CAST(%(last)s AS bigint)
             ORDER BY t.lane LIMIT 1),
           lanes.n + 1
    FROM lanes WHERE lanes.lane IS NOT NULL AND lanes.n < %(lanes)s
)
SELECT lanes.lane, head.seq, head.update_id, head.body, head.attempts
FROM lanes
LEFT JOIN LATERAL (
    SELECT t.seq, t.update_id, t.body, t.attempts
    FROM telegram_updates AS t
    WHERE t.bot_id = %(bot_id)s AND t.state = 'new' AND t.lane = lanes.lane
      AND t.next_try_at <= now()
    ORDER BY t.update_id
    LIMIT %(depth)s
) AS head ON TRUE
WHERE lanes.lane IS NOT NULL
ORDER BY lanes.n, head.update_id;

-- name: take_updates
-- Locks updates, makes their users known and loads what every decision needs. No row for
-- an update: somebody has done it already, or its next try is later. In the order of the
-- users, so that of two transactions none waits for the other in a circle.
WITH asked AS (
    SELECT * FROM unnest(CAST(%(seqs)s AS bigint[]), CAST(%(chat_ids)s AS bigint[]),
                         CAST(%(user_ids)s AS bigint[]), CAST(%(usernames)s AS text[]),
                         CAST(%(first_names)s AS text[]))
         AS a (seq, chat_id, user_id, username, first_name)
), taken AS MATERIALIZED (
    SELECT asked.*, t.received_at, t.answered_at
    FROM asked
    JOIN LATERAL (
        SELECT * FROM telegram_updates
        WHERE seq = asked.seq AND state = 'new' AND next_try_at <= now()
        FOR UPDATE) AS t ON TRUE
    ORDER BY asked.user_id, asked.seq
)
SELECT taken.seq, u.language, d.step, d.version, d.answers,
       coalesce(c.reachable, TRUE) AS reachable,
       extract(epoch FROM now() - taken.received_at)::float8 AS age,
       taken.answered_at IS NOT NULL AS answered,
       CASE WHEN u.user_id IS NULL
              OR u.username IS DISTINCT FROM coalesce(taken.username, u.username)
              OR u.first_name IS DISTINCT FROM coalesce(taken.first_name, u.first_name)
            THEN ensure_user(taken.user_id, taken.username, taken.first_name) END AS known
FROM taken
LEFT JOIN LATERAL (SELECT * FROM users WHERE user_id = taken.user_id LIMIT 1) AS u ON TRUE
LEFT JOIN LATERAL (
    SELECT * FROM dialogues
    WHERE bot_id = %(bot_id)s AND chat_id = taken.chat_id AND user_id = taken.user_id
    LIMIT 1) AS d ON TRUE
LEFT JOIN LATERAL (
    SELECT * FROM chats WHERE bot_id = %(bot_id)s AND chat_id = taken.chat_id LIMIT 1)
    AS c ON TRUE;

-- name: claim_presses
-- Presses whose users have waited long enough. Those that no handler has reached are marked
-- as answered; of those that have been handled the answer that still waits in the outbox is
-- taken over. ``busy``: a handler has the update in its hands right now. No row: answered.
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

-- name: job_of_user
-- What a button under a result refers to. No row: not a job of this user.
SELECT id, model, input_params AS inputs, status
FROM generation_jobs
WHERE id = %(job_id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s;

-- name: finish_updates
-- The updates are done; in the same breath their dialogues move on, those that do.
WITH finished AS (
    SELECT * FROM unnest(CAST(%(seqs)s AS bigint[]), CAST(%(chat_ids)s AS bigint[]),
                         CAST(%(user_ids)s AS bigint[]), CAST(%(steps)s AS text[]),
                         CAST(%(versions)s AS int[]), CAST(%(answers)s AS text[]))
         AS f (seq, chat_id, user_id, step, version, answers)
), moved AS (
    INSERT INTO dialogues (bot_id, chat_id, user_id, step, version, answers)
    SELECT %(bot_id)s, chat_id, user_id, step, version, CAST(answers AS jsonb)
    FROM finished WHERE step IS NOT NULL ORDER BY chat_id, user_id
    ON CONFLICT (bot_id, chat_id, user_id) DO UPDATE
    SET step = EXCLUDED.step, version = EXCLUDED.version, answers = EXCLUDED.answers
)
UPDATE telegram_updates AS t
SET state = 'done', done_at = now(), attempts = t.attempts + 1, error = NULL
FROM finished
WHERE t.seq = finished.seq AND t.state = 'new';

-- name: postpone_update
-- Its handler failed: tried again after the pause, and its lane goes on without it.
UPDATE telegram_updates
SET attempts = attempts + 1, error = %(error)s,
    next_try_at = now() + make_interval(secs => %(pause)s)
WHERE seq = %(seq)s AND state = 'new';

-- name: set_update_aside
-- Tried often enough, or never readable. Zero rows: it was done meanwhile.
UPDATE telegram_updates
SET state = 'dead', attempts = attempts + 1, error = %(error)s, done_at = now()
WHERE seq = %(seq)s AND state = 'new'
RETURNING update_id;

-- name: set_language
UPDATE users SET language = %(language)s WHERE user_id = %(user_id)s;

-- name: set_reachable
-- Only a difference is written: most chats never get a row.
INSERT INTO chats (bot_id, chat_id, reachable)
VALUES (%(bot_id)s, %(chat_id)s, %(reachable)s)
ON CONFLICT (bot_id, chat_id) DO UPDATE SET reachable = EXCLUDED.reachable
WHERE chats.reachable IS DISTINCT FROM EXCLUDED.reachable;

-- name: resume_chat
-- The user is back: the results that waited go out. Zero rows: none did.
UPDATE deliveries SET not_before = now()
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s AND state = 'pending' AND kind = 'result'
  AND not_before > now();

-- ----------------------------------------------------------------- outbox --

-- name: enqueue
-- No row for a delivery: the same one was enqueued before.
INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key, job_id, trace)
SELECT %(bot_id)s, m.chat_id, m.kind, CAST(m.payload AS jsonb), m.dedupe_key, m.job_id,
       m.trace
FROM unnest(CAST(%(chat_ids)s AS bigint[]), CAST(%(kinds)s AS text[]),
            CAST(%(payloads)s AS text[]), CAST(%(dedupe_keys)s AS text[]),
            CAST(%(job_ids)s AS bigint[]), CAST(%(traces)s AS text[]))
     WITH ORDINALITY AS m (chat_id, kind, payload, dedupe_key, job_id, trace, n)
ORDER BY m.n
ON CONFLICT (bot_id, dedupe_key) DO NOTHING
RETURNING id;

-- name: supersede_statuses
-- A newer status or the result makes older ones worthless.
UPDATE deliveries SET state = 'dropped', error = 'superseded'
WHERE job_id = %(job_id)s AND kind = 'status' AND state = 'pending';

-- name: enqueue_notice
-- To each operator: the same key once an hour at most (the bucket of this hour and the one
-- before are both looked at, so an hour's edge changes nothing), and only so many of all
-- keys, of which the last says that more are held back. What other transactions write at
-- this very moment is not counted yet. Zero rows: told already, or held back.
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
INSERT INTO deliveries (bot_id, chat_id, kind, payload, dedupe_key)
SELECT %(bot_id)s, chat_id, 'notice',
       CASE WHEN whole THEN CAST(%(payload)s AS jsonb) ELSE CAST(%(held_back)s AS jsonb) END,
       'notice:' || CASE WHEN whole THEN %(key)s ELSE 'held-back' END || ':' || chat_id || ':'
           || hour.bucket
FROM due CROSS JOIN hour
ON CONFLICT (bot_id, dedupe_key) DO NOTHING;

-- ----------------------------------------------------------------- sender --

-- name: recover_sending
-- Begun by a term that is over, outcome unknown: a status is not worth repeating, an
-- answer is repeated at once, a result after a pause; both only so often.
UPDATE deliveries
SET state = CASE WHEN kind IN ('status', 'toast') THEN 'dropped'
                 WHEN unknowns >= %(most)s THEN 'failed'
                 WHEN kind = 'result' THEN 'unknown'
                 ELSE 'pending' END,
    not_before = CASE WHEN kind = 'result' AND unknowns < %(most)s
                      THEN now() + make_interval(secs => %(result_pause)s) ELSE not_before END,
    unknowns = unknowns + 1,
    claim_token = NULL,
    error = 'no answer: the sender ended'
WHERE bot_id = %(bot_id)s AND state = 'sending'
  AND claim_token IS DISTINCT FROM CAST(%(token)s AS uuid)
RETURNING id, kind, state, job_id, chat_id, payload ->> 'lost' AS lost;

-- name: claim_toasts
-- Button presses wait for nobody, and payments go before them. Those that nobody waits for
-- any more are dropped.
UPDATE deliveries AS d
SET state = CASE WHEN d.created_at < now() - make_interval(secs =>
                      CASE WHEN d.payload ->> 'do' = 'refuse'
                           THEN CAST(%(checkout_too_old)s AS float8)
                           ELSE CAST(%(too_old)s AS float8) END)
                 THEN 'dropped' ELSE 'sending' END,
    claim_token = CAST(%(token)s AS uuid), attempts = d.attempts + 1
FROM (SELECT id FROM deliveries
       WHERE bot_id = %(bot_id)s AND kind = 'toast' AND state = 'pending' AND not_before <= now()
       ORDER BY payload ->> 'do' = 'refuse' DESC, id LIMIT %(limit)s) AS due
WHERE d.id = due.id AND d.state = 'pending'
RETURNING d.id, d.chat_id, d.kind, d.payload, d.job_id, d.trace, d.attempts, d.unknowns, d.state,
          TRUE AS reachable, extract(epoch FROM now() - d.created_at)::float8 AS age;

-- name: claim_heads
-- The oldest open delivery of each chat after the given one (a loose scan), if it is due
-- and its chat is neither parked nor busy. pending → sending is the intent: committed
-- before the call. Pacing holds a chat back, but never a result. Of what is not an answer
-- only so much is claimed, results first. A delivery whose turn has not come yet is
-- returned unclaimed, with the seconds until it is due.
WITH RECURSIVE walk (chat_id, n) AS (
    (SELECT chat_id, 1 FROM deliveries
      WHERE bot_id = %(bot_id)s AND state IN ('pending', 'sending', 'unknown')
        AND kind <> 'toast' AND chat_id > CAST(%(after)s AS bigint)
      ORDER BY chat_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.chat_id FROM deliveries AS d
             WHERE d.bot_id = %(bot_id)s AND d.state IN ('pending', 'sending', 'unknown')
               AND d.kind <> 'toast' AND d.chat_id > walk.chat_id
             ORDER BY d.chat_id LIMIT 1),
           walk.n + 1
    FROM walk WHERE walk.chat_id IS NOT NULL AND walk.n < %(chats)s
), heads AS (
    SELECT walk.n, walk.chat_id, head.id, head.state, head.kind,
           coalesce(c.reachable, TRUE) AS reachable,
           greatest(head.not_before, c.parked_until, now()) AS due
    FROM walk
    CROSS JOIN LATERAL (
        SELECT d.id, d.state, d.kind, d.not_before FROM deliveries AS d
        WHERE d.bot_id = %(bot_id)s AND d.chat_id = walk.chat_id
          AND d.state IN ('pending', 'sending', 'unknown') AND d.kind <> 'toast'
        ORDER BY d.id LIMIT 1) AS head
    -- LIMIT: one look-up a chat, whatever the planner thinks of how many there are.
    LEFT JOIN LATERAL (
        SELECT reachable, parked_until FROM chats
        WHERE bot_id = %(bot_id)s AND chat_id = walk.chat_id LIMIT 1) AS c ON TRUE
    WHERE walk.chat_id IS NOT NULL
), due AS (
    SELECT id, n, kind, row_number() OVER (
               PARTITION BY kind = 'answer' ORDER BY kind <> 'result', n) AS nth
    FROM heads
    WHERE state <> 'sending' AND due <= now()
      AND NOT (chat_id = ANY (CAST(%(busy)s AS bigint[])))
      AND (kind = 'result' OR NOT (chat_id = ANY (CAST(%(held)s AS bigint[]))))
), ready AS (
    SELECT id FROM due WHERE kind = 'answer' OR nth <= CAST(%(unasked)s AS int)
    ORDER BY n LIMIT %(slots)s
), claimed AS (
    UPDATE deliveries AS d
    SET state = 'sending', claim_token = CAST(%(token)s AS uuid), attempts = d.attempts + 1
    FROM ready
    WHERE d.id = ready.id AND d.state IN ('pending', 'unknown')
    RETURNING d.id, d.kind, d.payload, d.job_id, d.trace, d.attempts, d.unknowns,
              extract(epoch FROM now() - d.created_at)::float8 AS age
)
SELECT heads.chat_id, heads.reachable, heads.state = 'sending' AS in_flight,
       greatest(0, extract(epoch FROM heads.due - now()))::float8 AS due_in,
       claimed.id, claimed.kind, claimed.payload, claimed.job_id, claimed.trace, claimed.attempts,
       claimed.unknowns, claimed.age
FROM heads LEFT JOIN claimed ON claimed.id = heads.id
ORDER BY heads.n;

-- name: unclaim
-- Rows that this term claimed in a commit that it never heard of: nobody began them.
UPDATE deliveries SET state = 'pending', claim_token = NULL, attempts = attempts - 1
WHERE bot_id = %(bot_id)s AND state = 'sending' AND claim_token = CAST(%(token)s AS uuid)
  AND NOT (id = ANY (CAST(%(known)s AS bigint[])));

-- name: record_outcomes
-- What became of deliveries that this term had claimed. Zero rows: not ours any more.
UPDATE deliveries AS d
SET state = o.state, message_id = coalesce(o.message_id, d.message_id),
    file_id = coalesce(o.file_id, d.file_id), error = o.error,
    unknowns = d.unknowns + o.unknown,
    attempts = d.attempts - o.untried,
    not_before = now() + make_interval(secs => o.pause),
    sent_at = CASE WHEN o.state = 'sent' THEN now() END,
    claim_token = NULL
FROM unnest(CAST(%(ids)s AS bigint[]), CAST(%(states)s AS text[]),
            CAST(%(message_ids)s AS bigint[]), CAST(%(file_ids)s AS text[]),
            CAST(%(errors)s AS text[]), CAST(%(unknowns)s AS int[]),
            CAST(%(untried)s AS int[]), CAST(%(pauses)s AS float8[]))
     AS o (id, state, message_id, file_id, error, unknown, untried, pause)
WHERE d.id = o.id AND d.state = 'sending' AND d.claim_token = CAST(%(token)s AS uuid)
RETURNING d.id, d.chat_id, d.job_id, d.payload ->> 'lost' AS lost,
          CASE WHEN d.kind = 'result' THEN d.state END AS result_is;

-- name: park_chat
-- Telegram said: not before then. Survives a restart.
INSERT INTO chats (bot_id, chat_id, parked_until)
VALUES (%(bot_id)s, %(chat_id)s, now() + make_interval(secs => %(pause)s))
ON CONFLICT (bot_id, chat_id) DO UPDATE
SET parked_until = greatest(chats.parked_until, EXCLUDED.parked_until);

-- name: parked_for
-- No row: never parked.
SELECT greatest(0, extract(epoch FROM parked_until - now()))::float8 AS seconds
FROM chats WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s;

-- name: close_chat
-- The user blocked the bot or is gone: results wait for a return, the rest is given up.
WITH closed AS (
    INSERT INTO chats (bot_id, chat_id, reachable) VALUES (%(bot_id)s, %(chat_id)s, FALSE)
    ON CONFLICT (bot_id, chat_id) DO UPDATE SET reachable = FALSE
)
UPDATE deliveries
SET state = CASE WHEN kind = 'result' THEN 'pending' ELSE 'failed' END,
    not_before = CASE WHEN kind = 'result'
                      THEN created_at + make_interval(secs => %(hold)s) ELSE not_before END,
    error = %(error)s
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s
  AND state IN ('pending', 'unknown') AND kind <> 'toast';

-- ---------------------------------------------------------------- webhook --

-- name: webhook_fingerprint
-- What we told Telegram last; its secret cannot be read back. No row: nothing yet.
SELECT fingerprint FROM webhooks WHERE bot_id = %(bot_id)s;

-- name: remember_webhook
INSERT INTO webhooks (bot_id, fingerprint) VALUES (%(bot_id)s, %(fingerprint)s)
ON CONFLICT (bot_id) DO UPDATE SET fingerprint = EXCLUDED.fingerprint, set_at = now();

-- name: forget_webhook
DELETE FROM webhooks WHERE bot_id = %(bot_id)s;

-- name: undelivered_files
-- The links of results that are not delivered, a page after the given one: of an album as
-- pairs in files, else in urls.
SELECT id, payload -> 'urls' AS urls, payload -> 'files' AS files
FROM deliveries
WHERE bot_id = %(bot_id)s AND state IN ('pending', 'sending', 'unknown') AND kind = 'result'
  AND payload ->> 'do' IN ('media', 'album') AND id > %(after)s
ORDER BY id
LIMIT %(limit)s;

-- name: latest_results
-- What /history sends once more: the first part of each result that reached the user.
SELECT d.payload, d.file_id
FROM (SELECT id, created_at FROM generation_jobs
       WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
         AND (status = 'success' OR gifted_at IS NOT NULL)
       ORDER BY created_at DESC LIMIT %(count)s) AS j
JOIN deliveries AS d ON d.job_id = j.id AND d.kind = 'result' AND d.state = 'sent'
WHERE d.dedupe_key IN ('job:' || j.id || ':end', 'job:' || j.id || ':gift:0:1')
  AND d.payload ->> 'do' IN ('say', 'media', 'album', 'text_file')
ORDER BY j.created_at DESC;
