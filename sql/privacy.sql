-- Statements of handlers/features/privacy.

-- name: standing
-- What a user would lose, and what stands against forgetting them now. No row: no account.
SELECT a.balance,
       (SELECT count(*)::int FROM topups AS t
         WHERE t.bot_id = a.bot_id AND t.user_id = a.user_id AND t.state = 'new') AS receipts,
       (SELECT min(t.id) FROM topups AS t
         WHERE t.bot_id = a.bot_id AND t.user_id = a.user_id AND t.state = 'new') AS receipt,
       (SELECT min(p.number) FROM payments AS p
         WHERE p.bot_id = a.bot_id AND p.user_id = a.user_id AND p.state = 'returning') AS return_of,
       (SELECT max(p.paid_until) FROM payments AS p
         WHERE p.bot_id = a.bot_id AND p.user_id = a.user_id AND p.state = 'credited'
           AND p.paid_until > now()) AS paid_until,
       (SELECT count(*)::int FROM generation_jobs AS j
         WHERE j.bot_id = a.bot_id AND j.user_id = a.user_id
           AND j.status IN ('queued', 'submitting', 'unclear', 'waiting')) AS running,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(p.number, p.stars, p.credits)
                                  ORDER BY p.number DESC), '[]') FROM payments AS p
         WHERE p.bot_id = a.bot_id AND p.user_id = a.user_id AND p.state = 'credited'
           AND p.credits > 0) AS payments,
       EXISTS (SELECT 1 FROM forgettings AS f
                WHERE f.bot_id = a.bot_id AND f.user_id = a.user_id) AS asked
FROM accounts AS a WHERE a.bot_id = %(bot_id)s AND a.user_id = %(user_id)s;

-- name: ask
-- Notes that the user is to be forgotten. Zero rows: it is noted already.
INSERT INTO forgettings (bot_id, user_id, language) VALUES (%(bot_id)s, %(user_id)s, %(language)s)
ON CONFLICT (bot_id, user_id) DO NOTHING;

-- name: asked
-- Who is to be forgotten, in order. No row: nobody.
SELECT f.id, f.user_id, f.language, f.stage, f.updates_seen, f.deliveries_seen,
       u.username, u.first_name,
       (SELECT coalesce(jsonb_agg(n.name), '[]') FROM former_names AS n
         WHERE n.user_id = f.user_id) AS former
FROM forgettings AS f LEFT JOIN users AS u ON u.user_id = f.user_id
WHERE f.bot_id = %(bot_id)s ORDER BY f.id;

-- name: lock_person
-- Before anything that changes the user's credits. No row: the user is not known any more.
SELECT 1 AS locked FROM users WHERE user_id = %(user_id)s FOR NO KEY UPDATE;

-- name: await_direct
-- Waits for the transactions that handle updates directly (begin_direct), and holds later ones off
-- until the end of this one: after it their rows are seen, or have higher numbers.
SELECT pg_advisory_xact_lock(hashtextextended('trt:direct:' || CAST(%(bot_id)s AS bigint), 0));

-- name: unended
-- What of a user has not ended: an update, a job, a result or a refund in the outbox, a receipt, a
-- return of Stars. `what` is empty when all has.
SELECT concat_ws(', ',
    CASE WHEN EXISTS (SELECT 1 FROM telegram_updates
                       WHERE bot_id = %(bot_id)s AND lane = %(user_id)s AND state = 'new')
         THEN 'update' END,
    CASE WHEN EXISTS (SELECT 1 FROM generation_jobs
                       WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
                         AND status IN ('queued', 'submitting', 'unclear', 'waiting'))
         THEN 'job' END,
    CASE WHEN EXISTS (SELECT 1 FROM generation_jobs AS j JOIN deliveries AS d ON d.job_id = j.id
                       WHERE j.bot_id = %(bot_id)s AND j.user_id = %(user_id)s
                         AND (d.state IN ('pending', 'held', 'sending', 'unknown')
                              OR d.owed IS NOT NULL))
           OR EXISTS (SELECT 1 FROM deliveries
                       WHERE bot_id = %(bot_id)s AND chat_id = %(user_id)s
                         AND state IN ('pending', 'sending', 'unknown') AND kind <> 'toast')
         THEN 'delivery' END,
    CASE WHEN EXISTS (SELECT 1 FROM topups
                       WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND state = 'new')
         THEN 'receipt' END,
    CASE WHEN EXISTS (SELECT 1 FROM payments
                       WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
                         AND state = 'returning')
         THEN 'return' END) AS what;

