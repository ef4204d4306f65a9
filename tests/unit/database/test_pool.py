"""The pool: which sessions it keeps, and what it does when no more are granted."""

import socket
from collections.abc import Callable, Iterator
from threading import Event, Thread
from types import SimpleNamespace
from typing import Any

import pytest

from supervisor.database.connection import NewSession, NoMoreSessions
from supervisor.database.current_server import CurrentServer, Server
from supervisor.database.pool import ASK_AGAIN, LIFETIME, Pool
from supervisor.runtime.errors import Unavailable
from supervisor.telemetry.metrics import PoolMetrics
from tests.support.fakes import FakeClock
from tests.support.lines import captured

HERE, THERE = Server(1, 1), Server(1, 2)


class Connection:
    """As much of psycopg2's as the pool uses."""

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()
        self.closed = False
        self.info = SimpleNamespace(backend_pid=1)

    def fileno(self) -> int:
        return self._ours.fileno()

    def close(self) -> None:
        self.closed = True
        self._ours.close()
        self.theirs.close()


class Opener:
    """Opens sessions as a test wants them; raises what it put into ``refusals``."""

    def __init__(self) -> None:
        self.opened: list[Connection] = []
        self.server = HERE
        self.read_only = False
        self.refusals: list[Exception] = []

    def __call__(self) -> NewSession:
        if self.refusals:
            raise self.refusals.pop(0)
        self.opened.append(Connection())
        return NewSession(self.opened[-1], self.server, {"read_only": self.read_only, "pid": 1})


@pytest.fixture
def opener() -> Iterator[Opener]:
    made = Opener()
    yield made
    for connection in made.opened:
        if not connection.closed:
            connection.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pool(opener: Opener, clock: FakeClock) -> Iterator[Pool]:
    made = Pool(opener, 3, PoolMetrics(), clock=clock)
    yield made
    made.close()


def used_once(pool: Pool) -> Any:
    pooled = pool.take(fenced=False)
    pool.give_back(pooled, reusable=True)
    return pooled.connection


def test_a_session_is_kept_and_used_again(pool: Pool) -> None:
    assert used_once(pool) is used_once(pool)


def leave_server(opener: Opener, pool: Pool, clock: FakeClock) -> None:
    opener.server = THERE
    first, second = pool.take(fenced=False), pool.take(fenced=False)
    pool.give_back(second, reusable=True)
    pool.give_back(first, reusable=True)


def grow_old(opener: Opener, pool: Pool, clock: FakeClock) -> None:
    clock.time += LIFETIME


def fail_read_only(opener: Opener, pool: Pool, clock: FakeClock) -> None:
    pool.renew()


def end_by_server(opener: Opener, pool: Pool, clock: FakeClock) -> None:
    opener.opened[-1].theirs.close()


@pytest.mark.parametrize("happens", [leave_server, grow_old, fail_read_only, end_by_server])
def test_a_session_that_is_of_no_use_any_more_is_replaced(
    opener: Opener,
    pool: Pool,
    clock: FakeClock,
    happens: Callable[[Opener, Pool, FakeClock], None],
) -> None:
    old = used_once(pool)

    happens(opener, pool, clock)

    assert used_once(pool) is not old
    assert old.closed


def test_a_session_that_may_not_write_is_used_once(opener: Opener, pool: Pool) -> None:
    opener.read_only = True
    old = used_once(pool)
    opener.read_only = False

    assert old.closed
    assert used_once(pool) is used_once(pool)


def test_a_session_of_a_server_that_hides_itself_is_kept(opener: Opener, pool: Pool) -> None:
    opener.server = Server(None, None)
    old = used_once(pool)
    opener.server = Server(1, None)

    assert used_once(pool) is old


def test_work_goes_on_with_the_sessions_that_were_granted(opener: Opener, pool: Pool) -> None:
    held = pool.take(fenced=False)
    opener.refusals = [NoMoreSessions("no answer")] * 2
    got: list[Any] = []

    def take() -> None:
        pooled = pool.take(fenced=False)
        got.append(pooled)
        pool.give_back(pooled, reusable=True)

    with captured() as lines:
        waiters = [Thread(target=take) for _ in range(2)]
        for waiter in waiters:
            waiter.start()
        lines.wait_for("1 of 3 sessions were granted to this instance, and no more", 1)
        pool.give_back(held, reusable=True)
        for waiter in waiters:
            waiter.join()

    assert got == [held, held]
    warned = [each for each in lines.of("were granted") if each["level"].name == "WARNING"]
    assert len(warned) == 1
    assert "Each instance may need 5" in warned[0]["message"]


def test_more_sessions_are_asked_for_after_a_while(
    opener: Opener, pool: Pool, clock: FakeClock
) -> None:
    held = pool.take(fenced=False)
    opener.refusals = [NoMoreSessions("no answer")]
    waiter = Thread(target=lambda: pool.give_back(pool.take(fenced=False), reusable=True))
    waiter.start()
    while opener.refusals:
        Event().wait(0.001)
    pool.give_back(held, reusable=True)
    waiter.join()

    clock.time += ASK_AGAIN
    three = [pool.take(fenced=False) for _ in range(3)]

    assert len(opener.opened) == 3
    for pooled in three:
        pool.give_back(pooled, reusable=True)


def test_without_any_session_the_refusal_is_told(opener: Opener, pool: Pool) -> None:
    opener.refusals = [NoMoreSessions("no answer")]

    with pytest.raises(NoMoreSessions):
        pool.take(fenced=False)
    assert used_once(pool)


def test_an_outage_is_told_at_once_and_costs_no_place(opener: Opener, pool: Pool) -> None:
    for _ in range(5):
        opener.refusals = [Unavailable("away")]
        with pytest.raises(Unavailable, match="away"):
            pool.take(fenced=False)

    three = [pool.take(fenced=False) for _ in range(3)]

    assert len(opener.opened) == 3
    for pooled in three:
        pool.give_back(pooled, reusable=True)


def test_a_server_that_was_left_is_known_to_all_who_share_the_knowledge() -> None:
    current = CurrentServer()
    current.saw(HERE)
    assert not current.was_left(HERE)

    current.saw(THERE)

    assert current.was_left(HERE) and not current.was_left(THERE)
    assert not current.was_left(Server(None, None))
