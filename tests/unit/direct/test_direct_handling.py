"""What is handled directly, and what is only stored."""

import pytest

from handlers.direct.direct_handling import PAUSE, WORKERS
from supervisor.runtime.errors import Rejected, Unavailable
from tests.support.chats.direct_world import World
from tests.support.machine.waiting import until


def test_what_is_taken_is_handled_and_its_lane_is_free_again(world: World) -> None:
    world.start()

    assert world.sent(5)

    until(lambda: world.acknowledged == [5], 10, "handled")
    assert world.ended == [([5], False)]
    assert world.stored == []


def test_a_lane_with_other_work_is_left_to_the_dispatcher(world: World) -> None:
    world.start()
    world.free = False

    assert not world.sent(5)


def test_what_is_known_is_stored_and_its_lane_is_read_again_after_that(world: World) -> None:
    world.start()
    world.leaves, world.stores_at_once = {6}, False
    world.busy(*range(1, WORKERS + 1))
    assert world.sent(5) and world.sent(6)
    world.go_on.set()
    until(lambda: world.stored == [6], 10, "stored")

    assert ([6], True) not in world.ended
    world.store()
    assert world.ended[-1] == ([6], True)
    until(lambda: 5 in world.acknowledged, 10, "the other one is handled")
    assert 6 not in world.acknowledged


@pytest.mark.parametrize("text", ["spends", "breaks"])
def test_what_spends_or_breaks_that_question_is_stored_without_a_transaction(
    world: World, text: str
) -> None:
    world.start()

    assert world.sent(5, text)

    until(lambda: world.stored == [5], 10, "stored")
    assert world.batches == []


@pytest.mark.parametrize("error", [Unavailable("away"), RuntimeError("a mistake"), Rejected("no")])
def test_what_fails_is_stored_and_only_an_outage_makes_a_pause(
    world: World, error: Exception
) -> None:
    world.start()
    world.fails = error
    assert world.sent(5)
    until(lambda: world.stored == [5], 10, "stored")
    until(lambda: not world.direct._begun, 10, "at rest")

    assert world.sent(6) is not isinstance(error, Unavailable)
    until(lambda: not world.direct._begun and not world.direct._waiting, 10, "at rest")
    world.clock.time += PAUSE
    assert world.sent(7)