-- name: begin
-- From here on rows are erased. The credits are taken by an entry, once, and the free results of
-- the day are noted. No row: it has begun before.
WITH begun AS (
    UPDATE forgettings AS f
    SET stage = 'erasing', free_on = (now() AT TIME ZONE 'UTC')::date,
        free_used = CAST(%(free_used)s AS jsonb)
    WHERE f.id = %(id)s AND f.stage = 'waiting' RETURNING f.id, f.bot_id, f.user_id
), entry AS (
    INSERT INTO ledger (bot_id, user_id, kind, amount, request_key)
    SELECT a.bot_id, a.user_id, 'forgotten', -a.balance, 'forgotten:' || begun.id
    FROM begun JOIN accounts AS a ON a.bot_id = begun.bot_id AND a.user_id = begun.user_id
    WHERE a.balance > 0
    ON CONFLICT DO NOTHING
)
SELECT id FROM begun;

-- name: jobs_to_erase
-- The next jobs of the user with words, files or a place in a chat: ended ones, with the links of
-- their results. No row: none is left.
SELECT id, coalesce(result_urls, '[]')
           || CASE WHEN result_url IS NULL THEN '[]' ELSE jsonb_build_array(result_url) END AS links
FROM generation_jobs
WHERE (bot_id = %(bot_id)s OR bot_id IS NULL) AND user_id = %(user_id)s
  AND status NOT IN ('queued', 'submitting', 'unclear', 'waiting')
  AND (chat_id IS NOT NULL OR input_params IS NOT NULL OR result_url IS NOT NULL
       OR result_urls IS NOT NULL OR result_text IS NOT NULL OR error_message IS NOT NULL
       OR NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.job_id = generation_jobs.id))
ORDER BY id LIMIT %(limit)s;

-- name: nobody
-- The owner of jobs that belong to no one any more.
INSERT INTO users (user_id) VALUES (0) ON CONFLICT DO NOTHING;

-- name: erase_jobs
-- A job keeps what accounting needs: model, price, cost, times. Without an entry in the ledger it
-- is nobody's. A result that comes later is not brought; kie.ai's id stays, so that a late report
-- is recognised and not stored as an orphan.
WITH these AS (
    SELECT j.id, j.task_id, EXISTS (SELECT 1 FROM ledger AS l WHERE l.job_id = j.id) AS booked
    FROM generation_jobs AS j WHERE j.id = ANY (CAST(%(ids)s AS bigint[])) FOR UPDATE OF j
), told AS (
    DELETE FROM deliveries AS d USING these
    WHERE d.job_id = these.id AND d.owed IS NULL
      AND d.state NOT IN ('pending', 'held', 'sending', 'unknown')
), reports AS (
    DELETE FROM orphan_callbacks AS o USING these
    WHERE o.job_id = these.id OR o.task_id = these.task_id
)
UPDATE generation_jobs AS j
SET user_id = CASE WHEN these.booked THEN j.user_id ELSE 0 END,
    chat_id = NULL, thread = NULL, language = NULL, request_key = NULL, status_message_id = NULL,
    wish_message_id = NULL, input_params = NULL, result_url = NULL, result_urls = NULL,
    result_text = NULL, result_songs = NULL, error_message = NULL, late_until = NULL,
    starred_at = NULL, repeats = NULL
