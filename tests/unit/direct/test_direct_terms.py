"""Direct handling from the start of a term to its end, and its note."""

from handlers.direct.direct_handling import SUSPICIOUS, WORKERS
from supervisor.runtime.errors import Fenced, Unavailable
from supervisor.runtime.term import Gate
from tests.support.chats.direct_world import TERM, World
from tests.support.machine.waiting import until


def test_before_its_note_is_written_nothing_is_taken(world: World) -> None:
    world.note_fails = Unavailable("away")
    world.direct.start(TERM, Gate(world.clock))

    assert not world.sent(5)

    world.stop()
    assert world.notes == []


def test_after_the_end_of_its_term_it_takes_nothing_until_the_next(world: World) -> None:
    world.start()
    world.fails = Fenced("over")
    assert world.sent(5)
    until(lambda: world.stored == [5], 10, "stored")
    until(lambda: not world.direct._begun, 10, "at rest")
    world.clock.time += 10 * SUSPICIOUS
    assert not world.sent(6)

    world.stop()
    world.fails = None
    world.start()

    until(lambda: world.sent(7), 10, "the next term")


def test_after_a_stop_nothing_is_taken(world: World) -> None:
    world.start()
    world.stop()

    assert not world.is_offered
    assert not world.sent(5)


def test_a_note_that_is_written_after_the_stop_opens_nothing(world: World) -> None:
    """The stop may come while the note is being written."""
    world.start()
    world.stop()
    world.direct._open(TERM)

    assert not world.sent(5)


def test_what_waits_at_a_stop_is_stored_before_the_note_is_removed(world: World) -> None:
    world.start()
    world.busy(*range(1, WORKERS + 1))
    assert world.sent(50)
    world.stores_at_once = False
    world.direct.stop()
    world.go_on.set()
    until(lambda: world.stored == [50], 10, "it goes to the inbox")
    assert not world.direct.join(0.0)
    world.store()
    world.stop()

    assert world.notes == ["written", "removed after 1"]
    assert sorted(world.acknowledged) == list(range(1, WORKERS + 1))


def test_a_worker_that_hangs_leaves_the_note_behind(world: World) -> None:
    world.start()
    world.busy(1)
    world.direct.stop()

    assert not world.direct.join(0.2)
    assert world.notes == ["written"]


def test_after_a_process_without_an_orderly_end_it_waits_also_in_later_terms(
    world: World,
) -> None:
    world.left_over = True
    world.start()
    world.clock.time += SUSPICIOUS / 2
    assert not world.sent(5)
    world.stop()
    world.left_over = False
    world.notes.clear()
    world.start()
    world.clock.time += SUSPICIOUS / 2 - 1
    assert not world.sent(6)
    world.clock.time += 1

    assert world.sent(7)


def test_one_that_ends_while_it_waits_leaves_the_note_for_its_successor(world: World) -> None:
    world.left_over = True
    world.start()
    world.clock.time += SUSPICIOUS - 1
    world.stop()
    assert world.notes == ["written"]

    world.left_over = False
    world.start()
    world.clock.time += 1
    world.stop()
    assert world.notes == ["written", "written", "removed after 0"]


def test_a_refused_note_is_not_written_again_in_that_term(world: World) -> None:
    world.note_fails = Fenced("over")
    world.direct.start(TERM, Gate(world.clock))
    until(lambda: world.direct._closed, 10, "it knows that its term is over")
    world.note_fails = None
    with world.direct._idle:
        world.direct._idle.wake_all()

    world.stop()
    assert world.notes == []
