"""A look at a stop request is a sign of life; who waits for nothing else is idle."""

import asyncio
import threading
from collections.abc import Iterator
from threading import Event
from uuid import uuid4

import pytest

from supervisor.runtime.clock import SystemClock
from supervisor.runtime.progress import SILENCE, Progress
from supervisor.runtime.stop_request import LoopStop, ThreadStop, wait_for_wake_up, wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import LoopService, ServiceThread
from supervisor.runtime.waits import pause
from tests.support.edges.fakes import FakeClock
from tests.support.machine.waiting import until

TERM = Term(1, uuid4())
WAIT = 10.0  #: seconds within which a thread must have come as far


class Steps:
    """A body that does one step when the test says so."""

    def __init__(self) -> None:
        self.go, self.done = threading.Semaphore(0), threading.Semaphore(0)
        self.idle = Event()

    def run(self, _term: Term, _gate: Gate, stop: Event) -> None:
        while not stop.is_set():
            self.done.release()
            assert self.go.acquire(timeout=WAIT)
            if self.idle.is_set():
                self.done.release()
                stop.wait()

    def step(self) -> None:
        self.go.release()
        assert self.done.acquire(timeout=WAIT)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def progress(clock: FakeClock) -> Progress:
    return Progress(clock)


@pytest.fixture
def steps(clock: FakeClock, progress: Progress) -> Iterator[Steps]:
    made = Steps()
    service = ServiceThread("worker", made.run, progress=progress)
    service.start(TERM, Gate(clock))
    assert made.done.acquire(timeout=WAIT)
    yield made
    service.stop()
    made.go.release()
    assert service.join(WAIT)
    clock.time += SILENCE + 1
    assert progress.overdue() is None  # whoever has ended owes nothing


def test_a_thread_that_does_not_come_round_is_named(
    clock: FakeClock, progress: Progress, steps: Steps
) -> None:
    clock.time += SILENCE - 1
    assert progress.overdue() is None

    clock.time += 2

    assert progress.overdue() == f"worker has made no progress for {SILENCE + 1:.0f} s"
    steps.step()
    assert progress.overdue() is None


def test_a_look_of_another_thread_says_nothing_about_the_body(
    clock: FakeClock, progress: Progress, steps: Steps
) -> None:
    seen: list[Event] = []
    begun, hold = Event(), Event()

    def body(_term: Term, _gate: Gate, stop: Event) -> None:
        seen.append(stop)
        begun.set()
        hold.wait(WAIT)
        stop.wait(WAIT)

    service = ServiceThread("other", body, progress=progress)
    service.start(TERM, Gate(clock))
    assert begun.wait(WAIT)
    clock.time += SILENCE + 1
    steps.step()

    assert not seen[0].is_set()  # from the test's thread

    assert (progress.overdue() or "").startswith("other ")
    service.stop()
    hold.set()
    assert service.join(WAIT)


def test_a_thread_that_waits_for_its_stop_request_is_idle(
    clock: FakeClock, progress: Progress, steps: Steps
) -> None:
    steps.idle.set()
    steps.step()

    def idle() -> bool:
        clock.time += SILENCE + 1
        return progress.overdue() is None

    until(idle, WAIT, "an idle thread")
    assert idle()


def test_a_task_that_does_not_come_round_is_named_and_one_that_pauses_is_idle(
    clock: FakeClock, progress: Progress
) -> None:
    async def run() -> None:
        paused, working = asyncio.Event(), asyncio.Event()

        async def body(_term: Term, _gate: Gate, stop: asyncio.Event) -> None:
            assert not stop.is_set()
            working.set()
            await paused.wait()
            await pause(stop, None)

        service = LoopService("poller", body, asyncio.get_running_loop(), progress=progress)
        service.start(TERM, Gate(clock))
        await working.wait()
        clock.time += SILENCE + 1

        assert (progress.overdue() or "").startswith("poller ")

        paused.set()
        async with asyncio.timeout(WAIT):
            while progress.overdue() is not None:
                await asyncio.sleep(0)
        clock.time += SILENCE + 1
        assert progress.overdue() is None
        service.stop()
        assert await asyncio.to_thread(service.join, WAIT)
        assert service.failure is None

    asyncio.run(run())


def test_a_stop_request_without_progress_is_a_plain_event() -> None:
    async def run() -> None:
        stop = LoopStop()
        with stop.idle():
            assert not stop.is_set()
        stop.set()
        await pause(stop, None)

    asyncio.run(run())


def test_one_wait_ends_with_a_wake_up_a_stop_or_its_time_and_reports_progress(
    progress: Progress, clock: FakeClock
) -> None:
    told: list[tuple[bool, bool]] = []
    stop, wake = ThreadStop("waiter", progress), Event()
    wake_on_stop(stop, wake)
    system = SystemClock()

    def body() -> None:
        stop.begin()
        for seconds in (None, 0.01, None):
            told.append((wait_for_wake_up(system, stop, wake, seconds), wake.is_set()))
            wake.clear()

    thread = threading.Thread(target=body)
    wake.set()
    thread.start()
    until(lambda: len(told) == 2, WAIT, "woken, then its time is over")
    stop.set()
    thread.join(WAIT)

    assert told == [(True, True), (True, False), (False, True)]


def test_a_stop_that_can_wake_nobody_is_noticed_all_the_same() -> None:
    stop = Event()
    threading.Timer(0.01, stop.set).start()

    assert not wait_for_wake_up(SystemClock(), stop, Event(), None)
