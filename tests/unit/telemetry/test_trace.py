"""The trace id of an update, in every line that follows from it."""

from collections.abc import Iterator
from typing import Any

import pytest
from loguru import logger

from supervisor.telemetry import trace


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []
    number = logger.add(lambda message: found.append(dict(message.record["extra"])))
    yield found
    logger.remove(number)


def test_each_line_within_has_the_id_and_no_other(lines: list[dict[str, Any]]) -> None:
    logger.info("before")
    with trace.following("u1"):
        logger.info("within")
        with trace.following("u2"):
            logger.bind(job=7).info("deeper")
        with trace.following(None):
            logger.info("as before")
        assert trace.current() == "u1"
    logger.info("after")

    assert lines == [{}, {"trace": "u1"}, {"job": 7, "trace": "u2"}, {"trace": "u1"}, {}]


def test_a_line_that_names_an_id_keeps_it(lines: list[dict[str, Any]]) -> None:
    with trace.following("u1"):
        logger.bind(trace="u9").info("of another")

    assert lines == [{"trace": "u9"}]


def test_the_id_ends_with_an_error(lines: list[dict[str, Any]]) -> None:
    with pytest.raises(KeyError), trace.following("u1"):
        raise KeyError
    logger.info("after")

    assert lines == [{}]
