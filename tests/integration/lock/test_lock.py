"""The lock's protocol against a real server: who holds it, who may, who is left alone."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
import pytest

import sql
from supervisor.database.transactions import Database
from supervisor.lock.leftover_claims import LeftoverClaims
from supervisor.lock.protocol import Holder, Lock, LockLost, LockTarget
from supervisor.lock.timing import Timing
from supervisor.runtime.clock import SystemClock
from supervisor.runtime.errors import BotError, Fenced, Unavailable
from supervisor.runtime.secret import Secret
from supervisor.runtime.wake_pipe import WakePipe
from supervisor.runtime.wakeups import work_channel
from supervisor.settings.identity import Identity
from tests.support.machine.waiting import until

Opener = Callable[[str], Lock]
FAST = Timing(
    heartbeat=0.3,
    statement=0.5,
    lock_wait=0.4,
    tcp_user_timeout=0.5,
    trust=1.4,
    idle=2.2,
    poll=0.3,
    loss=1.0,
)


@pytest.fixture
def target(dsn: Secret, identity: Identity) -> LockTarget:
    return LockTarget(
        dsn,
        identity.lock_key,
        identity.fence_key,
        identity.bot_id,
        "first",
        work_channel(identity.bot_id),
    )


@pytest.fixture
def open_lock(target: LockTarget) -> Iterator[Opener]:
    opened: list[Lock] = []

    def opener(name: str) -> Lock:
        named = LockTarget(
            target.dsn,
            target.key,
            target.fence_key,
            target.bot_id,
            name,
            target.work_channel,
        )
        opened.append(Lock.open(named, FAST))
        return opened[-1]

    yield opener
    for lock in opened:
        lock.close()


@pytest.fixture
def wake_pipe() -> Iterator[WakePipe]:
    made = WakePipe()
    yield made
    made.close()


def test_one_session_at_a_time_has_the_lock(open_lock: Opener) -> None:
    a, b = open_lock("a"), open_lock("b")

    assert a.take()
    assert not b.take()
    a.close()
    until(b.take, 5, "the lock is free")


def test_each_term_has_a_higher_epoch_and_another_token(open_lock: Opener) -> None:
    lock = open_lock("a")
    terms = []
    for _ in range(3):
        assert lock.take()
        terms.append(lock.win(()).term)
        lock.sign_off(terms[-1], "test")
        assert lock.free()

    assert [term.epoch for term in terms] == [1, 2, 3]
    assert len({term.token for term in terms}) == 3


def test_a_successor_of_a_signed_off_term_need_not_wait(open_lock: Opener) -> None:
    a, b = open_lock("a"), open_lock("b")
    a.take()
    a.sign_off(a.win(()).term, "asked to stop")
    a.free()

    assert b.take()
    acquisition = b.win(())

    assert acquisition.clean
    assert acquisition.grace == 0.0
    assert acquisition.predecessor == "a"


def test_a_successor_of_a_vanished_term_waits_and_writes_down_why(
    open_lock: Opener, database: Database
) -> None:
    a, b = open_lock("a"), open_lock("b")
    a.take()
    a.win(())
    a.close()
    until(b.take, 5, "the lock is free")
    acquisition = b.win(())

    assert not acquisition.clean
    assert 0.0 < acquisition.grace <= FAST.trust + FAST.margin
    with database.transaction() as tx:
        rows = tx.all("SELECT end_reason FROM lock_epochs WHERE epoch = 1 AND ended_at IS NOT NULL")
    assert "gone without sign-off" in rows[0]["end_reason"]


def test_a_freed_lock_wakes_the_waiter(open_lock: Opener, wake_pipe: WakePipe) -> None:
    a, b = open_lock("a"), open_lock("b")
    a.take()
    term = a.win(()).term
    assert not b.take()
    a.sign_off(term, "test")

    started = time.monotonic()
    a.free()
    b.wait(60.0, wake_pipe)

    assert b.take()
    assert time.monotonic() - started < 10.0  # it was woken


def test_freeing_a_lock_that_is_not_ours_is_noticed(open_lock: Opener) -> None:
    assert not open_lock("a").free()


def test_a_heartbeat_proves_the_lock_and_fails_without_it(open_lock: Opener) -> None:
    lock = open_lock("a")
    lock.take()
    term = lock.win(()).term
    lock.heartbeat(term)
    lock.free()

    with pytest.raises(LockLost):
        lock.heartbeat(term)


def test_a_session_that_is_ended_is_noticed_while_waiting(
    open_lock: Opener, connect: Any, wake_pipe: WakePipe
) -> None:
    lock = open_lock("a")
    lock.take()
    lock.win(())
    connect().cursor().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'trt:123456:a'"
    )

    with pytest.raises(Unavailable, match="administrator command"):
        lock.wait(5.0, wake_pipe)
    assert lock.broken


@pytest.mark.usefixtures("idle_sessions_end")
def test_a_silent_holder_is_ended_by_the_server_and_never_early(
    open_lock: Opener, wake_pipe: WakePipe
) -> None:
    a, b = open_lock("a"), open_lock("b")
    a.take()
    started = time.monotonic()
    a.win(())
    until(b.take, 4 * FAST.idle, "the server has ended the silent session")

    assert time.monotonic() - started >= FAST.idle - 0.05


def test_claims_of_earlier_terms_are_released_by_winning(
    open_lock: Opener, database: Database
) -> None:
    with database.transaction() as tx:
        tx.run("INSERT INTO users (user_id) VALUES (1)")
        tx.run(
            "INSERT INTO generation_jobs (user_id, model, bot_id, status, claim_token)"
            " VALUES (1, 'm', 123456, 'submitting', gen_random_uuid())"
        )
    lock = open_lock("a")
    lock.take()

    acquisition = lock.win((sql.load("submission")["orphaned_submissions"],))

    assert acquisition.orphans == 1
    with database.transaction() as tx:
        assert tx.all("SELECT status FROM generation_jobs") == [{"status": "unclear"}]


def test_a_deposed_term_cannot_write_any_more(open_lock: Opener, database: Database) -> None:
    a, b = open_lock("a"), open_lock("b")
    a.take()
    old = a.win(()).term
    with database.transaction(old) as tx:
        tx.run("INSERT INTO users (user_id) VALUES (1)")
    a.close()
    until(b.take, 5, "the lock is free")
    b.win(())

    with pytest.raises(Fenced), database.transaction(old) as tx:
        tx.run("INSERT INTO users (user_id) VALUES (2)")


def test_a_row_that_somebody_has_locked_keeps_nobody_from_winning(
    open_lock: Opener, database: Database, connect: Callable[[], Any]
) -> None:
    """An operator's open transaction; its job is looked after when it is over."""
    statements = (sql.load("submission")["orphaned_submissions"],)
    with database.transaction() as tx:
        tx.run("INSERT INTO users (user_id) VALUES (1)")
        for _ in range(2):
            tx.run(
                "INSERT INTO generation_jobs (user_id, model, bot_id, status, claim_token)"
                " VALUES (1, 'm', 123456, 'submitting', gen_random_uuid())"
            )
    leftovers = LeftoverClaims(
        database,
        SystemClock(),
        bot_id=123456,
        release_claims=statements,
        are_left=sql.load("submission")["orphans_are_left"],
    )
    operator = connect()
    with operator.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT id FROM generation_jobs ORDER BY id LIMIT 1 FOR UPDATE")
        lock = open_lock("a")
        lock.take()

        acquisition = lock.win(statements)

        assert acquisition.orphans == 1
        assert leftovers.release(acquisition.term) == 0
        assert leftovers.are_left(acquisition.term)
        cursor.execute("ROLLBACK")
    assert leftovers.release(acquisition.term) == 1
    assert not leftovers.are_left(acquisition.term)


