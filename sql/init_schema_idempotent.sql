-- The one source of the schema. Safe to run any number of times, on an empty
-- database and on one made by the first release (users, generation_jobs and
-- orphan_callbacks with `task_id TEXT NOT NULL UNIQUE`). No row is ever removed.
--
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -f sql/init_schema_idempotent.sql
--
-- Words: a *bot* is the number before the colon of its token; a *term* is one
-- stretch of being ACTIVE, named by its epoch and proved by its random token.

SET client_min_messages = warning;

-- ---------------------------------------------------------------- version --
-- One row. The daemon refuses to start on a number greater than its own.
CREATE TABLE IF NOT EXISTS schema_version (
    only_row    BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
    version     INTEGER NOT NULL,
    -- Digest of this file as the migration last ran it: equal means nothing to do.
    checksum    TEXT,
    applied_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- ------------------------------------------------------------------ users --
CREATE TABLE IF NOT EXISTS users (
    user_id     BIGINT PRIMARY KEY,
    username    TEXT,
    first_name  TEXT,
    balance     BIGINT NOT NULL DEFAULT 0,
    language    TEXT,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
ALTER TABLE users ADD COLUMN IF NOT EXISTS username   TEXT;
ALTER TABLE users ADD COLUMN IF NOT EXISTS first_name TEXT;
ALTER TABLE users ADD COLUMN IF NOT EXISTS balance    BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN IF NOT EXISTS language   TEXT;
-- The language of the user's app; used for notices where the user has chosen no language.
ALTER TABLE users ADD COLUMN IF NOT EXISTS last_language_code TEXT;
ALTER TABLE users ADD COLUMN IF NOT EXISTS created_at TIMESTAMPTZ NOT NULL DEFAULT now();
ALTER TABLE users ADD COLUMN IF NOT EXISTS updated_at TIMESTAMPTZ NOT NULL DEFAULT now();

-- -------------------------------------------------------- generation_jobs --
-- queued → submitting → waiting → success | fail;  submitting → unclear → waiting | fail
CREATE TABLE IF NOT EXISTS generation_jobs (
    id            BIGSERIAL PRIMARY KEY,
    user_id       BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    task_id       TEXT UNIQUE,
    model         TEXT NOT NULL,
    status        TEXT NOT NULL DEFAULT 'queued',
    input_params  JSONB,
    result_url    TEXT,
    error_message TEXT,
    created_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    completed_at  TIMESTAMPTZ
);
-- kie.ai's number is unknown until it has answered.
ALTER TABLE generation_jobs ALTER COLUMN task_id DROP NOT NULL;
ALTER TABLE generation_jobs ALTER COLUMN status SET DEFAULT 'queued';
-- bot_id is NULL only in rows of the first release; no statement of this release touches them.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS bot_id            BIGINT;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS chat_id           BIGINT;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS language          TEXT;
-- Which press or message asked for it: a repeated update finds its own job instead of making a second.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS request_key       TEXT;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS price             BIGINT NOT NULL DEFAULT 0;
-- The message that shows the progress and is edited.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS status_message_id BIGINT;
-- The place in the queue that this message shows.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS place_told        INTEGER;
-- Which term is calling createTask for this row; empty outside `submitting`.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS claim_token       UUID;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS attempts          INTEGER NOT NULL DEFAULT 0;
-- When this row wants attention next: submit again, poll, give up waiting.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS next_action_at    TIMESTAMPTZ NOT NULL DEFAULT now();
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS submitted_at      TIMESTAMPTZ;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS polls             INTEGER NOT NULL DEFAULT 0;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS deadline_at       TIMESTAMPTZ;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS result_urls       JSONB;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS failure           TEXT;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS reported_by       TEXT;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS credits_consumed  NUMERIC;
-- The update from which it follows, as it is called in the log.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS trace             TEXT;
-- The topic of the chat in which it was ordered: what is told of it goes there.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS thread            BIGINT;
-- Files of the user are on their way to kie.ai: createTask was not called yet for this claim.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS uploading         BOOLEAN NOT NULL DEFAULT FALSE;
-- How often the process that gave its files to kie.ai ended meanwhile.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS ended             INTEGER NOT NULL DEFAULT 0;
-- The user knows that kie.ai is away and that the job is kept.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS told_delayed      BOOLEAN NOT NULL DEFAULT FALSE;
-- A callback came since the task was last asked for: such tasks are asked for first.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS hinted            BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS result_text       TEXT;
-- The job was given up, but a result that comes until then is still brought, as a gift.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS late_until        TIMESTAMPTZ;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS gifted_at         TIMESTAMPTZ;
-- What is known of the songs behind result_urls: title, cover, seconds, kie.ai's number.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS result_songs      JSONB;
-- The user's message with the words: the result answers it.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS wish_message_id   BIGINT;
-- The job whose button asked for this one: the same once more.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS repeats           BIGINT;
-- Since when it is a favourite of its user; it is not tidied away.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS starred_at        TIMESTAMPTZ;
-- How long such a task usually takes, as it was told when this one began; how far its progress
-- has been told, in per cent of that; and when it is told next.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS usual_seconds     REAL;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS progress_told     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS progress_at       TIMESTAMPTZ;
-- How many processes in a row have ended while they asked kie.ai for its task.
ALTER TABLE generation_jobs ADD COLUMN IF NOT EXISTS looks_ended       INTEGER NOT NULL DEFAULT 0;

-- Which jobs a process looks at, as ``updates_begun``. ``seen`` is next_action_at of each: a look
-- that ends changes it.
CREATE TABLE IF NOT EXISTS looks_begun (
    bot_id   BIGINT NOT NULL,
    process  UUID NOT NULL,
    jobs     BIGINT[] NOT NULL,
    seen     TIMESTAMPTZ[] NOT NULL,
    PRIMARY KEY (bot_id, process)
);

-- ------------------------------------------------------- orphan_callbacks --
-- Callbacks that name no job of ours yet; matched by task id when the job learns it.
CREATE TABLE IF NOT EXISTS orphan_callbacks (
    id            BIGSERIAL PRIMARY KEY,
    task_id       TEXT NOT NULL UNIQUE,
    payload       JSONB NOT NULL,
    received_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    processed     BOOLEAN NOT NULL DEFAULT FALSE,
    processed_at  TIMESTAMPTZ
);
ALTER TABLE orphan_callbacks ADD COLUMN IF NOT EXISTS bot_id     BIGINT;
-- The job whose URL it came to, when its signature or its task did not fit.
ALTER TABLE orphan_callbacks ADD COLUMN IF NOT EXISTS job_id     BIGINT;
-- When the operator was told that no job matches it.
ALTER TABLE orphan_callbacks ADD COLUMN IF NOT EXISTS noticed_at TIMESTAMPTZ;
CREATE INDEX IF NOT EXISTS orphan_callbacks_open ON orphan_callbacks (received_at) WHERE NOT processed;
-- What housekeeping walks.
CREATE INDEX IF NOT EXISTS orphan_callbacks_age ON orphan_callbacks (received_at);

-- Databases of the first release hold timestamps without a zone, written in UTC.
DO $$
DECLARE c RECORD;
BEGIN
    FOR c IN
        SELECT table_name, column_name
        FROM information_schema.columns
        WHERE table_schema = current_schema()
          AND table_name IN ('users', 'generation_jobs', 'orphan_callbacks')
          AND data_type = 'timestamp without time zone'
    LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I TYPE TIMESTAMPTZ USING %I AT TIME ZONE ''UTC''',
                       c.table_name, c.column_name, c.column_name);
    END LOOP;
    IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'job_status_known') THEN
        -- NOT VALID: rows of the first release keep their own words.
        ALTER TABLE generation_jobs ADD CONSTRAINT job_status_known CHECK (
            status IN ('queued', 'submitting', 'unclear', 'waiting', 'success', 'fail')) NOT VALID;
    END IF;
END $$;

CREATE UNIQUE INDEX IF NOT EXISTS generation_jobs_request_key
    ON generation_jobs (bot_id, request_key) WHERE request_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS generation_jobs_due
    ON generation_jobs (bot_id, next_action_at)
    WHERE status IN ('queued', 'submitting', 'unclear', 'waiting');
-- What housekeeping walks; a job whose input is gone has been tidied already.
CREATE INDEX IF NOT EXISTS generation_jobs_ended
    ON generation_jobs (bot_id, completed_at)
    WHERE status IN ('success', 'fail') AND input_params IS NOT NULL;
CREATE INDEX IF NOT EXISTS generation_jobs_queue
    ON generation_jobs (bot_id, id) WHERE status = 'queued';
CREATE INDEX IF NOT EXISTS generation_jobs_tasks
    ON generation_jobs (bot_id, next_action_at) WHERE status IN ('unclear', 'waiting');
CREATE INDEX IF NOT EXISTS generation_jobs_hinted
    ON generation_jobs (bot_id, next_action_at) WHERE hinted AND status = 'waiting';
CREATE INDEX IF NOT EXISTS generation_jobs_late
    ON generation_jobs (bot_id, next_action_at) WHERE status = 'fail' AND late_until IS NOT NULL;
CREATE INDEX IF NOT EXISTS generation_jobs_user
    ON generation_jobs (bot_id, user_id, created_at DESC);
CREATE INDEX IF NOT EXISTS generation_jobs_works
    ON generation_jobs (bot_id, user_id, id) WHERE status = 'success' OR gifted_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS generation_jobs_progress
    ON generation_jobs (bot_id, progress_at) WHERE progress_at IS NOT NULL AND status = 'waiting';
CREATE INDEX IF NOT EXISTS generation_jobs_repeats
    ON generation_jobs (bot_id, repeats) WHERE repeats IS NOT NULL;
CREATE INDEX IF NOT EXISTS generation_jobs_starred
    ON generation_jobs (bot_id, user_id, id DESC) WHERE starred_at IS NOT NULL;

-- ------------------------------------------------- telegram_updates: inbox --
-- Raw JSON first, parsed later. `new` rows are work; nothing is ever marked "busy":
-- the update is done in the same commit as its effects, so a crash leaves it `new`.
CREATE TABLE IF NOT EXISTS telegram_updates (
    seq          BIGSERIAL PRIMARY KEY,
    bot_id       BIGINT NOT NULL,
    -- NULL: a body that carried no readable number; it is `dead` from the start.
    update_id    BIGINT,
    -- The chat (or the user, where there is no chat) whose order must be kept.
    lane         BIGINT NOT NULL DEFAULT 0,
    kind         TEXT NOT NULL,
    -- TEXT, not JSONB: JSONB refuses \u0000, which a user may well send.
    body         TEXT,
    state        TEXT NOT NULL DEFAULT 'new' CONSTRAINT update_state_known
                 CHECK (state IN ('new', 'done', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    next_try_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    error        TEXT,
    received_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    done_at      TIMESTAMPTZ
);
CREATE UNIQUE INDEX IF NOT EXISTS telegram_updates_once
    ON telegram_updates (bot_id, update_id) WHERE update_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS telegram_updates_lanes
    ON telegram_updates (bot_id, lane, update_id) WHERE state = 'new';
-- When a button press was answered before its update was handled; it must not be answered twice.
ALTER TABLE telegram_updates ADD COLUMN IF NOT EXISTS answered_at TIMESTAMPTZ;
-- A row that is no work any more is in exactly one of these two: its body goes first, the
-- row itself much later.
CREATE INDEX IF NOT EXISTS telegram_updates_with_body
    ON telegram_updates (bot_id, received_at) WHERE state <> 'new' AND body IS NOT NULL;
CREATE INDEX IF NOT EXISTS telegram_updates_scrubbed
    ON telegram_updates (bot_id, received_at) WHERE state <> 'new' AND body IS NULL;
DROP INDEX IF EXISTS telegram_updates_age;
CREATE INDEX IF NOT EXISTS telegram_updates_dead
    ON telegram_updates (bot_id, seq) WHERE state = 'dead';
-- How often the process that handled the update ended before it was done.
ALTER TABLE telegram_updates ADD COLUMN IF NOT EXISTS ended INTEGER NOT NULL DEFAULT 0;

-- What each worker of a process has in work, written before it begins. Handling an update and
-- counting its tries share a transaction, so whatever ends the process in between leaves no
-- other trace. A row that stays behind for good is harmless: what it names is done.
CREATE TABLE IF NOT EXISTS updates_begun (
    bot_id    BIGINT NOT NULL,
    process   UUID NOT NULL,
    worker    TEXT NOT NULL,
    seqs      BIGINT[] NOT NULL,
    PRIMARY KEY (bot_id, process, worker)
);

-- -------------------------------------------------------------- dialogues --
-- Where a user stands in the conversation of one chat; survives deploys.
CREATE TABLE IF NOT EXISTS dialogues (
    bot_id      BIGINT NOT NULL,
    chat_id     BIGINT NOT NULL,
    user_id     BIGINT NOT NULL,
    step        TEXT NOT NULL,
    -- Grows by one with each step; a button of an older step carries an older number.
    version     INTEGER NOT NULL DEFAULT 0,
    answers     JSONB NOT NULL DEFAULT '{}',
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, chat_id, user_id)
);

-- ------------------------------------------------------ deliveries: outbox --
CREATE TABLE IF NOT EXISTS deliveries (
    id           BIGSERIAL PRIMARY KEY,
    bot_id       BIGINT NOT NULL,
    chat_id      BIGINT NOT NULL,
    -- toast: answer to a button press; answer: reply to the user; status: progress, only the newest counts;
    -- result: a finished job; notice: to the operator; news: of a broadcast.
    kind         TEXT NOT NULL CONSTRAINT delivery_kind_known
                 CHECK (kind IN ('toast', 'answer', 'status', 'result', 'notice', 'news')),
    payload      JSONB NOT NULL,
    -- What makes a repeated insert find the row that is already there.
    dedupe_key   TEXT NOT NULL,
    job_id       BIGINT REFERENCES generation_jobs(id) ON DELETE CASCADE,
    state        TEXT NOT NULL DEFAULT 'pending' CONSTRAINT delivery_state_known
                 CHECK (state IN ('pending', 'held', 'sending', 'unknown', 'sent', 'dropped', 'failed')),
    claim_token  UUID,
    attempts     INTEGER NOT NULL DEFAULT 0,
    not_before   TIMESTAMPTZ NOT NULL DEFAULT now(),
    message_id   BIGINT,
    file_id      TEXT,
    error        TEXT,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    sent_at      TIMESTAMPTZ
);
CREATE UNIQUE INDEX IF NOT EXISTS deliveries_once ON deliveries (bot_id, dedupe_key);
CREATE INDEX IF NOT EXISTS deliveries_ended
    ON deliveries (bot_id, created_at)
    WHERE state IN ('sent', 'dropped', 'failed') AND kind <> 'result';
CREATE INDEX IF NOT EXISTS deliveries_job ON deliveries (job_id) WHERE job_id IS NOT NULL;

-- A chat as the sender knows it: may we write to it, and not before when.
CREATE TABLE IF NOT EXISTS chats (
    bot_id        BIGINT NOT NULL,
    chat_id       BIGINT NOT NULL,
    reachable     BOOLEAN NOT NULL DEFAULT TRUE,
    parked_until  TIMESTAMPTZ NOT NULL DEFAULT '-infinity',
    updated_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, chat_id)
);

-- The card of a chat: the one message with the buttons of the dialogue. Other rows of a chat are
-- messages that were the card and are to stay (live = false).
CREATE TABLE IF NOT EXISTS cards (
    bot_id      BIGINT NOT NULL,
    chat_id     BIGINT NOT NULL,
    message_id  BIGINT NOT NULL,
    live        BOOLEAN NOT NULL,
    -- A number of deliveries.id: what an earlier delivery made of the message counts no more.
    as_of       BIGINT NOT NULL,
    PRIMARY KEY (bot_id, chat_id, message_id)
);

-- Until when a bot is to leave all chats alone.
CREATE TABLE IF NOT EXISTS silences (
    bot_id  BIGINT PRIMARY KEY,
    until   TIMESTAMPTZ NOT NULL
);

-- How often a call for this row went unanswered: it may have arrived that often.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS unknowns INTEGER NOT NULL DEFAULT 0;
-- The update from which it follows, as it is called in the log.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS trace TEXT;
-- Answers to button presses overtake everything else.
CREATE INDEX IF NOT EXISTS deliveries_toasts
    ON deliveries (bot_id, id) WHERE kind = 'toast' AND state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_sending
    ON deliveries (bot_id) WHERE state = 'sending';

-- The order within a chat holds for the deliveries of one line: its answers, its notices, and
-- each job's progress and result. What is tried again holds up nothing of another line.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS line BIGINT NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS deliveries_lines
    ON deliveries (bot_id, chat_id, line, id)
    WHERE state IN ('pending', 'sending', 'unknown') AND kind <> 'toast';
DROP INDEX IF EXISTS deliveries_open;
-- The topic of a chat where it belongs; NULL: none.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS thread BIGINT;
-- What its end still means for the job's price ('sent', 'failed'); NULL: nothing, or booked.
ALTER TABLE deliveries ADD COLUMN IF NOT EXISTS owed TEXT;
CREATE INDEX IF NOT EXISTS deliveries_owed ON deliveries (bot_id, id) WHERE owed IS NOT NULL;
-- refund: Stars go back to a user.
DO $$
BEGIN
    IF pg_get_constraintdef((SELECT oid FROM pg_constraint WHERE conname = 'delivery_kind_known'
                              AND conrelid = to_regclass('deliveries'))) NOT LIKE '%news%refund%' THEN
        ALTER TABLE deliveries DROP CONSTRAINT delivery_kind_known;
        ALTER TABLE deliveries ADD CONSTRAINT delivery_kind_known CHECK (kind IN (
            'toast', 'answer', 'status', 'result', 'notice', 'news', 'refund'));
    END IF;
END $$;
-- Results that wait until their users come back ('held'); the sender's walk does not meet them.
DO $$
BEGIN
    IF pg_get_constraintdef((SELECT oid FROM pg_constraint WHERE conname = 'delivery_state_known'
                              AND conrelid = to_regclass('deliveries'))) NOT LIKE '%held%' THEN
        ALTER TABLE deliveries DROP CONSTRAINT delivery_state_known;
        ALTER TABLE deliveries ADD CONSTRAINT delivery_state_known CHECK (state IN (
            'pending', 'held', 'sending', 'unknown', 'sent', 'dropped', 'failed'));
    END IF;
END $$;
UPDATE deliveries AS d SET state = 'held' FROM chats AS c
WHERE d.state = 'pending' AND d.kind = 'result' AND d.not_before > now()
  AND c.bot_id = d.bot_id AND c.chat_id = d.chat_id AND NOT c.reachable;
CREATE INDEX IF NOT EXISTS deliveries_held
    ON deliveries (bot_id, chat_id) WHERE state = 'held';
CREATE INDEX IF NOT EXISTS deliveries_held_until
    ON deliveries (bot_id, not_before) WHERE state = 'held';

-- Messages of a broadcast, which are sent when nothing else is to be sent.
CREATE INDEX IF NOT EXISTS deliveries_news
    ON deliveries (bot_id, id) WHERE kind = 'news' AND state IN ('pending', 'unknown');

-- What operators were told of late, and what could not be delivered.
CREATE INDEX IF NOT EXISTS deliveries_notices
    ON deliveries (bot_id, chat_id, created_at) WHERE kind = 'notice';
CREATE INDEX IF NOT EXISTS deliveries_failed
    ON deliveries (bot_id, updated_at) WHERE state = 'failed';

-- What setWebhook was last told, as a digest of URL and secret: Telegram shows the URL
-- but never the secret. A row also says that the webhook is this installation's own.
CREATE TABLE IF NOT EXISTS webhooks (
    bot_id       BIGINT PRIMARY KEY,
    fingerprint  TEXT NOT NULL,
    set_at       TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- ----------------------------------------------------------------- groups --
-- Groups whose administrators have switched the bot off, or on again. No row: it is on.
CREATE TABLE IF NOT EXISTS groups (
    bot_id      BIGINT NOT NULL,
    chat_id     BIGINT NOT NULL,
    silent      BOOLEAN NOT NULL,
    changed_by  BIGINT NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, chat_id)
);

-- The language of whoever has spoken to the bot in a group last. An administrator who stays
-- anonymous has none.
CREATE TABLE IF NOT EXISTS group_languages (
    bot_id    BIGINT NOT NULL,
    chat_id   BIGINT NOT NULL,
    language  TEXT NOT NULL,
    PRIMARY KEY (bot_id, chat_id)
);

-- Switches that wait for Telegram's word on whether their user is an administrator.
CREATE TABLE IF NOT EXISTS group_switches (
    bot_id    BIGINT NOT NULL,
    chat_id   BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    silent    BOOLEAN NOT NULL,
    thread    BIGINT,
    language  TEXT NOT NULL,
    asked_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, chat_id, user_id)
);

-- What users want in groups, until they confirm it in private.
CREATE TABLE IF NOT EXISTS group_wishes (
    id           BIGSERIAL PRIMARY KEY,
    bot_id       BIGINT NOT NULL,
    user_id      BIGINT NOT NULL,
    chat_id      BIGINT NOT NULL,
    thread       BIGINT,
    message_id   BIGINT NOT NULL,
    model        TEXT NOT NULL,
    inputs       JSONB NOT NULL,
    request_key  TEXT NOT NULL,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (bot_id, request_key)
);
CREATE INDEX IF NOT EXISTS group_wishes_age ON group_wishes (bot_id, created_at);

-- Models that are off the menu, because kie.ai does not offer them any more or because the
-- operator wants it so.
CREATE TABLE IF NOT EXISTS withdrawn_models (
    bot_id        BIGINT NOT NULL,
    model         TEXT NOT NULL,
    reason        TEXT NOT NULL,
    withdrawn_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, model)
);

-- Users whom kie.ai lately refused a model as one that it does not offer. One user alone takes
-- no model off the menu: the words may be about what that user wrote.
CREATE TABLE IF NOT EXISTS model_refusals (
    bot_id      BIGINT NOT NULL,
    model       TEXT NOT NULL,
    user_id     BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    refused_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, model, user_id)
);

-- ----------------------------------------------------------------- ledger --
-- Money, append-only; a trigger changes the account in the same statement, so that its
-- balance equals the sum. kie/money/ledger.py explains the kinds.
CREATE TABLE IF NOT EXISTS ledger (
    id          BIGSERIAL PRIMARY KEY,
    bot_id      BIGINT NOT NULL,
    user_id     BIGINT NOT NULL REFERENCES users(user_id) ON DELETE RESTRICT,
    job_id      BIGINT REFERENCES generation_jobs(id) ON DELETE RESTRICT,
    kind        TEXT NOT NULL CONSTRAINT ledger_kind_known
                CHECK (kind IN ('opening', 'transfer', 'reserve', 'capture', 'release', 'topup',
                                'grant', 'refund', 'stars', 'stars_refund', 'promo', 'invite',
                                'forgotten')),
    amount      BIGINT NOT NULL,
    note        TEXT,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
-- NULL: an opening entry that no bot has taken over yet (see `ensure_account`).
ALTER TABLE ledger ALTER COLUMN bot_id DROP NOT NULL;
-- Which update of the operator booked it: a repeated one books nothing.
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS request_key TEXT;
CREATE UNIQUE INDEX IF NOT EXISTS ledger_once_per_job ON ledger (job_id, kind) WHERE job_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS ledger_once_per_request
    ON ledger (bot_id, request_key) WHERE request_key IS NOT NULL;
-- A reservation ends once: paid or given back, never both.
CREATE UNIQUE INDEX IF NOT EXISTS ledger_reservation_ends_once
    ON ledger (job_id) WHERE kind IN ('capture', 'release');
CREATE UNIQUE INDEX IF NOT EXISTS ledger_opens_once ON ledger (user_id) WHERE kind = 'opening';
CREATE INDEX IF NOT EXISTS ledger_user ON ledger (user_id, id);
-- What the self-check of payments walks.
CREATE INDEX IF NOT EXISTS ledger_stars
    ON ledger (bot_id, id) WHERE kind IN ('stars', 'stars_refund');
CREATE INDEX IF NOT EXISTS ledger_day ON ledger (bot_id, created_at);

DO $$
BEGIN
    IF pg_get_constraintdef((SELECT oid FROM pg_constraint WHERE conname = 'ledger_kind_known'
                              AND conrelid = to_regclass('ledger'))) NOT LIKE '%forgotten%' THEN
        ALTER TABLE ledger DROP CONSTRAINT ledger_kind_known;
        ALTER TABLE ledger ADD CONSTRAINT ledger_kind_known CHECK (kind IN (
            'opening', 'transfer', 'reserve', 'capture', 'release', 'topup',
            'grant', 'refund', 'stars', 'stars_refund', 'promo', 'invite', 'forgotten'));
    END IF;
    -- The first release counted in fractions: credits are whole, and the difference is the user's.
    IF EXISTS (SELECT 1 FROM information_schema.columns
               WHERE table_schema = current_schema() AND table_name = 'users'
                 AND column_name = 'balance' AND (data_type <> 'bigint' OR is_nullable = 'YES')) THEN
        ALTER TABLE users ALTER COLUMN balance DROP DEFAULT;
        ALTER TABLE users ALTER COLUMN balance TYPE BIGINT USING ceil(coalesce(balance, 0));
        ALTER TABLE users ALTER COLUMN balance SET DEFAULT 0;
        ALTER TABLE users ALTER COLUMN balance SET NOT NULL;
    END IF;
END $$;

-- A balance that was there before the ledger is its first entry, once per user. Any other
-- difference is never mended here: the nightly self-check reports it.
INSERT INTO ledger (user_id, kind, amount, note)
SELECT u.user_id, 'opening', u.balance, 'balance of the first release'
FROM users AS u
WHERE u.balance <> 0 AND NOT EXISTS (SELECT 1 FROM ledger AS l WHERE l.user_id = u.user_id)
ON CONFLICT DO NOTHING;

-- ------------------------------------------------------------ lock_epochs --
-- One row per activation. At most one row of a key is open (ended_at IS NULL):
-- the newest term. Its token is what the fence compares.
CREATE TABLE IF NOT EXISTS lock_epochs (
    lock_key      BIGINT NOT NULL,
    epoch         BIGINT NOT NULL,
    token         UUID NOT NULL UNIQUE,
    bot_id        BIGINT NOT NULL,
    instance_id   TEXT NOT NULL,
    backend_pid   INTEGER NOT NULL,
    -- Which server and which history granted it; both may be NULL where a managed server hides them.
    system_id     BIGINT,
    timeline      INTEGER,
    acquired_at   TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at  TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
    -- Set by the holder itself when all its work has stopped.
    signed_off_at TIMESTAMPTZ,
    -- Set by the successor (or by the holder when it signs off): the term is over.
    ended_at      TIMESTAMPTZ,
    end_reason    TEXT,
    PRIMARY KEY (lock_key, epoch)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX IF NOT EXISTS lock_epochs_open ON lock_epochs (lock_key) WHERE ended_at IS NULL;

-- The fence: first statement of every transaction by which the ACTIVE instance acts.
-- The shared advisory lock makes a successor's winning transaction wait for this one
-- to end, and this one wait for a successor that is winning; the check after it sees
-- the outcome. Raises SF001 when the token is not the one of the open term.
-- READ COMMITTED only: a snapshot older than the lock would prove nothing.
CREATE OR REPLACE FUNCTION trt_fence(p_fence_key BIGINT, p_token UUID) RETURNS BIGINT
LANGUAGE plpgsql VOLATILE AS $$
DECLARE v_epoch BIGINT;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the fence needs read committed' USING ERRCODE = '22023';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(p_fence_key);
    SELECT epoch INTO v_epoch FROM lock_epochs WHERE token = p_token AND ended_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this term is over' USING ERRCODE = 'SF001';
    END IF;
    RETURN v_epoch;
END $$;

-- -------------------------------------------------- functions and triggers --
CREATE OR REPLACE FUNCTION ensure_user(
    p_user_id BIGINT, p_username TEXT DEFAULT NULL, p_first_name TEXT DEFAULT NULL
) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    -- A username that is NULL is not known, and the old one stays. An empty one says that there is
    -- none: the old one may be somebody else's by now, and is only one that the user had.
    IF p_username = '' THEN
        INSERT INTO former_names (name, user_id)
        SELECT lower(username), user_id FROM users
        WHERE user_id = p_user_id AND username IS NOT NULL
        ON CONFLICT (name, user_id) DO UPDATE SET until = now();
    END IF;
    -- Writes only when something differs: most messages come from known users.
    INSERT INTO users (user_id, username, first_name)
    VALUES (p_user_id, NULLIF(p_username, ''), p_first_name)
    ON CONFLICT (user_id) DO UPDATE SET
        username   = CASE WHEN p_username = '' THEN NULL
                          ELSE COALESCE(EXCLUDED.username, users.username) END,
        first_name = COALESCE(EXCLUDED.first_name, users.first_name)
    WHERE (p_username = '' AND users.username IS NOT NULL)
       OR users.username   IS DISTINCT FROM COALESCE(EXCLUDED.username, users.username)
       OR users.first_name IS DISTINCT FROM COALESCE(EXCLUDED.first_name, users.first_name);
END $$;

CREATE OR REPLACE FUNCTION trt_note_language(p_user_id BIGINT, p_code TEXT)
RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET last_language_code = p_code
    WHERE user_id = p_user_id AND last_language_code IS DISTINCT FROM p_code;
END $$;

CREATE OR REPLACE FUNCTION trt_touch_updated_at() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END $$;

DO $$
DECLARE t TEXT;
BEGIN
    FOREACH t IN ARRAY ARRAY['users', 'generation_jobs', 'dialogues', 'deliveries', 'chats'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_trigger
                       WHERE tgname = 'touch_updated_at' AND tgrelid = to_regclass(t)) THEN
            EXECUTE format('CREATE TRIGGER touch_updated_at BEFORE UPDATE ON %I
                            FOR EACH ROW EXECUTE FUNCTION trt_touch_updated_at()', t);
        END IF;
    END LOOP;
END $$;

-- --------------------------------------------------------------- accounts --
-- A user's purse, language and standing at one bot. `users.balance` stays the sum of a user's
-- accounts: an older release that runs beside this one during a deploy, or after a rollback,
-- reads and changes it.
CREATE TABLE IF NOT EXISTS accounts (
    bot_id              BIGINT NOT NULL,
    user_id             BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    balance             BIGINT NOT NULL DEFAULT 0,
    -- The language that the user chose at this bot, and what the user's app speaks.
    language            TEXT,
    last_language_code  TEXT,
    banned              BOOLEAN NOT NULL DEFAULT FALSE,
    first_seen          TIMESTAMPTZ NOT NULL DEFAULT now(),
    last_seen           TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, user_id)
);
CREATE INDEX IF NOT EXISTS accounts_user ON accounts (user_id);

-- The account of a user who writes to the bot. The first account of a user takes over the entries
-- that belong to no bot. Locks the row of `users` before the account, as everything does
-- that changes both.
CREATE OR REPLACE FUNCTION ensure_account(
    p_bot_id BIGINT, p_user_id BIGINT, p_language_code TEXT DEFAULT NULL
) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM users WHERE user_id = p_user_id FOR NO KEY UPDATE;
    UPDATE accounts
    SET last_seen = now(), last_language_code = COALESCE(p_language_code, last_language_code)
    WHERE bot_id = p_bot_id AND user_id = p_user_id;
    IF FOUND THEN
        RETURN;
    END IF;
    INSERT INTO accounts (bot_id, user_id, language, last_language_code)
    SELECT p_bot_id, u.user_id,
           CASE WHEN NOT EXISTS (SELECT 1 FROM accounts WHERE user_id = p_user_id)
                THEN u.language END,
           COALESCE(p_language_code, u.last_language_code)
    FROM users AS u WHERE u.user_id = p_user_id
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    -- The first release may have changed the balance since it was entered: it knows no ledger.
    IF NOT EXISTS (SELECT 1 FROM ledger WHERE user_id = p_user_id AND bot_id IS NOT NULL) THEN
        INSERT INTO ledger (user_id, kind, amount, note)
        SELECT u.user_id, 'opening', u.balance, 'balance of the first release'
        FROM users AS u
        WHERE u.user_id = p_user_id
          AND (u.balance <> 0 OR EXISTS (SELECT 1 FROM ledger WHERE user_id = p_user_id))
        ON CONFLICT (user_id) WHERE kind = 'opening'
            DO UPDATE SET amount = EXCLUDED.amount WHERE ledger.bot_id IS NULL;
    END IF;
    UPDATE ledger SET bot_id = p_bot_id WHERE user_id = p_user_id AND bot_id IS NULL;
END $$;

-- An entry changes its account, whichever release wrote it, and then the user's total. A total
-- that an older release has changed in the same statement is set to the same value. Only an
-- older release, which looks at the total, can try to spend what the account does not have.
CREATE OR REPLACE FUNCTION trt_book_entry() RETURNS TRIGGER LANGUAGE plpgsql AS $$
DECLARE
    v_balance BIGINT;
    v_total   BIGINT;
BEGIN
    PERFORM 1 FROM users WHERE user_id = NEW.user_id FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT 1 FROM accounts
                   WHERE bot_id = NEW.bot_id AND user_id = NEW.user_id) THEN
        PERFORM ensure_account(NEW.bot_id, NEW.user_id);
    END IF;
    UPDATE accounts SET balance = balance + NEW.amount
    WHERE bot_id = NEW.bot_id AND user_id = NEW.user_id RETURNING balance INTO v_balance;
    IF NEW.amount < 0 AND v_balance < 0 AND NEW.kind NOT IN ('opening', 'transfer') THEN
        RAISE EXCEPTION 'the account of user % at bot % would fall below zero',
            NEW.user_id, NEW.bot_id USING ERRCODE = 'check_violation';
    END IF;
    SELECT coalesce((SELECT sum(balance) FROM accounts WHERE user_id = NEW.user_id), 0)
         + coalesce((SELECT sum(amount) FROM ledger
                     WHERE user_id = NEW.user_id AND bot_id IS NULL), 0) INTO v_total;
    UPDATE users SET balance = v_total WHERE user_id = NEW.user_id AND balance <> v_total;
    RETURN NULL;
END $$;

-- An older release writes a chosen language to `users`: it holds for the accounts that had the
-- language before.
CREATE OR REPLACE FUNCTION trt_copy_language() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE accounts SET language = NEW.language
    WHERE user_id = NEW.user_id AND language IS NOT DISTINCT FROM OLD.language;
    RETURN NULL;
END $$;

-- ------------------------------------------------- packs, orders, payments --
-- What a user can buy. No row of a bot: the catalogue's packs are copied at the next start. The
-- operator hides packs; a row is never removed, so hidden packs do not come back.
CREATE TABLE IF NOT EXISTS packs (
    bot_id      BIGINT NOT NULL,
    id          INTEGER NOT NULL,
    credits     BIGINT NOT NULL CHECK (credits > 0),
    -- NULL: not sold for Stars.
    stars       INTEGER CHECK (stars BETWEEN 1 AND 10000),
    -- The price of a payment by hand, as the operator writes it; NULL: not sold by hand.
    money_text  TEXT,
    shown       BOOLEAN NOT NULL DEFAULT TRUE,
    place       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (bot_id, id)
);

-- Sold for a month each time: Telegram collects the Stars until the user or the bot ends it.
ALTER TABLE packs ADD COLUMN IF NOT EXISTS monthly BOOLEAN NOT NULL DEFAULT FALSE;

-- What operators changed, append-only: the latest row of a kind and model counts. markup and
-- pack have no model; the value NULL goes back to the catalogue's file, or hides the pack.
CREATE TABLE IF NOT EXISTS tariffs (
    id          BIGSERIAL PRIMARY KEY,
    bot_id      BIGINT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('markup', 'price', 'free', 'pack')),
    model       TEXT NOT NULL DEFAULT '',
    value       NUMERIC,
    changed_by  BIGINT NOT NULL,
    changed_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
-- budget: free results a day for all users together. renewals: credits for each Star of a renewal
-- that fits no order; 0, as without a row: it goes back.
DO $$
BEGIN
    IF pg_get_constraintdef((SELECT oid FROM pg_constraint WHERE conname = 'tariffs_kind_check'
                              AND conrelid = to_regclass('tariffs'))) NOT LIKE '%renewals%' THEN
        ALTER TABLE tariffs DROP CONSTRAINT tariffs_kind_check;
        ALTER TABLE tariffs ADD CONSTRAINT tariffs_kind_check
            CHECK (kind IN ('markup', 'price', 'free', 'pack', 'budget', 'renewals'));
    END IF;
END $$;
CREATE INDEX IF NOT EXISTS tariffs_latest ON tariffs (bot_id, kind, model, id);

-- An invoice that a user asked for. It may be paid any number of times.
CREATE TABLE IF NOT EXISTS orders (
    id          BIGSERIAL PRIMARY KEY,
    bot_id      BIGINT NOT NULL,
    user_id     BIGINT NOT NULL REFERENCES users(user_id) ON DELETE RESTRICT,
    pack        INTEGER NOT NULL,
    stars       INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 10000),
    credits     BIGINT NOT NULL CHECK (credits > 0),
    -- Telegram collects the Stars again each month until the user or the bot ends it.
    monthly     BOOLEAN NOT NULL DEFAULT FALSE,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    expires_at  TIMESTAMPTZ NOT NULL DEFAULT now() + interval '24 hours'
);
-- The code that made it cheaper.
ALTER TABLE orders ADD COLUMN IF NOT EXISTS discount TEXT;
CREATE INDEX IF NOT EXISTS orders_user ON orders (bot_id, user_id, id);

-- Each payment in Stars, once, by Telegram's number of it.
CREATE TABLE IF NOT EXISTS payments (
    bot_id       BIGINT NOT NULL,
    charge_id    TEXT NOT NULL,
    -- What users and operators call it: the number of the receipt, as that of a row of topups.
    number       BIGSERIAL,
    user_id      BIGINT NOT NULL REFERENCES users(user_id) ON DELETE RESTRICT,
    order_id     BIGINT REFERENCES orders(id) ON DELETE RESTRICT,
    stars        INTEGER NOT NULL,
    credits      BIGINT NOT NULL DEFAULT 0,
    -- returning: refundStarPayment is on its way. stuck: Telegram refused to return what was
    -- never credited.
    state        TEXT NOT NULL CONSTRAINT payment_state_known
                 CHECK (state IN ('credited', 'returning', 'returned', 'stuck')),
    -- Credits that went back for the Stars, and those that were spent already.
    taken        BIGINT NOT NULL DEFAULT 0,
    spent        BIGINT NOT NULL DEFAULT 0,
    -- How often a return was begun.
    returns      INTEGER NOT NULL DEFAULT 0,
    -- When the month that a subscription has paid for ends.
    paid_until   TIMESTAMPTZ,
    created_at   TIMESTAMPTZ NOT NULL DEFAULT now(),
    returned_at  TIMESTAMPTZ,
    PRIMARY KEY (bot_id, charge_id)
);
-- Credits that are paid for again each month. Telegram names a subscription by its user and the
-- payload of its invoice; the bot ends it by the charge id of its first payment, which is unknown
-- where an earlier bot has sold it.
CREATE TABLE IF NOT EXISTS subscriptions (
    id          BIGSERIAL PRIMARY KEY,
    bot_id      BIGINT NOT NULL,
    user_id     BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    payload     TEXT NOT NULL,
    charge_id   TEXT,
    -- Of one month.
    stars       INTEGER NOT NULL,
    credits     BIGINT NOT NULL,
    -- ending: Telegram is being asked to end it. ended: nothing more is collected. failed: the
    -- user had too few Stars for the next month.
    state       TEXT NOT NULL DEFAULT 'active' CONSTRAINT subscription_state_known
                CHECK (state IN ('active', 'ending', 'ended', 'failed')),
    -- How often its end was asked for.
    ends        INTEGER NOT NULL DEFAULT 0,
    paid_until  TIMESTAMPTZ NOT NULL,
    started_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    changed_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (bot_id, user_id, payload)
);
CREATE INDEX IF NOT EXISTS subscriptions_charge ON subscriptions (bot_id, charge_id);
-- The subscription that a payment belongs to.
ALTER TABLE payments ADD COLUMN IF NOT EXISTS subscription BIGINT;
CREATE INDEX IF NOT EXISTS payments_subscription
    ON payments (subscription) WHERE subscription IS NOT NULL;

-- Receipts of payments by hand. A pack without a price in money has no number of credits yet.
CREATE TABLE IF NOT EXISTS topups (
    id              BIGSERIAL PRIMARY KEY,
    bot_id          BIGINT NOT NULL,
    user_id         BIGINT NOT NULL REFERENCES users(user_id) ON DELETE RESTRICT,
    credits         BIGINT NOT NULL DEFAULT 0,
    money_text      TEXT,
    file_unique_id  TEXT NOT NULL,
    file_id         TEXT NOT NULL,
    state           TEXT NOT NULL DEFAULT 'new' CONSTRAINT topup_state_known
                    CHECK (state IN ('new', 'approved', 'refused', 'expired')),
    reason          TEXT,
    decided_by      BIGINT,
    created_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    reminded_at     TIMESTAMPTZ,
    decided_at      TIMESTAMPTZ
);
-- Payments in Stars and those by hand have their receipts' numbers from one sequence: to users and
-- operators a receipt is a receipt. It passes the numbers that were given before, by steps, since a
-- payment may take the next one meanwhile.
DO $$
BEGIN
    IF pg_get_expr((SELECT adbin FROM pg_attrdef JOIN pg_attribute
                        ON attrelid = adrelid AND attnum = adnum
                     WHERE adrelid = to_regclass('topups') AND attname = 'id'),
                   to_regclass('topups')) NOT LIKE '%payments_number_seq%' THEN
        ALTER TABLE topups ALTER COLUMN id SET DEFAULT nextval('payments_number_seq');
        PERFORM nextval('payments_number_seq')
        FROM generate_series((SELECT last_value FROM payments_number_seq),
                             (SELECT max(id) FROM topups));
    END IF;
END $$;
-- The album that the file came in: its other files are further pages.
ALTER TABLE topups ADD COLUMN IF NOT EXISTS album TEXT;
-- The user's message with the file: its user may replace the file by editing it.
ALTER TABLE topups ADD COLUMN IF NOT EXISTS message_id BIGINT;
-- Further pages and replaced files that were brought to the operators.
ALTER TABLE topups ADD COLUMN IF NOT EXISTS pages INTEGER NOT NULL DEFAULT 0;
-- All further files that it has or had, by their unique ids: one that comes again is recognised.
ALTER TABLE topups ADD COLUMN IF NOT EXISTS other_files TEXT[] NOT NULL DEFAULT '{}';
-- Whom requisites were shown last, and for what: a file that comes soon after may be the receipt.
CREATE TABLE IF NOT EXISTS requisites_shown (
    bot_id      BIGINT NOT NULL,
    user_id     BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    credits     BIGINT NOT NULL DEFAULT 0,
    money_text  TEXT,
    shown_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, user_id)
);
CREATE INDEX IF NOT EXISTS topups_open ON topups (bot_id, created_at) WHERE state = 'new';
CREATE INDEX IF NOT EXISTS topups_user ON topups (bot_id, user_id, id);
CREATE INDEX IF NOT EXISTS topups_file ON topups (bot_id, file_unique_id);
CREATE INDEX IF NOT EXISTS topups_other_files ON topups USING gin (other_files);

-- Who came by whose invitation: noted at the first contact, rewarded when the friend has paid.
ALTER TABLE accounts ADD COLUMN IF NOT EXISTS invite_code TEXT;
CREATE UNIQUE INDEX IF NOT EXISTS accounts_invite_code
    ON accounts (bot_id, invite_code) WHERE invite_code IS NOT NULL;
CREATE TABLE IF NOT EXISTS invites (
    bot_id       BIGINT NOT NULL,
    friend       BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    inviter      BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    at           TIMESTAMPTZ NOT NULL DEFAULT now(),
    rewarded_at  TIMESTAMPTZ,
    -- Both were told of the reward.
    told_at      TIMESTAMPTZ,
    -- The friend's payment went back, and the reward with it.
    taken_at     TIMESTAMPTZ,
    PRIMARY KEY (bot_id, friend)
);
-- Which payment that was, and how often a reward went back.
ALTER TABLE invites ADD COLUMN IF NOT EXISTS taken_for TEXT;
ALTER TABLE invites ADD COLUMN IF NOT EXISTS takes INTEGER NOT NULL DEFAULT 0;
CREATE INDEX IF NOT EXISTS invites_inviter ON invites (bot_id, inviter, rewarded_at);
CREATE INDEX IF NOT EXISTS invites_to_tell
    ON invites (bot_id, rewarded_at) WHERE rewarded_at IS NOT NULL AND told_at IS NULL;

-- Codes that operators give away.
CREATE TABLE IF NOT EXISTS promos (
    bot_id      BIGINT NOT NULL,
    code        TEXT NOT NULL,
    credits     BIGINT NOT NULL CHECK (credits > 0),
    most        INTEGER NOT NULL CHECK (most > 0),
    used        INTEGER NOT NULL DEFAULT 0,
    until       TIMESTAMPTZ,
    only_new    BOOLEAN NOT NULL DEFAULT FALSE,
    active      BOOLEAN NOT NULL DEFAULT TRUE,
    made_by     BIGINT NOT NULL,
    made_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, code)
);
-- A code gives credits, or takes so many percent off the next pack.
ALTER TABLE promos ADD COLUMN IF NOT EXISTS percent INTEGER CHECK (percent BETWEEN 1 AND 90);
DO $$
BEGIN
    IF pg_get_constraintdef((SELECT oid FROM pg_constraint WHERE conname = 'promos_credits_check'
                              AND conrelid = to_regclass('promos'))) NOT LIKE '%percent%' THEN
        ALTER TABLE promos DROP CONSTRAINT promos_credits_check;
        ALTER TABLE promos ADD CONSTRAINT promos_credits_check
            CHECK ((percent IS NULL AND credits > 0) OR (percent IS NOT NULL AND credits = 0));
    END IF;
END $$;
-- The percents that are off a user's next pack. The payment ends them.
CREATE TABLE IF NOT EXISTS discounts (
    bot_id   BIGINT NOT NULL,
    user_id  BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    code     TEXT NOT NULL,
    percent  INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 90),
    PRIMARY KEY (bot_id, user_id)
);
CREATE TABLE IF NOT EXISTS promo_uses (
    bot_id   BIGINT NOT NULL,
    code     TEXT NOT NULL,
    user_id  BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    at       TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, code, user_id)
);
-- Wrong codes of the last hour, against guessing.
CREATE TABLE IF NOT EXISTS promo_tries (
    bot_id   BIGINT NOT NULL,
    user_id  BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    wrong    INTEGER NOT NULL DEFAULT 0,
    since    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, user_id)
);
-- How many came by a link of an advertisement.
CREATE TABLE IF NOT EXISTS campaigns (
    bot_id  BIGINT NOT NULL,
    name    TEXT NOT NULL,
    visits  BIGINT NOT NULL DEFAULT 0,
    new     BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (bot_id, name)
);

-- --------------------------------------------------------- operators --
-- Every act of an operator, append-only, in the commit of the act itself.
CREATE TABLE IF NOT EXISTS admin_acts (
    id          BIGSERIAL PRIMARY KEY,
    bot_id      BIGINT NOT NULL,
    admin       BIGINT NOT NULL,
    act         TEXT NOT NULL,
    -- A user, a model, a receipt, …: what the act is about, as the act names it.
    target      TEXT NOT NULL DEFAULT '',
    -- What was changed, before and after it.
    before      JSONB,
    after       JSONB,
    at          TIMESTAMPTZ NOT NULL DEFAULT now(),
    -- The update (telegram_updates.seq) of which it is an effect.
    update_seq  BIGINT,
    -- The user whose account it concerns.
    user_id     BIGINT,
    -- The act that this one undoes: each is undone once.
    undoes      BIGINT
);
CREATE INDEX IF NOT EXISTS admin_acts_log ON admin_acts (bot_id, id);
CREATE INDEX IF NOT EXISTS admin_acts_user ON admin_acts (bot_id, user_id, id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS admin_acts_undone_once ON admin_acts (undoes) WHERE undoes IS NOT NULL;

-- Names that users had before, so that operators find them by an old one.
CREATE TABLE IF NOT EXISTS former_names (
    name     TEXT NOT NULL,
    user_id  BIGINT NOT NULL REFERENCES users(user_id) ON DELETE CASCADE,
    until    TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (name, user_id)
);
CREATE INDEX IF NOT EXISTS former_names_user ON former_names (user_id);
CREATE INDEX IF NOT EXISTS users_name ON users (lower(username)) WHERE username IS NOT NULL;
CREATE OR REPLACE FUNCTION trt_keep_name() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO former_names (name, user_id) VALUES (lower(OLD.username), OLD.user_id)
    ON CONFLICT (name, user_id) DO UPDATE SET until = now();
    RETURN NULL;
END $$;
DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_trigger
                   WHERE tgname = 'keep_name' AND tgrelid = to_regclass('users')) THEN
        -- A name that is removed, as when its user wants to be forgotten, is not kept.
        CREATE TRIGGER keep_name AFTER UPDATE OF username ON users FOR EACH ROW
            WHEN (OLD.username IS NOT NULL AND NEW.username IS NOT NULL
                  AND lower(OLD.username) <> lower(NEW.username))
            EXECUTE FUNCTION trt_keep_name();
    END IF;
END $$;

-- Installations that have cleared what an earlier bot had left at Telegram, and which operators have
-- lists of commands of their own.
CREATE TABLE IF NOT EXISTS installations (
    bot_id      BIGINT PRIMARY KEY,
    operators   BIGINT[] NOT NULL DEFAULT '{}',
    cleared_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- States that operators were alerted to, until they have ended.
CREATE TABLE IF NOT EXISTS alarms (
    bot_id      BIGINT NOT NULL,
    key         TEXT NOT NULL,
    -- The sentence that names the state, and the place whose buttons help.
    over        TEXT NOT NULL,
    place       TEXT NOT NULL,
    began_at    TIMESTAMPTZ NOT NULL DEFAULT now(),
    seen_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    ended_at    TIMESTAMPTZ,
    PRIMARY KEY (bot_id, key)
);

-- No new jobs and no payments while there is a row whose end is not over. NULL: until an operator
-- ends it.
CREATE TABLE IF NOT EXISTS maintenance (
    bot_id      BIGINT PRIMARY KEY,
    since       TIMESTAMPTZ NOT NULL DEFAULT now(),
    until       TIMESTAMPTZ,
    begun_by    BIGINT NOT NULL
);

-- How many of Telegram's transactions in Stars were compared with ours.
CREATE TABLE IF NOT EXISTS star_positions (
    bot_id      BIGINT PRIMARY KEY,
    compared    BIGINT NOT NULL DEFAULT 0,
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS payments_number ON payments (number);
CREATE INDEX IF NOT EXISTS payments_user ON payments (bot_id, user_id, number);
CREATE INDEX IF NOT EXISTS payments_latest ON payments (bot_id, number);

-- Accounts of what was booked before there were any, once: the trigger is there when it is done.
-- The lock keeps entries of other sessions out between the sums and the trigger.
DO $$
DECLARE
    v_only BIGINT;
    v_debt RECORD;
    v_rich RECORD;
    v_part BIGINT;
BEGIN
    IF EXISTS (SELECT 1 FROM pg_trigger
               WHERE tgname = 'book_entry' AND tgrelid = to_regclass('ledger')) THEN
        RETURN;
    END IF;
    LOCK TABLE ledger IN SHARE ROW EXCLUSIVE MODE;
    SELECT CASE WHEN count(*) = 1 THEN min(bot_id) END INTO v_only FROM (
        SELECT bot_id FROM lock_epochs UNION SELECT bot_id FROM ledger
        UNION SELECT bot_id FROM generation_jobs UNION SELECT bot_id FROM dialogues) AS b
    WHERE bot_id IS NOT NULL;
    -- Entries without a bot go to the only one, or to the first that their user has written to.
    UPDATE ledger AS l SET bot_id = coalesce(v_only, first.bot_id)
    FROM users AS u LEFT JOIN (
        SELECT DISTINCT ON (user_id) user_id, bot_id FROM (
            SELECT user_id, bot_id, created_at AS at FROM ledger
            UNION ALL SELECT user_id, bot_id, created_at FROM generation_jobs
            UNION ALL SELECT user_id, bot_id, updated_at FROM dialogues) AS met
        WHERE bot_id IS NOT NULL ORDER BY user_id, at, bot_id) AS first USING (user_id)
    WHERE u.user_id = l.user_id AND l.bot_id IS NULL
      AND coalesce(v_only, first.bot_id) IS NOT NULL;
    INSERT INTO accounts (bot_id, user_id, balance, language, last_language_code,
                          first_seen, last_seen)
    SELECT met.bot_id, u.user_id, sum(met.amount), u.language, u.last_language_code,
           min(met.at), max(met.at)
    FROM (SELECT bot_id, user_id, amount, created_at AS at FROM ledger
          UNION ALL SELECT bot_id, user_id, 0, created_at FROM generation_jobs
          UNION ALL SELECT bot_id, user_id, 0, updated_at FROM dialogues) AS met
    JOIN users AS u ON u.user_id = met.user_id
    WHERE met.bot_id IS NOT NULL
    GROUP BY met.bot_id, u.user_id;
    -- What was bought at one bot could be spent at another: the debt is paid from there.
    FOR v_debt IN SELECT * FROM accounts WHERE balance < 0 ORDER BY user_id, bot_id LOOP
        FOR v_rich IN SELECT * FROM accounts WHERE user_id = v_debt.user_id AND balance > 0
                      ORDER BY bot_id LOOP
            EXIT WHEN v_debt.balance >= 0;
            v_part := least(v_rich.balance, -v_debt.balance);
            INSERT INTO ledger (bot_id, user_id, kind, amount, note)
            VALUES (v_rich.bot_id, v_debt.user_id, 'transfer', -v_part, 'one purse before'),
                   (v_debt.bot_id, v_debt.user_id, 'transfer', v_part, 'one purse before');
            UPDATE accounts SET balance = balance - v_part
            WHERE bot_id = v_rich.bot_id AND user_id = v_debt.user_id;
            UPDATE accounts SET balance = balance + v_part
            WHERE bot_id = v_debt.bot_id AND user_id = v_debt.user_id;
            v_debt.balance := v_debt.balance + v_part;
        END LOOP;
    END LOOP;
    CREATE TRIGGER book_entry AFTER INSERT ON ledger FOR EACH ROW
        WHEN (NEW.bot_id IS NOT NULL AND NEW.amount <> 0) EXECUTE FUNCTION trt_book_entry();
    CREATE TRIGGER book_taken_entry AFTER UPDATE OF bot_id ON ledger FOR EACH ROW
        WHEN (OLD.bot_id IS NULL AND NEW.bot_id IS NOT NULL) EXECUTE FUNCTION trt_book_entry();
    CREATE TRIGGER copy_language AFTER UPDATE OF language ON users FOR EACH ROW
        WHEN (OLD.language IS DISTINCT FROM NEW.language) EXECUTE FUNCTION trt_copy_language();
END $$;

-- ------------------------------------------------------------- money_days --
-- The sums of each day (UTC) that is over, written once by the nightly self-check, so that
-- housekeeping does not change what a report says of the past. A day without a row is summed up
-- from ledger, payments and jobs.
CREATE TABLE IF NOT EXISTS money_days (
    bot_id          BIGINT NOT NULL,
    day             DATE NOT NULL,
    -- Stars that came in, and those that went back.
    stars           BIGINT NOT NULL,
    star_payments   INTEGER NOT NULL,
    stars_back      BIGINT NOT NULL,
    -- Credits: topped up by hand, paid for results, given away, refunded for results.
    by_hand         BIGINT NOT NULL,
    paid            BIGINT NOT NULL,
    gifts           BIGINT NOT NULL,
    refunds         BIGINT NOT NULL,
    -- Approved receipts by the price of their pack, as the operator has written it: text → number.
    hand_prices     JSONB NOT NULL,
    -- What kie.ai took, in its credits; the results without a price, and their part of it.
    kie_credits     NUMERIC NOT NULL,
    free_jobs       INTEGER NOT NULL,
    free_kie        NUMERIC NOT NULL,
    newcomers       INTEGER NOT NULL,
    people          INTEGER NOT NULL,
    -- model → made, failed, free, paid, refunded, kie.
    models          JSONB NOT NULL,
    -- How long results took: the number of results by tenth of the natural logarithm of seconds.
    durations       JSONB NOT NULL,
    written_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, day)
);
CREATE INDEX IF NOT EXISTS generation_jobs_day
    ON generation_jobs (bot_id, completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS generation_jobs_gifted
    ON generation_jobs (bot_id, gifted_at) WHERE gifted_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS payments_day ON payments (bot_id, created_at);
CREATE INDEX IF NOT EXISTS payments_back
    ON payments (bot_id, returned_at) WHERE returned_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS topups_approved
    ON topups (bot_id, decided_at) WHERE state = 'approved';
CREATE INDEX IF NOT EXISTS accounts_first_seen ON accounts (bot_id, first_seen);
-- A user's last contact is written once an hour at most.
CREATE INDEX IF NOT EXISTS accounts_last_seen ON accounts (bot_id, last_seen);

-- kie.ai's last answer about the credits that are left.
CREATE TABLE IF NOT EXISTS kie_balances (
    bot_id       BIGINT PRIMARY KEY,
    credits      NUMERIC NOT NULL,
    answered_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Operators are told when kie.ai's balance is below this number. No row: only when it is below one
-- day of spending.
CREATE TABLE IF NOT EXISTS kie_limits (
    bot_id       BIGINT PRIMARY KEY,
    kie_credits  NUMERIC NOT NULL CHECK (kie_credits > 0),
    changed_by   BIGINT NOT NULL,
    changed_at   TIMESTAMPTZ NOT NULL DEFAULT now()
);

-- Models whose latest jobs in a row cost something else than the catalogue says.
CREATE TABLE IF NOT EXISTS cost_runs (
    bot_id      BIGINT NOT NULL,
    model       TEXT NOT NULL,
    jobs        INTEGER NOT NULL,
    expected    NUMERIC NOT NULL,
    taken       NUMERIC NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, model)
);

-- Files that the bot has made for a message: charts, exports. A delivery names one by its number;
-- housekeeping removes them after two days.
CREATE TABLE IF NOT EXISTS made_files (
    id       BIGSERIAL PRIMARY KEY,
    bot_id   BIGINT NOT NULL,
    content  BYTEA NOT NULL,
    made_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS made_files_age ON made_files (bot_id, made_at);

-- Pictures and exports that operators have asked for and that are not made yet. An export is made
-- in parts: `after_at` and `after_id` name the last row of the last part.
CREATE TABLE IF NOT EXISTS report_requests (
    id           BIGSERIAL PRIMARY KEY,
    bot_id       BIGINT NOT NULL,
    chat_id      BIGINT NOT NULL,
    request_key  TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('money', 'stats', 'ledger', 'jobs', 'payments')),
    language     TEXT NOT NULL,
    -- Of a picture: its days. Of an export: the first day of its month.
    days         INTEGER,
    month        DATE,
    parts        INTEGER NOT NULL DEFAULT 0,
    row_count    BIGINT NOT NULL DEFAULT 0,
    after_at     TIMESTAMPTZ,
    after_id     BIGINT NOT NULL DEFAULT -1,
    -- How often the process that made it ended meanwhile, or the making failed.
    tries        INTEGER NOT NULL DEFAULT 0,
    asked_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (bot_id, request_key)
);
-- What an export walks.
-- What the free budget of a day counts.
CREATE INDEX IF NOT EXISTS generation_jobs_free
    ON generation_jobs (bot_id, created_at) WHERE price = 0 AND status <> 'fail';
CREATE INDEX IF NOT EXISTS generation_jobs_created ON generation_jobs (bot_id, created_at, id);

-- ---------------------------------------------------------------- privacy --
-- Since when a user wants no news; for good.
ALTER TABLE accounts ADD COLUMN IF NOT EXISTS news_off_at TIMESTAMPTZ;
-- What a user had of a day's free results before everything about them was erased; NULL: nobody who
-- was forgotten and has come back.
ALTER TABLE accounts ADD COLUMN IF NOT EXISTS free_before    JSONB;
ALTER TABLE accounts ADD COLUMN IF NOT EXISTS free_before_on DATE;

-- Users who want to be forgotten, until it is done. waiting: something of theirs has not ended yet;
-- erasing: their rows go in batches; telling: they are told that it is done.
CREATE TABLE IF NOT EXISTS forgettings (
    id            BIGSERIAL PRIMARY KEY,
    bot_id        BIGINT NOT NULL,
    user_id       BIGINT NOT NULL,
    language      TEXT NOT NULL,
    stage         TEXT NOT NULL DEFAULT 'waiting'
                  CHECK (stage IN ('waiting', 'erasing', 'telling')),
    -- The free results of the day, by model.
    free_used     JSONB,
    free_on       DATE,
    -- How far updates and deliveries were searched: telegram_updates.seq, deliveries.id.
    updates_seen     BIGINT NOT NULL DEFAULT 0,
    deliveries_seen  BIGINT NOT NULL DEFAULT 0,
    asked_at      TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (bot_id, user_id)
);

-- What is still known of users who were forgotten, by a keyed hash of their number: forgetting lifts
-- no ban, renews no free results and makes nobody a new user. The row goes when its user comes back.
CREATE TABLE IF NOT EXISTS forgotten_people (
    bot_id       BIGINT NOT NULL,
    person       BYTEA NOT NULL,
    banned       BOOLEAN NOT NULL,
    news_off_at  TIMESTAMPTZ,
    free_used    JSONB,
    free_on      DATE,
    first_seen   TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (bot_id, person)
);

-- Users who want a copy of their data; one a day.
CREATE TABLE IF NOT EXISTS data_requests (
    bot_id    BIGINT NOT NULL,
    user_id   BIGINT NOT NULL,
    language  TEXT NOT NULL,
    asked_on  DATE NOT NULL,
    given     BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (bot_id, user_id)
);
CREATE INDEX IF NOT EXISTS data_requests_open ON data_requests (bot_id) WHERE NOT given;

-- The account of a user who writes to the bot, and what of an earlier one was to outlive it.
CREATE OR REPLACE FUNCTION trt_meet(
    p_bot_id BIGINT, p_user_id BIGINT, p_language_code TEXT, p_person BYTEA
) RETURNS VOID LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ensure_account(p_bot_id, p_user_id, p_language_code);
    UPDATE accounts AS a
    SET banned = a.banned OR f.banned, news_off_at = coalesce(a.news_off_at, f.news_off_at),
        free_before = f.free_used, free_before_on = f.free_on,
        first_seen = least(a.first_seen, f.first_seen)
    FROM forgotten_people AS f
    WHERE f.bot_id = p_bot_id AND f.person = p_person
      AND a.bot_id = p_bot_id AND a.user_id = p_user_id;
    IF FOUND THEN
        DELETE FROM forgotten_people WHERE bot_id = p_bot_id AND person = p_person;
    END IF;
END $$;

-- Users who are to be told once when a model works again; an empty model is the whole service.
CREATE TABLE IF NOT EXISTS waitlist (
    bot_id      BIGINT NOT NULL,
    user_id     BIGINT NOT NULL,
    model       TEXT NOT NULL,
    chat_id     BIGINT NOT NULL,
    thread      BIGINT,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    PRIMARY KEY (bot_id, user_id, model)
);

-- ------------------------------------------------------------- broadcasts --
-- Messages of operators to many users. One runs at a time, a paused one counts; others are queued.
CREATE TABLE IF NOT EXISTS broadcasts (
    id          BIGSERIAL PRIMARY KEY,
    bot_id      BIGINT NOT NULL,
    made_by     BIGINT NOT NULL,
    state       TEXT NOT NULL DEFAULT 'draft'
                CHECK (state IN ('draft', 'queued', 'running', 'paused', 'stopped', 'done')),
    -- kind, text as HTML, file_id, button with url.
    content     JSONB NOT NULL DEFAULT '{}',
    audience    TEXT NOT NULL DEFAULT 'all',
    -- Credits for each receiver.
    bonus       BIGINT NOT NULL DEFAULT 0 CHECK (bonus >= 0),
    -- Receivers are chosen in chunks, by number: the last account that was looked at.
    looked_at   BIGINT NOT NULL DEFAULT 0,
    chosen      BOOLEAN NOT NULL DEFAULT FALSE,
    receivers   BIGINT NOT NULL DEFAULT 0,
    sent        BIGINT NOT NULL DEFAULT 0,
    failed      BIGINT NOT NULL DEFAULT 0,
    skipped     BIGINT NOT NULL DEFAULT 0,
    -- Of those that were sent: a call without an answer was repeated, so some may have two.
    doubtful    BIGINT NOT NULL DEFAULT 0,
    -- How often the progress was told.
    told        INTEGER NOT NULL DEFAULT 0,
    created_at  TIMESTAMPTZ NOT NULL DEFAULT now(),
    started_at  TIMESTAMPTZ,
    ended_at    TIMESTAMPTZ
);
CREATE UNIQUE INDEX IF NOT EXISTS broadcasts_draft ON broadcasts (bot_id, made_by) WHERE state = 'draft';
CREATE UNIQUE INDEX IF NOT EXISTS broadcasts_one
    ON broadcasts (bot_id) WHERE state IN ('running', 'paused');
CREATE INDEX IF NOT EXISTS broadcasts_open
    ON broadcasts (bot_id, id) WHERE state IN ('queued', 'running', 'paused');

-- Who gets one: the delivery, and how it has ended (sent, failed, skipped).
CREATE TABLE IF NOT EXISTS broadcast_receivers (
    broadcast_id  BIGINT NOT NULL REFERENCES broadcasts(id) ON DELETE CASCADE,
    user_id       BIGINT NOT NULL,
    delivery_id   BIGINT,
    outcome       TEXT,
    PRIMARY KEY (broadcast_id, user_id)
);
CREATE INDEX IF NOT EXISTS broadcast_receivers_next ON broadcast_receivers (broadcast_id, user_id)
    WHERE delivery_id IS NULL AND outcome IS NULL;
CREATE INDEX IF NOT EXISTS broadcast_receivers_open ON broadcast_receivers (broadcast_id)
    WHERE delivery_id IS NOT NULL AND outcome IS NULL;
CREATE INDEX IF NOT EXISTS ledger_payers ON ledger (bot_id, user_id) WHERE kind IN ('stars', 'topup');

-- What a decision about a user's money needs. No row: an unknown user. `running` and `free_used`
-- are null where there is none, as most are: reading an empty object takes time. `free_used` counts
-- what is being made or was made today (UTC) without a price, by model; `unfetched` results
-- of the last 30 days that were given up because their user had blocked the bot, since the
-- user last paid for something or the operator last booked something. Free results of today
-- from before the user was forgotten count as well. `budget_spent`: all users together have had the
-- free results that the operator gives a day. The planner puts it into the statements that call it.
CREATE OR REPLACE FUNCTION trt_account(p_bot_id BIGINT, p_user_id BIGINT)
RETURNS TABLE (balance BIGINT, banned BOOLEAN, discount INTEGER, running JSONB, free_used JSONB,
               unfetched INTEGER, budget_spent BOOLEAN)
LANGUAGE sql STABLE AS $$
SELECT u.balance, u.banned,
       coalesce((SELECT percent FROM discounts
                  WHERE bot_id = p_bot_id AND user_id = p_user_id), 0),
       (SELECT jsonb_object_agg(r.model, r.jobs) FROM (
            SELECT model, count(*) AS jobs FROM generation_jobs
            WHERE bot_id = p_bot_id AND user_id = p_user_id
              AND status IN ('queued', 'submitting', 'unclear', 'waiting')
            GROUP BY model) AS r),
       (SELECT jsonb_object_agg(f.model, f.jobs) FROM (
            SELECT model, sum(jobs)::bigint AS jobs FROM (
                SELECT model, count(*) AS jobs FROM generation_jobs
                WHERE bot_id = p_bot_id AND user_id = p_user_id AND price = 0
                  AND status <> 'fail'
                  AND created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
                GROUP BY model
                UNION ALL
                SELECT key, CAST(value AS bigint) FROM jsonb_each_text(
                    CASE WHEN u.free_before_on = (now() AT TIME ZONE 'UTC')::date
                         THEN u.free_before END)) AS made
            GROUP BY model) AS f),
       (SELECT count(*)::int FROM (
            SELECT 1 FROM ledger
            WHERE user_id = p_user_id AND bot_id = p_bot_id AND kind = 'release'
              AND note = 'unfetched' AND created_at > now() - interval '30 days'
              AND id > coalesce((SELECT max(id) FROM ledger
                                  WHERE user_id = p_user_id AND bot_id = p_bot_id
                                  AND kind IN ('capture', 'topup', 'grant', 'stars')), 0)
            LIMIT 100) AS l),
       coalesce((SELECT t.value::bigint <= (SELECT count(*) FROM (
                    SELECT 1 FROM generation_jobs
                    WHERE bot_id = p_bot_id AND price = 0 AND status <> 'fail'
                      AND created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
                    LIMIT t.value::bigint) AS made)
                 FROM tariffs AS t
                 WHERE t.bot_id = p_bot_id AND t.kind = 'budget' AND t.model = ''
                 ORDER BY t.id DESC LIMIT 1), FALSE)
FROM accounts AS u
WHERE u.bot_id = p_bot_id AND u.user_id = p_user_id
LIMIT 1  -- makes the planner look it up
$$;

-- Lets the sequences of these tables go on after the highest number that is there. Logical replication
-- and a dump of the data alone bring rows without their sequences: every new row would be refused, or
-- get the number of one that was deleted. A sequence that is ahead stays as it is. By steps: others
-- may take the next number meanwhile, and our role may perhaps do no more than that. Too many steps
-- would keep a bot from starting.
CREATE OR REPLACE FUNCTION trt_count_on(p_tables TEXT[])
RETURNS SETOF TEXT LANGUAGE plpgsql AS $$
DECLARE counted RECORD; highest BIGINT; reached BIGINT;
BEGIN
    FOR counted IN
        SELECT c.relname AS in_table, a.attname AS in_column, CAST(q.seqrelid AS regclass) AS given_by
        FROM pg_attrdef AS f
        JOIN pg_depend AS d ON d.classid = CAST('pg_attrdef' AS regclass) AND d.objid = f.oid
                           AND d.refclassid = CAST('pg_class' AS regclass)
        JOIN pg_sequence AS q ON q.seqrelid = d.refobjid
        JOIN pg_class AS c ON c.oid = f.adrelid
        JOIN pg_attribute AS a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
        WHERE c.relnamespace = CAST(current_schema() AS regnamespace) AND c.relname = ANY (p_tables)
        ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT max(%I) FROM %I', counted.in_column, counted.in_table) INTO highest;
        reached := coalesce(pg_sequence_last_value(counted.given_by), 0);
        CONTINUE WHEN highest IS NULL OR highest <= reached;
        IF highest - reached <= 10000000 THEN
            PERFORM nextval(counted.given_by) FROM generate_series(reached + 1, highest);
        ELSIF has_sequence_privilege(counted.given_by, 'UPDATE') THEN
            PERFORM setval(counted.given_by, highest);
        ELSE
            CONTINUE;
        END IF;
        RETURN NEXT format('numbers of %s go on after %s', counted.in_table, highest);
    END LOOP;
END $$;

INSERT INTO schema_version (version) VALUES (1)
ON CONFLICT (only_row) DO UPDATE SET version = EXCLUDED.version, applied_at = now()
WHERE schema_version.version < EXCLUDED.version;

RESET client_min_messages;
