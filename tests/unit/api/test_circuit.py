"""kie.ai down, kie.ai busy, and how often it is asked: rules over a clock that a test moves."""

import pytest

from kie.api.circuit import FAILURES, PAUSES, Circuit, CircuitOpen, State
from kie.api.limiter import MOST_PENALTY, PENALTY, RATES, Busy, Limiter
from kie.jobs.poll_schedule import (
    LEAST_PROVEN_PAUSE,
    MOST_PAUSE,
    MOST_PROVEN_PAUSE,
    PROVEN,
    PollSchedule,
)
from tests.support.edges.fakes import FakeClock
from tests.support.machine.lines import captured


def opened() -> tuple[Circuit, FakeClock, list[str | None]]:
    clock, heard = FakeClock(), list[str | None]()
    circuit = Circuit(clock, heard.append)
    for _ in range(FAILURES):
        circuit.enter()
        circuit.failed("no answer")
    return circuit, clock, heard


def test_a_few_failures_are_forgiven_and_a_success_forgets_them() -> None:
    clock = FakeClock()
    circuit = Circuit(clock)
    for _ in range(3):
        for _ in range(FAILURES - 1):
            circuit.enter()
            circuit.failed("no answer")
        circuit.enter()
        circuit.worked()

    assert circuit.state is State.CLOSED


def test_failures_in_a_row_open_it_and_no_call_leaves() -> None:
    circuit, _, heard = opened()

    assert heard == ["no answer"]
    with pytest.raises(CircuitOpen) as caught:
        circuit.enter()
    assert caught.value.retry_after == PAUSES[0]


def test_what_says_nothing_about_kie_counts_for_nothing() -> None:
    circuit = Circuit(FakeClock())
    for _ in range(3 * FAILURES):
        circuit.enter()
        circuit.unused()

    assert circuit.state is State.CLOSED


def test_the_question_is_asked_after_pauses_that_grow() -> None:
    circuit, clock, _ = opened()
    pauses = []
    for _ in range(len(PAUSES) + 2):
        asked_from = clock.time
        while not circuit.probe_due():
            clock.time += 1.0
        pauses.append(clock.time - asked_from)
        circuit.probed(good=False)

    assert pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]


def test_when_the_question_is_answered_one_call_at_a_time_is_tried() -> None:
    circuit, clock, heard = opened()
    clock.time += PAUSES[0]
    circuit.probed(good=True)

    circuit.enter()
    with pytest.raises(CircuitOpen):
        circuit.enter()
    circuit.worked()

    circuit.enter()
    circuit.enter()
    assert heard == ["no answer", None]


def test_a_trial_that_fails_opens_it_for_longer() -> None:
    circuit, clock, heard = opened()
    clock.time += PAUSES[0]
    circuit.probed(good=True)
    circuit.enter()
    circuit.failed("still no answer")

    assert circuit.state is State.OPEN
    assert circuit.pause() == PAUSES[1]
    assert heard == ["no answer", "still no answer"]


def test_a_trial_that_did_not_take_place_leaves_room_for_the_next() -> None:
    circuit, clock, _ = opened()
    clock.time += PAUSES[0]
    circuit.probed(good=True)
    circuit.enter()
    circuit.unused()

    circuit.enter()


def test_calls_that_were_under_way_when_it_opened_change_nothing() -> None:
    circuit, _, heard = opened()
    for _ in range(3):
        circuit.failed("late")

    assert circuit.pause() == PAUSES[0]
    assert heard == ["no answer"]


@pytest.mark.parametrize("kind", ["create", "query"])
def test_no_window_ever_holds_more_calls_than_kie_allows(kind: str) -> None:
    clock = FakeClock()
    limiter = Limiter(clock)
    count, seconds = RATES[kind]
    taken: list[float] = []
    while len(taken) < 5 * count:
        try:
            limiter.take(kind)
        except Busy as busy:
            clock.time += busy.retry_after or 0.0
        else:
            taken.append(clock.time)

    for first, last in zip(taken, taken[count:], strict=False):
        assert last - first >= seconds


def test_a_refusal_slows_everything_down_and_the_next_one_more() -> None:
    clock = FakeClock()
    limiter = Limiter(clock)
    pauses = []
    for _ in range(5):
        limiter.slow_down()
        limiter.slow_down()  # another call that was under way
        pauses.append(limiter.pause("query"))
        clock.time += pauses[-1]

    assert pauses == [PENALTY, 2 * PENALTY, 4 * PENALTY, MOST_PENALTY, MOST_PENALTY]
    limiter.speed_up()
    limiter.slow_down()
    assert limiter.pause("create") == PENALTY


def test_a_refusal_for_too_many_calls_is_told_once_for_as_long_as_it_holds() -> None:
    clock = FakeClock()
    limiter = Limiter(clock)

    with captured() as lines:
        for _ in range(50):
            limiter.slow_down()
            limiter.speed_up()  # other calls that were under way went through
            clock.time += 1.0

    told = lines.of("kie_limit_reached")
    assert [record["level"].name for record in told] == ["WARNING"] * 5
    assert {record["extra"]["seconds"] for record in told} == {PENALTY}


def test_callbacks_are_proven_by_ends_in_a_row_and_unproven_by_one_that_was_missed() -> None:
    schedule = PollSchedule(FakeClock())
    for _ in range(PROVEN):
        assert not schedule.proven
        schedule.ended(by_callback=True)
    assert schedule.proven

    schedule.ended(by_callback=False)

    assert not schedule.proven


def test_a_task_is_looked_at_when_it_should_be_done_and_then_less_and_less() -> None:
    schedule = PollSchedule(FakeClock())

    assert schedule.first_look(15.0) == 15.0
    pauses = [schedule.pause(age) for age in (5.0, 15.0, 60.0, 600.0)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == MOST_PAUSE


def test_while_callbacks_come_asking_is_rare_but_bounded() -> None:
    schedule = PollSchedule(FakeClock())
    unproven = [schedule.first_look(15.0), schedule.pause(15.0), schedule.pause(600.0)]
    for _ in range(PROVEN):
        schedule.ended(by_callback=True)
    proven = [schedule.first_look(15.0), schedule.pause(15.0), schedule.pause(600.0)]

    assert all(after >= 3 * before for before, after in zip(unproven, proven, strict=True))
    assert min(proven) >= LEAST_PROVEN_PAUSE
    assert max(proven) <= MOST_PROVEN_PAUSE


@pytest.mark.parametrize(("kind", "allowed", "seconds"), [("create", 20, 10.0), ("query", 10, 1.0)])
def test_calls_at_full_rate_stay_within_the_limit_even_if_some_arrive_late(
    kind: str, allowed: int, seconds: float
) -> None:
    clock, late = FakeClock(), 0.2
    limiter, count = Limiter(clock), RATES[kind][0]
    arrivals: list[float] = []
    while len(arrivals) < 6 * count:
        try:
            limiter.take(kind)
        except Busy as busy:
            clock.time += busy.retry_after or 0.0
        else:
            # Every other burst is slow on its way.
            slow = len(arrivals) // count % 2 == 0
            arrivals.append(clock.now() + (late if slow else 0.0))

    for first in arrivals:
        assert sum(first <= each < first + seconds for each in arrivals) <= allowed
