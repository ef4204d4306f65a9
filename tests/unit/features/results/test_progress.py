"""When the progress of a task is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.features.results.progress_service import (
    LATE,
    LEAST_APART,
    STEPS,
    due_at,
    first_step,
    next_due,
    step_now,
)


@pytest.mark.parametrize(
    ("passed", "step"), [(0, 0), (9, 0), (10, 25), (20, 50), (39, 75), (40, 100), (61, LATE)]
)
def test_the_step_follows_from_the_time_that_has_passed(passed: float, step: int) -> None:
    assert step_now(passed, 40.0) == step


@given(st.floats(0.5, 4000.0), st.lists(st.floats(0.0, 3.0), max_size=8))
def test_at_most_five_edits_come_far_enough_apart_and_the_last_one_is_the_late_one(
    usual: float, delays: list[float]
) -> None:
    at: float | None = first_step(usual)
    told: list[tuple[int, float]] = []
    late = iter(delays)
    while at is not None:
        passed = at + next(late, 0.0)
        step = max(step_now(passed, usual), (told[-1][0] if told else 0) + 1)
        told.append((step, passed))
        at = next_due(step, passed, usual)

    assert 1 <= len(told) <= len(STEPS)
    assert told[-1][0] >= LATE
    assert told[0][1] >= LEAST_APART
    for (_, before), (_, after) in zip(told, told[1:], strict=False):
        assert after - before >= LEAST_APART - 1e-9


def test_nothing_is_told_after_the_late_notice() -> None:
    assert next_due(LATE, due_at(LATE, 40.0), 40.0) is None
