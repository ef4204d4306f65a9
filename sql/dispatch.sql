-- Statements of handlers/dispatch: due updates, their facts, their end.
--
-- Lists come as arrays of equal length, one element a row. On the hot path only those are unnested by
-- which rows are found, and their places lead to the elements of the others: unnesting all of them
-- takes as long as the rest of a statement.

-- name: lane_heads (prepared)
-- The oldest due updates of the next lanes after the given one, up to the last. A loose index scan,
-- so a lane with a thousand waiting updates costs as much as one with a few. A lane without due
-- updates is one row without an update.
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
SELECT lanes.lane, head.seq, head.update_id, head.body, head.attempts, head.ended
FROM lanes
LEFT JOIN LATERAL (
    SELECT t.seq, t.update_id, t.body, t.attempts, t.ended
    FROM telegram_updates AS t
    WHERE t.bot_id = %(bot_id)s AND t.state = 'new' AND t.lane = lanes.lane
      AND t.next_try_at <= now()
    ORDER BY t.update_id
    LIMIT %(depth)s
) AS head ON TRUE
WHERE lanes.lane IS NOT NULL
ORDER BY lanes.n, head.update_id;

-- name: limit_note (prepared)
-- Before note_begun: not worth a wait for the disk, nor for a lock. What is lost with the server is
-- that one end of a process is not counted.
SELECT set_config('synchronous_commit', 'off', TRUE), set_config('lock_timeout', '500ms', TRUE);

-- name: note_begun (prepared)
-- A worker begins with these updates.
INSERT INTO updates_begun (bot_id, process, worker, seqs)
VALUES (%(bot_id)s, CAST(%(process)s AS uuid), %(worker)s, CAST(%(seqs)s AS bigint[]))
ON CONFLICT (bot_id, process, worker) DO UPDATE SET seqs = EXCLUDED.seqs;

-- name: forget_begun
-- A worker has outlived its updates, and some of them are still to be handled. No row: it was not
-- noted.
DELETE FROM updates_begun
WHERE bot_id = %(bot_id)s AND process = CAST(%(process)s AS uuid) AND worker = %(worker)s;

-- name: count_ended
-- What other processes had in work when they were last heard of, and have not done: it may be what
-- ended them. After the third time it waits, and its lane goes on without it. Rows that
-- somebody else has locked are not counted.
WITH begun AS (
    DELETE FROM updates_begun
    WHERE bot_id = %(bot_id)s AND process <> CAST(%(process)s AS uuid) AND worker <> 'direct'
    RETURNING seqs
), left_over AS (
    SELECT seq FROM telegram_updates
    WHERE seq = ANY (ARRAY(SELECT unnest(seqs) FROM begun)) AND bot_id = %(bot_id)s AND state = 'new'
    FOR UPDATE SKIP LOCKED
)
UPDATE telegram_updates AS t
SET ended = t.ended + 1,
    next_try_at = greatest(t.next_try_at, now() + make_interval(
        secs => coalesce((CAST(%(pauses)s AS float8[]))[t.ended + 1], 0)))
FROM left_over WHERE t.seq = left_over.seq
RETURNING t.seq, t.lane, t.update_id, t.ended,
          extract(epoch FROM t.next_try_at - now())::float8 AS pause;

-- name: take_updates (prepared)
-- Locks updates, makes their users and accounts known and loads what every decision needs. No row for
-- an update: somebody has done it already, or its next try is later. In the order of the
-- users, so that of two transactions none waits for the other in a circle.
WITH asked AS (
    SELECT seq, (CAST(%(chat_ids)s AS bigint[]))[n] AS chat_id,
           (CAST(%(user_ids)s AS bigint[]))[n] AS user_id,
           (CAST(%(usernames)s AS text[]))[n] AS username,
           (CAST(%(first_names)s AS text[]))[n] AS first_name,
           (CAST(%(language_codes)s AS text[]))[n] AS language_code,
           (CAST(%(people)s AS bytea[]))[n] AS person
    FROM unnest(CAST(%(seqs)s AS bigint[])) WITH ORDINALITY AS a (seq, n)
), taken AS MATERIALIZED (
    SELECT asked.*, t.received_at, t.answered_at
    FROM asked
    JOIN LATERAL (
        SELECT * FROM telegram_updates
        WHERE seq = asked.seq AND state = 'new' AND next_try_at <= now()
        FOR UPDATE) AS t ON TRUE
    ORDER BY asked.user_id, asked.seq
)
SELECT taken.seq, CASE WHEN a.user_id IS NULL THEN u.language ELSE a.language END AS language,
       d.step, d.version, d.answers,
       coalesce(c.reachable, TRUE) AS reachable,
       extract(epoch FROM now() - taken.received_at)::float8 AS age,
       taken.answered_at IS NOT NULL AS answered,
       (SELECT max(message_id) FROM cards
         WHERE bot_id = %(bot_id)s AND chat_id = taken.chat_id AND live) AS card,
       CASE WHEN u.user_id IS NULL
              OR u.username IS DISTINCT FROM taken.username
              OR u.first_name IS DISTINCT FROM coalesce(taken.first_name, u.first_name)
            THEN ensure_user(taken.user_id, coalesce(taken.username, ''), taken.first_name)
            END AS known,
       CASE WHEN a.user_id IS NULL OR a.last_seen < now() - interval '1 hour'
              OR (taken.language_code <> ''
                  AND a.last_language_code IS DISTINCT FROM taken.language_code)
            THEN trt_meet(%(bot_id)s, taken.user_id, nullif(taken.language_code, ''),
                          taken.person) END AS noted
