"""The pool and its transactions against a real server."""

import threading
import uuid
from typing import Any

import pytest

from supervisor.db import Database
from supervisor.errors import Fenced, Misconfigured, Rejected, Unavailable
from supervisor.identity import Identity
from supervisor.secret import Secret
from supervisor.term import Term
from supervisor.wakeups import INBOX, Wakeups


def test_a_block_that_raises_writes_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as tx:
        tx.run("INSERT INTO users (user_id) VALUES (1)")
        raise RuntimeError

    with database.transaction() as tx:
        assert tx.all("SELECT * FROM users") == []


def test_a_connection_that_the_server_ended_is_replaced(database: Database, connect: Any) -> None:
    database.ping()
    connect().cursor().execute(
        "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
        " WHERE application_name = 'test'"
    )

    database.ping()


def test_a_connection_that_ends_inside_a_transaction_is_unavailable_and_then_replaced(
    database: Database, connect: Any
) -> None:
    with pytest.raises(Unavailable), database.transaction() as tx:
        row = tx.one("SELECT pg_backend_pid() AS pid")
        assert row is not None
        connect().cursor().execute("SELECT pg_terminate_backend(%s, 1000)", (row["pid"],))
        tx.one("SELECT 1")

    database.ping()


def test_a_mistake_of_ours_is_rejected_and_the_connection_is_used_again(
    database: Database,
) -> None:
    with pytest.raises(Rejected), database.transaction() as tx:
        tx.one("SELECT * FROM no_such_table")

    database.ping()


def test_an_exhausted_pool_is_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.db.POOL_WAIT", 0.05)
    held = [database.transaction() for _ in range(4)]
    for each in held:
        each.__enter__()

    with pytest.raises(Unavailable, match="no free connection"):
        database.ping()

    for each in held:
        each.__exit__(None, None, None)
    database.ping()


def test_sixteen_threads_share_four_connections(database: Database) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(20):
                database.ping()
        except BaseException as error:  # noqa: BLE001 told to the test below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []


def test_a_term_that_is_not_the_open_one_writes_nothing(
    database: Database, identity: Identity
) -> None:
    with (
        pytest.raises(Fenced),
        database.transaction(Term(epoch=1, token=uuid.uuid4())) as tx,
    ):
        tx.run("INSERT INTO users (user_id) VALUES (1)")

    with database.transaction() as tx:
        assert tx.all("SELECT * FROM users") == []


def test_a_wake_up_comes_after_the_commit_and_not_without_one(
    database: Database, wakeups: Wakeups
) -> None:
    woken: list[int] = []
    wakeups.subscribe(INBOX, lambda: woken.append(1))

    with pytest.raises(RuntimeError), database.transaction() as tx:
        tx.wake(INBOX)
        raise RuntimeError
    assert woken == []

    with database.transaction() as tx:
        tx.wake(INBOX)
        assert woken == []
    assert woken == [1]


@pytest.mark.parametrize(("active", "expected"), [(False, ["inbox"]), (True, [])])
def test_only_an_instance_that_is_not_active_wakes_the_others(
    database: Database, connect: Any, identity: Identity, active: bool, expected: list[str]
) -> None:
    listener = connect()
    listener.cursor().execute(f"LISTEN trt_work_{identity.bot_id}")
    database.is_active = active

    with database.transaction() as tx:
        tx.wake(INBOX)

    listener.cursor().execute("SELECT 1")
    assert [note.payload for note in listener.notifies] == expected


def test_a_refused_address_is_a_setting_and_an_absent_server_is_not(wakeups: Wakeups) -> None:
    def reach(dsn: str) -> None:
        Database(Secret(dsn), size=1, bot_id=1, fence_key=1, name="test", wakeups=wakeups).ping()

    with pytest.raises(Unavailable):
        reach("postgresql://u@127.0.0.1:9/x")


def test_a_database_that_does_not_exist_is_a_setting(dsn: Secret, wakeups: Wakeups) -> None:
    wrong = Secret(dsn.reveal().replace("/t_", "/no_such_"))

    with pytest.raises(Misconfigured, match="DATABASE_URL"):
        Database(wrong, size=1, bot_id=1, fence_key=1, name="test", wakeups=wakeups).ping()
