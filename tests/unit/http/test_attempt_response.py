"""The answer of an attempt, as http.client reads it."""

from typing import Any

from kie.http.attempt import _pools


def test_an_answer_that_could_not_be_made_can_be_closed() -> None:
    unused: Any = None
    connections: Any = _pools(unused, None)["http"].ConnectionCls
    half = connections.response_class.__new__(connections.response_class)

    half.close()

    assert half.closed
