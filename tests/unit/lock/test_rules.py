"""Time spans, phases, the gate and the watchdog: rules without a database."""

import itertools
import re
from threading import Event

import pytest

import supervisor.lock
from supervisor.lock.phase import TRANSITIONS, IllegalTransition, Phase, advance
from supervisor.lock.phase import Event as PhaseEvent
from supervisor.lock.timing import Timing
from supervisor.lock.watchdog import PATIENCE, Watchdog
from supervisor.runtime.errors import Fenced, Unavailable
from supervisor.runtime.term import Gate
from tests.support.edges.fakes import FakeClock


def test_the_time_spans_of_production_keep_their_rules() -> None:
    timing = Timing()

    assert timing.trust + timing.margin <= 5.0  # an unclean take-over acts within 5 s
    assert timing.idle + 1.5 * timing.poll <= 10.0  # a frozen holder is replaced within 10 s


@pytest.mark.parametrize(
    "change",
    [
        {"trust": 7.0},
        {"statement": 3.0},
        {"lock_wait": 1.4},
        {"tcp_user_timeout": 3.5},
        {"poll": 1.6},
        {"poll": 4.0},
        {"margin": 0.0},
    ],
)
def test_a_time_span_that_breaks_a_rule_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="got Timing"):
        Timing(**change)


@pytest.mark.parametrize(
    ("clean", "moved", "age", "expected"),
    [
        (True, False, 0.1, 0.0),
        (False, False, 0.0, 4.5),
        (False, False, 3.0, 1.5),
        (False, False, 9.0, 0.0),
        (False, True, 9.0, 4.5),
        (False, False, -2.0, 4.5),
    ],
)
def test_a_successor_waits_until_its_predecessor_cannot_act(
    clean: bool, moved: bool, age: float, expected: float
) -> None:
    assert Timing().grace(clean=clean, moved=moved, heartbeat_age=age) == pytest.approx(expected)


def test_the_picture_in_the_docstring_is_the_table() -> None:
    drawn = re.findall(r"^    ([A-Z]+) +--(.+?)--> +([A-Z]+)$", supervisor.lock.__doc__ or "", re.M)

    assert {(a, e, b) for a, e, b in drawn} == {
        (start.value, event.value, end.value)
        for start, row in TRANSITIONS.items()
        for event, end in row.items()
    }


def test_every_pair_outside_the_table_is_a_bug() -> None:
    for phase, event in itertools.product(Phase, PhaseEvent):
        if event not in TRANSITIONS[phase]:
            with pytest.raises(IllegalTransition):
                advance(phase, event)


def test_a_gate_lets_through_what_trust_outlives() -> None:
    clock = FakeClock()
    gate = Gate(clock)
    gate.extend(clock.now() + 4.0)

    gate.check(2.5)
    clock.time += 2.0
    with pytest.raises(Unavailable):
        gate.check(2.5)
    gate.check(1.0)


def test_a_shut_gate_stays_shut() -> None:
    clock = FakeClock()
    gate = Gate(clock)
    gate.extend(clock.now() + 4.0)

    gate.shut()
    gate.extend(clock.now() + 99.0)

    with pytest.raises(Fenced):
        gate.check(0.1)


def test_an_answer_after_the_deadline_does_not_revive_a_gate() -> None:
    clock = FakeClock()
    gate = Gate(clock)
    gate.extend(clock.now() + 4.0)

    clock.time += 4.1
    gate.extend(clock.now() + 4.0)

    assert gate.is_shut
    with pytest.raises(Fenced):
        gate.check(0.1)


def test_a_gate_that_waits_for_a_predecessor_says_for_how_long() -> None:
    clock = FakeClock()
    gate = Gate(clock)
    gate.extend(clock.now() + 10.0)
    gate.open_at(clock.now() + 3.0)

    with pytest.raises(Unavailable) as caught:
        gate.check(0.1)
    assert caught.value.retry_after == pytest.approx(3.0)
    clock.time += 3.0
    gate.check(0.1)


def test_trust_never_shrinks_when_heartbeats_answer_out_of_order() -> None:
    clock = FakeClock()
    gate = Gate(clock)

    gate.extend(clock.now() + 4.0)
    gate.extend(clock.now() + 3.0)

    assert gate.trust_left() == pytest.approx(4.0)


def test_the_watchdog_shuts_the_gate_and_frees_the_socket_at_the_deadline() -> None:
    clock = FakeClock()
    gate, aborted = Gate(clock), Event()
    gate.extend(clock.now() + 4.0)
    dog = Watchdog(clock)
    dog.watch(gate, aborted.set)

    assert dog.look() == pytest.approx(4.0)
    assert not aborted.is_set()
    clock.time += 4.0
    dog.look()

    assert gate.is_shut
    assert aborted.is_set()


def test_the_watchdog_ends_a_process_that_stays_silent_and_nobody_ended() -> None:
    clock = FakeClock()
    died: list[str] = []
    dog = Watchdog(clock, silence=lambda: "event loop is silent", die=died.append)
    dog.listen()
    clock.time += PATIENCE - 0.1
    dog.listen()

    assert died == []
    clock.time += 0.1
    dog.listen()

    assert died == ["event loop is silent"]


def test_the_watchdog_spares_a_process_whose_machine_stood_still() -> None:
    clock = FakeClock()
    died: list[str] = []
    silences = iter(["event loop is silent", None, "event loop is silent"])
    dog = Watchdog(clock, silence=lambda: next(silences), die=died.append)
    for _ in range(3):
        dog.listen()
        clock.time += PATIENCE

    assert died == []


def test_the_watchdog_leaves_a_renewed_gate_alone() -> None:
    clock = FakeClock()
    gate, aborted = Gate(clock), Event()
    gate.extend(clock.now() + 4.0)
    dog = Watchdog(clock)
    dog.watch(gate, aborted.set)

    clock.time += 3.0
    gate.extend(clock.now() + 4.0)
    clock.time += 2.0

    assert dog.look() == pytest.approx(2.0)
    assert not aborted.is_set()


def test_a_waiting_instance_tries_after_every_second_heartbeat() -> None:
    """Each is due 1.2 s after the one before; a try comes 0.12 s later."""
    wait, latest = Timing().next_try(0.12)

    assert wait == pytest.approx(2.4)
    assert latest == pytest.approx(3.38)


def test_an_age_below_zero_tells_of_a_clock_that_was_set_back_and_of_no_heartbeat() -> None:
    assert Timing().next_try(-5.0) == Timing().next_try(None)


@pytest.mark.parametrize("age", [-5.0, 0.0, 0.7, 1.5, 1.9, 2.05, 2.5, 4.0, 300.0, None])
def test_an_end_without_a_word_is_noticed_before_the_successor_could_act(age: float | None) -> None:
    """Whatever the last heartbeat's age: what blocks the fence is ended before trust is over."""
    timing = Timing()
    wait, latest = timing.next_try(age)
    #: How old the holder's last heartbeat is now at most, if the holder ends after this try.
    oldest = max(0.0, age or 0.0) if wait > timing.poll else timing.heartbeat

    assert wait <= latest
    assert latest + oldest + timing.lock_wait <= timing.trust + timing.margin + 1e-9
