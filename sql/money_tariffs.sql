-- Statements of kie/money/tariffs.py: prices that the operator has changed.

-- name: tariffs
-- The latest change of each price. No row: everything is as the catalogue's files say.
SELECT DISTINCT ON (kind, model) kind, model, value::float8 AS value FROM tariffs
WHERE bot_id = %(bot_id)s AND kind <> 'pack' ORDER BY kind, model, id DESC;

-- name: hold_prices
-- Until the commit nobody else changes a price of this bot.
SELECT pg_advisory_xact_lock(hashtextextended('trt:prices:' || CAST(%(bot_id)s AS bigint), 0));

-- name: set_tariff
-- NULL: back to the catalogue's file.
INSERT INTO tariffs (bot_id, kind, model, value, changed_by)
VALUES (%(bot_id)s, %(kind)s, %(model)s, %(value)s, %(who)s);

-- name: reset_tariffs
-- These kinds of a model are as the file says; '' is what concerns no single model. Zero rows: they
-- were.
INSERT INTO tariffs (bot_id, kind, model, value, changed_by)
SELECT DISTINCT bot_id, kind, model, CAST(NULL AS numeric), CAST(%(who)s AS bigint) FROM tariffs
WHERE bot_id = %(bot_id)s AND model = %(model)s
  AND kind = ANY (CAST(%(kinds)s AS text[]));

-- name: change_pack
-- The pack of so many credits, monthly or not, is sold at this price. A new one goes to its place by
-- size. No row: another operator has just added a pack under the same number.
INSERT INTO packs (bot_id, id, credits, stars, money_text, monthly, place)
SELECT %(bot_id)s, coalesce((SELECT id FROM packs WHERE bot_id = %(bot_id)s
                              AND credits = CAST(%(credits)s AS bigint)
                              AND monthly = %(monthly)s ORDER BY id LIMIT 1),
                            (SELECT coalesce(max(id), 0) + 1 FROM packs WHERE bot_id = %(bot_id)s)),
       CAST(%(credits)s AS bigint), CAST(%(stars)s AS int), CAST(%(money_text)s AS text),
       %(monthly)s,
       least(CAST(%(credits)s AS bigint), 2147483647)::int
ON CONFLICT (bot_id, id) DO UPDATE
SET stars = EXCLUDED.stars, money_text = EXCLUDED.money_text, shown = TRUE,
    place = EXCLUDED.place
WHERE packs.credits = EXCLUDED.credits AND packs.monthly = EXCLUDED.monthly
RETURNING id;

-- name: hide_packs
-- The packs of so many credits are not sold any more; their prices stay. Zero rows: none was shown.
UPDATE packs SET shown = FALSE
WHERE bot_id = %(bot_id)s AND credits = CAST(%(credits)s AS bigint) AND monthly = %(monthly)s
  AND shown;

-- name: note_pack
-- Who changed which pack to what, and when; NULL: it was hidden.
INSERT INTO tariffs (bot_id, kind, model, value, changed_by)
VALUES (%(bot_id)s, 'pack',
        CAST(CAST(%(credits)s AS bigint) AS text)
        || CASE WHEN CAST(%(monthly)s AS boolean) THEN ' a month' ELSE '' END,
        CAST(%(stars)s AS int), %(who)s);
