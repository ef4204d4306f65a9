"""The one owner of threads: a stop is noticed at once, a crash is not overlooked."""

from threading import Event
from uuid import uuid4

import pytest

from supervisor.runtime.stop_request import wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceGroup, ServiceThread
from tests.support.edges.fakes import FakeClock

TERM = Term(1, uuid4())
WAIT = 10.0  #: seconds within which a thread must have ended


@pytest.fixture
def gate() -> Gate:
    return Gate(FakeClock())


def test_a_body_that_waits_for_an_event_of_its_own_is_woken_by_a_stop(gate: Gate) -> None:
    waits = Event()

    def body(term: Term, gate: Gate, stop: Event) -> None:
        wake = Event()
        wake_on_stop(stop, wake)
        waits.set()
        while not stop.is_set():
            wake.wait()

    service = ServiceThread("sleeper", body)
    service.start(TERM, gate)
    assert waits.wait(WAIT)

    service.stop()

    assert service.join(WAIT)
    assert service.failure is None


def test_a_stop_that_came_before_the_body_asked_is_not_lost(gate: Gate) -> None:
    stopped = Event()

    def body(term: Term, gate: Gate, stop: Event) -> None:
        assert stopped.wait(WAIT)
        wake = Event()
        wake_on_stop(stop, wake)
        assert wake.wait(WAIT)

    service = ServiceThread("late", body)
    service.start(TERM, gate)
    service.stop()
    stopped.set()

    assert service.join(WAIT)
    assert service.failure is None


def test_a_stop_of_an_earlier_term_does_not_reach_the_next(gate: Gate) -> None:
    begun = Event()

    def body(term: Term, gate: Gate, stop: Event) -> None:
        begun.set()
        assert stop.wait(WAIT)

    service = ServiceThread("worker", body)
    for _ in range(2):
        begun.clear()
        service.start(TERM, gate)
        assert begun.wait(WAIT)
        service.stop()
        assert service.join(WAIT)

    assert service.failure is None


def test_a_body_that_ends_by_itself_is_a_crash_that_somebody_hears_of(gate: Gate) -> None:
    heard = Event()
    service = ServiceThread("quitter", lambda *_: None, on_failure=heard.set)

    service.start(TERM, gate)

    assert heard.wait(WAIT)
    assert "returned without being asked to" in str(service.failure)


class Member:
    """A service that takes ``needs`` seconds to end."""

    name = "member"

    def __init__(self, clock: FakeClock, needs: float, failure: Exception | None = None) -> None:
        self.clock = clock
        self.needs = needs
        self.failure = failure
        self.joined = 0
        self.told: list[object] = []

    def start(self, term: Term, gate: Gate) -> None:
        self.told.append((term, gate))

    def stop(self) -> None:
        self.told.append("stop")

    def join(self, seconds: float) -> bool:
        self.joined += 1
        waited = min(self.needs, max(0.0, seconds))
        self.clock.time += waited
        self.needs -= waited
        return self.needs == 0.0


def test_each_member_of_a_group_is_started_for_its_term_and_stopped() -> None:
    clock = FakeClock()
    members = [Member(clock, 0.0), Member(clock, 0.0)]
    group, gate = ServiceGroup(members, clock), Gate(clock)

    group.start(TERM, gate)
    group.stop()

    assert [each.told for each in members] == [[(TERM, gate), "stop"]] * 2


@pytest.mark.parametrize(("needs", "ended"), [((3.0, 3.0), False), ((3.0, 2.0), True)])
def test_the_members_of_a_group_have_the_time_to_end_together_and_not_each(
    needs: tuple[float, float], ended: bool
) -> None:
    clock = FakeClock()
    group = ServiceGroup([Member(clock, each) for each in needs], clock)

    assert group.join(5.0) is ended


def test_a_member_that_does_not_end_keeps_nobody_from_joining_the_others() -> None:
    clock = FakeClock()
    hangs, other = Member(clock, 9.0), Member(clock, 0.0)

    assert not ServiceGroup([hangs, other], clock).join(5.0)
    assert other.joined == 1


def test_a_group_has_failed_when_one_of_its_members_has() -> None:
    clock, crash = FakeClock(), RuntimeError("crash")
    well, broken = Member(clock, 0.0), Member(clock, 0.0, crash)

    assert ServiceGroup([well], clock).failure is None
    assert ServiceGroup([well, broken], clock).failure is crash
