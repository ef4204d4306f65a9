"""The one owner of threads: a stop is noticed at once, a crash is not overlooked."""

from threading import Event
from uuid import uuid4

import pytest

from supervisor.runtime.stop_request import wake_on_stop
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import ServiceThread
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