FROM these WHERE j.id = these.id;

-- name: erase_small
-- Everything else that names the user, few rows each. Receipts and entries stay as accounting,
-- without the file and without what operators noted. Exports that operators have got may name anyone.
WITH f AS (SELECT CAST(%(bot_id)s AS bigint) AS bot_id, CAST(%(user_id)s AS bigint) AS user_id),
d1 AS (DELETE FROM dialogues USING f
        WHERE dialogues.bot_id = f.bot_id AND dialogues.user_id = f.user_id),
d2 AS (DELETE FROM group_wishes USING f
        WHERE group_wishes.bot_id = f.bot_id AND group_wishes.user_id = f.user_id),
d3 AS (DELETE FROM group_switches USING f
        WHERE group_switches.bot_id = f.bot_id AND group_switches.user_id = f.user_id),
d4 AS (DELETE FROM cards USING f
        WHERE cards.bot_id = f.bot_id AND cards.chat_id = f.user_id),
d5 AS (DELETE FROM model_refusals USING f
        WHERE model_refusals.bot_id = f.bot_id AND model_refusals.user_id = f.user_id),
d10 AS (DELETE FROM requisites_shown USING f
        WHERE requisites_shown.bot_id = f.bot_id AND requisites_shown.user_id = f.user_id),
d11 AS (DELETE FROM discounts USING f
        WHERE discounts.bot_id = f.bot_id AND discounts.user_id = f.user_id),
d12 AS (DELETE FROM subscriptions USING f
        WHERE subscriptions.bot_id = f.bot_id AND subscriptions.user_id = f.user_id),
u1 AS (UPDATE topups SET file_id = '', file_unique_id = '', album = NULL, other_files = '{}'
        FROM f
        WHERE topups.bot_id = f.bot_id AND topups.user_id = f.user_id AND topups.state <> 'new'
          AND topups.file_id <> ''),
d7 AS (DELETE FROM made_files USING f
        WHERE made_files.bot_id = f.bot_id AND NOT EXISTS (
            SELECT 1 FROM deliveries AS d
            WHERE d.bot_id = f.bot_id AND d.kind <> 'toast'
              AND d.state IN ('pending', 'sending', 'unknown')
              AND strpos(CAST(d.payload AS text), 'made:' || made_files.id || '/') > 0)),
received AS (DELETE FROM broadcast_receivers AS r USING f
        WHERE r.user_id = f.user_id AND r.outcome IS NOT NULL AND EXISTS (
            SELECT 1 FROM broadcasts AS b WHERE b.id = r.broadcast_id AND b.bot_id = f.bot_id)),
drafts AS (DELETE FROM broadcasts USING f
        WHERE broadcasts.bot_id = f.bot_id AND broadcasts.made_by = f.user_id
          AND broadcasts.state = 'draft'),
written AS (UPDATE broadcasts SET content = '{}' FROM f
        WHERE broadcasts.bot_id = f.bot_id AND broadcasts.made_by = f.user_id
          AND broadcasts.state IN ('done', 'stopped')),
u3 AS (UPDATE admin_acts SET before = NULL, after = NULL FROM f
        WHERE admin_acts.bot_id = f.bot_id AND admin_acts.user_id = f.user_id),
d6 AS (DELETE FROM data_requests USING f
        WHERE data_requests.bot_id = f.bot_id AND data_requests.user_id = f.user_id),
d8 AS (DELETE FROM waitlist USING f
        WHERE waitlist.bot_id = f.bot_id AND waitlist.user_id = f.user_id),
d9 AS (DELETE FROM former_names USING f WHERE former_names.user_id = f.user_id),
u2 AS (UPDATE ledger SET note = NULL FROM f
        WHERE ledger.bot_id = f.bot_id AND ledger.user_id = f.user_id
          AND ledger.note <> 'unfetched')
SELECT 1 AS done;

