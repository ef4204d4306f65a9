"""The services of the ACTIVE instance are made when they are first needed, and only once."""

from collections.abc import Sequence
from threading import Event
from uuid import uuid4

from handlers.process.on_demand import OnDemand
from supervisor.runtime.errors import Misconfigured
from supervisor.runtime.progress import SILENCE, Progress
from supervisor.runtime.term import Gate, Term
from supervisor.runtime.threads import Service
from tests.support.edges.fakes import FakeClock

FIRST, SECOND = Term(1, uuid4()), Term(2, uuid4())


class Worker:
    """Remembers the terms that it was started for; runs until ``ended``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failure: BaseException | None = None
        self.terms: list[Term] = []
        self.stops = 0
        self.ended = True
        self.started = Event()

    def start(self, term: Term, gate: Gate) -> None:
        del gate
        self.terms.append(term)
        self.ended = False
        self.started.set()

    def stop(self) -> None:
        self.stops += 1

    def join(self, seconds: float) -> bool:
        del seconds
        return self.ended


class Stage:
    """Two services, which are made when ``go`` is set."""

    def __init__(self, error: Exception | None = None) -> None:
        self.workers = self.sender, self.poller = Worker("sender"), Worker("poller")
        self.made = 0
        self.making, self.go, self.told = Event(), Event(), Event()
        self.failures: list[BaseException] = []
        self.error = error
        self.clock = FakeClock()
        self.progress = Progress(self.clock)
        self.gate = Gate(self.clock)
        self.services = OnDemand(
            self._make, clock=self.clock, progress=self.progress, on_failure=self._failed
        )

    def _make(self) -> Sequence[Service]:
        self.made += 1
        self.making.set()
        assert self.go.wait(10)
        if self.error is not None:
            raise self.error
        return self.workers

    def _failed(self, error: BaseException) -> None:
        self.failures.append(error)
        self.told.set()

    def active(self) -> None:
        """A term runs, and its services do."""
        self.go.set()
        self.services.start(FIRST, self.gate)
        assert self.poller.started.wait(10)


def test_nothing_is_made_before_it_is_needed() -> None:
    stage = Stage()

    assert stage.made == 0
    assert stage.services.failure is None
    assert stage.services.join(0.0)


def test_a_term_that_begins_first_gets_its_services_as_soon_as_they_are_made() -> None:
    stage = Stage()
    stage.services.start(FIRST, stage.gate)
    assert stage.making.wait(10)
    assert stage.sender.terms == []

    stage.go.set()

    assert stage.poller.started.wait(10)
    assert [each.terms for each in stage.workers] == [[FIRST], [FIRST]]


def test_services_that_were_expected_start_with_the_term_at_once() -> None:
    stage = Stage()
    stage.active()
    stage.services.stop()

    stage.services.start(SECOND, stage.gate)

    assert [each.terms for each in stage.workers] == [[FIRST, SECOND], [FIRST, SECOND]]
    assert stage.made == 1


def test_many_that_expect_them_make_them_once() -> None:
    stage = Stage()
    for _ in range(5):
        stage.services.expect()
    stage.active()

    stage.services.expect()

    assert stage.made == 1


def test_a_term_that_ends_before_they_are_made_gets_none_and_nobody_waits() -> None:
    stage = Stage()
    stage.services.start(FIRST, stage.gate)
    assert stage.making.wait(10)

    stage.services.stop()
    joined = stage.services.join(0.0)
    stage.go.set()
    stage.services.start(SECOND, stage.gate)

    assert joined
    assert stage.poller.started.wait(10)
    assert stage.sender.terms == [SECOND]


def test_a_stop_reaches_all_and_the_name_tells_who_still_runs() -> None:
    stage = Stage()
    stage.active()

    stage.services.stop()
    stage.sender.ended = True

    assert [each.stops for each in stage.workers] == [1, 1]
    assert not stage.services.join(1.0)
    assert stage.services.name == "poller"


def test_a_service_that_crashes_is_named() -> None:
    stage = Stage()
    stage.active()

    stage.poller.failure = RuntimeError("broken")

    assert stage.services.failure is stage.poller.failure
    assert stage.services.name == "poller"


def test_services_that_cannot_be_made_end_the_term_that_needs_them() -> None:
    stage = Stage(Misconfigured(["the catalogue is not readable"]))
    stage.go.set()

    stage.services.start(FIRST, stage.gate)

    assert stage.told.wait(10)
    assert stage.services.failure is stage.error
    assert stage.failures == [stage.error]
    assert stage.services.name == "loader"


def test_services_that_cannot_be_made_are_told_of_before_a_term_needs_them() -> None:
    stage = Stage(ImportError("half of the release is there"))
    stage.go.set()

    stage.services.expect()

    assert stage.told.wait(10)
    assert stage.failures == [stage.error]


def test_making_them_without_end_is_no_progress() -> None:
    stage = Stage()
    stage.services.expect()
    assert stage.making.wait(10)
    assert stage.progress.overdue() is None

    stage.clock.time += SILENCE + 1

    assert stage.progress.overdue() == f"loader has made no progress for {SILENCE + 1:.0f} s"
    stage.go.set()


def rehearsed(answer: Exception | None) -> tuple[Stage, list[int]]:
    stage, tries = Stage(), list[int]()

    def rehearsal() -> Exception | None:
        tries.append(1)
        stage.making.set()
        return answer

    stage.services = OnDemand(
        stage._make,
        clock=stage.clock,
        progress=stage.progress,
        on_failure=stage._failed,
        rehearsal=rehearsal,
    )
    return stage, tries


def test_what_could_not_be_made_is_told_before_it_is_needed() -> None:
    stage, tries = rehearsed(RuntimeError("a package is missing"))

    stage.services.rehearse()
    stage.services.rehearse()

    assert stage.told.wait(10)
    assert (len(tries), stage.made) == (1, 0)
    assert isinstance(stage.services.failure, RuntimeError)


def test_what_is_being_made_is_not_rehearsed() -> None:
    stage, tries = rehearsed(RuntimeError("a package is missing"))
    stage.services.expect()

    stage.services.rehearse()
    stage.go.set()

    assert stage.making.wait(10)
    assert (tries, stage.services.failure) == ([], None)
