-- Statements of handlers/direct: updates that are handled by the transaction that stores them.
--
-- Lists come as arrays of equal length, one element a row. On the hot path only those are unnested by
-- which rows are found, and their places lead to the elements of the others: unnesting all of them
-- takes as long as the rest of a statement.

-- name: begin_direct (prepared)
-- Who erases a user's updates waits for such transactions (await_direct): they have numbers for rows
-- that nobody sees yet.
SELECT pg_advisory_xact_lock_shared(hashtextextended('trt:direct:' || CAST(%(bot_id)s AS bigint), 0));

-- name: take_new (prepared)
-- Numbers of rows for new updates, and what each decision needs, as take_updates and accounts have
-- it; without `age`, and without `balance` where there was no account before. No row for an update:
-- it is known already, or an older one of its lane waits. ORDER BY makes the planner look that one
-- up, however many it expects. In the order of the users, so that of two transactions none waits for
-- the other in a circle.
WITH asked AS (
    SELECT update_id, lane, (CAST(%(chat_ids)s AS bigint[]))[n] AS chat_id,
           (CAST(%(user_ids)s AS bigint[]))[n] AS user_id,
           (CAST(%(usernames)s AS text[]))[n] AS username,
           (CAST(%(first_names)s AS text[]))[n] AS first_name,
           (CAST(%(language_codes)s AS text[]))[n] AS language_code,
           (CAST(%(people)s AS bytea[]))[n] AS person
    FROM unnest(CAST(%(update_ids)s AS bigint[]), CAST(%(lanes)s AS bigint[]))
         WITH ORDINALITY AS a (update_id, lane, n)
), taken AS MATERIALIZED (
    SELECT * FROM asked
    WHERE (SELECT seq FROM telegram_updates
            WHERE bot_id = %(bot_id)s AND update_id = asked.update_id LIMIT 1) IS NULL
      AND (SELECT seq FROM telegram_updates
            WHERE bot_id = %(bot_id)s AND lane = asked.lane AND state = 'new'
              AND update_id < asked.update_id ORDER BY update_id LIMIT 1) IS NULL
    ORDER BY user_id, update_id
)
SELECT taken.update_id, nextval('telegram_updates_seq_seq') AS seq,
       CASE WHEN a.user_id IS NULL THEN u.language ELSE a.language END AS language,
       d.step, d.version, d.answers,
       m.balance, m.banned, m.discount, m.running, m.free_used, m.unfetched, m.budget_spent,
       coalesce(c.reachable, TRUE) AS reachable, FALSE AS answered,
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
LEFT JOIN LATERAL trt_account(%(bot_id)s, taken.user_id) AS m ON TRUE
LEFT JOIN LATERAL (
    SELECT * FROM dialogues
    WHERE bot_id = %(bot_id)s AND chat_id = taken.chat_id AND user_id = taken.user_id
    LIMIT 1) AS d ON TRUE
LEFT JOIN LATERAL (
    SELECT * FROM chats WHERE bot_id = %(bot_id)s AND chat_id = taken.chat_id LIMIT 1)
    AS c ON TRUE;

-- name: store_handled (prepared)
-- Stores the updates as done, and the new steps of their dialogues. An update that somebody has
-- stored meanwhile violates the unique index: then nothing of the transaction is written.
WITH handled AS (
    SELECT seq, (CAST(%(update_ids)s AS bigint[]))[n] AS update_id,
           (CAST(%(lanes)s AS bigint[]))[n] AS lane, (CAST(%(kinds)s AS text[]))[n] AS kind,
           (CAST(%(bodies)s AS text[]))[n] AS body, (CAST(%(chat_ids)s AS bigint[]))[n] AS chat_id,
           (CAST(%(user_ids)s AS bigint[]))[n] AS user_id, (CAST(%(steps)s AS text[]))[n] AS step,
           (CAST(%(versions)s AS int[]))[n] AS version, (CAST(%(answers)s AS text[]))[n] AS answers
    FROM unnest(CAST(%(seqs)s AS bigint[])) WITH ORDINALITY AS h (seq, n)
), moved AS (
    INSERT INTO dialogues (bot_id, chat_id, user_id, step, version, answers)
    SELECT %(bot_id)s, chat_id, user_id, step, version, CAST(answers AS jsonb)
    FROM handled WHERE step IS NOT NULL ORDER BY chat_id, user_id
    ON CONFLICT (bot_id, chat_id, user_id) DO UPDATE
    SET step = EXCLUDED.step, version = EXCLUDED.version, answers = EXCLUDED.answers
)
INSERT INTO telegram_updates (seq, bot_id, update_id, lane, kind, body, state, attempts, done_at)
SELECT seq, %(bot_id)s, update_id, lane, kind, body, 'done', 1, now() FROM handled
ORDER BY update_id;

-- name: store_silent (prepared)
-- Stores updates that need no answer, as done. No row for an update: it is known.
INSERT INTO telegram_updates (bot_id, update_id, lane, kind, body, state, attempts, done_at)
SELECT %(bot_id)s, update_id, lane, kind, body, 'done', 1, now()
FROM (SELECT update_id, (CAST(%(lanes)s AS bigint[]))[n] AS lane,
             (CAST(%(kinds)s AS text[]))[n] AS kind, (CAST(%(bodies)s AS text[]))[n] AS body
      FROM unnest(CAST(%(update_ids)s AS bigint[])) WITH ORDINALITY AS a (update_id, n))
     AS s
ORDER BY update_id
ON CONFLICT (bot_id, update_id) WHERE update_id IS NOT NULL DO NOTHING
RETURNING update_id;

-- name: note_direct
-- This process handles updates directly from now on. ``left_over``: how many others have begun to,
-- and have not ended it.
WITH left_over AS (
    DELETE FROM updates_begun
    WHERE bot_id = %(bot_id)s AND process <> CAST(%(process)s AS uuid) AND worker = 'direct'
    RETURNING process
)
INSERT INTO updates_begun (bot_id, process, worker, seqs)
VALUES (%(bot_id)s, CAST(%(process)s AS uuid), 'direct', '{}')
ON CONFLICT (bot_id, process, worker) DO UPDATE SET seqs = EXCLUDED.seqs
RETURNING (SELECT count(*)::int FROM left_over) AS left_over;

-- name: forget_direct
-- This process has ended it in order. Zero rows: its successor has read the note.
DELETE FROM updates_begun
WHERE bot_id = %(bot_id)s AND process = CAST(%(process)s AS uuid) AND worker = 'direct';