-- name: erase_mentions_in_dialogues
-- An operator who is about to answer the user, or to book for them, begins anew. Other people's
-- words are left alone: only steps of operators hold numbers of users.
UPDATE dialogues
SET step = 'idle', version = version + 1, answers = '{}'
WHERE bot_id = %(bot_id)s AND chat_id = ANY (CAST(%(admins)s AS bigint[]))
  AND CAST(answers AS text) ~ %(number)s;

-- name: erase_updates
-- The bodies of the next updates that are the user's or name the user. `last` is the last row looked
-- at, NULL when there are no more. `open`: one of them is still to be handled, so this page is
-- looked at again. Updates of operators go in any case: they may show what the user wrote.
WITH page AS MATERIALIZED (
    SELECT seq, lane, state, body, error FROM telegram_updates
    WHERE bot_id = %(bot_id)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s
), found AS MATERIALIZED (
    SELECT seq, state FROM page
    WHERE (body IS NOT NULL OR error IS NOT NULL)
      AND (lane = %(user_id)s OR body ~ %(number)s OR error ~ %(number)s
           OR (state = 'done' AND (lane = ANY (CAST(%(admins)s AS bigint[]))
                                   OR body ~* %(names)s OR error ~* %(names)s)))
), erased AS (
    UPDATE telegram_updates AS t SET body = NULL, error = NULL
    FROM found WHERE t.seq = found.seq AND t.state <> 'new'
    RETURNING t.seq
)
SELECT (SELECT max(seq) FROM page) AS last,
       EXISTS (SELECT 1 FROM found WHERE state = 'new' AND seq <= %(until)s) AS open,
       (SELECT count(*)::int FROM erased) AS erased;

-- name: erase_deliveries
-- The same for messages: those to the user go, what other people were told of the user loses its
-- words. Results of others are their works and stay. Operators are told of many things that users
-- wrote: what they were sent loses its words in any case. A message that waits until its user lets
-- the bot write again goes as well, unless it is a result: else whoever has blocked the bot would
-- never be forgotten.
WITH page AS MATERIALIZED (
    SELECT d.id, d.chat_id, d.state, d.kind, d.owed, d.job_id, d.payload, d.error
    FROM deliveries AS d
    WHERE d.bot_id = %(bot_id)s AND d.id > %(after)s ORDER BY d.id LIMIT %(limit)s
), found AS MATERIALIZED (
    SELECT id, chat_id,
           state IN ('pending', 'sending', 'unknown') OR owed IS NOT NULL
           OR (state = 'held' AND (job_id IS NOT NULL OR chat_id <> %(user_id)s)) AS is_open
    FROM page
    WHERE chat_id = %(user_id)s
       OR (kind <> 'result'
           AND (chat_id = ANY (CAST(%(admins)s AS bigint[]))
                OR CAST(payload AS text) ~ %(number)s OR CAST(payload AS text) ~* %(names)s
                OR error ~ %(number)s OR error ~* %(names)s))
), gone AS (
    DELETE FROM deliveries AS d USING found
    WHERE d.id = found.id AND found.chat_id = %(user_id)s AND NOT found.is_open RETURNING d.id
), erased AS (
    UPDATE deliveries AS d SET payload = '{}', error = NULL
    FROM found
    WHERE d.id = found.id AND found.chat_id <> %(user_id)s AND NOT found.is_open RETURNING d.id
)
SELECT (SELECT max(id) FROM page) AS last,
       EXISTS (SELECT 1 FROM found WHERE is_open AND id <= %(until)s) AS open,
       (SELECT count(*)::int FROM gone) + (SELECT count(*)::int FROM erased) AS erased;

-- name: newest
-- Where the search of updates and of deliveries ends.
SELECT coalesce((SELECT max(seq) FROM telegram_updates), 0) AS updates,
       coalesce((SELECT max(id) FROM deliveries), 0) AS deliveries;

