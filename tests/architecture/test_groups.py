"""Tests that need the same dear thing go to one worker together."""

import pytest


@pytest.mark.xdist_group("groups")
def test_whoever_distributes_the_tests_knows_their_groups(request: pytest.FixtureRequest) -> None:
    """Otherwise each worker makes the dear thing anew, and nothing but the time tells."""
    if not request.config.getoption("loadgroup", False):
        pytest.skip("the tests are not distributed by groups")

    assert request.node.nodeid.endswith("@groups")
