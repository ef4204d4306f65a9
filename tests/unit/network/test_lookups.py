"""Names are found within a limited time, whatever the system's resolver does."""

import socket
import threading

import pytest

from supervisor.network.lookups import LATE, Found, Lookups
from tests.support.edges.fakes import FakeClock
from tests.support.machine.waiting import until


def test_lookups_that_hang_are_not_added_to_without_end() -> None:
    over, asked = threading.Event(), []

    def never(host: str, _: int) -> Found:
        asked.append(host)
        over.wait()
        return []

    lookups = Lookups(never, at_once=2)
    for number in range(4):
        with pytest.raises(TimeoutError):
            lookups.addresses(f"slow-{number}.example", 443, 0.02)
    over.set()

    assert len(asked) == 2
    until(lambda: lookups.addresses("quick.example", 443, 5.0) == [], 5, "the turns came back")


def test_a_lookup_whose_thread_cannot_start_gives_its_turn_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lookups = Lookups(lambda *_: [], at_once=1)
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(socket.gaierror, match="no thread"):
            lookups.addresses("x.example", 443, 5.0)

    assert lookups.addresses("x.example", 443, 0.0) == []


def no_thread(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_who_asks_for_the_same_name_meanwhile_waits_for_the_same_lookup() -> None:
    goes_on, asked = threading.Event(), []

    def slow(host: str, _: int) -> Found:
        asked.append(host)
        goes_on.wait()
        return [(socket.AF_INET, ("10.0.0.1", 443))]

    lookups, found = Lookups(slow), []
    threads = [
        threading.Thread(target=lambda: found.append(lookups.addresses("x.example", 443, 20.0)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    until(lambda: asked == ["x.example"], 5, "the lookup has begun")
    goes_on.set()
    for thread in threads:
        thread.join(20)

    assert len(found) == 5
    assert len(asked) < 5


def test_a_name_is_looked_up_anew_each_time() -> None:
    answers = iter([[(socket.AF_INET, ("10.0.0.1", 443))], [(socket.AF_INET, ("10.0.0.2", 443))]])
    lookups = Lookups(lambda *_: next(answers))

    first = lookups.addresses("x.example", 443, 20.0)

    assert lookups.addresses("x.example", 443, 20.0) != first


def test_an_answer_that_nobody_asked_for_in_time_is_not_kept_for_long() -> None:
    clock, goes_on = FakeClock(), threading.Event()
    asked: list[str] = []

    def slow(host: str, _: int) -> Found:
        asked.append(host)
        goes_on.wait()
        return [(socket.AF_INET, (f"10.0.0.{len(asked)}", 443))]

    lookups = Lookups(slow, clock=clock)
    with pytest.raises(TimeoutError):
        lookups.addresses("x.example", 443, 0.0)
    goes_on.set()
    until(lambda: not lookup_threads(), 10, "the lookup has ended")
    clock.time += LATE + 1

    assert lookups.addresses("x.example", 443, 20.0) == [(socket.AF_INET, ("10.0.0.2", 443))]


def lookup_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "lookup"]
