-- Statements of kie/catalogue/availability.py: which models are on sale, and how much each is used.

-- name: withdraw_model
-- kie.ai or the operator took it away. No row: it was away before.
INSERT INTO withdrawn_models (bot_id, model, reason)
VALUES (%(bot_id)s, %(model)s, %(reason)s)
ON CONFLICT (bot_id, model) DO NOTHING
RETURNING CAST(extract(epoch FROM withdrawn_at) AS bigint) AS at;

-- name: offer_model_again
-- No row: it was not away.
DELETE FROM withdrawn_models WHERE bot_id = %(bot_id)s AND model = %(model)s
RETURNING model;

-- name: withdrawn_models
SELECT model, reason FROM withdrawn_models WHERE bot_id = %(bot_id)s;

-- name: model_uses
-- Of the latest jobs only: what is used now leads, and the cost of asking stays the same,
-- also for a bot with few jobs beside a bot with many.
SELECT model, count(*) AS uses
FROM (SELECT model FROM generation_jobs
      WHERE bot_id = %(bot_id)s
        AND id > (SELECT coalesce(max(id), 0) FROM generation_jobs) - 20 * %(latest)s
      ORDER BY id DESC LIMIT %(latest)s) AS latest
GROUP BY model;
