-- Statements of kie/money/invites.py and promos.py: credits that are given away.

-- name: invite_code
-- The user's own code, kept so that a link leads to its inviter. It stays when the bot gets another
-- token: links with it are out in the world. Zero rows: no account, or there is a code.
UPDATE accounts SET invite_code = %(code)s
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND invite_code IS NULL;

-- name: invited
-- The user's code, how many came by the link, and how many of them have paid. One row; without an
-- account the code is NULL.
SELECT (SELECT invite_code FROM accounts
        WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s) AS code,
       count(*)::int AS came, count(rewarded_at)::int AS rewarded FROM invites
WHERE bot_id = %(bot_id)s AND inviter = %(user_id)s;

-- name: note_invite
-- Records who invited a new user. No row: the code is unknown or the user's own, or the user is not
-- new. Who has only been met in a group or by an inline query lately has not come yet; `dialogues`
-- has a row from the first answer in private on. Who was forgotten has none, but has `free_before`,
-- or has paid.
INSERT INTO invites (bot_id, friend, inviter)
SELECT friend.bot_id, friend.user_id, inviter.user_id
FROM accounts AS friend JOIN accounts AS inviter
  ON inviter.bot_id = friend.bot_id AND inviter.invite_code = %(code)s
WHERE friend.bot_id = %(bot_id)s AND friend.user_id = %(user_id)s
  AND friend.first_seen > now() - interval '30 days' AND friend.invite_code IS NULL
  AND friend.free_before IS NULL AND inviter.user_id <> friend.user_id
  AND NOT EXISTS (SELECT 1 FROM dialogues AS d
                   WHERE d.bot_id = friend.bot_id AND d.chat_id = friend.user_id
                     AND d.user_id = friend.user_id)
  AND NOT EXISTS (SELECT 1 FROM ledger AS l
                   WHERE l.bot_id = friend.bot_id AND l.user_id = friend.user_id
                     AND l.kind IN ('topup', 'stars'))
ON CONFLICT DO NOTHING
RETURNING inviter;

-- name: due_rewards
-- Friends among these users who have paid money and are not rewarded yet. Credits that were given
-- away do not count: else an account could pay its inviter with them. No row: there are none.
SELECT i.friend FROM invites AS i
WHERE i.bot_id = %(bot_id)s AND i.friend = ANY (CAST(%(friends)s AS bigint[]))
  AND i.rewarded_at IS NULL
  AND EXISTS (SELECT 1 FROM ledger AS l WHERE l.bot_id = i.bot_id AND l.user_id = i.friend
               AND l.kind IN ('topup', 'stars') AND l.amount > 0);

-- name: lock_invited
-- Locks these users and those who invited them until the commit, in the order of their ids, so that
-- of two transactions none waits for the other in a circle.
SELECT 1 AS locked FROM users
WHERE user_id IN (
    SELECT unnest(CAST(%(friends)s AS bigint[]))
    UNION SELECT inviter FROM invites
    WHERE bot_id = %(bot_id)s AND friend = ANY (CAST(%(friends)s AS bigint[])))
ORDER BY user_id FOR NO KEY UPDATE;

-- name: reward
-- Rewards these friends and their inviters, so many of one inviter within 30 days. The users are
-- locked: two transactions do not count the same place. No row: all are rewarded, or too many.
WITH due AS MATERIALIZED (
    SELECT i.friend, i.inviter FROM invites AS i
    WHERE i.bot_id = %(bot_id)s AND i.friend = ANY (CAST(%(friends)s AS bigint[]))
      AND i.rewarded_at IS NULL
    FOR UPDATE
), counted AS (
    SELECT friend, inviter, row_number() OVER (PARTITION BY inviter ORDER BY friend)
           + (SELECT count(*) FROM invites AS m
              WHERE m.bot_id = %(bot_id)s AND m.inviter = due.inviter
                AND m.rewarded_at > now() - interval '30 days') AS nth
    FROM due
), marked AS (
    UPDATE invites SET rewarded_at = now() FROM counted
    WHERE invites.bot_id = %(bot_id)s AND invites.friend = counted.friend
      AND counted.nth <= %(most)s
    RETURNING counted.friend, counted.inviter
)
INSERT INTO ledger (bot_id, user_id, kind, amount, request_key)
SELECT %(bot_id)s, user_id, 'invite', CAST(%(reward)s AS bigint), 'invite:' || friend || ':' || user_id
FROM (SELECT friend, friend AS user_id FROM marked
      UNION ALL SELECT friend, inviter FROM marked) AS both_of_them
