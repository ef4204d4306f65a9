"""A world for each test: sandboxes, a fresh database, and bots that the test starts.

A bot whose event loop is blocked by a statement, a request or a sleep ends at once.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.runtime.secret import Secret
from tests.support.unblocked import EXIT as BLOCKED
from tests.support.world import GUARDED, World


@pytest.fixture
def world(tmp_path: Path, dsn: Secret) -> Iterator[World]:
    made = World(tmp_path, dsn.reveal(), entrance=GUARDED)
    yield made
    made.close()
    for bot in made.bots:
        assert bot.popen.returncode != BLOCKED, bot.text()[-4000:]
