"""The fence: no write of a term after the first of its successor, and no successor that starves."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest

from supervisor.database.transactions import Database
from supervisor.lock.protocol import Acquisition, Lock
from supervisor.lock.timing import Timing
from supervisor.runtime.errors import BotError, Fenced
from supervisor.runtime.secret import Secret
from supervisor.runtime.term import Term
from supervisor.settings.identity import Identity
from tests.support.bots.candidate import target
from tests.support.machine.waiting import until

OpenLock = Callable[[str], Lock]
Connect = Callable[[], Any]


@pytest.fixture
def open_lock(dsn: Secret, identity: Identity) -> Iterator[OpenLock]:
    opened: list[Lock] = []

    def opener(name: str) -> Lock:
        opened.append(Lock.open(target(dsn, identity, name), Timing()))
        return opened[-1]

    yield opener
    for lock in opened:
        lock.close()


def won(lock: Lock) -> Acquisition:
    until(lock.take, 5, "the lock is free")
    return lock.win(())


def write(database: Database, term: Term, *, pause: float = 0.0) -> None:
    with database.transaction(term) as tx:
        time.sleep(pause)
        tx.run("INSERT INTO acts (epoch) VALUES (%(epoch)s)", {"epoch": term.epoch})


@pytest.fixture(autouse=True)
def acts(connect: Connect) -> None:
    connect().cursor().execute("CREATE TABLE acts (number serial, epoch bigint)")


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_snapshot_that_is_older_than_the_fence_is_refused(
    open_lock: OpenLock, connect: Connect, identity: Identity, level: str
) -> None:
    term = won(open_lock("a")).term
    cursor = connect().cursor()
    cursor.execute(f"BEGIN ISOLATION LEVEL {level}")

    with pytest.raises(psycopg2.errors.InvalidParameterValue, match="read committed"):
        cursor.execute("SELECT trt_fence(%s, %s)", (identity.fence_key, str(term.token)))


def test_a_transaction_that_waits_for_a_successor_to_win_is_refused(
    open_lock: OpenLock, connect: Connect, database: Database, identity: Identity
) -> None:
    """It asked before the successor had committed and is answered afterwards."""
    old = won(open_lock("a")).term
    winning, watching = connect().cursor(), connect().cursor()
    winning.execute("BEGIN")
    winning.execute("SELECT pg_advisory_xact_lock(%s)", (identity.fence_key,))
    refused: list[BaseException] = []

    def late() -> None:
        try:
            write(database, old)
        except BotError as error:
            refused.append(error)

    writer = threading.Thread(target=late)
    writer.start()
    until(lambda: waits(watching), 5, "the writer waits at the fence")
    winning.execute("UPDATE lock_epochs SET ended_at = now(), end_reason = 'test'")
    winning.execute("COMMIT")
    writer.join(5)

    assert [type(error) for error in refused] == [Fenced]
    watching.execute("SELECT count(*) FROM acts")
    assert watching.fetchone() == (0,)


def waits(cursor: Any) -> bool:
    cursor.execute(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return bool(cursor.fetchall())


def test_successors_neither_starve_behind_busy_writers_nor_see_their_late_writes(
    open_lock: OpenLock, connect: Connect, database: Database
) -> None:
    """Writers that know nothing of a hand-over, each some time between fence and write."""
    holder = open_lock("a")
    current = [won(holder).term]
    stop = threading.Event()

    def busy(number: int) -> None:
        while not stop.is_set():
            try:
                write(database, current[0], pause=0.002 * number)
            except Fenced:
                time.sleep(0.001)

    writers = [threading.Thread(target=busy, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    try:
        for name in "bcdef":
            time.sleep(0.05)
            holder.close()
            holder = open_lock(name)
            # One that had to wait longer than its statement may take would raise here.
            current[0] = won(holder).term
    finally:
        stop.set()
        for writer in writers:
            writer.join(10)

    cursor = connect().cursor()
    cursor.execute("SELECT epoch FROM acts ORDER BY number")
    epochs = [row[0] for row in cursor.fetchall()]
    assert epochs == sorted(epochs)
    assert len(set(epochs)) >= 5


def test_a_term_speaks_for_itself_alone(open_lock: OpenLock, connect: Connect) -> None:
    """A token that is over proves nothing, ends nothing and changes nobody's record."""
    first, second = open_lock("a"), open_lock("b")
    old = won(first).term
    first.close()
    new = won(second).term
    stranger = Term(epoch=new.epoch, token=uuid.uuid4())

    for term in (old, stranger):
        with pytest.raises(Exception, match="does not count this session"):
            second.heartbeat(term)
        second.sign_off(term, "not mine to end")
    second.add_to_end_reason(stranger, "not mine to tell")

    second.heartbeat(new)
    cursor = connect().cursor()
    cursor.execute("SELECT signed_off_at, ended_at, end_reason FROM lock_epochs WHERE epoch = 2")
    assert cursor.fetchall() == [(None, None, None)]


def test_however_often_it_is_proved_the_lock_is_free_after_one_unlock(open_lock: OpenLock) -> None:
    first, second = open_lock("a"), open_lock("b")
    term = won(first).term
    for _ in range(5):
        first.heartbeat(term)
    first.sign_off(term, "test")

    assert first.free()

    assert second.take()


def test_the_lock_is_free_by_the_time_that_a_waiter_hears_of_it(
    open_lock: OpenLock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every statement of the holder takes its time: there is but one."""
    from supervisor.lock.session import Session
    from supervisor.runtime.wake_pipe import WakePipe

    holder, waiter, wake_pipe = open_lock("a"), open_lock("b"), WakePipe()
    won(holder)
    plain_all, plain_run = Session.all, Session.run

    def slow_all(session: Session, *arguments: Any) -> Any:
        time.sleep(0.1 if session is holder._session else 0.0)
        return plain_all(session, *arguments)

    def slow_run(session: Session, *arguments: Any) -> Any:
        time.sleep(0.1 if session is holder._session else 0.0)
        return plain_run(session, *arguments)

    monkeypatch.setattr(Session, "all", slow_all)
    monkeypatch.setattr(Session, "run", slow_run)
    freeing = threading.Thread(target=holder.free)
    freeing.start()
    waiter.wait(5.0, wake_pipe)

    assert waiter.take()
    freeing.join(5)
    wake_pipe.close()
