-- Statements of kie/money/subscriptions.py: credits that are paid for each month.

-- name: live_subscription
-- A subscription of the user that goes on. Telegram collects a little after the month's end. No
-- row: there is none.
SELECT id, payload, charge_id FROM subscriptions
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND state = 'active'
  AND paid_until > now() - interval '3 days'
ORDER BY id LIMIT 1;

-- name: subscription_paid
-- A month was paid. An end that is being asked for stays; one that came before this month began is
-- over, because Telegram has collected again. `anew`: it was begun again after its end, and Telegram
-- knows it by the charge of this month.
INSERT INTO subscriptions AS s (bot_id, user_id, payload, charge_id, stars, credits, paid_until)
VALUES (%(bot_id)s, %(user_id)s, %(payload)s, %(charge_id)s, %(stars)s, %(credits)s,
        %(paid_until)s)
ON CONFLICT (bot_id, user_id, payload) DO UPDATE
SET charge_id = CASE WHEN CAST(%(anew)s AS boolean) THEN EXCLUDED.charge_id
                     ELSE coalesce(s.charge_id, EXCLUDED.charge_id) END,
    stars = EXCLUDED.stars, credits = EXCLUDED.credits,
    paid_until = greatest(s.paid_until, EXCLUDED.paid_until),
    state = CASE WHEN CAST(%(anew)s AS boolean) THEN 'active'
                 WHEN s.state = 'ended'
                  AND s.changed_at > EXCLUDED.paid_until - interval '30 days' THEN 'ended'
                 WHEN s.state = 'ending' THEN 'ending' ELSE 'active' END
RETURNING id;

-- name: subscription_named
-- No row: no month of it was credited.
SELECT id FROM subscriptions
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND payload = %(payload)s;

-- name: first_month
-- The payment that began what this order has sold. No row: none was recorded.
SELECT charge_id FROM payments
WHERE bot_id = %(bot_id)s AND order_id = %(order_id)s AND paid_until IS NOT NULL
ORDER BY paid_until, number LIMIT 1;

-- name: belongs_to
-- The payment is a month of the subscription.
UPDATE payments SET subscription = %(id)s
WHERE bot_id = %(bot_id)s AND charge_id = %(charge_id)s;

-- name: begin_end
-- Telegram is to be asked to end it. No row: it does not go on, or nobody can ask.
UPDATE subscriptions SET state = 'ending', ends = ends + 1, changed_at = now()
WHERE bot_id = %(bot_id)s AND id = %(id)s AND state = 'active' AND charge_id IS NOT NULL
RETURNING user_id, charge_id, ends;

-- name: end_subscription
-- Telegram has ended it, or refused to: then it goes on. No row: that was recorded before.
UPDATE subscriptions
SET state = CASE WHEN CAST(%(done)s AS boolean) THEN 'ended' ELSE 'active' END, changed_at = now()
WHERE bot_id = %(bot_id)s AND charge_id = %(charge_id)s AND state = 'ending'
RETURNING user_id, stars, credits, paid_until;

-- name: change_subscription
-- What Telegram tells of it. An end that is being asked for is not taken back. No row: it is
-- unknown here, or nothing changes.
UPDATE subscriptions SET state = %(state)s, changed_at = now()
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND payload = %(payload)s
  AND state <> %(state)s AND (state <> 'ending' OR %(state)s = 'ended')
RETURNING user_id, stars, credits, paid_until;

-- name: subscriptions_of
-- What its user is shown, the newest first: what goes on, and what is paid for. No row: nothing.
SELECT id, stars, credits, state, charge_id IS NOT NULL AS can_end, paid_until
FROM subscriptions
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND paid_until > now() - interval '3 days'
  AND (state <> 'ended' OR paid_until > now())
ORDER BY id DESC LIMIT %(count)s;
