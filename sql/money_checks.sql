-- Statements of kie/money/audit.py about what is given beside payments in Stars: receipts, codes,
-- invitations; and about subscriptions. Each looks at the next rows in order; `next` is NULL when
-- there are no more.

-- name: wrong_receipts
-- Receipts whose entry does not fit the decision.
WITH batch AS MATERIALIZED (
    SELECT id, user_id, credits, state FROM topups
    WHERE bot_id = %(bot_id)s AND id > %(after)s ORDER BY id LIMIT %(count)s
), booked AS (
    SELECT batch.*, l.amount FROM batch
    LEFT JOIN ledger AS l ON l.bot_id = %(bot_id)s AND l.user_id = batch.user_id
                         AND l.request_key = 'receipt:' || batch.id
), judged AS (
    SELECT id, CASE
        WHEN state = 'approved' AND amount IS DISTINCT FROM credits
            THEN 'it is approved and its credits are not booked'
        WHEN state <> 'approved' AND amount IS NOT NULL
            THEN 'it is not approved and its credits are booked'
        END AS problem
    FROM booked
)
SELECT (SELECT max(id) FROM batch) AS next,
       coalesce((SELECT jsonb_agg(jsonb_build_array(id, problem) ORDER BY id)
                 FROM judged WHERE problem IS NOT NULL), '[]') AS found;

-- name: wrong_codes
-- Promo codes with more uses than were counted, or a use without its credits. There may be fewer:
-- users go away.
WITH batch AS MATERIALIZED (
    SELECT * FROM (SELECT p.*, row_number() OVER (ORDER BY code) AS n FROM promos AS p
                   WHERE bot_id = %(bot_id)s) AS numbered
    WHERE n > %(after)s ORDER BY n LIMIT %(count)s
), judged AS (
    SELECT code, CASE
        WHEN used > most THEN 'it was used too often'
        WHEN used < (SELECT count(*) FROM promo_uses AS u
                     WHERE u.bot_id = %(bot_id)s AND u.code = batch.code)
            THEN 'it has more uses than were counted'
        WHEN percent IS NULL AND EXISTS (SELECT 1 FROM promo_uses AS u
                     WHERE u.bot_id = %(bot_id)s AND u.code = batch.code
                       AND NOT EXISTS (SELECT 1 FROM ledger AS l
                                       WHERE l.bot_id = u.bot_id
                                         AND l.request_key = 'promo:' || u.code || ':' || u.user_id))
            THEN 'a use of it has no credits'
        END AS problem
    FROM batch
)
SELECT (SELECT max(n) FROM batch) AS next,
       coalesce((SELECT jsonb_agg(jsonb_build_array(code, problem) ORDER BY code)
                 FROM judged WHERE problem IS NOT NULL), '[]') AS found;

-- name: wrong_invites
-- Invitations, by friend, whose rewards do not fit.
WITH batch AS MATERIALIZED (
    SELECT friend, inviter, rewarded_at IS NOT NULL AS rewarded FROM invites
    WHERE bot_id = %(bot_id)s AND friend > %(after)s ORDER BY friend LIMIT %(count)s
), judged AS (
    SELECT friend, CASE
        WHEN rewarded AND entries < 2 THEN 'it is rewarded and the credits are not booked'
        WHEN NOT rewarded AND entries > 0 THEN 'it is not rewarded and credits are booked'
        END AS problem
    FROM batch CROSS JOIN LATERAL (
        SELECT count(*) AS entries FROM ledger
        WHERE bot_id = %(bot_id)s AND request_key IN (
            'invite:' || friend || ':' || friend, 'invite:' || friend || ':' || inviter)) AS l
)
SELECT (SELECT max(friend) FROM batch) AS next,
       coalesce((SELECT jsonb_agg(jsonb_build_array(friend, problem) ORDER BY friend)
                 FROM judged WHERE problem IS NOT NULL), '[]') AS found;

-- name: wrong_subscriptions
-- Subscriptions that end at another time than the last month that was paid for.
WITH batch AS MATERIALIZED (
    SELECT id, paid_until FROM subscriptions
    WHERE bot_id = %(bot_id)s AND id > %(after)s ORDER BY id LIMIT %(count)s
), judged AS (
    SELECT id FROM batch
    WHERE paid_until IS DISTINCT FROM (SELECT max(p.paid_until) FROM payments AS p
                                        WHERE p.subscription = batch.id AND p.credits > 0)
)
SELECT (SELECT max(id) FROM batch) AS next,
       coalesce((SELECT jsonb_agg(jsonb_build_array(id, 'no payment of it ends then') ORDER BY id)
                 FROM judged), '[]') AS found;
