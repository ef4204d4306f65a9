-- Statements of kie/money/orders.py and payments.py: invoices, and the Stars that were paid.

-- name: new_order
-- An invoice for this pack at its current price.
INSERT INTO orders (bot_id, user_id, pack, stars, credits, monthly)
VALUES (%(bot_id)s, %(user_id)s, %(pack)s, %(stars)s, %(credits)s, %(monthly)s)
RETURNING id, user_id, pack, stars, credits, monthly, FALSE AS expired;

-- name: latest_order
-- The order of the same pack and price that the user has just made. No row: there is none.
SELECT id FROM orders
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND pack = %(pack)s
  AND stars = %(stars)s AND monthly = %(monthly)s
  AND created_at > now() - make_interval(secs => %(within)s)
LIMIT 1;

-- name: order_by_id
-- What a payload names. No row: no order of this bot.
SELECT id, user_id, pack, stars, credits, monthly, expires_at < now() AS expired FROM orders
WHERE bot_id = %(bot_id)s AND id = %(order_id)s;

-- name: banned
-- No row: the operator has not closed this account.
SELECT 1 AS banned FROM accounts
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND banned;

-- name: add_payment
-- Records a payment that Telegram has reported. No row: it is recorded already.
INSERT INTO payments (bot_id, charge_id, user_id, order_id, stars, credits, state, returns,
                      paid_until)
VALUES (%(bot_id)s, %(charge_id)s, %(user_id)s, %(order_id)s, %(stars)s, %(credits)s, %(state)s,
        CASE %(state)s WHEN 'returning' THEN 1 ELSE 0 END,
        to_timestamp(CAST(%(paid_until)s AS float8)))
ON CONFLICT (bot_id, charge_id) DO NOTHING
RETURNING number;

-- name: known_payment
-- No row: Telegram has not reported this payment yet.
SELECT number, user_id, stars, credits, state, taken, returns FROM payments
WHERE bot_id = %(bot_id)s AND charge_id = %(charge_id)s;

-- name: hold_payment
-- Locks a payment until the commit. Zero rows: there is no such payment.
SELECT 1 AS held FROM payments
WHERE bot_id = %(bot_id)s AND charge_id = %(charge_id)s FOR UPDATE;

-- name: begin_return
-- The Stars are about to go back; `taken` credits have left the account for them, `spent`
-- ones could not. No row: they are not credited any more.
UPDATE payments SET state = 'returning', taken = %(taken)s, spent = %(spent)s, returns = returns + 1
WHERE bot_id = %(bot_id)s AND charge_id = %(charge_id)s AND state = 'credited'
RETURNING number, user_id, charge_id, stars, returns;

-- name: end_return
-- Telegram has returned the Stars, or refused to. No row: that was recorded before.
UPDATE payments
SET state = CASE WHEN CAST(%(done)s AS boolean) THEN 'returned'
                 WHEN credits > 0 THEN 'credited' ELSE 'stuck' END,
    returned_at = CASE WHEN CAST(%(done)s AS boolean) THEN now() END,
    taken = CASE WHEN CAST(%(done)s AS boolean) THEN taken ELSE 0 END,
    spent = CASE WHEN CAST(%(done)s AS boolean) THEN spent ELSE 0 END
WHERE bot_id = %(bot_id)s AND charge_id = %(charge_id)s AND state = 'returning'
RETURNING number, user_id, charge_id, stars, returns;

-- name: record_returned
-- Telegram has returned the Stars by itself. No row: the payment was returned before.
UPDATE payments
SET state = 'returned', returned_at = now(), taken = taken + %(taken)s, spent = spent + %(spent)s,
    returns = returns + 1
WHERE bot_id = %(bot_id)s AND charge_id = %(charge_id)s AND state <> 'returned'
RETURNING number;

-- name: add_returned
-- The return of a payment that we have not heard of: should it still come, it is not credited.
-- No row: it is known.
INSERT INTO payments (bot_id, charge_id, user_id, stars, state, returned_at)
VALUES (%(bot_id)s, %(charge_id)s, %(user_id)s, %(stars)s, 'returned', now())
ON CONFLICT (bot_id, charge_id) DO NOTHING
RETURNING number;

-- name: payments_of
-- The latest payments of a user, newest first.
SELECT number, charge_id, stars, credits, state, created_at AT TIME ZONE 'UTC' AS at
FROM payments WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
ORDER BY number DESC LIMIT %(count)s;

-- name: person_of
-- The user whom operators answer. No row: no user with this id has written to the bot.
SELECT u.user_id, u.username, u.first_name, a.balance, a.language, a.last_language_code
FROM users AS u JOIN accounts AS a ON a.user_id = u.user_id AND a.bot_id = %(bot_id)s
WHERE u.user_id = %(user_id)s;

-- name: payment_by_number
-- What an operator's button refers to, with the account of its user. No row: none of this bot.
SELECT p.number, p.charge_id, p.user_id, p.stars, p.credits, p.state,
       p.created_at AT TIME ZONE 'UTC' AS at, a.balance, u.username, u.first_name
FROM payments AS p JOIN accounts AS a ON a.bot_id = p.bot_id AND a.user_id = p.user_id
JOIN users AS u ON u.user_id = p.user_id
WHERE p.bot_id = %(bot_id)s AND p.number = %(number)s;

-- name: star_position
-- No row: nothing was compared yet.
SELECT compared FROM star_positions WHERE bot_id = %(bot_id)s;

-- name: move_star_position
-- So many of Telegram's transactions are compared.
INSERT INTO star_positions (bot_id, compared) VALUES (%(bot_id)s, %(compared)s)
ON CONFLICT (bot_id) DO UPDATE SET compared = EXCLUDED.compared, updated_at = now();

-- name: know_payer
-- Stores the payer, who may never have written to the bot.
SELECT ensure_user(%(user_id)s, NULL, %(first_name)s), ensure_account(%(bot_id)s, %(user_id)s);
