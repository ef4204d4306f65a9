-- Statements of handlers/features/account.

-- name: set_language
-- Zero rows: the user was forgotten meanwhile.
UPDATE accounts SET language = %(language)s
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s;