-- name: seen
-- How far the search has come; after a restart it goes on from there.
UPDATE forgettings SET updates_seen = %(updates)s, deliveries_seen = %(deliveries)s
WHERE id = %(id)s;

-- name: remember_person
-- What outlives the account. No row: there is no account, or its user has paid meanwhile.
INSERT INTO forgotten_people (bot_id, person, banned, news_off_at, free_used, free_on, first_seen)
SELECT a.bot_id, CAST(%(person)s AS bytea), a.banned, a.news_off_at, f.free_used, f.free_on,
       a.first_seen
FROM forgettings AS f JOIN accounts AS a ON a.bot_id = f.bot_id AND a.user_id = f.user_id
WHERE f.id = %(id)s AND a.balance = 0
ON CONFLICT (bot_id, person) DO UPDATE
SET banned = forgotten_people.banned OR EXCLUDED.banned,
    news_off_at = coalesce(forgotten_people.news_off_at, EXCLUDED.news_off_at),
    free_used = EXCLUDED.free_used, free_on = EXCLUDED.free_on,
    first_seen = least(forgotten_people.first_seen, EXCLUDED.first_seen)
RETURNING person;

-- name: delete_account
-- Zero rows: its user has paid meanwhile, and the account goes on.
DELETE FROM accounts
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND balance = 0;

-- name: erase_account
-- What an account that goes on holds of the time before.
UPDATE accounts SET language = NULL, last_language_code = NULL, invite_code = NULL
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s;

-- name: erase_names
-- Another bot on this database learns the names again when its user writes to it.
UPDATE users AS u
SET username = NULL, first_name = NULL, last_language_code = NULL,
    language = CASE WHEN EXISTS (SELECT 1 FROM accounts AS a WHERE a.user_id = u.user_id)
                    THEN language END
WHERE user_id = %(user_id)s;

-- name: erase_chat
-- Whether the user had blocked the bot, and pauses of the chat.
DELETE FROM chats WHERE bot_id = %(bot_id)s AND chat_id = %(user_id)s;

-- name: delete_person
-- A user without any accounting leaves no number either. Zero rows: there is some.
DELETE FROM users AS u
WHERE u.user_id = %(user_id)s AND u.balance = 0
  AND NOT EXISTS (SELECT 1 FROM accounts WHERE user_id = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM ledger WHERE user_id = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM orders WHERE user_id = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM payments WHERE user_id = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM topups WHERE user_id = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM generation_jobs WHERE user_id = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM promo_uses WHERE user_id = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM promo_tries WHERE user_id = u.user_id)
  AND NOT EXISTS (SELECT 1 FROM invites WHERE friend = u.user_id OR inviter = u.user_id);

-- name: tell
-- All is erased; its user is told. No row: it was told before.
UPDATE forgettings SET stage = 'telling' WHERE id = %(id)s AND stage = 'erasing' RETURNING id;

-- name: told
-- The last message has been sent or given up: nothing is left to do, and both rows go. No row: it
-- is still on its way.
WITH message AS (
    SELECT id FROM deliveries WHERE bot_id = %(bot_id)s AND dedupe_key = %(key)s
      AND state IN ('pending', 'held', 'sending', 'unknown')
), last AS (
    DELETE FROM deliveries
    WHERE bot_id = %(bot_id)s AND dedupe_key = %(key)s AND NOT EXISTS (SELECT 1 FROM message)
)
DELETE FROM forgettings
WHERE id = %(id)s AND stage = 'telling' AND NOT EXISTS (SELECT 1 FROM message)
RETURNING id;

-- name: ask_data
-- Notes that the user wants their data, once a day (UTC). No row: they had it today.
INSERT INTO data_requests (bot_id, user_id, language, asked_on)
VALUES (%(bot_id)s, %(user_id)s, %(language)s, (now() AT TIME ZONE 'UTC')::date)
ON CONFLICT (bot_id, user_id) DO UPDATE
SET asked_on = EXCLUDED.asked_on, language = EXCLUDED.language, given = FALSE
WHERE data_requests.asked_on < EXCLUDED.asked_on
RETURNING asked_on;

