-- Statements of handlers/features/maintenance.

-- name: lock_maintenance
-- What is in force, and until the commit nobody else changes it. `lasts` is false when there is
-- none: the row is there then, and is over.
INSERT INTO maintenance (bot_id, until, begun_by) VALUES (%(bot_id)s, now(), %(admin)s)
ON CONFLICT (bot_id) DO UPDATE SET begun_by = maintenance.begun_by
RETURNING until, until IS NULL OR until > now() AS lasts;

-- name: begin_maintenance
-- Nothing new is taken from now on; a second call changes the end. `minutes` NULL: without an end.
INSERT INTO maintenance (bot_id, until, begun_by)
VALUES (%(bot_id)s, now() + make_interval(mins => CAST(%(minutes)s AS int)), %(admin)s)
ON CONFLICT (bot_id) DO UPDATE
SET until = EXCLUDED.until, begun_by = EXCLUDED.begun_by,
    since = CASE WHEN maintenance.until <= now() THEN now() ELSE maintenance.since END
RETURNING until;

-- name: end_maintenance
-- No row: there is no maintenance.
DELETE FROM maintenance
WHERE bot_id = %(bot_id)s AND (until IS NULL OR until > now()) RETURNING until;
