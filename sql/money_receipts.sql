-- Statements of kie/money/receipts.py: receipts of payments by hand, and what operators decide.

-- name: add_receipt
-- A receipt for the operators. No row: the user has as many open ones, or of this day, as may be.
INSERT INTO topups (bot_id, user_id, credits, money_text, file_unique_id, file_id, album, message_id)
SELECT %(bot_id)s, %(user_id)s, %(credits)s, %(money_text)s, %(unique_id)s, %(file_id)s, %(album)s,
       %(message_id)s
WHERE (SELECT count(*) FROM topups WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
         AND state = 'new') < %(most_open)s
  AND (SELECT count(*) FROM topups WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
         AND created_at > now() - interval '1 day') < %(most_a_day)s
RETURNING id;

-- name: note_shown
-- Requisites were shown to this user for so many credits.
INSERT INTO requisites_shown (bot_id, user_id, credits, money_text)
VALUES (%(bot_id)s, %(user_id)s, %(credits)s, %(money_text)s)
ON CONFLICT (bot_id, user_id) DO UPDATE
SET credits = EXCLUDED.credits, money_text = EXCLUDED.money_text, shown_at = now();

-- name: end_waiting
-- No file of this user is taken for a receipt any more. Zero rows: none was.
DELETE FROM requisites_shown WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s;

-- name: expected_file
-- What a file of this user may be: a further page of the receipt with the same album, or the receipt
-- for the requisites that were shown lately. No row: neither.
SELECT id AS number, credits, money_text FROM topups
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND album = CAST(%(album)s AS text)
  AND created_at > now() - interval '1 hour'
UNION ALL
SELECT NULL, credits, money_text FROM requisites_shown
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
  AND shown_at > now() - make_interval(mins => %(minutes)s)
LIMIT 1;

-- name: edited_file
-- The receipt whose file, or one of whose pages, was in this message or album. `had`: the receipt
-- shows this very file, or has it as a further page. No row: there is none.
SELECT t.id AS number, t.state, t.message_id IS DISTINCT FROM CAST(%(message_id)s AS bigint) AS page,
       t.file_unique_id = %(unique_id)s
           OR t.message_id IS DISTINCT FROM CAST(%(message_id)s AS bigint)
              AND %(unique_id)s = ANY (t.other_files) AS had
FROM topups AS t
WHERE t.bot_id = %(bot_id)s AND t.user_id = %(user_id)s AND t.created_at > now() - interval '7 days'
  AND (t.message_id = %(message_id)s OR t.album = CAST(%(album)s AS text))
ORDER BY t.message_id = %(message_id)s DESC NULLS LAST, t.id DESC LIMIT 1;

-- name: replace_file
-- The file that the receipt shows from now on. No row: an operator has decided meanwhile.
UPDATE topups SET file_id = %(file_id)s, file_unique_id = %(unique_id)s,
       other_files = array_append(other_files, file_unique_id)
WHERE bot_id = %(bot_id)s AND id = %(id)s AND state = 'new' RETURNING id;

-- name: count_page
-- One more file of the receipt goes to the operators. No row: there were as many as may be.
UPDATE topups SET pages = pages + 1, other_files = array_append(other_files, %(unique_id)s)
WHERE bot_id = %(bot_id)s AND id = %(id)s AND pages < %(most)s RETURNING pages;

-- name: seen_before
-- The first receipt that has or had the same file. No row: it is new.
SELECT id FROM topups
WHERE bot_id = %(bot_id)s AND id < %(id)s
  AND (file_unique_id = %(unique_id)s OR other_files @> ARRAY[CAST(%(unique_id)s AS text)])
ORDER BY id LIMIT 1;

-- name: receipt
-- What an operator's button names. No row: no receipt of this bot.
SELECT t.id, t.user_id, t.credits, t.money_text, t.state, t.decided_by, a.balance, a.language,
       a.last_language_code, u.username, u.first_name, t.file_id, t.file_unique_id AS unique_id,
       (SELECT count(*)::int FROM topups AS e WHERE e.bot_id = t.bot_id AND e.user_id = t.user_id
         AND e.state = 'approved') AS earlier
