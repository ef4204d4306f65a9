-- Statements of supervisor/database/migration.py.

-- name: one_at_a_time
-- The key is fixed ("trt-mig1" in ASCII) and belongs to no bot.
SELECT pg_advisory_xact_lock(8390889704302373681);

-- name: has_version
-- False: the schema was never applied to this database.
SELECT to_regclass('schema_version') IS NOT NULL
   AND EXISTS (SELECT 1 FROM information_schema.columns
               WHERE table_schema = current_schema() AND table_name = 'schema_version'
                 AND column_name = 'checksum') AS known;

-- name: version
-- No row: the table exists but was never filled.
SELECT version, checksum FROM schema_version;

-- name: record_checksum
-- When it is equal next time, no DDL runs and no lock is taken.
UPDATE schema_version SET checksum = %(checksum)s, applied_at = now();

-- name: inventory
-- Everything with a name, for comparing the schema before and after a migration.
SELECT 'table ' || table_name AS thing
FROM information_schema.tables WHERE table_schema = current_schema()
UNION ALL
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type
       || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END
FROM information_schema.columns WHERE table_schema = current_schema()
UNION ALL
SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = current_schema()
UNION ALL
SELECT 'constraint ' || conname FROM pg_constraint
WHERE connamespace = current_schema()::regnamespace
UNION ALL
SELECT 'trigger ' || t.tgname || ' on ' || c.relname
FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 'function ' || p.oid::regprocedure::text FROM pg_proc AS p
WHERE p.pronamespace = current_schema()::regnamespace;

-- name: scratch_schema
-- A second schema for comparison, in a transaction that is rolled back.
CREATE SCHEMA trt_scratch;

-- name: look_into_scratch
-- From here on unqualified names refer to the second schema.
SET LOCAL search_path TO trt_scratch;
