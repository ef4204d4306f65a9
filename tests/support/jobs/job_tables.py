"""The tables of a bot with one user, whatever became of its process."""

from typing import Any

from supervisor.database.transactions import Database, Row
from tests.support.postgres.mortal_database import BOT_ID, MortalDatabase

#: These tables and those that refer to them are empty, and their numbers begin anew. TRUNCATE would
#: make new files for each of them and for each index, which costs more than most acts of a test.
_WIPE = """
DO $$
DECLARE
    emptied regclass[];
    t regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    WITH RECURSIVE these AS (
        SELECT unnest(CAST('{users, generation_jobs, ledger, deliveries, chats, dialogues,
            telegram_updates, orphan_callbacks, lock_epochs, forgettings, forgotten_people}'
            AS regclass[])) AS own
        UNION
        SELECT c.conrelid FROM pg_constraint AS c JOIN these ON c.confrelid = these.own
        WHERE c.contype = 'f')
    SELECT array_agg(own) FROM these INTO emptied;
    FOREACH t IN ARRAY emptied LOOP
        IF pg_relation_size(t) > 50000 THEN
            EXECUTE 'TRUNCATE ' || t || ' CASCADE';
        ELSIF pg_relation_size(t) > 0 THEN
            EXECUTE 'DELETE FROM ' || t;
        END IF;
    END LOOP;
    PERFORM setval(s.seqrelid, s.seqstart, false) FROM pg_sequence AS s JOIN pg_depend AS d
        ON d.objid = s.seqrelid AND d.classid = 'pg_class'::regclass
        AND d.refobjid = ANY (emptied) AND d.deptype IN ('a', 'i');
END $$
"""


class JobTables:
    database: MortalDatabase

    def rows(self, statement: str, **params: Any) -> list[Row]:
        """Around the crash: what a test does is no part of the process."""
        with Database.transaction(self.database) as tx:
            return tx.all(statement, params or None)

    def job_rows(self) -> list[Row]:
        return self.rows(
            "SELECT j.*, d.state AS delivery,"
            " (SELECT string_agg(kind, ' ' ORDER BY kind) FROM ledger WHERE job_id = j.id) AS kinds"
            " FROM generation_jobs AS j LEFT JOIN deliveries AS d"
            "   ON d.dedupe_key = 'job:' || j.id || ':end' ORDER BY j.id"
        )

    def balance(self) -> tuple[int, int]:
        (row,) = self.rows(
            "SELECT balance, (SELECT coalesce(sum(amount), 0)::bigint FROM ledger AS l"
            " WHERE l.user_id = 7 AND l.bot_id = a.bot_id) AS sum"
            " FROM accounts AS a WHERE user_id = 7 AND bot_id = %(bot)s",
            bot=BOT_ID,
        )
        return row["balance"], row["sum"]

    def hurry(self) -> None:
        """Whatever waits for its time is due, but for what nobody has answered."""
        self.rows(
            "UPDATE generation_jobs SET next_action_at = now() WHERE status <> 'unclear'"
            " AND (status <> 'fail' OR late_until IS NOT NULL)"
        )
        self.rows(
            "UPDATE deliveries AS d SET not_before = now() WHERE state IN ('pending', 'unknown')"
            " AND NOT EXISTS (SELECT 1 FROM chats WHERE chat_id = d.chat_id AND NOT reachable)"
        )

    def wipe(self) -> None:
        self.rows(_WIPE)
        self.rows("INSERT INTO users (user_id) VALUES (7), (4711)")
        self.rows("SELECT ensure_account(%(bot)s, user_id) FROM users ORDER BY user_id", bot=BOT_ID)

    def close(self) -> None:
        self.database.close()
