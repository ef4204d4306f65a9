"""Many small things in one test: none of those that fail is hidden by another."""

import pytest

from tests.support.each import each


def test_a_failure_names_all_that_fail_and_nothing_else() -> None:
    @each([(1, 2), (3, 3), (4, 5)])
    def same(one: int, other: int) -> None:
        assert one == other

    with pytest.raises(AssertionError) as failure:
        same()
    assert [line.split(":")[0] for line in str(failure.value).splitlines() if "(" in line] == [
        "(1, 2)",
        "(4, 5)",
    ]


def test_a_test_of_nothing_is_none() -> None:
    with pytest.raises(AssertionError):
        each([])
