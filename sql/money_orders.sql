-- Statements of kie/money/orders.py and payments.py: invoices, and the Stars that were paid.

-- name: new_order
-- An invoice for this pack at its current price.
INSERT INTO orders (bot_id, user_id, pack, stars, credits, discount, monthly)
VALUES (%(bot_id)s, %(user_id)s, %(pack)s, %(stars)s, %(credits)s, %(discount)s, %(monthly)s)
RETURNING id, user_id, pack, stars, credits, FALSE AS expired, discount, monthly;

-- name: discount
-- What is off the user's next pack. No row: nothing.
SELECT code, percent FROM discounts WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s;

-- name: use_discount
-- The pack is paid: the next one has its price. Zero rows: it was used before.
DELETE FROM discounts
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND code = %(code)s;

-- name: latest_order
-- The order of the same pack and price that the user has just made. No row: there is none.
SELECT id FROM orders
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND pack = %(pack)s
  AND stars = %(stars)s AND monthly = %(monthly)s
  AND created_at > now() - make_interval(secs => %(within)s)
LIMIT 1;

-- name: order_by_id
-- What a payload names; an order is over when its discount is used, too. No row: no order of this
-- bot.
SELECT id, user_id, pack, stars, credits, discount, monthly,
       expires_at < now() OR (discount IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM discounts AS d WHERE d.bot_id = orders.bot_id
             AND d.user_id = orders.user_id AND d.code = orders.discount)) AS expired
FROM orders
WHERE bot_id = %(bot_id)s AND id = %(order_id)s;

-- name: first_order
-- When this bot asked for Stars for the first time, in seconds since 1970. NULL: never.
SELECT extract(epoch FROM (SELECT created_at FROM orders WHERE bot_id = %(bot_id)s
                           ORDER BY id LIMIT 1))::float8 AS at;

-- name: add_payment
-- Records a payment that Telegram has reported. No row: it is recorded already.
-- The end of its month is not believed when it is further away than two months.
INSERT INTO payments (bot_id, charge_id, user_id, order_id, stars, credits, state, returns,
                      paid_until)
VALUES (%(bot_id)s, %(charge_id)s, %(user_id)s, %(order_id)s, %(stars)s, %(credits)s, %(state)s,
        CASE %(state)s WHEN 'returning' THEN 1 ELSE 0 END,
        CASE WHEN CAST(%(recurring)s AS boolean)
             THEN least(to_timestamp(least(CAST(%(paid_until)s AS float8), 9e10)),
                        now() + interval '60 days')
        END)
ON CONFLICT (bot_id, charge_id) DO NOTHING
RETURNING number, paid_until;

-- name: known_payment
-- No row: Telegram has not reported this payment yet.
SELECT number, user_id, stars, credits, state, taken, returns, subscription,
       paid_until > now() AS is_current
FROM payments
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
SELECT number, charge_id, stars, credits, state, created_at AS at
FROM payments WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s
ORDER BY number DESC LIMIT %(count)s;

-- name: person_of
-- The user whom operators answer. No row: no user with this id has written to the bot.
SELECT u.user_id, u.username, u.first_name, a.balance, a.language, a.last_language_code,
       coalesce(c.reachable, TRUE) AS reachable
FROM users AS u JOIN accounts AS a ON a.user_id = u.user_id AND a.bot_id = %(bot_id)s
LEFT JOIN chats AS c ON c.bot_id = a.bot_id AND c.chat_id = a.user_id
WHERE u.user_id = %(user_id)s;

-- name: payment_by_number
-- What an operator's button refers to, with the account of its user; whoever was forgotten has none.
-- No row: no payment of this bot.
SELECT p.number, p.charge_id, p.user_id, p.stars, p.credits, p.state,
       p.created_at AS at, coalesce(a.balance, 0) AS balance,
       u.username, u.first_name
FROM payments AS p LEFT JOIN accounts AS a ON a.bot_id = p.bot_id AND a.user_id = p.user_id
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

-- name: payments_page
-- Payments, newest first; `before` is the last one of the page before, or NULL.
SELECT p.number, p.stars, p.credits, p.state, p.created_at AS at, p.user_id,
       u.username, u.first_name
FROM payments AS p JOIN users AS u ON u.user_id = p.user_id
WHERE p.bot_id = %(bot_id)s AND (CAST(%(before)s AS bigint) IS NULL OR p.number < %(before)s)
ORDER BY p.number DESC LIMIT %(count)s;

-- name: payments_page_of
-- The same of one user.
SELECT p.number, p.stars, p.credits, p.state, p.created_at AS at, p.user_id,
       u.username, u.first_name
FROM payments AS p JOIN users AS u ON u.user_id = p.user_id
WHERE p.bot_id = %(bot_id)s AND p.user_id = %(user_id)s
  AND (CAST(%(before)s AS bigint) IS NULL OR p.number < %(before)s)
ORDER BY p.number DESC LIMIT %(count)s;
