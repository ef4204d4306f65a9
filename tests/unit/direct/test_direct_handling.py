"""What is handled directly, and when: with a clock, an inbox and a database that do as they are
told."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, cast

import pytest

from handlers.dialogue.incoming import Incoming
from handlers.direct.crash_note import CrashNote
from handlers.direct.direct_handling import (
    MOST_WAITING,
    PAUSE,
    SLOW,
    SOON,
    SUSPICIOUS,
    TOGETHER,
    TURN,
    WORKERS,
    DirectHandling,
)
from handlers.direct.direct_work import DirectWork, NewUpdate
from handlers.dispatch.dispatcher import Dispatcher
from handlers.intake.envelope import opened
from handlers.intake.inbox import Inbox
from handlers.intake.store_request import StoreRequest
from supervisor.runtime.errors import BotError, Fenced, Rejected, Unavailable
from supervisor.runtime.term import Gate, Term
from supervisor.telemetry.metrics import Metrics
from tests.support.edges import telegram_updates as telegram
from tests.support.edges.fakes import FakeClock
from tests.support.machine.waiting import until, within

TERM = Term(1, cast("Any", "token"))


class World:
    """All that direct handling sees."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.free = True  #: whether lanes can be reserved
        self.ended: list[tuple[list[int], bool]] = []  #: lanes of reservations, and whether stored
        self.acknowledged: list[int] = []  #: as handled
        self.stored: list[int] = []
        self.is_offered = False
        self.batches: list[list[int]] = []
        self.waited: dict[int, float] = {}
        self.left_over = False
        self.note_fails: BotError | None = None
        self.notes: list[str] = []
        self.fails: Exception | None = None
        self.leaves: set[int] = set()  #: updates that the database says are known
        self.go_on = threading.Event()
        self.go_on.set()
        self.stores_at_once = True
        self.returned: list[StoreRequest] = []
        self.tells_at_once = True
        self.to_tell: list[Callable[[], None]] = []
        self.loop = asyncio.new_event_loop()
        itself = cast("Any", self)
        self.direct = DirectHandling(
            inbox=cast("Inbox", itself),
            dispatcher=cast("Dispatcher", itself),
            work=cast("DirectWork", itself),
            spends=self._spends,
            note=cast("CrashNote", itself),
            metrics=Metrics(),
            clock=self.clock,
        )
        self._reserved = 0

    # the dispatcher
    def reserve(self, lane: int) -> int | None:
        self._reserved += 1
        return self._reserved if self.free else None

    def end_reservations(self, reserved: Sequence[tuple[int, int]], *, stored: bool) -> None:
        self.ended.append(([lane for lane, _ in reserved], stored))

    # the inbox
    def hand_to(self, direct: Any) -> None:
        self.is_offered = direct is not None

    def put_back(self, requests: Sequence[StoreRequest]) -> None:
        self.stored += [each.envelopes[0].update_id or 0 for each in requests]
        self.returned += requests
        if self.stores_at_once:
            self.store()

    def handled(self, requests: Sequence[StoreRequest], told: Callable[[], None]) -> None:
        self.acknowledged += [each.envelopes[0].update_id or 0 for each in requests]
        if self.tells_at_once:
            asyncio.run(self._rounds(told))
        else:
            self.to_tell.append(told)

    async def _rounds(self, told: Callable[[], None]) -> None:
        """The event loop's, until nothing more comes."""
        told()
        until_idle = 8
        for _ in range(until_idle):
            await asyncio.sleep(0)

    def store(self) -> None:
        for each in self.returned:
            each.ended()
        self.returned.clear()

    # the transaction
    def handle(self, term: Term, updates: Sequence[NewUpdate]) -> Sequence[NewUpdate]:
        self.waited.update({each.update_id: each.waited for each in updates})
        self.batches.append([each.update_id for each in updates])
        assert within(self.go_on.wait, 60)
        if self.fails is not None:
            raise self.fails
        return [each for each in updates if each.update_id not in self.leaves]

    # the note
    def write(self, term: Term) -> bool:
        if self.note_fails is not None:
            raise self.note_fails
        self.notes.append("written")
        return self.left_over

    def remove(self) -> None:
        self.notes.append(f"removed after {len(self.stored)}")

    def _spends(self, incoming: Incoming) -> bool:
        if getattr(incoming, "text", "") == "breaks":
            raise LookupError("a mistake of a feature")
        return getattr(incoming, "text", "") == "spends"

    def _begun(self, count: int) -> bool:
        return len(self.batches) == count

    # what a test does
    def start(self) -> None:
        self.direct.start(TERM, Gate(self.clock))
        until(lambda: self.notes, 10, "it has begun")
        until(lambda: self.direct._noted, 10, "it has noted that")

    def stop(self) -> None:
        self.direct.stop()
        self.go_on.set()
        assert within(self.direct.join, 10)
        assert self.direct.failure is None

    def sent(self, number: int, text: str = "/help") -> bool:
        envelope, update = opened(
            telegram.raw(telegram.message(number, update_id=number, text=text))
        )
        request = StoreRequest((envelope,), lambda _: None, self.loop, 0.0, update=update)
        return self.direct.takes(request)

    def busy(self, *numbers: int) -> None:
        """All workers have one of these in work."""
        self.go_on.clear()
        for count, number in enumerate(numbers, 1):
            assert self.sent(number)
            # Another worker begins only while the first one takes longer.
            self.clock.time += 2 * SOON
            until(partial(self._begun, count), 10, "a worker has it")


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.stop()
    made.loop.close()


def test_before_its_note_is_written_nothing_is_taken(world: World) -> None:
    world.note_fails = Unavailable("away")
    world.direct.start(TERM, Gate(world.clock))

    assert not world.sent(5)

    world.stop()
    assert world.notes == []


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


def test_a_refused_note_is_not_written_again_in_that_term(world: World) -> None:
    world.note_fails = Fenced("over")
    world.direct.start(TERM, Gate(world.clock))
    until(lambda: world.direct._closed, 10, "it knows that its term is over")
    world.note_fails = None
    with world.direct._changed:
        world.direct._changed.notify_all()

    world.stop()
    assert world.notes == []
