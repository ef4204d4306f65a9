-- What a run of the stage begins with.
--
-- A database of its own for each run of the stage, so that it begins with nothing in it and two stages
-- at once share no row. The name is an identifier, which psycopg2 quotes.

-- name: old
-- Databases of earlier runs that nobody uses. No rows: there are none.
SELECT d.datname
  FROM pg_database AS d
 WHERE d.datname LIKE 'stage\_%%'
   AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datname = d.datname);

-- name: drop
DROP DATABASE IF EXISTS {name};

-- name: create
CREATE DATABASE {name};

-- name: person
-- A person of the page, before he writes. No row: he has written already.
INSERT INTO users (user_id, first_name) VALUES (%(user_id)s, %(first_name)s)
ON CONFLICT DO NOTHING;

-- name: give
-- Credits to look around with, once per person of the page. The account follows by the bot's own
-- trigger. No row: they were given.
INSERT INTO ledger (bot_id, user_id, kind, amount, note, request_key)
VALUES (%(bot_id)s, %(user_id)s, 'grant', %(credits)s, 'demo', 'demo:' || %(user_id)s)
ON CONFLICT DO NOTHING;
