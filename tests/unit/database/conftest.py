"""The pool over sessions that a test opens."""

from collections.abc import Iterator

import pytest

from supervisor.database.pool import Pool
from supervisor.telemetry.metrics import PoolMetrics
from tests.support.edges.fakes import FakeClock
from tests.support.postgres.opened import Opener


@pytest.fixture
def opener() -> Iterator[Opener]:
    made = Opener()
    yield made
    for connection in made.opened:
        if not connection.closed:
            connection.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pool(opener: Opener, clock: FakeClock) -> Iterator[Pool]:
    made = Pool(opener, 3, PoolMetrics(), clock=clock)
    yield made
    made.close()
