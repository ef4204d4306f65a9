-- Statements of kie/money/days.py: the sums of days.

-- name: day_sums
-- The sums of the time from `since` until before `until`. What kie.ai took for a gift counts when
-- the gift was made, so the sums of a day that is over do not change. A capture has the amount 0:
-- what was paid is the price of its job. Always one row.
WITH booked AS MATERIALIZED (
    SELECT kind, amount, job_id FROM ledger
    WHERE bot_id = %(bot_id)s AND created_at >= %(since)s AND created_at < %(until)s
      AND kind IN ('topup', 'grant', 'promo', 'invite', 'capture', 'refund')
), ended AS MATERIALIZED (
    SELECT id, price, user_id, model, status = 'success' AS made,
           status = 'fail' AND failure IS DISTINCT FROM 'cancelled' AS failed,
           price = 0 AS free,
           CASE WHEN gifted_at IS NULL THEN coalesce(credits_consumed, 0) ELSE 0 END AS kie,
           date_part('epoch', completed_at - created_at) AS seconds
    FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND completed_at >= %(since)s AND completed_at < %(until)s
    UNION ALL
    SELECT NULL, NULL, user_id, model, FALSE, FALSE, FALSE, coalesce(credits_consumed, 0), NULL
    FROM generation_jobs
    WHERE bot_id = %(bot_id)s AND gifted_at >= %(since)s AND gifted_at < %(until)s
), sold AS MATERIALIZED (
    -- Most of what was paid or given back is of jobs that ended in the same time; the others are
    -- looked up one by one.
    SELECT coalesce(e.model, j.model) AS model,
           sum(CASE WHEN b.kind = 'capture' THEN coalesce(e.price, j.price) ELSE 0 END) AS paid,
           sum(CASE WHEN b.kind = 'refund' THEN b.amount ELSE 0 END) AS refunded
    FROM (SELECT kind, amount, job_id FROM booked WHERE kind IN ('capture', 'refund')) AS b
    LEFT JOIN ended AS e ON e.id = b.job_id
    LEFT JOIN LATERAL (
        SELECT model, price FROM generation_jobs
        WHERE e.id IS NULL AND id = b.job_id LIMIT 1) AS j ON TRUE
    WHERE coalesce(e.model, j.model) IS NOT NULL
    GROUP BY 1
), made AS MATERIALIZED (
    SELECT model, count(*) FILTER (WHERE made) AS made, count(*) FILTER (WHERE failed) AS failed,
           count(*) FILTER (WHERE made AND free) AS free, sum(kie) AS kie,
           sum(kie) FILTER (WHERE made AND free) AS free_kie
    FROM ended GROUP BY model
), waited AS (
    SELECT floor(10 * ln(greatest(seconds, 1.0::float8)))::int AS tenth, count(*) AS results
    FROM ended WHERE made GROUP BY 1
), sums AS (
    SELECT coalesce(sum(amount) FILTER (WHERE kind = 'topup'), 0)::bigint AS by_hand,
           coalesce(sum(amount) FILTER (WHERE kind IN ('grant', 'promo', 'invite')), 0)::bigint
               AS gifts,
           coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)::bigint AS refunds
    FROM booked
)
SELECT
    (SELECT coalesce(sum(stars), 0)::bigint FROM payments
      WHERE bot_id = %(bot_id)s AND created_at >= %(since)s AND created_at < %(until)s) AS stars,
    (SELECT count(*)::int FROM payments
      WHERE bot_id = %(bot_id)s AND created_at >= %(since)s AND created_at < %(until)s)
        AS star_payments,
    (SELECT coalesce(sum(stars), 0)::bigint FROM payments
      WHERE bot_id = %(bot_id)s AND returned_at >= %(since)s AND returned_at < %(until)s)
        AS stars_back,
    sums.by_hand, sums.gifts, sums.refunds,
    (SELECT coalesce(sum(paid), 0)::bigint FROM sold) AS paid,
    (SELECT coalesce(jsonb_object_agg(money_text, receipts), '{}') FROM (
        SELECT money_text, count(*) AS receipts FROM topups
        WHERE bot_id = %(bot_id)s AND state = 'approved' AND money_text IS NOT NULL
          AND decided_at >= %(since)s AND decided_at < %(until)s
        GROUP BY money_text) AS r) AS hand_prices,
    (SELECT coalesce(sum(kie), 0) FROM made) AS kie_credits,
    (SELECT coalesce(sum(free), 0)::int FROM made) AS free_jobs,
    (SELECT coalesce(sum(free_kie), 0) FROM made) AS free_kie,
    (SELECT count(*)::int FROM accounts
      WHERE bot_id = %(bot_id)s AND first_seen >= %(since)s AND first_seen < %(until)s)
        AS newcomers,
    (SELECT count(DISTINCT user_id)::int FROM ended) AS people,
    (SELECT coalesce(jsonb_object_agg(model, jsonb_build_object(
                'made', coalesce(made, 0), 'failed', coalesce(failed, 0),
                'free', coalesce(free, 0), 'paid', coalesce(paid, 0),
                'refunded', coalesce(refunded, 0), 'kie', coalesce(kie, 0))), '{}')
     FROM made FULL JOIN sold USING (model)) AS models,
    (SELECT coalesce(jsonb_object_agg(tenth::text, results), '{}') FROM waited) AS durations
FROM sums;

-- name: write_day
-- Keeps the sums of a day that is over. No row: they are kept already, and stay.
INSERT INTO money_days (bot_id, day, stars, star_payments, stars_back, by_hand, paid, gifts,
                        refunds, hand_prices, kie_credits, free_jobs, free_kie, newcomers, people,
                        models, durations)
VALUES (%(bot_id)s, %(day)s, %(stars)s, %(star_payments)s, %(stars_back)s, %(by_hand)s, %(paid)s,
        %(gifts)s, %(refunds)s, CAST(%(hand_prices)s AS jsonb), %(kie_credits)s, %(free_jobs)s,
        %(free_kie)s, %(newcomers)s, %(people)s, CAST(%(models)s AS jsonb),
        CAST(%(durations)s AS jsonb))
ON CONFLICT (bot_id, day) DO NOTHING
RETURNING day;

-- name: first_unwritten
-- The first day (UTC) whose sums are not kept; NULL: nothing was ever booked or made.
SELECT coalesce(
    (SELECT max(day) + 1 FROM money_days WHERE bot_id = %(bot_id)s),
    (least((SELECT min(created_at) FROM ledger WHERE bot_id = %(bot_id)s),
           (SELECT min(completed_at) FROM generation_jobs
             WHERE bot_id = %(bot_id)s AND completed_at IS NOT NULL),
           (SELECT min(first_seen) FROM accounts WHERE bot_id = %(bot_id)s))
        AT TIME ZONE 'UTC')::date) AS day;

-- name: written_days
-- The kept sums from a day on, in order. No row: none are kept.
SELECT * FROM money_days WHERE bot_id = %(bot_id)s AND day >= %(since)s ORDER BY day;

-- name: note_balance
-- kie.ai has said how many credits are left.
INSERT INTO kie_balances (bot_id, credits) VALUES (%(bot_id)s, %(credits)s)
ON CONFLICT (bot_id) DO UPDATE SET credits = EXCLUDED.credits, answered_at = now();

-- name: balance
-- What kie.ai said last, and how long ago. No row: it has not been asked yet.
SELECT credits::float8 AS credits,
       extract(epoch FROM now() - answered_at)::float8 AS seconds
FROM kie_balances WHERE bot_id = %(bot_id)s;
