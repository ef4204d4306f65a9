-- Statements of kie/money/receipts.py: receipts of payments by hand, and what operators decide.

-- name: add_receipt
-- A receipt for the operators. No row: the user has as many open ones, or of this day, as may be.
INSERT INTO topups (bot_id, user_id, credits, money_text, file_unique_id, file_id)
SELECT %(bot_id)s, %(user_id)s, %(credits)s, %(money_text)s, %(unique_id)s, %(file_id)s
WHERE (SELECT count(*) FROM topups WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
         AND state = 'new') < %(most_open)s
  AND (SELECT count(*) FROM topups WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
         AND created_at > now() - interval '1 day') < %(most_a_day)s
RETURNING id;

-- name: seen_before
-- The first receipt with the same file. No row: it is new.
SELECT id FROM topups
WHERE bot_id = %(bot_id)s AND file_unique_id = %(unique_id)s AND id < %(id)s ORDER BY id LIMIT 1;

-- name: receipt
-- What an operator's button names. No row: no receipt of this bot.
SELECT t.id, t.user_id, t.credits, t.money_text, t.state, t.decided_by, a.balance, a.language,
       a.last_language_code, u.username, u.first_name,
       (SELECT count(*)::int FROM topups AS e WHERE e.bot_id = t.bot_id AND e.user_id = t.user_id
         AND e.state = 'approved') AS earlier
FROM topups AS t
JOIN accounts AS a ON a.bot_id = t.bot_id AND a.user_id = t.user_id
JOIN users AS u ON u.user_id = t.user_id
WHERE t.bot_id = %(bot_id)s AND t.id = %(id)s;

-- name: decide_receipt
-- Records the decision of the first operator. No row: another operator has decided.
UPDATE topups SET state = %(state)s, reason = %(reason)s, decided_by = %(who)s, decided_at = now(),
       credits = coalesce(CAST(%(credits)s AS bigint), credits)
WHERE bot_id = %(bot_id)s AND id = %(id)s AND state = 'new'
RETURNING id, user_id, credits;

-- name: receipt_messages
-- The messages of operators that show this receipt. No row: none was sent yet.
SELECT chat_id, message_id FROM deliveries
WHERE bot_id = %(bot_id)s AND message_id IS NOT NULL
  AND dedupe_key = ANY (CAST(%(keys)s AS text[]));

-- name: ban
-- The account is closed: no payment is taken any more.
UPDATE accounts SET banned = TRUE WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s;

-- name: waiting_receipts
-- Receipts that wait for so long that operators are reminded, once. No row: none.
UPDATE topups SET reminded_at = now()
WHERE bot_id = %(bot_id)s AND state = 'new' AND reminded_at IS NULL
  AND created_at < now() - make_interval(hours => %(hours)s)
RETURNING id;

-- name: expired_receipts
-- Gives up receipts without a decision; their users are told. No row: there are none.
UPDATE topups AS t SET state = 'expired', decided_at = now()
FROM accounts AS a
WHERE t.bot_id = %(bot_id)s AND t.state = 'new'
  AND t.created_at < now() - make_interval(days => %(days)s)
  AND a.bot_id = t.bot_id AND a.user_id = t.user_id
RETURNING t.id, t.user_id, a.language, a.last_language_code;
