"""A server whose clock is set forward is seen by whoever asks it every second."""

import pytest

from supervisor.lock.server_clock import WINDOW, ServerClock


def lead(*answers: tuple[float, float], round_trip: float = 0.0) -> float:
    """Of a clock that told its time at these moments of ours."""
    clock = ServerClock()
    for ours, server in answers:
        clock.saw(server, asked=ours, answered=ours + round_trip)
    return clock.lead


def test_a_clock_that_keeps_step_leads_by_nothing() -> None:
    assert lead((1.0, 501.0), (2.0, 502.0), (3.0, 503.0)) == 0.0


def test_a_clock_that_was_set_forward_leads_by_that_much() -> None:
    assert lead((1.0, 501.0), (2.0, 502.0), (3.0, 4103.0)) == pytest.approx(3600.0)


def test_a_lead_is_remembered_for_as_long_as_it_can_matter_and_then_forgotten() -> None:
    assert lead((1.0, 501.0), (2.0, 602.0), (5.0, 605.0)) == pytest.approx(100.0)
    assert lead((1.0, 501.0), (2.0, 602.0), (2.0 + WINDOW, 602.0 + WINDOW)) == 0.0


def test_a_clock_that_was_set_back_and_forward_again_leads_since_it_was_back() -> None:
    assert lead((1.0, 501.0), (2.0, 402.0), (3.0, 503.0)) == pytest.approx(100.0)


def test_a_slow_answer_makes_the_lead_greater_and_never_smaller() -> None:
    assert lead((1.0, 501.0), (3.0, 503.4), round_trip=0.5) >= 0.4


def test_the_first_look_tells_nothing() -> None:
    assert lead((1.0, 501.0)) == 0.0
