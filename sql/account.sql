-- Statements of handlers/features/account.

-- name: set_language
-- Zero rows: the user was forgotten meanwhile.
UPDATE users SET language = %(language)s WHERE user_id = %(user_id)s;