FROM taken
LEFT JOIN LATERAL (SELECT * FROM users WHERE user_id = taken.user_id LIMIT 1) AS u ON TRUE
LEFT JOIN LATERAL (
    SELECT * FROM accounts WHERE bot_id = %(bot_id)s AND user_id = taken.user_id LIMIT 1)
    AS a ON TRUE
LEFT JOIN LATERAL (
    SELECT * FROM dialogues
    WHERE bot_id = %(bot_id)s AND chat_id = taken.chat_id AND user_id = taken.user_id
    LIMIT 1) AS d ON TRUE
LEFT JOIN LATERAL (
    SELECT * FROM chats WHERE bot_id = %(bot_id)s AND chat_id = taken.chat_id LIMIT 1)
    AS c ON TRUE;

-- name: lock_step
-- The private dialogue of a user, locked until the transaction ends, as it is when others have
-- committed. No row: it has not begun.
SELECT step, version, answers FROM dialogues
WHERE bot_id = %(bot_id)s AND chat_id = %(user_id)s AND user_id = %(user_id)s
FOR NO KEY UPDATE;

-- name: their_step
-- The private dialogue of another user than the sender of the update. No row: it has not begun.
SELECT d.step, d.version, d.answers, a.language, a.last_language_code
FROM dialogues AS d JOIN accounts AS a ON a.bot_id = d.bot_id AND a.user_id = d.user_id
WHERE d.bot_id = %(bot_id)s AND d.chat_id = %(user_id)s AND d.user_id = %(user_id)s;

-- name: move_their_step
-- Another user's step is over. Zero rows: its user has gone on meanwhile.
UPDATE dialogues SET step = %(step)s, version = version + 1, answers = CAST(%(answers)s AS jsonb)
WHERE bot_id = %(bot_id)s AND chat_id = %(user_id)s AND user_id = %(user_id)s
  AND version = %(version)s;

-- name: finish_updates (prepared)
-- Marks the updates as done and stores the new steps of their dialogues.
WITH finished AS (
    SELECT seq, (CAST(%(chat_ids)s AS bigint[]))[n] AS chat_id,
           (CAST(%(user_ids)s AS bigint[]))[n] AS user_id, (CAST(%(steps)s AS text[]))[n] AS step,
           (CAST(%(versions)s AS int[]))[n] AS version, (CAST(%(answers)s AS text[]))[n] AS answers
    FROM unnest(CAST(%(seqs)s AS bigint[])) WITH ORDINALITY AS f (seq, n)
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
-- The handler failed: the update is tried again after the pause, and its lane goes on meanwhile.
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

-- name: set_reachable
-- Writes only a change, so most chats never get a row.
INSERT INTO chats (bot_id, chat_id, reachable)
VALUES (%(bot_id)s, %(chat_id)s, %(reachable)s)
ON CONFLICT (bot_id, chat_id) DO UPDATE SET reachable = EXCLUDED.reachable
WHERE chats.reachable IS DISTINCT FROM EXCLUDED.reachable;

-- name: supersede_settling
-- What waits in a chat for more of the same (an album) gives way to the next that knows more.
UPDATE deliveries SET state = 'dropped', error = 'superseded'
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s AND line = 0 AND state = 'pending'
  AND kind <> 'toast' AND payload ->> 'settles' = %(name)s;

-- name: next_question
-- The key of the user's next question to the operators within this hour. No row: there were as many
-- as may be.
SELECT asked.key
FROM (SELECT 'question:' || CAST(%(who)s AS text) || ':'
             || CAST(floor(extract(epoch FROM now()) / 3600) AS bigint) || ':' || n AS key, n
      FROM generate_series(1, CAST(%(most)s AS int)) AS n) AS asked
WHERE NOT EXISTS (
    SELECT 1 FROM unnest(CAST(%(operators)s AS bigint[])) AS operator
    JOIN deliveries AS d
      ON d.bot_id = %(bot_id)s AND d.dedupe_key = asked.key || ':' || operator)
ORDER BY asked.n LIMIT 1;

-- name: record_act
-- What an operator did, in the commit of the act. No row: the act that it undoes is undone already.
INSERT INTO admin_acts (bot_id, admin, act, target, before, after, update_seq, user_id, undoes)
VALUES (%(bot_id)s, %(admin)s, %(act)s, %(target)s, CAST(%(before)s AS jsonb),
        CAST(%(after)s AS jsonb), %(update_seq)s, %(user_id)s, %(undoes)s)
ON CONFLICT (undoes) WHERE undoes IS NOT NULL DO NOTHING
RETURNING id;

-- name: installation
-- No row: nothing of an earlier bot was cleared yet.
SELECT operators FROM installations WHERE bot_id = %(bot_id)s;

-- name: note_installation
-- Lists and menu buttons of an earlier bot are cleared; these operators have lists of their own.
INSERT INTO installations (bot_id, operators)
VALUES (%(bot_id)s, CAST(%(operators)s AS bigint[]))
ON CONFLICT (bot_id) DO UPDATE SET operators = EXCLUDED.operators;
