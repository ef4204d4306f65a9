-- Statements of kie/catalogue/availability.py: which models are on sale, and how much each is used.

-- name: withdraw_model
-- kie.ai or the operator takes the model off the menu. No row: it was off already.
INSERT INTO withdrawn_models (bot_id, model, reason)
VALUES (%(bot_id)s, %(model)s, %(reason)s)
ON CONFLICT (bot_id, model) DO NOTHING
RETURNING CAST(extract(epoch FROM withdrawn_at) AS bigint) AS at;

-- name: offer_model_again
-- Puts it back; tells for how long it was off the menu. No row: it was not.
DELETE FROM withdrawn_models WHERE bot_id = %(bot_id)s AND model = %(model)s
RETURNING extract(epoch FROM now() - withdrawn_at)::float8 AS seconds;

-- name: note_refusal
-- kie.ai refused this user the model because it does not offer it. Deletes older refusals.
WITH old AS (
    DELETE FROM model_refusals
    WHERE bot_id = %(bot_id)s AND model = %(model)s
      AND refused_at <= now() - make_interval(secs => %(within)s)
)
INSERT INTO model_refusals (bot_id, model, user_id)
VALUES (%(bot_id)s, %(model)s, %(user_id)s)
ON CONFLICT (bot_id, model, user_id) DO UPDATE SET refused_at = now();

-- name: refused_users
-- How many users were refused the model within the period.
SELECT count(*)::int AS users FROM model_refusals
WHERE bot_id = %(bot_id)s AND model = %(model)s
  AND refused_at > now() - make_interval(secs => %(within)s);

-- name: forget_refusals
-- kie.ai has accepted the model, so earlier refusals had another reason.
DELETE FROM model_refusals WHERE bot_id = %(bot_id)s AND model = %(model)s;

-- name: doubted_models
SELECT DISTINCT model FROM model_refusals WHERE bot_id = %(bot_id)s;

-- name: maintenance
-- Until when nothing new is taken, and the seconds that are left; NULL: until an operator ends it. No
-- row: there is no maintenance.
SELECT until, extract(epoch FROM until - clock_timestamp())::float8 AS left FROM maintenance
WHERE bot_id = %(bot_id)s AND (until IS NULL OR until > now());

-- name: withdrawn_models
SELECT model, reason FROM withdrawn_models WHERE bot_id = %(bot_id)s;

-- name: model_uses
-- Counts only the latest jobs, so that the models that are used now come first and the cost is
-- bounded, also for a bot with few jobs beside a bot with many. `seconds` is the median of how long they
-- took from createTask to the end; NULL: too few of them have ended well to say.
SELECT model, count(*) AS uses,
       CASE WHEN count(*) FILTER (WHERE status = 'success' AND submitted_at IS NOT NULL)
                 >= %(enough)s
            THEN (percentile_cont(0.5) WITHIN GROUP (
                      ORDER BY extract(epoch FROM completed_at - submitted_at))
                  FILTER (WHERE status = 'success' AND submitted_at IS NOT NULL))::float8
       END AS seconds
FROM (SELECT model, status, submitted_at, completed_at FROM generation_jobs
      WHERE bot_id = %(bot_id)s
        AND id > (SELECT coalesce(max(id), 0) FROM generation_jobs) - 20 * %(latest)s
      ORDER BY id DESC LIMIT %(latest)s) AS latest
GROUP BY model;
