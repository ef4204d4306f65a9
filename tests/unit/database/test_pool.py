"""The pool: which sessions it keeps, and what it does when no more are granted."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest

from supervisor.database.connection import NoMoreSessions
from supervisor.database.current_server import CurrentServer, Server
from supervisor.database.pool import ASK_AGAIN, LIFETIME, Pool
from supervisor.runtime.errors import Unavailable
from tests.support.edges.fakes import FakeClock
from tests.support.machine.lines import captured
from tests.support.postgres.opened import HERE, THERE, Opener, used_once


def test_a_session_is_kept_and_used_again(pool: Pool) -> None:
    assert used_once(pool) is used_once(pool)


def leave_server(opener: Opener, pool: Pool, clock: FakeClock) -> None:
    opener.server = THERE
    first, second = pool.take(), pool.take()
    pool.give_back(second, reusable=True)
    pool.give_back(first, reusable=True)


def be_refreshed(opener: Opener, pool: Pool, clock: FakeClock) -> None:
    pool.refresh()


def fail_read_only(opener: Opener, pool: Pool, clock: FakeClock) -> None:
    pool.renew()


def end_by_server(opener: Opener, pool: Pool, clock: FakeClock) -> None:
    opener.opened[-1].theirs.close()


@pytest.mark.parametrize("happens", [leave_server, be_refreshed, fail_read_only, end_by_server])
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


def test_a_refreshed_session_shows_that_the_address_leads_elsewhere(
    opener: Opener, pool: Pool
) -> None:
    held, idle = pool.take(), pool.take()
    pool.give_back(idle, reusable=True)
    opener.server = THERE

    pool.refresh()
    pool.give_back(held, reusable=True)

    assert held.connection.closed
    assert idle.connection.closed
    assert used_once(pool) is opener.opened[-1]


def test_a_session_goes_on_when_no_new_one_is_to_be_had(
    opener: Opener, pool: Pool, clock: FakeClock
) -> None:
    old = used_once(pool)
    clock.time += 10 * LIFETIME
    opener.refusals = [Unavailable("no name server")]

    with pytest.raises(Unavailable):
        pool.refresh()

    assert used_once(pool) is old


def test_an_old_session_gives_its_place_where_no_second_one_is_granted(
    opener: Opener, pool: Pool, clock: FakeClock
) -> None:
    old = used_once(pool)
    opener.refusals = [NoMoreSessions("one for each client")] * 2
    pool.refresh()
    assert used_once(pool) is old

    clock.time += LIFETIME
    pool.refresh()

    assert old.closed
    assert used_once(pool) is opener.opened[-1]


def test_a_server_that_grants_no_second_session_is_not_asked_at_each_refresh(
    opener: Opener, pool: Pool, clock: FakeClock
) -> None:
    used_once(pool)
    opener.refusals = [NoMoreSessions("one for each client")]
    pool.refresh()
    clock.time += ASK_AGAIN - 1

    pool.refresh()
    assert len(opener.opened) == 1

    clock.time += 1
    pool.refresh()
    assert len(opener.opened) == 2


def test_the_lock_gets_the_place_of_an_idle_session(
    opener: Opener, pool: Pool, clock: FakeClock
) -> None:
    first, second = pool.take(), pool.take()
    pool.give_back(first, reusable=True)

    pool.make_room()

    assert first.connection.closed
    assert not second.connection.closed
    pool.give_back(second, reusable=True)


def test_where_all_are_in_use_the_next_that_comes_back_gives_its_place_to_the_lock(
    opener: Opener, pool: Pool
) -> None:
    first, second = pool.take(), pool.take()

    pool.make_room()
    pool.give_back(first, reusable=True)
    pool.give_back(second, reusable=True)

    assert first.connection.closed
    assert not second.connection.closed


def test_the_last_session_is_kept_for_work(opener: Opener, pool: Pool) -> None:
    only = used_once(pool)

    pool.make_room()

    assert used_once(pool) is only


def test_refreshing_leaves_no_more_sessions_than_the_pool_may_have(
    opener: Opener, pool: Pool
) -> None:
    taken = [pool.take() for _ in range(3)]
    pool.refresh()
    for each in taken:
        pool.give_back(each, reusable=True)

    assert sum(not each.closed for each in opener.opened) == 3


def test_a_pool_that_was_not_used_is_not_refreshed(opener: Opener, pool: Pool) -> None:
    pool.refresh()

    assert opener.opened == []


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
    held = pool.take()
    opener.refusals = [NoMoreSessions("no answer")] * 2
    got: list[Any] = []

    def take() -> None:
        pooled = pool.take()
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
    held = pool.take()
    opener.refusals = [NoMoreSessions("no answer")]
    waiter = Thread(target=lambda: pool.give_back(pool.take(), reusable=True))
    waiter.start()
    while opener.refusals:
        Event().wait(0.001)
    pool.give_back(held, reusable=True)
    waiter.join()

    clock.time += ASK_AGAIN
    three = [pool.take() for _ in range(3)]

    assert len(opener.opened) == 3
    for pooled in three:
        pool.give_back(pooled, reusable=True)


def test_without_any_session_the_refusal_is_told(opener: Opener, pool: Pool) -> None:
    opener.refusals = [NoMoreSessions("no answer")]

    with pytest.raises(NoMoreSessions):
        pool.take()
    assert used_once(pool)


def test_an_outage_is_told_at_once_and_costs_no_place(opener: Opener, pool: Pool) -> None:
    for _ in range(5):
        opener.refusals = [Unavailable("away")]
        with pytest.raises(Unavailable, match="away"):
            pool.take()

    three = [pool.take() for _ in range(3)]

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
