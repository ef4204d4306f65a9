-- Statements of handlers/features/waitlist.

-- name: wait_for
-- A user waits for a model; empty: for the service. Zero rows: they wait for it already.
INSERT INTO waitlist (bot_id, user_id, model, chat_id, thread)
VALUES (%(bot_id)s, %(user_id)s, %(model)s, %(chat_id)s, %(thread)s)
ON CONFLICT (bot_id, user_id, model) DO NOTHING;

-- name: awaited_models
-- What somebody waits for. That the service works is `known` only if kie.ai has told since then that
-- credits are left. No row: nobody waits.
SELECT w.model, bool_or(w.model <> '' OR (k.credits > 0 AND k.answered_at > w.created_at)) AS known
FROM waitlist AS w
LEFT JOIN kie_balances AS k ON k.bot_id = w.bot_id
WHERE w.bot_id = %(bot_id)s
GROUP BY w.model;

-- name: end_waits
-- Who has waited longest for one of these models is told now. A row that somebody has locked waits.
-- No row: nobody waits for them.
DELETE FROM waitlist AS w
USING (SELECT v.bot_id, v.user_id, v.model FROM waitlist AS v
       LEFT JOIN kie_balances AS k ON k.bot_id = v.bot_id
       WHERE v.bot_id = %(bot_id)s AND v.model = ANY(%(models)s)
         AND (v.model <> '' OR (k.credits > 0 AND k.answered_at > v.created_at))
       ORDER BY v.created_at LIMIT %(count)s FOR UPDATE OF v SKIP LOCKED) AS first, accounts AS a
WHERE w.bot_id = first.bot_id AND w.user_id = first.user_id AND w.model = first.model
  AND a.bot_id = w.bot_id AND a.user_id = w.user_id
RETURNING w.user_id, w.chat_id, w.thread, w.model, w.created_at, a.language, a.last_language_code;
