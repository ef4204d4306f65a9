-- Statements of kie/files: files that the bot has made, results that are not delivered yet.

-- name: keep_file
-- Keeps a file that the bot has made; a delivery of the same transaction names it.
INSERT INTO made_files (bot_id, content) VALUES (%(bot_id)s, %(content)s) RETURNING id;

-- name: made_file
-- No row: housekeeping has removed it.
SELECT content FROM made_files WHERE bot_id = %(bot_id)s AND id = %(id)s;

-- name: undelivered_files
-- The links of results that are not delivered, a page after the given one: of an album as
-- pairs in files, else in urls.
SELECT id, payload -> 'urls' AS urls, payload -> 'files' AS files
FROM deliveries
WHERE bot_id = %(bot_id)s AND state IN ('pending', 'held', 'sending', 'unknown')
  AND kind = 'result' AND payload ->> 'do' IN ('media', 'album') AND id > %(after)s
ORDER BY id
LIMIT %(limit)s;