def test_a_new_term_waits_for_a_fenced_transaction_that_is_under_way(
    open_lock: Opener, database: Database, connect: Any
) -> None:
    a, b = open_lock("a"), open_lock("b")
    a.take()
    old = a.win(()).term
    cursor = connect().cursor()
    with ThreadPoolExecutor() as pool:
        with database.transaction(old) as tx:
            a.close()
            until(b.take, 5, "the lock is free")
            winning = pool.submit(b.win, ())
            until(lambda: _queued(cursor), 5, "the winner waits at the fence")
            tx.run("INSERT INTO users (user_id) VALUES (1)")
        assert winning.result(5).term.epoch == 2

    with database.transaction() as tx:
        assert len(tx.all("SELECT * FROM users")) == 1


def _queued(cursor: Any) -> bool:
    cursor.execute(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return bool(cursor.fetchall())


def test_a_fenced_transaction_that_does_not_end_is_ended_by_the_winner(
    open_lock: Opener, database: Database
) -> None:
    """Its process is frozen or cut off: the server would wait for it for five seconds."""
    a, b = open_lock("a"), open_lock("b")
    a.take()
    old, won = a.win(()).term, []
    with pytest.raises(BotError), database.transaction(old) as tx:
        tx.run("INSERT INTO users (user_id) VALUES (1)")
        a.close()
        until(b.take, 5, "the lock is free")
        won.append(b.win(()))

    assert [each.term.epoch for each in won] == [2]
    with database.transaction() as tx:
        assert tx.all("SELECT * FROM users") == []


def test_nobody_ends_what_holds_the_fence_without_holding_the_lock(
    open_lock: Opener, target: LockTarget, connect: Any
) -> None:
    """Nor a shared lock of another key, of another database, or of two ints."""
    sharing = connect().cursor()
    sharing.execute("BEGIN")
    sharing.execute("SELECT pg_advisory_xact_lock_shared(%s)", (target.fence_key,))
    a, b = open_lock("a"), open_lock("b")
    assert a.take()
    named = {"key": target.key, "fence_key": target.fence_key}

    assert b._session.all("end_fenced", {**named, "older_than": 0.0}) == []
    assert a._session.all("end_fenced", {**named, "older_than": 300.0}) == []
    for key in (target.fence_key ^ 1, target.key):
        other = {**named, "fence_key": key, "older_than": 0.0}
        assert a._session.all("end_fenced", other) == []
    sharing.execute("SELECT 1")
    assert len(a._session.all("end_fenced", {**named, "older_than": 0.0})) == 1


def test_only_a_holder_that_is_idle_beyond_the_limit_is_ended(
    open_lock: Opener, dsn: Secret, target: LockTarget
) -> None:
    # An old release: a plain session that took the lock and does nothing else.
    old = psycopg2.connect(dsn.reveal())
    old.autocommit = True
    old.cursor().execute("SELECT pg_advisory_lock(%s)", (target.key,))
    lock = open_lock("a")

    def idle() -> Holder | None:
        found = lock.holder()
        return found if found is not None and (found.idle_seconds or 0.0) > 0.2 else None

    holder = until(idle, 5, "the holder is idle")

    assert not lock.evict_stale(holder, 300.0)
    assert not lock.take()
    assert lock.evict_stale(holder, 0.2)
    assert lock.free()


def test_a_holder_that_beats_is_never_stale(open_lock: Opener) -> None:
    a, b = open_lock("a"), open_lock("b")
    a.take()
    term = a.win(()).term

    def age() -> float:
        found = b.holder()
        assert found is not None
        return found.idle_seconds or 0.0

    for _ in range(2):
        until(lambda: age() > 1.0, 5, "the holder is older than the limit")
        a.heartbeat(term)
        holder = b.holder()
        assert holder is not None
        assert not b.evict_stale(holder, 1.0)
    a.heartbeat(term)


def test_only_the_winner_hears_of_stored_work(
    open_lock: Opener, wake_pipe: WakePipe, connect: Any, target: LockTarget
) -> None:
    """Whoever waits would else try for the lock at each update that is stored."""
    a, b = open_lock("a"), open_lock("b")
    a.take()
    a.win(())
    assert not b.take()

    connect().cursor().execute("SELECT pg_notify(%s, 'inbox')", (target.work_channel,))

    assert a.wait(5.0, wake_pipe) == {"inbox"}
    assert not b.take()  # a statement, which fetches what was notified
    assert b.wait(0.0, wake_pipe) == set()
