-- Statements of kie/money/packs.py: what users can buy.

-- name: seed_packs
-- The packs of the catalogue's file. Zero rows: the bot has packs, shown or hidden.
INSERT INTO packs (bot_id, id, credits, stars, place)
SELECT %(bot_id)s, n, credits, stars, credits
FROM unnest(CAST(%(credits)s AS bigint[]), CAST(%(stars)s AS int[]))
     WITH ORDINALITY AS p (credits, stars, n)
WHERE NOT EXISTS (SELECT 1 FROM packs WHERE bot_id = %(bot_id)s)
ON CONFLICT DO NOTHING;

-- name: shown_packs
-- What is on sale. No row: the operator has hidden all.
SELECT id, credits, stars, money_text FROM packs
WHERE bot_id = %(bot_id)s AND shown ORDER BY place, id;
