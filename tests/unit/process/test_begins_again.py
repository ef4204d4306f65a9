"""A service that breaks again and again is seen in /health, until it has worked for a while."""

import json
from dataclasses import fields
from threading import Event
from typing import Any
from unittest.mock import Mock
from uuid import uuid4

import pytest

from handlers.process.restarting import FORGIVEN_AFTER, LASTS, PAUSES, restarting_in_thread
from handlers.process.shared_parts import SharedParts
from supervisor.health.health import Health
from supervisor.lock.phase import Phase
from supervisor.runtime.errors import Unavailable
from supervisor.runtime.term import Gate, Term
from tests.support.edges.fakes import FakeClock
from tests.support.machine.waiting import within

MISTAKE = KeyError("kind")
HOUR = 3600.0


class Broken:
    """A service that works for so long and then breaks, as often as it begins."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.health = Health(self.clock, mode="polling", instance_id="i", version="1")
        self.health.phase_changed(Phase.ACTIVE, epoch=7, reason="won")

    def breaks(self, *after: float, error: Exception = MISTAKE) -> None:
        """Once after each of these times of work."""
        left, stop = list(after), Event()

        def body(_term: Term, _gate: Gate, _stop: Event) -> None:
            if not left:
                stop.set()
                return
            self.clock.time += left.pop(0)
            raise error

        service = restarting_in_thread("reminders", body, self.clock, self.health.begins_again)
        service(Term(7, uuid4()), Gate(self.clock), stop)

    def works(self, seconds: float) -> None:
        self.clock.time += seconds

    @property
    def reason(self) -> str:
        self.health.lock_verified(seconds=0.001)
        told = json.loads(self.health.as_json())
        assert told["status"] == ("degraded" if "reason" in told else "ok")
        return str(told.get("reason", ""))


@pytest.fixture
def broken() -> Broken:
    return Broken()


def test_one_failure_is_no_trouble(broken: Broken) -> None:
    broken.breaks(0.0)

    assert broken.reason == ""


def test_what_breaks_again_is_told_by_its_class_outside_and_by_its_name_inside(
    broken: Broken,
) -> None:
    broken.breaks(0.0, 0.0, 0.0)

    assert broken.reason == "service"
    assert b"reminders" not in broken.health.as_json()
    (trouble,) = broken.health.troubles().items()
    assert trouble == ("service-reminders", "reminders has broken 3 times in a row (KeyError)")


def test_it_is_over_when_the_service_has_worked_for_a_while(broken: Broken) -> None:
    broken.breaks(0.0, 0.0)
    broken.works(FORGIVEN_AFTER - 1)
    assert broken.reason == "service"

    broken.works(max(PAUSES) * 2)

    assert broken.reason == ""
    assert broken.health.troubles() == {}


def test_what_fails_after_a_while_of_work_begins_a_new_row(broken: Broken) -> None:
    broken.breaks(0.0, FORGIVEN_AFTER + 1)

    assert broken.reason == ""


def test_what_works_once_an_hour_and_breaks_each_time_is_seen(broken: Broken) -> None:
    broken.breaks(HOUR, HOUR)
    assert broken.reason == "service"

    broken.works(HOUR)
    assert broken.reason == "service", "its next hour is not over"
    broken.works(2 * HOUR)
    assert broken.reason == ""


def test_an_outage_is_the_trouble_of_a_service_only_when_it_lasts(broken: Broken) -> None:
    away = Unavailable("database: server closed the connection unexpectedly")
    broken.breaks(5.0, 5.0, error=away)
    assert broken.reason == ""

    broken.breaks(*[5.0] * int(LASTS / 5.0), error=away)

    assert broken.reason == "service"


def test_each_thread_that_begins_again_tells_of_itself(broken: Broken) -> None:
    known: dict[str, Any] = dict.fromkeys(each.name for each in fields(SharedParts))
    known |= {"clock": broken.clock, "health": broken.health, "wake_pipe": Mock()}
    left, works = [MISTAKE, MISTAKE], Event()

    def body(_term: Term, _gate: Gate, stop: Event) -> None:
        if left:
            raise left.pop()
        works.set()
        stop.wait()

    service = SharedParts(**known).restarting_thread("reminders", body)
    service.start(Term(7, uuid4()), Gate(broken.clock))
    assert within(works.wait, 10)
    service.stop()
    assert within(service.join, 10)

    assert broken.reason == "service"


def test_a_passive_instance_tells_of_no_service(broken: Broken) -> None:
    broken.breaks(0.0, 0.0)
    broken.health.phase_changed(Phase.PASSIVE, epoch=None, reason="lost")

    assert broken.reason == ""
