"""Which rows are remembered as failed, and for how long each of them waits."""

import pytest

from supervisor.database import failed_rows
from supervisor.database.failed_rows import FAULT_PAUSES, FailedRows


def test_a_row_at_fault_waits_longer_each_time_and_the_last_pause_repeats() -> None:
    rows, now, pauses = FailedRows(), 0.0, []

    for _ in range(len(FAULT_PAUSES) + 2):
        _, pause = rows.mark_at_fault("row", now)
        assert rows.waits("row", now + pause - 0.001)
        now += pause
        assert not rows.waits("row", now)
        pauses.append(pause)

    assert pauses == [*FAULT_PAUSES, FAULT_PAUSES[-1], FAULT_PAUSES[-1]]
    assert list(FAULT_PAUSES) == sorted(FAULT_PAUSES)


def test_a_row_that_failed_in_an_outage_does_not_wait_and_is_not_at_fault() -> None:
    rows = FailedRows()

    rows.mark_uncertain("row", 5.0)

    assert "row" in rows
    assert not rows.waits("row", 5.0)
    assert not rows.is_at_fault("row")


def test_an_outage_leaves_the_tries_of_a_row_at_fault_as_they_are() -> None:
    rows = FailedRows()
    rows.mark_at_fault("row", 0.0)
    rows.mark_uncertain("row", 100.0)

    assert rows.is_at_fault("row")
    assert rows.mark_at_fault("row", 100.0) == (2, FAULT_PAUSES[1])


def test_a_row_that_succeeded_begins_anew() -> None:
    rows = FailedRows()
    rows.mark_at_fault("row", 0.0)
    rows.mark_succeeded(["row", "another"])

    assert "row" not in rows
    assert rows.mark_at_fault("row", 0.0) == (1, FAULT_PAUSES[0])


def test_the_next_row_that_comes_due_is_told_and_those_that_are_due_are_not() -> None:
    rows = FailedRows()
    assert rows.due_in(0.0) is None

    rows.mark_at_fault("first", 0.0)
    rows.mark_at_fault("second", 0.5)

    assert rows.due_in(0.5) == pytest.approx(FAULT_PAUSES[0] - 0.5)
    assert rows.due_in(FAULT_PAUSES[0]) == pytest.approx(0.5)
    assert rows.due_in(100.0) is None


def test_the_memory_is_bounded_and_forgets_what_failed_longest_ago(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(failed_rows, "MOST_REMEMBERED", 3)
    rows = FailedRows()

    for number in range(5):
        rows.mark_uncertain(number, float(number))
        rows.mark_uncertain(0, float(number))  # fails again and again: the newest of all

    assert [number for number in range(5) if number in rows] == [0, 3, 4]
