-- Statements of kie/money/tariffs.py: prices that the operator has changed.

-- name: tariffs
-- The latest change of each price. No row: everything is as the catalogue's files say.
SELECT DISTINCT ON (kind, model) kind, model, value::float8 AS value FROM tariffs
WHERE bot_id = %(bot_id)s AND kind <> 'pack' ORDER BY kind, model, id DESC;

-- name: set_tariff
-- NULL: back to the catalogue's file.
INSERT INTO tariffs (bot_id, kind, model, value, changed_by)
VALUES (%(bot_id)s, %(kind)s, %(model)s, %(value)s, %(who)s);

-- name: reset_tariffs
-- Everything of a model, or ('') the markup, is as the file says. Zero rows: it was.
INSERT INTO tariffs (bot_id, kind, model, value, changed_by)
SELECT DISTINCT bot_id, kind, model, CAST(NULL AS numeric), CAST(%(who)s AS bigint) FROM tariffs
WHERE bot_id = %(bot_id)s AND model = %(model)s AND kind <> 'pack';

-- name: change_pack
-- The pack of so many credits is sold at this price, shown or hidden. A new one goes to its
-- place by size.
INSERT INTO packs (bot_id, id, credits, stars, money_text, shown, place)
SELECT %(bot_id)s, coalesce((SELECT id FROM packs WHERE bot_id = %(bot_id)s
                              AND credits = CAST(%(credits)s AS bigint) ORDER BY id LIMIT 1),
                            (SELECT coalesce(max(id), 0) + 1 FROM packs WHERE bot_id = %(bot_id)s)),
       CAST(%(credits)s AS bigint), CAST(%(stars)s AS int), CAST(%(money_text)s AS text),
       CAST(%(shown)s AS boolean), least(CAST(%(credits)s AS bigint), 2147483647)::int
ON CONFLICT (bot_id, id) DO UPDATE
SET stars = EXCLUDED.stars, money_text = EXCLUDED.money_text, shown = EXCLUDED.shown,
    place = EXCLUDED.place;

-- name: note_pack
-- Who changed which pack to what, and when.
INSERT INTO tariffs (bot_id, kind, model, value, changed_by)
VALUES (%(bot_id)s, 'pack', CAST(CAST(%(credits)s AS bigint) AS text),
        CASE WHEN CAST(%(shown)s AS boolean) THEN coalesce(CAST(%(stars)s AS int), 0) END, %(who)s);
