-- Statements of kie/files/made_files.py.

-- name: keep_file
-- Keeps a file that the bot has made; a delivery of the same transaction names it.
INSERT INTO made_files (bot_id, content) VALUES (%(bot_id)s, %(content)s) RETURNING id;

-- name: made_file
-- No row: housekeeping has removed it.
SELECT content FROM made_files WHERE bot_id = %(bot_id)s AND id = %(id)s;
