"""A world for each test: sandboxes, a fresh database, and bots that the test starts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.secret import Secret
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path, dsn: Secret) -> Iterator[World]:
    made = World(tmp_path, dsn.reveal())
    yield made
    made.close()
