-- Statements of kie/money/packs.py: what users can buy.

-- name: seed_packs
-- The packs of the catalogue's file. Zero rows: the bot has packs, shown or hidden.
INSERT INTO packs (bot_id, id, credits, stars, monthly, place)
SELECT %(bot_id)s, n, credits, stars, monthly, credits
FROM unnest(CAST(%(credits)s AS bigint[]), CAST(%(stars)s AS int[]),
            CAST(%(monthly)s AS boolean[]))
     WITH ORDINALITY AS p (credits, stars, monthly, n)
WHERE NOT EXISTS (SELECT 1 FROM packs WHERE bot_id = %(bot_id)s)
ON CONFLICT DO NOTHING;

-- name: shown_packs
-- What is on sale. No row: the operator has hidden all.
SELECT id, credits, stars, money_text, monthly FROM packs
WHERE bot_id = %(bot_id)s AND shown ORDER BY monthly, place, id;
