-- Statements of handlers/features/groups.

-- name: group_standing
-- Whether the group wants us, whether the user has a private chat with us, and the language that
-- was spoken there last. Always one row.
SELECT coalesce((SELECT silent FROM groups WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s),
                FALSE) AS silent,
       EXISTS (SELECT 1 FROM dialogues
               WHERE bot_id = %(bot_id)s AND chat_id = %(user_id)s AND user_id = %(user_id)s)
       AND coalesce((SELECT reachable FROM chats
                     WHERE bot_id = %(bot_id)s AND chat_id = %(user_id)s), TRUE) AS started,
       (SELECT language FROM group_languages
        WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s) AS language;

-- name: note_language
-- Somebody has spoken to us in that language.
INSERT INTO group_languages (bot_id, chat_id, language)
VALUES (%(bot_id)s, %(chat_id)s, %(language)s)
ON CONFLICT (bot_id, chat_id) DO UPDATE SET language = EXCLUDED.language;

-- name: keep_wish
-- What somebody wants in a group, until it is confirmed in private. A repeated update finds its
-- own row.
INSERT INTO group_wishes (bot_id, user_id, chat_id, thread, message_id, model, inputs, request_key)
VALUES (%(bot_id)s, %(user_id)s, %(chat_id)s, %(thread)s, %(message_id)s, %(model)s,
        CAST(%(inputs)s AS jsonb), %(key)s)
ON CONFLICT (bot_id, request_key) DO UPDATE SET model = EXCLUDED.model
RETURNING id;

-- name: wish_of_user
-- No row: it is not this user's, or too old.
SELECT id, chat_id, thread, message_id, model, inputs,
       EXISTS (SELECT 1 FROM generation_jobs AS j
               WHERE j.bot_id = w.bot_id AND j.request_key = 'wish:' || w.id) AS ordered
FROM group_wishes AS w
WHERE id = %(id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s
  AND created_at > now() - interval '1 day';

-- name: wish_of_result
-- What was asked for in a group. No row: it was asked for in private, or its user was forgotten.
SELECT model, input_params AS inputs FROM generation_jobs
WHERE bot_id = %(bot_id)s AND id = %(id)s AND chat_id <> user_id AND input_params IS NOT NULL;

-- name: drop_wish
-- Its user does not want it. Zero rows: it is gone already.
DELETE FROM group_wishes WHERE id = %(id)s AND bot_id = %(bot_id)s AND user_id = %(user_id)s;

-- name: set_silent
-- An administrator of the group has decided.
INSERT INTO groups (bot_id, chat_id, silent, changed_by)
VALUES (%(bot_id)s, %(chat_id)s, %(silent)s, %(user_id)s)
ON CONFLICT (bot_id, chat_id) DO UPDATE
SET silent = EXCLUDED.silent, changed_by = EXCLUDED.changed_by, updated_at = now();

-- name: ask_switch
-- Somebody wants to switch us on or off; whether they may is asked of Telegram. The last word of
-- a user counts.
INSERT INTO group_switches (bot_id, chat_id, user_id, silent, thread, language)
VALUES (%(bot_id)s, %(chat_id)s, %(user_id)s, %(silent)s, %(thread)s, %(language)s)
ON CONFLICT (bot_id, chat_id, user_id) DO UPDATE
SET silent = EXCLUDED.silent, thread = EXCLUDED.thread, language = EXCLUDED.language,
    asked_at = now();

-- name: open_switches
-- Those that wait for Telegram's word, oldest first. No row: nobody waits.
SELECT chat_id, user_id, silent, thread, language, extract(epoch FROM asked_at)::text AS stamp
FROM group_switches WHERE bot_id = %(bot_id)s ORDER BY asked_at LIMIT 100;

-- name: end_switch
-- Telegram has answered. No row: the same user has asked anew meanwhile.
DELETE FROM group_switches
WHERE bot_id = %(bot_id)s AND chat_id = %(chat_id)s AND user_id = %(user_id)s
  AND extract(epoch FROM asked_at)::text = %(stamp)s
RETURNING silent;

-- name: move_group
-- The group has another number. Zero rows: nobody has switched us there, or the row has moved.
UPDATE groups SET chat_id = %(new)s
WHERE bot_id = %(bot_id)s AND chat_id = %(old)s
  AND NOT EXISTS (SELECT 1 FROM groups WHERE bot_id = %(bot_id)s AND chat_id = %(new)s);

-- name: move_language
-- As move_group.
UPDATE group_languages SET chat_id = %(new)s
WHERE bot_id = %(bot_id)s AND chat_id = %(old)s
  AND NOT EXISTS (SELECT 1 FROM group_languages
                  WHERE bot_id = %(bot_id)s AND chat_id = %(new)s);

-- name: move_switches
-- As move_group, of those who wait for Telegram's word.
UPDATE group_switches AS s SET chat_id = %(new)s
WHERE s.bot_id = %(bot_id)s AND s.chat_id = %(old)s
  AND NOT EXISTS (SELECT 1 FROM group_switches AS o
                  WHERE o.bot_id = s.bot_id AND o.chat_id = %(new)s AND o.user_id = s.user_id);

-- name: move_wishes
-- What was asked for there and is not confirmed yet. The message with the words stays behind.
UPDATE group_wishes SET chat_id = %(new)s, thread = NULL, message_id = 0
WHERE bot_id = %(bot_id)s AND chat_id = %(old)s;

-- name: move_jobs
-- Results that are still to come. The messages with the words and the progress stay behind.
UPDATE generation_jobs
SET chat_id = %(new)s, thread = NULL, status_message_id = NULL, wish_message_id = NULL
WHERE bot_id = %(bot_id)s AND chat_id = %(old)s
  AND status IN ('queued', 'submitting', 'unclear', 'waiting');
