"""The pool and its transactions against a real server."""

import os
import resource
import threading
import uuid
from typing import Any

import psycopg2
import pytest
from prometheus_client import CollectorRegistry

from supervisor.database.transactions import Database
from supervisor.lock.session import Session
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import (
    Fenced,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    SchemaMismatch,
    Unavailable,
)
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import INBOX, Wakeups
from supervisor.settings.identity import Identity
from supervisor.telemetry.metrics import PoolMetrics
from tests.support.postgres.databases import end_sessions


def test_a_block_that_raises_writes_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as tx:
        tx.run("INSERT INTO users (user_id) VALUES (1)")
        raise RuntimeError

    with database.transaction() as tx:
        assert tx.all("SELECT * FROM users") == []


def test_a_connection_that_the_server_ended_is_replaced(database: Database, connect: Any) -> None:
    database.ping()
    end_sessions(connect().cursor(), "application_name = 'test'")

    database.ping()


def test_a_connection_that_ends_inside_a_transaction_is_unavailable_and_then_replaced(
    database: Database, connect: Any
) -> None:
    with pytest.raises(Unavailable), database.transaction() as tx:
        row = tx.one("SELECT pg_backend_pid() AS pid")
        assert row is not None
        end_sessions(connect().cursor(), "pid = %s", row["pid"])
        tx.one("SELECT 1")

    database.ping()


def test_a_mistake_of_ours_is_rejected_and_the_connection_is_used_again(
    database: Database,
) -> None:
    with pytest.raises(Rejected), database.transaction() as tx:
        tx.one("SELECT 1 WHERE AND")

    database.ping()


def test_a_value_that_is_too_large_for_an_index_can_never_be_written(database: Database) -> None:
    with pytest.raises(Rejected, match="54000"), database.transaction() as tx:
        tx.run("CREATE TABLE named (name TEXT PRIMARY KEY)")
        tx.run(
            "INSERT INTO named"
            " SELECT string_agg(md5(n::text), '') FROM generate_series(1, 999) AS n"
        )


def test_a_transaction_tells_that_one_of_its_statements_has_failed(database: Database) -> None:
    with pytest.raises(Rejected), database.transaction() as tx:
        assert tx.one("SELECT 1 AS n") == {"n": 1}
        assert not tx.is_broken
        with pytest.raises(psycopg2.Error):
            tx.run("SELECT 1 / 0")
        assert tx.is_broken
        tx.run("SELECT 1")


def test_a_table_that_is_not_there_is_an_outage_and_the_connection_is_used_again(
    database: Database,
) -> None:
    with pytest.raises(SchemaMismatch, match="python run.py migrate"), database.transaction() as tx:
        tx.one("SELECT * FROM no_such_table")

    database.ping()


def test_an_exhausted_pool_is_unavailable(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.database.pool.WAIT", 0.05)
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


def test_connections_are_waited_for_beyond_the_first_thousand_descriptors(
    dsn: Secret, database: Database
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip(f"this system allows {hard} descriptors only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    taken = [os.open(os.devnull, os.O_RDONLY) for _ in range(1050)]
    wake_pipe = WakePipe()
    session = Session.open(dsn, Timing(), name="test", channels=("c",))
    try:
        for _ in range(2):
            database.ping()
        assert session.wait(0.01, wake_pipe) == []
        session.run("NOTIFY c, 'x'")
        assert session.wait(5.0, wake_pipe) == [("c", "x")]
    finally:
        session.close()
        wake_pipe.close()
        for each in taken:
            os.close(each)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_the_pool_tells_how_many_connections_there_are_and_who_had_to_wait(
    dsn: Secret, wakeups: Wakeups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supervisor.database.pool.WAIT", 0.05)
    registry = CollectorRegistry()
    database = Database(
        dsn,
        size=1,
        bot_id=1,
        fence_key=1,
        name="test",
        wakeups=wakeups,
        metrics=PoolMetrics(registry),
    )

    def counted() -> list[float | None]:
        names = ("size", "open", "in_use", "wait_seconds_count")
        return [registry.get_sample_value(f"trt_database_pool_{name}") for name in names]

    before = counted()
    with database.transaction():
        used = counted()
        with pytest.raises(Unavailable):
            database.ping()
    idle = counted()
    database.close()

    assert before == [1, 0, 0, 0]
    assert used == [1, 1, 1, 0]
    assert idle == [1, 1, 0, 1]
    assert counted() == [1, 0, 0, 1]


def test_what_waits_is_run_before_the_next_statement_and_in_order(database: Database) -> None:
    with database.transaction() as tx:
        tx.send("INSERT INTO users (user_id, username) VALUES (7, 'a')")
        tx.send("UPDATE users SET username = username || 'b'")
        assert tx.one("SELECT username FROM users") == {"username": "ab"}
        tx.send("UPDATE users SET username = username || 'c'")

    assert database.read("SELECT username FROM users") == [{"username": "abc"}]


def test_an_error_of_what_waited_for_the_commit_is_no_commit_in_doubt(database: Database) -> None:
    with pytest.raises(Rejected), database.transaction() as tx:
        tx.run("INSERT INTO users (user_id) VALUES (7)")
        tx.send("INSERT INTO users (user_id) VALUES (7)")

    assert database.read("SELECT * FROM users") == []


def test_a_statement_that_waited_too_long_for_the_commit_is_no_commit_in_doubt(
    database: Database,
) -> None:
    with pytest.raises(Unavailable), database.transaction() as tx:
        tx.run("SET LOCAL statement_timeout = '10ms'")
        tx.send("SELECT pg_sleep(60)")


def test_a_session_that_ends_with_what_waits_for_the_commit_leaves_it_in_doubt(
    database: Database, connect: Any, wakeups: Wakeups
) -> None:
    woken: list[None] = []
    wakeups.subscribe(INBOX, lambda: woken.append(None))

    with pytest.raises(OutcomeUnknown), database.transaction() as tx:
        row = tx.one("SELECT pg_backend_pid() AS pid")
        assert row is not None
        end_sessions(connect().cursor(), "pid = %s", row["pid"])
        tx.send("SELECT 1")
        tx.wake(INBOX)

    assert woken  # it may be committed, so whoever waits for it looks


def test_a_value_that_cannot_be_stored_is_refused_before_it_is_sent(database: Database) -> None:
    with pytest.raises(Rejected, match="cannot be stored"), database.transaction() as tx:
        tx.send("SELECT %(word)s", {"word": "a\x00b"})
