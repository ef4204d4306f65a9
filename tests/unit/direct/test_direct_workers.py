"""When the workers of direct handling begin, and what they share."""

import asyncio

import pytest

from handlers.direct.direct_handling import MOST_WAITING, SLOW, SOON, TOGETHER, TURN, WORKERS
from supervisor.runtime.errors import Unavailable
from tests.support.chats.direct_world import World
from tests.support.machine.waiting import until


def test_what_comes_while_all_workers_are_busy_shares_the_next_transaction(world: World) -> None:
    world.start()
    world.busy(*range(1, WORKERS + 1))
    later = range(100, 100 + TOGETHER + 1)
    assert all([world.sent(number) for number in later])
    world.go_on.set()
    until(lambda: len(world.acknowledged) == WORKERS + len(later), 10, "all handled")

    assert world.batches[WORKERS] == list(later)[:TOGETHER]
    assert sorted(world.batches[WORKERS + 1]) == list(later)[TOGETHER:]


def test_the_time_that_an_update_waits_for_a_worker_is_known_when_it_is_handled(
    world: World,
) -> None:
    world.start()
    world.busy(*range(1, WORKERS + 1))
    assert world.sent(50)
    world.clock.time += 0.5 * SLOW
    world.go_on.set()
    until(lambda: 50 in world.acknowledged, 10, "handled")

    assert world.waited[50] == pytest.approx(0.5 * SLOW)


def test_while_all_workers_are_slow_updates_are_stored_and_so_is_what_waits_for_them(
    world: World,
) -> None:
    world.start()
    world.busy(*range(1, WORKERS + 1))
    world.clock.time += 0.9 * SLOW
    assert world.sent(50)
    world.clock.time += 0.2 * SLOW

    assert not world.sent(51)

    assert world.stored == [50]
    assert world.ended == [([50], True)]
    world.go_on.set()
    until(lambda: sorted(world.acknowledged) == list(range(1, WORKERS + 1)), 10, "the slow ones")
    until(lambda: not world.direct._begun, 10, "at rest")
    assert world.sent(52)


def test_after_an_outage_what_waits_for_the_workers_is_stored_at_once(world: World) -> None:
    world.fails = Unavailable("away")
    world.start()
    world.busy(*range(1, WORKERS + 1))
    assert world.sent(50)
    world.go_on.set()
    until(lambda: ([50], True) in world.ended, 10, "it is stored")

    assert [50] not in world.batches


def test_the_first_worker_handles_all_that_comes_while_it_is_free(world: World) -> None:
    world.start()
    for number in range(1, 9):
        assert world.sent(number)
        until(lambda: not world.direct._begun and not world.direct._waiting, 10, "handled")

    assert world.workers == 8 * ["direct-1"]


def test_while_a_worker_is_at_work_another_one_begins_only_later(world: World) -> None:
    world.start()
    world.go_on.clear()
    assert world.sent(5)
    until(lambda: world.batches == [[5]], 10, "the first worker has it")
    assert world.sent(6) and world.sent(7)

    assert world.batches == [[5]]
    world.clock.time += 2 * SOON
    until(lambda: world.batches == [[5], [6, 7]], 10, "the second worker has what waits")


def test_what_comes_while_the_event_loop_answers_shares_the_next_transaction(world: World) -> None:
    world.start()
    world.tells_at_once = False
    assert world.sent(5)
    until(lambda: world.to_tell and not world.direct._begun, 10, "handled")
    assert world.sent(6) and world.sent(7)

    assert world.batches == [[5]]
    asyncio.run(world._rounds(world.to_tell.pop()))
    until(lambda: world.batches == [[5], [6, 7]], 10, "after the round that brings nothing")


def test_a_busy_event_loop_keeps_the_workers_waiting_for_a_moment_only(world: World) -> None:
    world.start()
    world.tells_at_once = False
    assert world.sent(5)
    until(lambda: world.to_tell and not world.direct._begun, 10, "handled")
    assert world.sent(6)

    world.clock.time += 2 * TURN

    until(lambda: world.batches == [[5], [6]], 10, "without the loop")


def test_while_one_worker_is_fast_no_slow_one_keeps_anybody_from_being_handled(
    world: World,
) -> None:
    world.start()
    world.busy(*range(1, WORKERS))
    world.clock.time += 10 * SLOW

    assert world.sent(50)

    until(lambda: [50] in world.batches, 10, "another worker has it")


def test_no_more_wait_than_the_bound_allows(world: World) -> None:
    world.start()
    world.busy(*range(1, WORKERS + 1))

    taken = [world.sent(100 + number) for number in range(MOST_WAITING + 1)]

    assert taken == [True] * MOST_WAITING + [False]
