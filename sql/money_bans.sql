-- Statements of kie/money/bans.py: accounts that operators have closed.

-- name: is_banned
-- No row: the account is open.
SELECT 1 AS banned FROM accounts
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND banned;

-- name: set_banned
-- No row: there is no such account, or it is so already.
UPDATE accounts SET banned = %(banned)s
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND banned <> %(banned)s
RETURNING user_id;