-- name: data_wanted
-- Who waits for their data. No row: nobody.
SELECT user_id, language, asked_on FROM data_requests
WHERE bot_id = %(bot_id)s AND NOT given ORDER BY asked_on, user_id LIMIT 20;

-- name: data_given
-- The document is in the outbox, in the same transaction. Zero rows: it was before.
UPDATE data_requests SET given = TRUE
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND NOT given;

-- name: data_account
-- Name, language, balance and dates. No row: an unknown user.
SELECT u.user_id, u.username, u.first_name, u.created_at, a.balance, a.language,
       a.last_language_code, a.banned, a.first_seen, a.last_seen, a.news_off_at
FROM users AS u JOIN accounts AS a ON a.user_id = u.user_id
WHERE a.bot_id = %(bot_id)s AND u.user_id = %(user_id)s;

-- name: data_requests
-- The newest jobs.
SELECT id, model, status, price, created_at, completed_at, input_params, result_url, result_urls,
       result_text, error_message, starred_at
FROM generation_jobs WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
ORDER BY id DESC LIMIT %(limit)s;

-- name: data_credits
-- The newest entries of the ledger.
SELECT id, kind, amount, note, job_id, created_at FROM ledger
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s ORDER BY id DESC LIMIT %(limit)s;

-- name: data_payments
-- The newest payments in Stars.
SELECT number, charge_id, stars, credits, state, created_at, returned_at FROM payments
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s ORDER BY number DESC LIMIT %(limit)s;

-- name: data_subscriptions
-- The newest subscriptions.
SELECT stars, credits, state, paid_until, started_at FROM subscriptions
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s ORDER BY id DESC LIMIT %(limit)s;

-- name: data_receipts
-- The newest receipts of payments by hand.
SELECT id, credits, money_text, state, reason, file_id, created_at, decided_at FROM topups
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s ORDER BY id DESC LIMIT %(limit)s;

-- name: data_messages
-- A page of updates, with the bodies of those from the user's private chat. No row: there are no
-- more.
SELECT seq AS at_row, CASE WHEN lane = %(user_id)s THEN body END AS body, kind, received_at
FROM telegram_updates
WHERE bot_id = %(bot_id)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s;

-- name: data_told
-- A page of deliveries, with what was written to the user. No row: there are no more.
SELECT id AS at_row, CASE WHEN chat_id = %(user_id)s AND payload ->> 'scrub' IS NULL
                          THEN coalesce(payload ->> 'text', payload ->> 'caption') END AS body,
       kind, created_at AS received_at
FROM deliveries
WHERE bot_id = %(bot_id)s AND id > %(after)s ORDER BY id LIMIT %(limit)s;

-- name: data_dialogue
-- Where the dialogues stand.
SELECT chat_id, step, answers, updated_at FROM dialogues
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s ORDER BY chat_id LIMIT %(limit)s;

-- name: data_wishes
-- What was asked for in groups.
SELECT chat_id, model, inputs, created_at FROM group_wishes
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s ORDER BY id DESC LIMIT %(limit)s;

-- name: data_waits
-- What the user waits for; an empty model is the service.
SELECT model, created_at FROM waitlist
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s ORDER BY created_at LIMIT %(limit)s;

-- name: data_invitations
-- Who invited the user, and how many were invited.
SELECT (SELECT count(*)::int FROM invites WHERE bot_id = %(bot_id)s AND inviter = %(user_id)s)
           AS invited,
       EXISTS (SELECT 1 FROM invites WHERE bot_id = %(bot_id)s AND friend = %(user_id)s)
           AS was_invited,
       (SELECT coalesce(jsonb_agg(code), '[]') FROM promo_uses
         WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s) AS promo_codes;
