"""APScheduler behind its seam: timers replace each other, failures are told, jumps survived."""

import datetime
from collections.abc import Iterator
from threading import Event

import pytest

from supervisor.runtime.clock import SystemClock
from supervisor.runtime.scheduler import Every, Scheduler
from tests.support.machine.waiting import until

WAIT = 5.0  #: seconds within which a timer must have fired


@pytest.fixture
def failures() -> list[tuple[str, BaseException]]:
    return []


@pytest.fixture
def scheduler(failures: list[tuple[str, BaseException]]) -> Iterator[Scheduler]:
    made = Scheduler(SystemClock(), on_failure=lambda name, error: failures.append((name, error)))
    made.start()
    yield made
    made.stop()


def test_a_timer_fires_once(scheduler: Scheduler) -> None:
    fired = Event()

    scheduler.call_later("t", 0.01, fired.set)

    assert fired.wait(WAIT)


def test_a_timer_replaces_the_earlier_one_of_its_name(scheduler: Scheduler) -> None:
    early, late = Event(), Event()

    scheduler.call_later("t", 3600, early.set)
    scheduler.call_later("t", 0.01, late.set)

    assert late.wait(WAIT)
    assert not early.is_set()


def test_a_timer_may_set_itself_again(scheduler: Scheduler) -> None:
    rounds: list[int] = []
    enough = Event()

    def again() -> None:
        rounds.append(1)
        if len(rounds) == 20:
            enough.set()
        else:
            scheduler.call_later("t", 0.0, again)

    scheduler.call_later("t", 0.0, again)

    assert enough.wait(WAIT)


def test_a_repeated_job_goes_on_after_a_failure_that_is_told(
    scheduler: Scheduler, failures: list[tuple[str, BaseException]]
) -> None:
    second = Event()
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("once")
        second.set()

    scheduler.every("job", 0.05, work)

    assert second.wait(WAIT)
    # APScheduler tells of a run after its end, when the next one may have begun.
    until(lambda: bool(failures), WAIT, "the failure is told")
    assert [(name, str(error)) for name, error in failures] == [("job", "once")]


def test_a_cancelled_job_is_forgotten_and_an_unknown_one_does_not_matter(
    scheduler: Scheduler,
) -> None:
    fired = Event()
    scheduler.every("job", 0.2, fired.set)

    scheduler.cancel("job")
    scheduler.cancel("job")
    scheduler.cancel("never there")

    assert not fired.wait(0.5)


def test_a_wall_clock_that_jumped_makes_every_job_due(scheduler: Scheduler) -> None:
    fired = Event()
    scheduler.every("hourly", 3600, fired.set)

    scheduler.wall_clock_jumped()

    assert fired.wait(WAIT)


def test_a_stop_in_the_middle_of_a_round_leaves_no_wreck() -> None:
    for _ in range(50):
        scheduler = Scheduler(SystemClock())
        scheduler.start()
        fired = Event()
        scheduler.call_later("t", 0.0, fired.set)
        assert fired.wait(WAIT)

        scheduler.stop()


def test_a_machine_that_learns_the_date_late_counts_no_missed_times() -> None:
    """One that starts without a clock is in 1970 until NTP answers."""
    trigger = Every(15.0)
    then = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    now = datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC)

    assert trigger.get_next_fire_time(then, now) == now + datetime.timedelta(seconds=15)


def test_equal_distances_stay_equal_while_the_clock_is_right() -> None:
    trigger = Every(15.0)
    then = datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC)
    now = then + datetime.timedelta(seconds=1)

    assert trigger.get_next_fire_time(then, now) == then + datetime.timedelta(seconds=15)
    assert trigger.get_next_fire_time(None, now) == now + datetime.timedelta(seconds=15)
