"""Elapsed time counts the time for which the machine was suspended, and no wall clock."""

import time

import pytest

from supervisor.runtime.clock import SystemClock


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="only Linux has it")
def test_trust_runs_out_while_the_machine_is_suspended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that slept for an hour: only CLOCK_BOOTTIME has noticed."""
    slept = {time.CLOCK_BOOTTIME: 4600.0}
    monkeypatch.setattr(time, "clock_gettime", lambda clock: slept.get(clock, 1000.0))
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0)

    assert SystemClock().now() == 4600.0


def test_the_wall_clock_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    before = clock.now()
    monkeypatch.setattr(time, "time", lambda: 0.0)

    assert before <= clock.now() < before + 60
    assert clock.now() > 0.0
