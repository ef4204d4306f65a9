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

-- name: count_on
-- Sequences that were behind their tables, as lines for people; no row: none was.
SELECT trt_count_on(CAST(%(tables)s AS text[])) AS change;

-- name: missing_rights
-- What our role may not do with the tables, their sequences and the functions that statements call;
-- no row: it may do everything. Rows of a table that row level security hides would seem not to
-- exist. The ledger is only ever added to.
SELECT string_agg(right_to, ', ' ORDER BY position) || ' on ' || c.relname AS missing
FROM pg_class AS c
CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'])
    WITH ORDINALITY AS rights (right_to, position)
WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind IN ('r', 'p')
  AND c.relname = ANY (CAST(%(tables)s AS text[]))
  AND NOT (c.relname = 'ledger' AND right_to = 'DELETE')
  AND NOT has_table_privilege(c.oid, right_to)
GROUP BY c.relname
UNION ALL
SELECT 'USAGE on ' || CAST(q.seqrelid AS regclass)
FROM pg_sequence AS q
JOIN pg_depend AS d ON d.objid = q.seqrelid AND d.classid = CAST('pg_class' AS regclass)
                   AND d.deptype = 'a'
JOIN pg_class AS c ON c.oid = d.refobjid
WHERE c.relnamespace = CAST(current_schema() AS regnamespace)
  AND c.relname = ANY (CAST(%(tables)s AS text[]))
  AND NOT has_sequence_privilege(q.seqrelid, 'USAGE')
UNION ALL
SELECT 'EXECUTE on ' || p.proname
FROM pg_proc AS p
WHERE p.pronamespace = CAST(current_schema() AS regnamespace)
  AND p.proname = ANY (CAST(%(functions)s AS text[]))
  AND p.prorettype <> CAST('trigger' AS regtype)
  AND NOT has_function_privilege(p.oid, 'EXECUTE')
UNION ALL
SELECT 'row level security hides rows of ' || c.relname
FROM pg_class AS c
WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relkind IN ('r', 'p')
  AND c.relname = ANY (CAST(%(tables)s AS text[])) AND row_security_active(c.oid);
