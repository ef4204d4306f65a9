"""A world for each test: sandboxes, a fresh database, and bots that the test starts.

A bot whose event loop is blocked by a statement, a request or a sleep ends at once.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from supervisor.runtime.secret import Secret
from tests.support.bots.world import GUARDED, World
from tests.support.edges.sandbox_host import SANDBOX_HOST
from tests.support.machine.unblocked import EXIT as BLOCKED

#: What these tests say is about the command itself: its start, its end, its memory, its words.
#: Some beside them are about what comes in between: ``forked``.
THE_COMMAND = {"process", "settings", "telemetry"}


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, dsn: Secret) -> Iterator[World]:
    of_the_command = request.path.parent.name in THE_COMMAND
    forks = not of_the_command or request.node.get_closest_marker("forked") is not None
    made = World(tmp_path, dsn.reveal(), entrance=GUARDED, host=SANDBOX_HOST, forks=forks)
    yield made
    made.close()
    for bot in made.bots:
        assert bot.popen.returncode != BLOCKED, bot.text()[-4000:]