ORDER BY user_id
ON CONFLICT (bot_id, request_key) WHERE request_key IS NOT NULL DO NOTHING
RETURNING user_id;

-- name: take_reward
-- The friend's payment goes back, and with it what both got, as far as it is not spent. Zero rows:
-- nothing was rewarded, it went back before, or all is spent.
WITH ended AS (
    UPDATE invites SET taken_at = now(), taken_for = %(charge_id)s, takes = takes + 1
    WHERE bot_id = %(bot_id)s AND friend = %(friend)s
      AND rewarded_at IS NOT NULL AND taken_at IS NULL
    RETURNING friend, inviter, takes
)
INSERT INTO ledger (bot_id, user_id, kind, amount, request_key)
SELECT given.bot_id, given.user_id, 'invite', -least(given.amount, a.balance),
       'invite_back:' || ended.friend || ':' || given.user_id || ':' || ended.takes
FROM ended
JOIN ledger AS given ON given.bot_id = %(bot_id)s
 AND given.request_key IN ('invite:' || ended.friend || ':' || ended.friend,
                           'invite:' || ended.friend || ':' || ended.inviter)
JOIN accounts AS a ON a.bot_id = given.bot_id AND a.user_id = given.user_id
WHERE a.balance > 0
ORDER BY given.user_id;

-- name: give_reward_again
-- Telegram refused to return the payment: what was taken for it comes back. Zero rows: nothing was.
WITH again AS (
    UPDATE invites SET taken_at = NULL
    WHERE bot_id = %(bot_id)s AND friend = %(friend)s
      AND taken_at IS NOT NULL AND taken_for = %(charge_id)s
    RETURNING friend, inviter, takes
)
INSERT INTO ledger (bot_id, user_id, kind, amount, request_key)
SELECT taken.bot_id, taken.user_id, 'invite', -taken.amount,
       'invite_again:' || again.friend || ':' || taken.user_id || ':' || again.takes
FROM again
JOIN ledger AS taken ON taken.bot_id = %(bot_id)s
 AND taken.request_key IN (
     'invite_back:' || again.friend || ':' || again.friend || ':' || again.takes,
     'invite_back:' || again.friend || ':' || again.inviter || ':' || again.takes)
ORDER BY taken.user_id;

-- name: rewards_untold
-- Whether there are rewards that were not told yet. No row: there are none.
SELECT 1 AS untold FROM invites
WHERE bot_id = %(bot_id)s AND rewarded_at IS NOT NULL AND told_at IS NULL LIMIT 1;

-- name: invites_to_tell
-- Rewards that were not told yet, with the languages of both users. A row that somebody has locked
-- waits. No row: there are none.
WITH untold AS (
    SELECT bot_id, friend FROM invites
    WHERE bot_id = %(bot_id)s AND rewarded_at IS NOT NULL AND told_at IS NULL
    FOR NO KEY UPDATE SKIP LOCKED
), told AS (
    UPDATE invites AS i SET told_at = now() FROM untold
    WHERE i.bot_id = untold.bot_id AND i.friend = untold.friend
    RETURNING i.friend, i.inviter
)
SELECT both_of_them.friend, a.user_id, a.language, a.last_language_code
FROM (SELECT friend, friend AS user_id FROM told
      UNION ALL SELECT friend, inviter FROM told) AS both_of_them
JOIN accounts AS a ON a.bot_id = %(bot_id)s AND a.user_id = both_of_them.user_id
ORDER BY both_of_them.friend, a.user_id;

-- name: count_visit
-- Counts a visit by the link of a campaign; who is new, as note_invite says. Zero rows: no operator
-- has made that link.
UPDATE campaigns SET visits = visits + 1,
       new = new + (SELECT count(*) FROM accounts AS a
                    WHERE a.bot_id = %(bot_id)s AND a.user_id = %(user_id)s
                      AND a.first_seen > now() - interval '30 days' AND a.free_before IS NULL
                      AND NOT EXISTS (SELECT 1 FROM dialogues AS d
                                       WHERE d.bot_id = a.bot_id AND d.chat_id = a.user_id
                                         AND d.user_id = a.user_id))
