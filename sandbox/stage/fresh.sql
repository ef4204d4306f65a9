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
