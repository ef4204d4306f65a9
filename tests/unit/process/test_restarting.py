"""A service that an odd answer has broken begins again; the process goes on."""

import asyncio
from collections.abc import Callable
from threading import Event
from uuid import uuid4

import pytest

from handlers.process import restarting as module
from handlers.process.restarting import (
    FORGIVEN_AFTER,
    PAUSES,
    restarting,
    restarting_in_thread,
)
from supervisor.runtime.errors import Fenced, Misconfigured, Rejected
from supervisor.runtime.term import Gate, Term
from tests.support.edges.fakes import FakeClock
from tests.support.machine.lines import captured

TERM = Term(1, uuid4())


def untold(_service: str, _reason: str, _seconds: float) -> None:
    """What /health would be told."""


class Service:
    """Breaks as its script says, then waits for its stop."""

    def __init__(self, clock: FakeClock, *script: Exception, works: float = 0.0) -> None:
        self.clock, self.script, self.works = clock, list(script), works
        self.begun = 0
        self.running = asyncio.Event()

    async def run(self, _term: Term, _gate: Gate, stop: asyncio.Event) -> None:
        self.begun += 1
        self.clock.time += self.works
        if self.script:
            raise self.script.pop(0)
        self.running.set()
        await stop.wait()


def run(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[FakeClock], Service]
) -> tuple[Service, list[float]]:
    """The service after it has come to work and was stopped, and the pauses before that."""
    clock = FakeClock()
    pauses: list[float] = []

    async def no_pause(_: asyncio.Event, seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(module, "pause", no_pause)

    async def all_of_it() -> Service:
        service, stop = make(clock), asyncio.Event()
        task = asyncio.create_task(
            restarting("webhook", service.run, clock, untold)(TERM, Gate(clock), stop)
        )
        running = asyncio.create_task(service.running.wait())
        await asyncio.wait({task, running}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        running.cancel()
        stop.set()
        await task
        return service

    return asyncio.run(all_of_it()), pauses


@pytest.mark.parametrize(
    "error",
    [
        TypeError("__init__() missing 1 required positional argument: 'is_bot'"),
        KeyError("result"),
        AttributeError("'str' object has no attribute 'get'"),
        RecursionError(),
        Rejected("no such thing"),
    ],
)
def test_what_an_answer_breaks_is_restarted(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with captured() as lines:
        service, pauses = run(monkeypatch, lambda clock: Service(clock, error))

    assert service.begun == 2
    assert pauses == [PAUSES[0]]
    assert lines.of("service_begins_again")[0]["extra"]["service"] == "webhook"


def test_the_pauses_grow_and_end_at_half_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = [ValueError(str(number)) for number in range(6)]

    _, pauses = run(monkeypatch, lambda clock: Service(clock, *errors))

    assert pauses == [*PAUSES, PAUSES[-1], PAUSES[-1]]


def test_who_has_worked_for_long_is_forgiven(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = [ValueError("1"), ValueError("2")]

    _, pauses = run(monkeypatch, lambda clock: Service(clock, *errors, works=FORGIVEN_AFTER + 1))

    assert pauses == [PAUSES[0], PAUSES[0]]


def test_a_setting_that_no_time_can_mend_still_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Misconfigured):
        run(monkeypatch, lambda clock: Service(clock, Misconfigured(["the token is refused"])))


class Threaded:
    """Breaks in its thread as its script says, then waits for its stop."""

    def __init__(self, *script: Exception) -> None:
        self.script, self.begun = list(script), 0

    def run(self, _term: Term, _gate: Gate, stop: Event) -> None:
        self.begun += 1
        if self.script:
            raise self.script.pop(0)
        stop.set()


def in_thread(service: Threaded) -> FakeClock:
    clock, stop = FakeClock(), Event()
    restarting_in_thread("broadcasts", service.run, clock, untold)(TERM, Gate(clock), stop)
    return clock


@pytest.mark.parametrize("error", [KeyError("kind"), ZeroDivisionError(), OSError(28, "full")])
def test_what_an_odd_row_breaks_in_a_thread_is_restarted(error: Exception) -> None:
    service = Threaded(error, error)
    with captured() as lines:
        in_thread(service)

    assert service.begun == 3
    assert [each["extra"]["service"] for each in lines.of("service_begins_again")] == [
        "broadcasts",
        "broadcasts",
    ]


def test_the_end_of_a_term_is_no_mistake_of_a_thread() -> None:
    with captured() as lines:
        in_thread(Threaded(Fenced("the term is over")))

    assert lines.of("service_begins_again") == []


def test_a_thread_with_a_setting_that_no_time_can_mend_still_ends() -> None:
    with pytest.raises(Misconfigured):
        in_thread(Threaded(Misconfigured(["the token is refused"])))
