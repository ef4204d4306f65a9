-- What the stage shows of the tables; every statement is read only.

-- name: books
-- The money of this bot: one row per user with what was booked, by kind. No rows: nothing was booked.
SELECT l.user_id, a.balance,
       sum(l.amount) AS booked,
       coalesce(sum(l.amount) FILTER (WHERE l.kind = 'reserve'), 0) AS reserved,
       coalesce(sum(l.amount) FILTER (WHERE l.kind = 'release'), 0) AS returned,
       coalesce(sum(l.amount) FILTER (WHERE l.kind = 'capture'), 0) AS paid,
       coalesce(sum(l.amount) FILTER (WHERE l.kind NOT IN ('reserve', 'release', 'capture')), 0) AS given
  FROM ledger AS l
  JOIN accounts AS a ON a.bot_id = l.bot_id AND a.user_id = l.user_id
 WHERE l.bot_id = %(bot_id)s
 GROUP BY l.user_id, a.balance
 ORDER BY l.user_id;

-- name: terms
-- The last terms of the lock. No rows: nobody has been ACTIVE yet.
SELECT epoch, instance_id,
       extract(epoch FROM acquired_at)::float8 AS acquired,
       extract(epoch FROM ended_at)::float8 AS ended
  FROM lock_epochs
 WHERE bot_id = %(bot_id)s
 ORDER BY epoch DESC
 LIMIT 12;

-- name: open_work
-- What is under way: updates that wait, answers that are not out. One row.
SELECT (SELECT count(*) FROM telegram_updates WHERE bot_id = %(bot_id)s AND state = 'new') AS updates,
       (SELECT count(*) FROM deliveries
         WHERE bot_id = %(bot_id)s AND state IN ('pending', 'sending', 'unknown')) AS answers;

-- name: in_flight
-- Deliveries whose call may have begun and whose outcome is not recorded. One row.
SELECT count(*) AS calls FROM deliveries WHERE bot_id = %(bot_id)s AND state = 'sending';
