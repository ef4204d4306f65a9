"""Direct handling, and all that it sees."""

from collections.abc import Iterator

import pytest

from tests.support.chats.direct_world import World


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.stop()
    made.loop.close()