WHERE bot_id = %(bot_id)s AND name = %(name)s;

-- name: make_campaign
-- A link whose visits are counted. Zero rows: there is one of that name.
INSERT INTO campaigns (bot_id, name) VALUES (%(bot_id)s, %(name)s) ON CONFLICT DO NOTHING;

-- name: campaigns
-- The links of campaigns, the most followed first.
SELECT name, visits, new FROM campaigns WHERE bot_id = %(bot_id)s ORDER BY visits DESC LIMIT 20;

-- name: make_promo
-- A new code. No row: there is one of that name.
INSERT INTO promos (bot_id, code, credits, percent, most, until, only_new, made_by)
VALUES (%(bot_id)s, %(code)s, %(credits)s, CAST(%(percent)s AS int), %(most)s,
        now() + make_interval(days => CAST(%(days)s AS int)), %(only_new)s, %(who)s)
ON CONFLICT DO NOTHING
RETURNING code;

-- name: promos
-- The codes, the newest first.
SELECT code, credits, percent, most, used, active AND used < most AND coalesce(until > now(), TRUE) AS alive,
       until, only_new
FROM promos WHERE bot_id = %(bot_id)s ORDER BY made_at DESC LIMIT 20;

-- name: end_promo
-- Switches the code off. No row: there is no such code, or it is off.
UPDATE promos SET active = FALSE
WHERE bot_id = %(bot_id)s AND code = %(code)s AND active RETURNING code;

-- name: redeem
-- One use of the code by this user. No row: there is no such code, it is over, all are used, this
-- user has used it, or it is for new users.
WITH offered AS (
    UPDATE promos AS p SET used = used + 1
    WHERE p.bot_id = %(bot_id)s AND p.code = %(code)s AND p.active AND p.used < p.most
      AND coalesce(p.until > now(), TRUE)
      AND NOT EXISTS (SELECT 1 FROM promo_uses AS u WHERE u.bot_id = p.bot_id
                       AND u.code = p.code AND u.user_id = %(user_id)s)
      AND (NOT p.only_new OR EXISTS (
           SELECT 1 FROM accounts AS a WHERE a.bot_id = p.bot_id AND a.user_id = %(user_id)s
             AND a.first_seen > now() - interval '1 day'))
    RETURNING p.credits, p.percent
), noted AS (
    INSERT INTO promo_uses (bot_id, code, user_id)
    SELECT %(bot_id)s, %(code)s, %(user_id)s FROM offered
    RETURNING user_id
)
SELECT offered.credits, offered.percent FROM offered, noted;

-- name: give_discount
-- So many percent are off the user's next pack; the better one of two codes stays.
INSERT INTO discounts (bot_id, user_id, code, percent)
VALUES (%(bot_id)s, %(user_id)s, %(code)s, %(percent)s)
ON CONFLICT (bot_id, user_id) DO UPDATE SET code = EXCLUDED.code, percent = EXCLUDED.percent
WHERE discounts.percent < EXCLUDED.percent;

-- name: silenced
-- Too many wrong codes within the hour. No row: the user may try.
SELECT 1 AS silenced FROM promo_tries
WHERE bot_id = %(bot_id)s AND user_id = %(user_id)s AND wrong >= %(most)s
  AND since > now() - interval '1 hour';

-- name: note_wrong
-- A wrong code; the hour begins with the first one, and the silence with the last.
INSERT INTO promo_tries (bot_id, user_id, wrong) VALUES (%(bot_id)s, %(user_id)s, 1)
ON CONFLICT (bot_id, user_id) DO UPDATE
SET wrong = CASE WHEN promo_tries.since > now() - interval '1 hour'
                 THEN promo_tries.wrong + 1 ELSE 1 END,
    since = CASE WHEN promo_tries.since > now() - interval '1 hour'
                      AND promo_tries.wrong + 1 < %(most)s
                 THEN promo_tries.since ELSE now() END;
