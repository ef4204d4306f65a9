-- The stage has a database of its own, and begins with nothing in it.
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