FROM topups AS t
JOIN accounts AS a ON a.bot_id = t.bot_id AND a.user_id = t.user_id
JOIN users AS u ON u.user_id = t.user_id
WHERE t.bot_id = %(bot_id)s AND t.id = %(id)s;

-- name: open_receipts
-- The oldest receipts that wait. The file was sent to operators before: that delivery has its kind.
-- `seen` is an earlier receipt that has or had the same file.
SELECT t.id, t.user_id, t.credits, t.money_text, t.file_id, a.balance, u.username, u.first_name,
       coalesce((SELECT d.payload->>'kind' FROM deliveries AS d
                 WHERE d.bot_id = t.bot_id AND d.dedupe_key IN (
                     SELECT 'receipt:' || t.id || coalesce(':page:' || nullif(page, 0), '')
                            || ':' || operator
                     FROM unnest(CAST(%(operators)s AS bigint[])) AS operator,
                          generate_series(0, t.pages) AS page)
                   AND d.payload->>'file_id' = t.file_id
                 ORDER BY d.id DESC LIMIT 1),
                'photo') AS file_kind,
       (SELECT e.id FROM topups AS e
         WHERE e.bot_id = t.bot_id AND e.id < t.id
           AND (e.file_unique_id = t.file_unique_id
                OR e.other_files @> ARRAY[t.file_unique_id])
         ORDER BY e.id LIMIT 1) AS seen,
       (SELECT count(*)::int FROM (SELECT 1 FROM topups AS e
         WHERE e.bot_id = t.bot_id AND e.user_id = t.user_id AND e.state = 'approved'
         LIMIT 100) AS e) AS earlier
FROM topups AS t
JOIN accounts AS a ON a.bot_id = t.bot_id AND a.user_id = t.user_id
JOIN users AS u ON u.user_id = t.user_id
WHERE t.bot_id = %(bot_id)s AND t.state = 'new' ORDER BY t.created_at LIMIT %(count)s;

-- name: decide_receipt
-- Records the decision of the first operator. No row: another operator has decided, or nobody has
-- said how many credits an approved one is worth.
UPDATE topups SET state = %(state)s, reason = %(reason)s, decided_by = %(who)s, decided_at = now(),
       credits = coalesce(CAST(%(credits)s AS bigint), credits)
WHERE bot_id = %(bot_id)s AND id = %(id)s AND state = 'new'
  AND (%(state)s <> 'approved' OR coalesce(CAST(%(credits)s AS bigint), credits) > 0)
RETURNING id, user_id, credits;

-- name: receipt_messages
-- The messages of operators that show this receipt. No row: none was sent yet.
SELECT chat_id, message_id FROM deliveries
WHERE bot_id = %(bot_id)s AND message_id IS NOT NULL
  AND dedupe_key = ANY (CAST(%(keys)s AS text[]));

-- name: waiting_receipts
-- Receipts that wait for so long that operators are reminded, once; the oldest first. No row: none.
SELECT id FROM topups
WHERE bot_id = %(bot_id)s AND state = 'new' AND reminded_at IS NULL
  AND created_at < now() - make_interval(hours => %(hours)s)
ORDER BY id LIMIT 100;

-- name: remind
-- Notes that operators are reminded of these receipts. No row: they were, or somebody has decided.
UPDATE topups SET reminded_at = now()
WHERE bot_id = %(bot_id)s AND id = ANY (CAST(%(ids)s AS bigint[]))
  AND state = 'new' AND reminded_at IS NULL
RETURNING id;

-- name: expired_receipts
-- Gives up receipts without a decision; their users are told. A row that somebody has locked waits.
-- No row: there are none.
UPDATE topups AS t SET state = 'expired', decided_at = now()
FROM accounts AS a
WHERE t.id IN (SELECT id FROM topups
               WHERE bot_id = %(bot_id)s AND state = 'new'
                 AND created_at < now() - make_interval(days => %(days)s)
               FOR NO KEY UPDATE SKIP LOCKED)
  AND a.bot_id = t.bot_id AND a.user_id = t.user_id
RETURNING t.id, t.user_id, a.language, a.last_language_code;
