-- The stage has a database of its own, and begins with nothing in it.

-- name: others
-- Sessions of another stage on this database. Zero: nobody else is here, and it may be emptied.
SELECT count(*) AS n
  FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';

-- name: empty
-- Everything goes; the copies make the schema anew.
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
